<?php
/**
 * Who may do what.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook;

/** The plugin's own capabilities, given to every role that may manage WooCommerce. */
final class Capabilities {

	public const VIEW      = 'tillbook_view';
	public const OPERATE   = 'tillbook_operate';
	public const CONFIGURE = 'tillbook_configure';
	public const ALL       = array( self::VIEW, self::OPERATE, self::CONFIGURE );

	/** Which version of these has been given; a role that lost one by hand does not get it back. */
	private const OPTION  = 'tillbook_capabilities';
	private const VERSION = '1';

	/** Gives them once. */
	public static function give(): void {
		if ( self::VERSION === get_option( self::OPTION ) ) {
			return;
		}
		foreach ( wp_roles()->role_objects as $role ) {
			if ( $role->has_cap( 'manage_woocommerce' ) ) {
				array_map( array( $role, 'add_cap' ), self::ALL );
			}
		}
		update_option( self::OPTION, self::VERSION, true );
	}

	/** Takes them back. */
	public static function take(): void {
		foreach ( wp_roles()->role_objects as $role ) {
			array_map( array( $role, 'remove_cap' ), self::ALL );
		}
		delete_option( self::OPTION );
	}
}
