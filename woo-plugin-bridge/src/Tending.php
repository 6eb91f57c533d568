<?php
/**
 * What is looked after in the background.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook;

use Tillbook\Connection\Connection;
use Tillbook\Connection\Webhooks;
use Tillbook\Events\Outbox;
use Tillbook\Host\Client;
use Tillbook\Host\Context;
use Tillbook\OrderScreen\Notes;

/** Mends webhooks, sends what was left lying, writes notes and keeps the context fresh. */
final class Tending {

	/** A webhook that was switched off is mended after this, if the host answers then. */
	private const MEND_SECS = 60;

	public function __construct(
		private readonly Client $client,
		private readonly Context $context,
		private readonly Notes $notes,
	) {}

	/** Adds the hooks. */
	public function register(): void {
		add_action( Schedule::TEND, array( $this, 'run' ) );
		add_action( Schedule::MEND, array( $this, 'run' ) );
		add_action( 'woocommerce_webhook_disabled_due_delivery_failures', array( $this, 'webhook_disabled' ) );
		add_action( 'admin_init', array( $this, 'keep_going' ) );
	}

	/** Looks after everything once. */
	public function run(): void {
		$connection = Connection::current();
		if ( null === $connection ) {
			Schedule::nothing();
			return;
		}
		if ( ! Outbox::is_empty() ) {
			Schedule::later( Schedule::SEND, 0 );
		}
		try {
			// It also shows that the host answers: mended before it does, webhooks only break again.
			$this->context->fetch( $connection );
			$this->mend( $connection );
			$this->notes->catch_up( $connection );
		} catch ( Failure ) {
			return;
		}
	}

	/**
	 * WooCommerce has switched a webhook off.
	 *
	 * @param mixed $webhook_id Its id.
	 */
	public function webhook_disabled( $webhook_id ): void {
		if ( is_numeric( $webhook_id ) && Webhooks::is_ours( (int) $webhook_id ) ) {
			Schedule::later( Schedule::MEND, self::MEND_SECS );
		}
	}

	/** Whoever has cleared all scheduled actions has not meant ours to stop. */
	public function keep_going(): void {
		if ( ! wp_doing_ajax() && null !== Connection::current() ) {
			Schedule::regularly( Schedule::TEND, Schedule::TEND_EVERY_SECS );
		}
	}

	/**
	 * Makes broken webhooks anew, once the host answers; those that a person paused stay so.
	 *
	 * @throws Failure When the host does not answer.
	 */
	private function mend( Connection $connection ): void {
		$state = Webhooks::state( $connection );
		if ( 'ok' === $state['state'] || $state['paused'] ) {
			return;
		}
		if ( ! $this->client->send( $connection, 'GET', 'status' )->is_success() ) {
			return;
		}
		if ( Webhooks::mend( $connection ) > 0 ) {
			$this->client->send( $connection, 'POST', 'sync' );
		}
	}
}
