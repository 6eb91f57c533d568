<?php
/**
 * Hosts in the shop's own network.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Connection;

/**
 * Lets webhooks reach the paired host where it is on this machine or in the own network.
 *
 * WordPress refuses such addresses, and unusual ports, for requests that it calls safe. What is let
 * through is the address that a person paired, and nothing else.
 */
final class OwnNetwork {

	/** Adds the filters. */
	public function register(): void {
		add_filter( 'http_request_host_is_external', array( $this, 'allow_host' ), 10, 3 );
		add_filter( 'http_allowed_safe_ports', array( $this, 'allow_port' ), 10, 3 );
	}

	/**
	 * Whether a request may go to a host that is not on the internet.
	 *
	 * @param mixed $allowed What others say.
	 * @param mixed $host    The host's name.
	 * @param mixed $url     The whole address.
	 * @return mixed
	 */
	public function allow_host( $allowed, $host, $url ) {
		return $allowed || $this->is_ours( $url );
	}

	/**
	 * The ports that a request may go to.
	 *
	 * @param mixed $ports What is allowed already.
	 * @param mixed $host  The host's name.
	 * @param mixed $url   The whole address.
	 * @return mixed
	 */
	public function allow_port( $ports, $host, $url ) {
		if ( is_array( $ports ) && $this->is_ours( $url ) ) {
			$ports[] = (int) wp_parse_url( (string) $url, PHP_URL_PORT );
		}
		return $ports;
	}

	/**
	 * Whether an address is the paired host's.
	 *
	 * @param mixed $url An address.
	 */
	private function is_ours( $url ): bool {
		$connection = is_string( $url ) ? Connection::current() : null;
		return null !== $connection && Address::origin( $url ) === Address::origin( $connection->address );
	}
}
