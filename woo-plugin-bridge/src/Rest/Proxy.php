<?php
/**
 * Passing on to the host.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Rest;

use Tillbook\Connection\Address;
use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Host\Client;
use Tillbook\Host\Context;
use Tillbook\Host\Reply;
use Tillbook\Preview\SettingsCheck;

/** Passes a request on to the host, with the shop's own name and token. */
final class Proxy {

	/** Largest body that is passed on. */
	public const BODY_BYTES_MAX  = 2 * 1024 * 1024;
	private const QUERY_BYTES_MAX = 2000;

	public function __construct(
		private readonly Client $client,
		private readonly Context $context,
		private readonly SettingsCheck $check,
	) {}

	/**
	 * Passes it on; the path is one of `Routes`.
	 *
	 * @param list<string> $words Words of the query that go with it.
	 * @throws Failure What went wrong.
	 */
	public function pass_on( \WP_REST_Request $request, string $path, array $words, int $patience_secs ): \WP_REST_Response {
		$connection = Api::connection();
		$body       = $this->body( $request, $path );
		$reply      = $this->client->send( $connection, $request->get_method(), $path, self::query( $request, $words ), $body, $patience_secs );
		if ( 'GET' !== $request->get_method() && $reply->is_success() && preg_match( '~^(settings|activate|xero/|matching/)~', $path ) ) {
			$this->refresh( $connection );
		}
		return self::answer( $reply );
	}

	/** What previews in PHP are made of is read anew; the old one stays where the host does not give it. */
	private function refresh( Connection $connection ): void {
		try {
			$this->context->fetch( $connection );
		} catch ( Failure $failure ) {
			unset( $failure );
		}
	}

	/** The host's answer as ours. */
	public static function answer( Reply $reply ): \WP_REST_Response {
		$response = new RawResponse( $reply->json, $reply->status );
		if ( null !== $reply->retry_after_secs ) {
			$response->header( 'Retry-After', (string) $reply->retry_after_secs );
		}
		return $response;
	}

	/**
	 * The body that is passed on.
	 *
	 * @throws Failure When it is too large, no JSON, or refused by the module.
	 */
	private function body( \WP_REST_Request $request, string $path ): string {
		$body = 'GET' === $request->get_method() ? '' : (string) $request->get_body();
		if ( strlen( $body ) > self::BODY_BYTES_MAX ) {
			throw new Failure( 'too_large', __( 'This is too much at once.', 'tillbook-for-woocommerce' ), 413 );
		}
		if ( '' !== $body && ! is_object( json_decode( $body ) ) ) {
			throw new Failure( 'bad_request', __( 'The request cannot be read.', 'tillbook-for-woocommerce' ), 400 );
		}
		if ( 'settings' === $path ) {
			$this->check->refuse_bad( $body );
		}
		if ( 'xero/consent' === $path ) {
			$this->keep_at_home( $body );
		}
		return $body;
	}

	/**
	 * After Xero's page a person comes back to this site, and to no other.
	 *
	 * @throws Failure When another site is named.
	 */
	private function keep_at_home( string $body ): void {
		$read = json_decode( $body, true );
		$to   = is_array( $read ) && is_string( $read['return_to'] ?? null ) ? $read['return_to'] : '';
		if ( Address::origin( $to ) !== Address::origin( admin_url() ) ) {
			throw new Failure( 'bad_request', __( 'The way back must lead to this site.', 'tillbook-for-woocommerce' ), 400 );
		}
	}

	/**
	 * The words of the query that are passed on.
	 *
	 * @param list<string> $words Those that are known.
	 * @throws Failure When it is too long.
	 * @return array<string, string>
	 */
	private static function query( \WP_REST_Request $request, array $words ): array {
		$query = array();
		foreach ( $request->get_query_params() as $name => $value ) {
			if ( in_array( $name, $words, true ) && is_scalar( $value ) ) {
				$query[ $name ] = (string) $value;
			}
		}
		if ( strlen( implode( '', $query ) ) > self::QUERY_BYTES_MAX ) {
			throw new Failure( 'too_large', __( 'This is too much at once.', 'tillbook-for-woocommerce' ), 413 );
		}
		return $query;
	}
}
