<?php
/**
 * Removes everything that the plugin has made: webhooks, key, options, capabilities, actions.
 *
 * Order notes stay: they are part of the orders' history. What stands in Xero stays there.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/src/autoload.php';

( static function (): void {
	global $wpdb;
	$connection = Tillbook\Connection\Connection::current();
	// WooCommerce may be gone already: then its tables are written to directly.
	if ( function_exists( 'wc_get_webhook' ) ) {
		Tillbook\Connection\Webhooks::delete_all();
	}
	// phpcs:disable WordPress.DB.DirectDatabaseQuery
	$tables = $wpdb->get_col( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $wpdb->prefix ) . '%' ) );
	if ( null !== $connection ) {
		if ( in_array( $wpdb->prefix . 'wc_webhooks', $tables, true ) ) {
			$wpdb->delete( $wpdb->prefix . 'wc_webhooks', array( 'delivery_url' => $connection->hook_address() ) );
		}
		if ( in_array( $wpdb->prefix . 'woocommerce_api_keys', $tables, true ) ) {
			$wpdb->delete( $wpdb->prefix . 'woocommerce_api_keys', array( 'key_id' => $connection->key_id ) );
		}
	}
	if ( in_array( $wpdb->prefix . 'actionscheduler_actions', $tables, true ) ) {
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->prefix}actionscheduler_actions WHERE hook LIKE %s", $wpdb->esc_like( 'tillbook_' ) . '%' ) );
	}
	Tillbook\Capabilities::take();
	foreach ( array( 'tillbook_', '_transient_tillbook_', '_transient_timeout_tillbook_' ) as $prefix ) {
		$names = $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( $prefix ) . '%' ) );
		array_map( 'delete_option', $names );
	}
	// phpcs:enable
} )();
