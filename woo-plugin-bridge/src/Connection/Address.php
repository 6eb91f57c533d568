<?php
/**
 * The address of a host.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Connection;

use Tillbook\Failure;

/** Reads what a person typed as the host's address; keys must not travel in clear over the internet. */
final class Address {

	/** Names that only a local network has. */
	private const LOCAL_ENDINGS = array( '.local', '.lan', '.internal', '.home.arpa', '.test', '.localhost' );

	/**
	 * The address without a slash at the end.
	 *
	 * @throws Failure When it is no address, or would carry keys in clear over the internet.
	 */
	public static function read( string $typed ): string {
		$typed = trim( $typed );
		if ( ! preg_match( '~^[a-z]+://~i', $typed ) ) {
			$typed = 'https://' . $typed;
		}
		$parts  = wp_parse_url( $typed );
		$scheme = strtolower( (string) ( $parts['scheme'] ?? '' ) );
		$host   = strtolower( (string) ( $parts['host'] ?? '' ) );
		$plain  = is_array( $parts ) && ! isset( $parts['user'], $parts['pass'] ) && ! isset( $parts['user'] ) && ! isset( $parts['query'] ) && ! isset( $parts['fragment'] );
		if ( ! $plain || ! in_array( $scheme, array( 'http', 'https' ), true ) || ! self::is_host( $host ) || strlen( $typed ) > 200 ) {
			throw new Failure( 'wrong_address', __( 'This is not the address of a host. It looks like https://books.example.com.', 'tillbook-for-woocommerce' ), 422 );
		}
		if ( 'http' === $scheme && ! self::is_local( $host ) ) {
			throw new Failure( 'insecure_address', __( 'The address must begin with https:// unless the host is on this machine or in your own network: the shop\'s keys would travel in clear.', 'tillbook-for-woocommerce' ), 422 );
		}
		$port = isset( $parts['port'] ) ? ':' . (int) $parts['port'] : '';
		$path = isset( $parts['path'] ) ? rtrim( (string) $parts['path'], '/' ) : '';
		return "{$scheme}://{$host}{$port}{$path}";
	}

	/** Scheme, host and port of an address: what it shares with all addresses of the same server. */
	public static function origin( string $address ): string {
		$parts  = wp_parse_url( $address );
		$scheme = strtolower( (string) ( $parts['scheme'] ?? '' ) );
		$port   = (int) ( $parts['port'] ?? ( 'https' === $scheme ? 443 : 80 ) );
		return $scheme . '://' . strtolower( (string) ( $parts['host'] ?? '' ) ) . ':' . $port;
	}

	/** Whether a host is on this machine or in the own network. */
	public static function is_local( string $host ): bool {
		$host = trim( strtolower( $host ), '[]' );
		if ( 'localhost' === $host || ! preg_match( '/[.:]/', $host ) ) {
			return true;
		}
		foreach ( self::LOCAL_ENDINGS as $ending ) {
			if ( str_ends_with( $host, $ending ) ) {
				return true;
			}
		}
		$ip = filter_var( $host, FILTER_VALIDATE_IP ) ? $host : gethostbyname( $host );
		return false !== filter_var( $ip, FILTER_VALIDATE_IP )
			&& false === filter_var( $ip, FILTER_VALIDATE_IP, FILTER_FLAG_NO_PRIV_RANGE | FILTER_FLAG_NO_RES_RANGE );
	}

	private static function is_host( string $host ): bool {
		if ( str_starts_with( $host, '[' ) ) {
			return false !== filter_var( trim( $host, '[]' ), FILTER_VALIDATE_IP, FILTER_FLAG_IPV6 );
		}
		return 1 === preg_match( '/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/', $host );
	}
}
