<?php
/**
 * Bulk actions of the list of orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

use Tillbook\Admin\Menu;
use Tillbook\Capabilities;
use Tillbook\Connection\Connection;

/** Previews, syncs or takes out what is ticked, on both storages. */
final class BulkActions {

	private const PREVIEW  = 'tillbook_preview';
	private const SYNC     = 'tillbook_bulk_sync';
	private const EXCLUDE  = 'tillbook_exclude';
	/** Orders that are previewed together; an address has an end. */
	private const IDS_MAX  = 200;
	/** A person waits for the list meanwhile. */
	private const SECS_MAX = 15;

	public function __construct( private readonly Actions $actions ) {}

	/** Adds the hooks. */
	public function register(): void {
		foreach ( array( 'woocommerce_page_wc-orders', 'edit-shop_order' ) as $screen ) {
			add_filter( "bulk_actions-{$screen}", array( $this, 'add' ) );
			add_filter( "handle_bulk_actions-{$screen}", array( $this, 'handle' ), 10, 3 );
		}
	}

	/**
	 * Adds them.
	 *
	 * @param mixed $actions Actions.
	 * @return mixed
	 */
	public function add( $actions ) {
		if ( ! is_array( $actions ) || null === Connection::current() ) {
			return $actions;
		}
		if ( current_user_can( Capabilities::VIEW ) ) { // phpcs:ignore WordPress.WP.Capabilities.Unknown
			$actions[ self::PREVIEW ] = __( 'Xero: preview', 'tillbook-for-woocommerce' );
		}
		if ( Actions::may() ) {
			$actions[ self::SYNC ]    = __( 'Xero: sync now', 'tillbook-for-woocommerce' );
			$actions[ self::EXCLUDE ] = __( 'Xero: take out', 'tillbook-for-woocommerce' );
		}
		return $actions;
	}

	/**
	 * Does what was chosen; WordPress and WooCommerce have checked the nonce.
	 *
	 * @param mixed $redirect Where to go next.
	 * @param mixed $action   What was chosen.
	 * @param mixed $ids      What is ticked.
	 * @return mixed
	 */
	public function handle( $redirect, $action, $ids ) {
		$ids = array_values( array_filter( array_map( 'absint', (array) $ids ) ) );
		if ( self::PREVIEW === $action && current_user_can( Capabilities::VIEW ) ) { // phpcs:ignore WordPress.WP.Capabilities.Unknown
			return Menu::address( '/preview?orders=' . implode( ',', array_slice( $ids, 0, self::IDS_MAX ) ) );
		}
		if ( in_array( $action, array( self::SYNC, self::EXCLUDE ), true ) && Actions::may() ) {
			Actions::keep_notice( $this->actions->each( $ids, self::EXCLUDE === $action ? 'exclude' : 'sync', self::SECS_MAX ) );
		}
		return $redirect;
	}
}
