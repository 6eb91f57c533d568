<?php
/**
 * Plugin Name: Stand-in for WooCommerce
 * Description: The functions and hooks of WooCommerce that the plugin calls, for tests where WooCommerce itself is not at hand. Orders are posts, as with its classic storage.
 * Version: 10.5.0
 */

defined( 'ABSPATH' ) || exit;

define( 'WC_VERSION', '10.5.0' );

/** It only has to be there. */
class WooCommerce {}

require __DIR__ . '/features.php';
require __DIR__ . '/scheduler.php';
require __DIR__ . '/objects.php';
require __DIR__ . '/webhooks.php';
require __DIR__ . '/keys.php';
require __DIR__ . '/rest.php';
require __DIR__ . '/screens.php';

register_activation_hook( __FILE__, 'stand_in_install' );

/** Tables, role and rights. */
function stand_in_install() {
	global $wpdb;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	dbDelta( "CREATE TABLE {$wpdb->prefix}woocommerce_api_keys ( key_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, user_id bigint(20) unsigned NOT NULL, description varchar(200) NULL, permissions varchar(10) NOT NULL, consumer_key char(64) NOT NULL, consumer_secret char(43) NOT NULL, nonces longtext NULL, truncated_key char(7) NOT NULL, last_access datetime NULL DEFAULT NULL, PRIMARY KEY  (key_id) );" );
	dbDelta( "CREATE TABLE {$wpdb->prefix}wc_webhooks ( webhook_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, status varchar(200) NOT NULL, name text NOT NULL, user_id bigint(20) unsigned NOT NULL, delivery_url text NOT NULL, secret text NOT NULL, topic varchar(200) NOT NULL, api_version smallint(4) NOT NULL, PRIMARY KEY  (webhook_id) );" );
	dbDelta( "CREATE TABLE {$wpdb->prefix}actionscheduler_actions ( action_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, hook varchar(191) NOT NULL, status varchar(20) NOT NULL, due bigint(20) NOT NULL, every_secs bigint(20) NOT NULL DEFAULT 0, args longtext NULL, group_name varchar(100) NOT NULL, PRIMARY KEY  (action_id) );" );
	get_role( 'administrator' )->add_cap( 'manage_woocommerce' );
	add_role( 'shop_manager', 'Shop manager', array_fill_keys( array( 'read', 'manage_woocommerce', 'edit_posts', 'edit_others_posts', 'edit_published_posts', 'edit_private_posts' ), true ) );
}

/** What WooCommerce says before it begins. */
add_action( 'init', static fn () => do_action( 'before_woocommerce_init' ), 0 );

/** A number that nobody guesses. */
function wc_rand_hash() {
	return bin2hex( random_bytes( 20 ) );
}

/** How consumer keys are kept. */
function wc_api_hash( $data ) {
	return hash_hmac( 'sha256', $data, 'wc-api' );
}

/** Logs go nowhere. */
function wc_get_logger() {
	return new class() {
		public function __call( $name, $arguments ) {}
	};
}

/** The order's page. */
function wc_get_page_screen_id( $what ) {
	return 'shop-order' === $what ? 'shop_order' : $what;
}
