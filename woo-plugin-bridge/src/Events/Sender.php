<?php
/**
 * Sending events.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Events;

use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Host\Client;
use Tillbook\Schedule;

/**
 * Sends what waits, signed, in the background, and again until the host has it.
 *
 * What is signed are six lines: `v1`, `POST`, the path, a time, a number used once, and the
 * SHA-256 of the body. Time and number are new for every try.
 */
final class Sender {

	/** Events in one body; the host takes no more. */
	public const EVENTS_MAX = 500;
	/** Bodies in one run: what is left is sent by the next one. */
	private const BODIES_MAX        = 10;
	private const TIMEOUT_SECS      = 15;
	private const RETRY_SECS        = 60;
	private const RETRY_SECS_MAX    = 3600;
	private const FAILURES          = 'tillbook_failures';

	public function __construct( private readonly Client $client ) {}

	/** Adds the hook. */
	public function register(): void {
		add_action( Schedule::SEND, array( $this, 'run' ) );
	}

	/** Sends what waits. A failure is tried again after a minute, then two, four … at most an hour. */
	public function run(): void {
		$connection = Connection::current();
		if ( null === $connection ) {
			Outbox::remove( Outbox::oldest( Outbox::ROWS_MAX ) );
			return;
		}
		try {
			for ( $bodies = 0; $bodies < self::BODIES_MAX; $bodies++ ) {
				$rows = Outbox::oldest( self::EVENTS_MAX );
				if ( array() === $rows ) {
					delete_option( self::FAILURES );
					return;
				}
				$this->send( $connection, array_values( array_filter( array_map( array( Outbox::class, 'event' ), $rows ) ) ) );
				Outbox::remove( $rows );
			}
			Schedule::later( Schedule::SEND, 0 );
		} catch ( Failure $failure ) {
			$failures = 1 + (int) get_option( self::FAILURES );
			update_option( self::FAILURES, (string) $failures, false );
			$delay_secs = min( self::RETRY_SECS_MAX, self::RETRY_SECS * 2 ** min( 10, $failures - 1 ) );
			Schedule::later( Schedule::SEND, $delay_secs );
		}
	}

	/** Seconds since 1970; a number used once; the signature. */
	public static function sign( string $secret, string $path, string $timestamp, string $nonce, string $body ): string {
		return hash_hmac( 'sha256', "v1\nPOST\n{$path}\n{$timestamp}\n{$nonce}\n" . hash( 'sha256', $body ), $secret );
	}

	/**
	 * Sends some events.
	 *
	 * @param list<array<string, int|string>> $events Events.
	 * @throws Failure When the host has not taken them.
	 */
	private function send( Connection $connection, array $events ): void {
		if ( array() === $events ) {
			return;
		}
		$body      = (string) wp_json_encode( array( 'events' => $events ) );
		$timestamp = (string) time();
		$nonce     = bin2hex( random_bytes( 16 ) );
		// What is signed is the path that the host knows, whatever a proxy before it is called.
		$headers = array(
			'X-Tillbook-Timestamp' => $timestamp,
			'X-Tillbook-Nonce'     => $nonce,
			'X-Tillbook-Signature' => self::sign( $connection->hook_secret, $connection->event_path, $timestamp, $nonce, $body ),
		);
		$reply = $this->client->post( $connection->event_address(), $body, self::TIMEOUT_SECS, $headers );
		$told  = $reply->read();
		// Whatever stands in between may say 200 too: only the host counts what it took.
		if ( ! $reply->is_success() || ! is_array( $told ) || ! array_key_exists( 'taken', $told ) ) {
			throw $reply->is_success() ? Client::nonsense() : $reply->failure();
		}
	}
}
