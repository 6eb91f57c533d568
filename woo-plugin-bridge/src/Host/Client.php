<?php
/**
 * Requests to the host.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Host;

use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Plugin;

/** Speaks to the host, within bounds of time and size. Never called while a shopper waits. */
final class Client {

	/** Largest answer that is read. */
	public const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
	/** Longest wait while a page is being made. */
	public const PAGE_TIMEOUT_SECS = 2;
	/** How long pages do not ask a host that did not answer. */
	private const REST_SECS = 60;
	private const RESTS     = 'tillbook_host_rests';

	/**
	 * Sends a request to a path below the shop's in the host's API.
	 *
	 * @param array<string, string> $query Query.
	 * @throws Failure `host_unreachable`, `host_nonsense` or `host_refuses`.
	 */
	public function send( Connection $connection, string $method, string $path, array $query = array(), string $body = '', int $timeout_secs = 15 ): Reply {
		$url = $connection->address . '/api/v1/shops/' . rawurlencode( $connection->shop ) . '/' . $path;
		if ( $query ) {
			$url .= '?' . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 );
		}
		$reply = $this->request( $method, $url, array( 'Authorization' => 'Bearer ' . $connection->token ), $body, $timeout_secs );
		if ( 401 === $reply->status ) {
			throw new Failure( 'host_refuses', __( 'The host does not know this shop any more. Connect it again.', 'tillbook-for-woocommerce' ), 502 );
		}
		foreach ( array( $connection->token, $connection->hook_secret ) as $secret ) {
			if ( '' !== $secret && str_contains( $reply->json, $secret ) ) {
				throw self::nonsense();
			}
		}
		return $reply;
	}

	/**
	 * The same while a page is being made: a host that did not answer is left alone for a minute.
	 *
	 * @param array<string, string> $query Query.
	 * @throws Failure As `send`.
	 */
	public function glance( Connection $connection, string $path, array $query = array() ): Reply {
		if ( get_transient( self::RESTS ) ) {
			throw self::unreachable();
		}
		try {
			return $this->send( $connection, 'GET', $path, $query, '', self::PAGE_TIMEOUT_SECS );
		} catch ( Failure $failure ) {
			set_transient( self::RESTS, 1, self::REST_SECS );
			throw $failure;
		}
	}

	/**
	 * Posts JSON to any address of the host.
	 *
	 * @param array<string, string> $headers More headers.
	 * @throws Failure `host_unreachable` or `host_nonsense`.
	 */
	public function post( string $url, string $body, int $timeout_secs, array $headers = array() ): Reply {
		return $this->request( 'POST', $url, $headers, $body, $timeout_secs );
	}

	/** The host does not answer. */
	public static function unreachable(): Failure {
		return new Failure( 'host_unreachable', __( 'The Tillbook host does not answer. Your shop goes on selling; what happens meanwhile is sent later.', 'tillbook-for-woocommerce' ), 503 );
	}

	/** The host answers with something that is not for us. */
	public static function nonsense(): Failure {
		return new Failure( 'host_nonsense', __( 'Something answers at the host\'s address, but it is not Tillbook. Is a proxy or another site in between?', 'tillbook-for-woocommerce' ), 502 );
	}

	/**
	 * Sends a request.
	 *
	 * @param array<string, string> $headers Headers.
	 * @throws Failure `host_unreachable` or `host_nonsense`.
	 */
	private function request( string $method, string $url, array $headers, string $body, int $timeout_secs ): Reply {
		$headers += array( 'Accept' => 'application/json' );
		if ( '' !== $body ) {
			$headers['Content-Type'] = 'application/json';
		}
		$answer = wp_remote_request(
			$url,
			array(
				'method'              => $method,
				'headers'             => $headers,
				'body'                => '' === $body ? null : $body,
				'timeout'             => $timeout_secs,
				'redirection'         => 0,
				'limit_response_size' => self::ANSWER_BYTES_MAX + 1,
				'user-agent'          => 'tillbook-for-woocommerce/' . Plugin::VERSION,
			)
		);
		if ( is_wp_error( $answer ) ) {
			throw self::unreachable();
		}
		$status = (int) wp_remote_retrieve_response_code( $answer );
		$json   = wp_remote_retrieve_body( $answer );
		$wait   = wp_remote_retrieve_header( $answer, 'retry-after' );
		if ( in_array( $status, array( 502, 503, 504 ), true ) && null === json_decode( $json ) ) {
			throw self::unreachable();
		}
		$is_json = '' === $json ? 204 === $status : ( strlen( $json ) <= self::ANSWER_BYTES_MAX && null !== json_decode( $json, false, 64 ) && in_array( ltrim( $json )[0] ?? '', array( '{', '[' ), true ) );
		if ( ! $is_json || $status < 200 || ( $status >= 300 && $status < 400 ) ) {
			throw self::nonsense();
		}
		return new Reply( $status, $json, is_numeric( $wait ) ? max( 0, (int) $wait ) : null );
	}
}
