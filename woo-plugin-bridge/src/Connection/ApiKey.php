<?php
/**
 * The key with which the host reads the shop.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Connection;

use Tillbook\Failure;

/** Makes and removes a REST API key, as WooCommerce's own approval page does (`WC_Auth`). */
final class ApiKey {

	/**
	 * A new key. It only reads: the host never writes to a shop.
	 *
	 * @throws Failure When it cannot be kept.
	 * @return array{id: int, consumer_key: string, consumer_secret: string}
	 */
	public static function create( int $user_id ): array {
		global $wpdb;
		$consumer_key    = 'ck_' . wc_rand_hash();
		$consumer_secret = 'cs_' . wc_rand_hash();
		$row             = array(
			'user_id'         => $user_id,
			/* translators: %s: date and time */
			'description'     => sprintf( __( 'Tillbook (%s)', 'tillbook-for-woocommerce' ), gmdate( 'Y-m-d H:i:s' ) ),
			'permissions'     => 'read',
			'consumer_key'    => wc_api_hash( $consumer_key ),
			'consumer_secret' => $consumer_secret,
			'truncated_key'   => substr( $consumer_key, -7 ),
		);
		// WooCommerce has no function for this; its own pages write the row themselves.
		$done = $wpdb->insert( $wpdb->prefix . 'woocommerce_api_keys', $row, array( '%d', '%s', '%s', '%s', '%s', '%s' ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery.DirectQuery
		if ( ! $done ) {
			throw new Failure( 'no_key', __( 'WooCommerce could not keep a REST API key for the host.', 'tillbook-for-woocommerce' ), 500 );
		}
		return array( 'id' => (int) $wpdb->insert_id, 'consumer_key' => $consumer_key, 'consumer_secret' => $consumer_secret );
	}

	/** Removes a key: from now on the host reads nothing with it. */
	public static function delete( int $id ): void {
		global $wpdb;
		if ( $id > 0 ) {
			$wpdb->delete( $wpdb->prefix . 'woocommerce_api_keys', array( 'key_id' => $id ), array( '%d' ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery.DirectQuery, WordPress.DB.DirectDatabaseQuery.NoCaching
		}
	}
}
