<?php
/**
 * The connection to a host.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Connection;

/**
 * What a pairing gave. Token and hook secret stay on the server: nothing prints them.
 */
final class Connection {

	private const OPTION = 'tillbook_connection';

	/**
	 * Made by `Pairing`, or read from the store.
	 *
	 * @param string $address     The host's address, without a slash at the end.
	 * @param string $shop        The host's name for this shop.
	 * @param string $token       Bearer token of the host's API.
	 * @param string $hook_secret Signs webhooks and events.
	 * @param string $hook_path   Where webhooks go.
	 * @param string $event_path  Where events go.
	 * @param int    $key_id      The REST key that was made for the host.
	 * @param int    $user_id     Whose rights key and webhooks have.
	 * @param string $since       When it was made, UTC.
	 */
	public function __construct(
		public readonly string $address,
		public readonly string $shop,
		public readonly string $token,
		public readonly string $hook_secret,
		public readonly string $hook_path,
		public readonly string $event_path,
		public readonly int $key_id,
		public readonly int $user_id,
		public readonly string $since,
	) {}

	/** The present one. */
	public static function current(): ?self {
		$kept = get_option( self::OPTION );
		if ( ! is_array( $kept ) || empty( $kept['address'] ) || empty( $kept['shop'] ) || empty( $kept['token'] ) ) {
			return null;
		}
		$text = static fn ( string $name ): string => is_scalar( $kept[ $name ] ?? null ) ? (string) $kept[ $name ] : '';
		return new self(
			$text( 'address' ),
			$text( 'shop' ),
			$text( 'token' ),
			$text( 'hook_secret' ),
			$text( 'hook_path' ),
			$text( 'event_path' ),
			(int) $text( 'key_id' ),
			(int) $text( 'user_id' ),
			$text( 'since' )
		);
	}

	/** Keeps it; it is not loaded with every page. */
	public function save(): void {
		delete_option( self::OPTION );
		add_option( self::OPTION, get_object_vars( $this ), '', false );
	}

	/** Forgets the present one. */
	public static function forget(): void {
		delete_option( self::OPTION );
	}

	/** Where webhooks are delivered. */
	public function hook_address(): string {
		return $this->address . $this->hook_path;
	}

	/** Where events are delivered. */
	public function event_address(): string {
		return $this->address . $this->event_path;
	}
}
