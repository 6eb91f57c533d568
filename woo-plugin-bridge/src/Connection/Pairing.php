<?php
/**
 * Connecting and disconnecting.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Connection;

use Tillbook\Failure;
use Tillbook\Host\Client;
use Tillbook\Host\Context;
use Tillbook\Schedule;

/**
 * Connects the shop to a host by a code, and takes the connection back.
 *
 * A pairing sends nothing to Xero: the host keeps quiet until a person switches it on.
 */
final class Pairing {

	/** The host looks at the shop before it answers. */
	private const TIMEOUT_SECS = 45;

	public function __construct( private readonly Client $client, private readonly Context $context ) {}

	/**
	 * Connects to the host at an address with a code that the host printed.
	 *
	 * @throws Failure With what the host said; nothing is left behind then.
	 */
	public function pair( string $address, string $code, int $user_id ): Connection {
		$address     = Address::read( $address );
		$code        = self::read_code( $code );
		$hook_secret = wp_generate_password( 64, false );
		$key         = ApiKey::create( $user_id );
		try {
			$told = $this->ask( $address, $code, $key, $hook_secret );
		} catch ( Failure $failure ) {
			ApiKey::delete( $key['id'] );
			throw $failure;
		}
		$this->take_back();
		$connection = new Connection(
			$address,
			$told['shop'],
			$told['token'],
			$hook_secret,
			$told['hook_path'],
			$told['event_path'],
			$key['id'],
			$user_id,
			gmdate( 'Y-m-d\TH:i:s\Z' )
		);
		$connection->save();
		Webhooks::mend( $connection );
		Schedule::regularly( Schedule::TEND, Schedule::TEND_EVERY_SECS );
		return $connection;
	}

	/** Disconnects; what stands in Xero stays. The host is told, if it can be reached. */
	public function disconnect(): void {
		$connection = Connection::current();
		if ( null === $connection ) {
			return;
		}
		try {
			$reason = __( 'The shop was disconnected in WooCommerce.', 'tillbook-for-woocommerce' );
			$this->client->send( $connection, 'POST', 'pause', array(), (string) wp_json_encode( array( 'reason' => $reason ) ), 5 );
		} catch ( Failure ) {
			// It finds out by itself: its key is gone.
			unset( $reason );
		}
		$this->take_back();
	}

	/** Removes webhooks, key, token and everything that was kept of the host. */
	private function take_back(): void {
		$connection = Connection::current();
		Webhooks::delete_all();
		if ( null !== $connection ) {
			ApiKey::delete( $connection->key_id );
		}
		Connection::forget();
		$this->context->forget();
		Schedule::nothing();
		delete_option( 'tillbook_log_mark' );
	}

	/**
	 * Asks the host.
	 *
	 * @param array{id: int, consumer_key: string, consumer_secret: string} $key The key it gets.
	 * @throws Failure With what it said.
	 * @return array{shop: string, token: string, hook_path: string, event_path: string}
	 */
	private function ask( string $address, string $code, array $key, string $hook_secret ): array {
		$body  = array(
			'code'            => $code,
			'shop'            => array( 'url' => untrailingslashit( home_url() ), 'name' => self::shop_name() ),
			'consumer_key'    => $key['consumer_key'],
			'consumer_secret' => $key['consumer_secret'],
			'hook_secret'     => $hook_secret,
		);
		$reply = $this->client->post( $address . '/api/v1/pair', (string) wp_json_encode( $body ), self::TIMEOUT_SECS );
		$told  = $reply->read();
		if ( ! $reply->is_success() ) {
			throw $reply->failure();
		}
		$valid = is_array( $told )
			&& self::fits( $told['shop'] ?? null, '/^[a-z0-9-]{1,64}$/' )
			&& self::fits( $told['token'] ?? null, '/^[\x21-\x7e]{8,500}$/' )
			&& self::fits( $told['hook_path'] ?? null, '~^/[A-Za-z0-9/_.-]{1,200}$~' )
			&& self::fits( $told['event_path'] ?? null, '~^/[A-Za-z0-9/_.-]{1,200}$~' );
		if ( ! $valid ) {
			throw Client::nonsense();
		}
		return array( 'shop' => $told['shop'], 'token' => $told['token'], 'hook_path' => $told['hook_path'], 'event_path' => $told['event_path'] );
	}

	/**
	 * The code as the host printed it.
	 *
	 * @throws Failure When it cannot be one.
	 */
	private static function read_code( string $typed ): string {
		$code = strtoupper( (string) preg_replace( '/[^A-Za-z0-9]/', '', $typed ) );
		if ( 8 !== strlen( $code ) ) {
			throw new Failure( 'wrong_code', __( 'A code has eight letters and digits, like ABCD-EFGH. `tillbook pair` prints one.', 'tillbook-for-woocommerce' ), 422 );
		}
		return substr( $code, 0, 4 ) . '-' . substr( $code, 4 );
	}

	private static function shop_name(): string {
		$name = wp_specialchars_decode( (string) get_bloginfo( 'name' ), ENT_QUOTES );
		return '' === $name ? (string) wp_parse_url( home_url(), PHP_URL_HOST ) : mb_substr( $name, 0, 100 );
	}

	/**
	 * Whether a value is a text of that form.
	 *
	 * @param mixed $value A value.
	 */
	private static function fits( $value, string $form ): bool {
		return is_string( $value ) && 1 === preg_match( $form, $value );
	}
}
