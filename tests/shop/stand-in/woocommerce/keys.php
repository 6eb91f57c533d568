<?php
// Who asks the REST API with a consumer key: OAuth 1.0a without a token, as WooCommerce checks it over http.

add_filter(
	'determine_current_user',
	static function ( $user ) {
		$path = (string) strtok( $_SERVER['REQUEST_URI'] ?? '', '?' );
		if ( $user || ! str_starts_with( $path, '/wp-json/wc/' ) || ! isset( $_GET['oauth_consumer_key'], $_GET['oauth_signature'] ) ) {
			return $user;
		}
		global $wpdb;
		$asked = wp_unslash( $_GET );
		$key   = $wpdb->get_row( $wpdb->prepare( "SELECT user_id, consumer_secret FROM {$wpdb->prefix}woocommerce_api_keys WHERE consumer_key = %s", wc_api_hash( $asked['oauth_consumer_key'] ) ) );
		$shown = $asked['oauth_signature'];
		unset( $asked['oauth_signature'] );
		$pairs = array();
		foreach ( $asked as $name => $value ) {
			$pairs[] = rawurlencode( $name ) . '=' . rawurlencode( $value );
		}
		sort( $pairs );
		$base = 'GET&' . rawurlencode( home_url( $path ) ) . '&' . rawurlencode( implode( '&', $pairs ) );
		$made = base64_encode( hash_hmac( 'sha256', $base, ( $key->consumer_secret ?? '' ) . '&', true ) );
		$is   = $key && hash_equals( $made, $shown ) && abs( time() - (int) $asked['oauth_timestamp'] ) < 900;
		return $is ? (int) $key->user_id : $user;
	},
	20
);
