<?php
/**
 * What the module needs beside orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Host;

use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Json\Members;

/** Settings, chart and records as the host gives them; the last good answer is kept. */
final class Context {

	private const OPTION = 'tillbook_context';
	/** What is kept. Larger ones are used and not kept. */
	private const KEPT_BYTES_MAX = 4 * 1024 * 1024;

	public function __construct( private readonly Client $client ) {}

	/**
	 * The newest, as JSON text; the kept one, marked `"stale":true`, when the host is down.
	 *
	 * @throws Failure When there is none at all.
	 */
	public function fetch( Connection $connection ): string {
		try {
			$reply = $this->client->send( $connection, 'GET', 'context' );
			if ( ! $reply->is_success() ) {
				throw $reply->failure();
			}
			if ( ! isset( Members::of( $reply->json )['contract'] ) ) {
				throw Client::nonsense();
			}
		} catch ( Failure $failure ) {
			$kept = $this->kept();
			if ( null === $kept || ! in_array( $failure->word, array( 'host_unreachable', 'host_nonsense' ), true ) && $failure->status < 500 ) {
				throw $failure;
			}
			return '{"stale":true,' . ltrim( ltrim( $kept ), '{' );
		}
		$this->keep( $reply->json );
		return $reply->json;
	}

	/** What was kept last, as JSON text. */
	public function kept(): ?string {
		$kept = get_option( self::OPTION );
		return is_string( $kept ) && '' !== $kept ? $kept : null;
	}

	/** Forgets it: something that it is made of has changed, or the shop is disconnected. */
	public function forget(): void {
		delete_option( self::OPTION );
	}

	private function keep( string $json ): void {
		if ( strlen( $json ) > self::KEPT_BYTES_MAX || $this->kept() === $json ) {
			return;
		}
		update_option( self::OPTION, $json, false );
	}
}
