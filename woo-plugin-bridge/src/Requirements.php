<?php
/**
 * What the plugin needs.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook;

/** Checks versions before anything else runs; what is missing is said in wp-admin. */
final class Requirements {

	public const WORDPRESS   = '6.5';
	public const WOOCOMMERCE = '8.4';
	public const PHP         = '8.1';

	/**
	 * What is missing, in sentences.
	 *
	 * @return list<string>
	 */
	public static function missing(): array {
		$missing = array();
		if ( version_compare( PHP_VERSION, self::PHP, '<' ) ) {
			/* translators: 1: version that is needed, 2: version that is there */
			$missing[] = sprintf( __( 'PHP %1$s or newer is needed; this server runs %2$s.', 'tillbook-for-woocommerce' ), self::PHP, PHP_VERSION );
		}
		if ( PHP_INT_SIZE < 8 ) {
			$missing[] = __( 'A 64-bit PHP is needed.', 'tillbook-for-woocommerce' );
		}
		if ( version_compare( get_bloginfo( 'version' ), self::WORDPRESS, '<' ) ) {
			/* translators: 1: version that is needed, 2: version that is there */
			$missing[] = sprintf( __( 'WordPress %1$s or newer is needed; this site runs %2$s.', 'tillbook-for-woocommerce' ), self::WORDPRESS, get_bloginfo( 'version' ) );
		}
		if ( ! class_exists( 'WooCommerce' ) || ! defined( 'WC_VERSION' ) ) {
			$missing[] = __( 'WooCommerce is needed and is not active.', 'tillbook-for-woocommerce' );
		} elseif ( version_compare( WC_VERSION, self::WOOCOMMERCE, '<' ) ) {
			/* translators: 1: version that is needed, 2: version that is there */
			$missing[] = sprintf( __( 'WooCommerce %1$s or newer is needed; this shop runs %2$s.', 'tillbook-for-woocommerce' ), self::WOOCOMMERCE, WC_VERSION );
		}
		return $missing;
	}

	/**
	 * Says in wp-admin what is missing.
	 *
	 * @param list<string> $missing Sentences.
	 */
	public static function tell( array $missing ): void {
		add_action(
			'admin_notices',
			static function () use ( $missing ): void {
				if ( current_user_can( 'activate_plugins' ) ) {
					View::show( 'notice', array( 'kind' => 'error', 'title' => __( 'Tillbook is not running.', 'tillbook-for-woocommerce' ), 'lines' => $missing ) );
				}
			}
		);
	}
}
