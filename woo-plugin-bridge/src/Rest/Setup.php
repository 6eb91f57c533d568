<?php
/**
 * Connecting from a page.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Rest;

use Tillbook\Connection\Pairing;
use Tillbook\Connection\Webhooks;
use Tillbook\Failure;
use Tillbook\Host\Client;

/** `connect`, `disconnect` and `webhooks`: what only the plugin can do. */
final class Setup {

	public function __construct(
		private readonly Pairing $pairing,
		private readonly Client $client,
		private readonly Own $own,
	) {}

	/**
	 * `POST connect` `{address, code}` gives the status.
	 *
	 * @throws Failure What went wrong.
	 */
	public function connect( \WP_REST_Request $request ): \WP_REST_Response {
		$read = json_decode( (string) $request->get_body(), true );
		$text = static fn ( string $name ): string => is_array( $read ) && is_string( $read[ $name ] ?? null ) ? $read[ $name ] : '';
		if ( '' === $text( 'address' ) || '' === $text( 'code' ) ) {
			throw new Failure( 'bad_request', __( 'Address and code are needed.', 'tillbook-for-woocommerce' ), 400 );
		}
		$this->pairing->pair( $text( 'address' ), $text( 'code' ), get_current_user_id() );
		return $this->own->status();
	}

	/** `POST disconnect`. */
	public function disconnect(): \WP_REST_Response {
		$this->pairing->disconnect();
		return new \WP_REST_Response( array( 'disconnected' => true ) );
	}

	/**
	 * `POST webhooks` makes those anew that are missing or switched off, and has the host look what
	 * they did not tell. Gives the status.
	 *
	 * @throws Failure What went wrong.
	 */
	public function mend_webhooks(): \WP_REST_Response {
		$connection = Api::connection();
		$made       = Webhooks::mend( $connection );
		if ( $made > 0 ) {
			$this->client->send( $connection, 'POST', 'sync' );
		}
		return $this->own->status();
	}
}
