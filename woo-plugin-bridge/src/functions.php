<?php
/**
 * What other plugins may call.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

defined( 'ABSPATH' ) || exit;

if ( ! function_exists( 'tillbook_preview' ) ) {
	/**
	 * Previews the Xero documents of an order, without sending anything or asking any server.
	 *
	 * Call it after `init`. It reckons with the same module as the host, so `body` and `sha256` of
	 * a document are those that Xero will get, as long as settings and order stay as they are.
	 *
	 *     $preview = tillbook_preview( 77 );
	 *     if ( ! is_wp_error( $preview ) && 'post' === $preview['outcome'] ) {
	 *         echo esc_html( $preview['document']['number'] . ': ' . $preview['document']['total'] );
	 *     }
	 *
	 * Amounts are decimal strings. Errors: `not_connected`, `no_settings` (nothing is set up yet),
	 * `no_core` (the module cannot run here), `no_order`, `core_failed`.
	 *
	 * @param WC_Order|int $order An order, or its id.
	 * @return array<string, mixed>|WP_Error One element of the reply's `sales`: `outcome` (`post`,
	 *                                       `skip` or `hold`), `document`, `refunds`, `findings`.
	 */
	function tillbook_preview( $order ) {
		try {
			return Tillbook\Plugin::instance()->previews()->of_order( $order instanceof WC_Abstract_Order ? (int) $order->get_id() : (int) $order );
		} catch ( Tillbook\Failure $failure ) {
			return $failure->to_wp_error();
		}
	}
}
