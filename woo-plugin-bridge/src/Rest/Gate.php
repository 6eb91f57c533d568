<?php
/**
 * The door of the REST API.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Rest;

/** Who may come in: a signed-in person of wp-admin, with a fresh nonce and the capability. */
final class Gate {

	/**
	 * A permission callback.
	 *
	 * WordPress checks a nonce only where a cookie signed somebody in. Here every request must have
	 * one, so that no other way of signing in opens these routes.
	 */
	public static function needs( string $capability ): callable {
		return static function ( \WP_REST_Request $request ) use ( $capability ) {
			$nonce = $request->get_header( 'X-WP-Nonce' );
			if ( ! is_string( $nonce ) || ! wp_verify_nonce( $nonce, 'wp_rest' ) ) {
				return new \WP_Error( 'wrong_nonce', __( 'This page is too old. Load it again.', 'tillbook-for-woocommerce' ), array( 'status' => is_user_logged_in() ? 403 : 401 ) );
			}
			if ( ! current_user_can( $capability ) ) { // phpcs:ignore WordPress.WP.Capabilities.Undetermined
				return new \WP_Error( 'not_allowed', __( 'You are not allowed to do this.', 'tillbook-for-woocommerce' ), array( 'status' => is_user_logged_in() ? 403 : 401 ) );
			}
			return true;
		};
	}
}
