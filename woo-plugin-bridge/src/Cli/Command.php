<?php
/**
 * `wp tillbook`.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Cli;

use Tillbook\Connection\Connection;
use Tillbook\Connection\Webhooks;
use Tillbook\Failure;
use Tillbook\Host\Client;
use Tillbook\Host\Context;
use Tillbook\Plugin;
use Tillbook\Preview\Door;
use Tillbook\Preview\Previews;

/** Shows, checks and sends what Tillbook has to do with this shop. */
final class Command {

	public function __construct(
		private readonly Client $client,
		private readonly Context $context,
		private readonly Door $door,
		private readonly Previews $previews,
	) {}

	/** Adds the command. */
	public function register(): void {
		\WP_CLI::add_command( 'tillbook', $this );
	}

	/**
	 * Previews the Xero documents of an order, as JSON. Nothing is sent.
	 *
	 * ## OPTIONS
	 *
	 * <order>
	 * : The order's id.
	 *
	 * [--reply]
	 * : The module's whole reply, byte for byte, instead.
	 *
	 * @param list<string>         $args    Arguments.
	 * @param array<string, mixed> $options Options.
	 */
	public function preview( array $args, array $options = array() ): void {
		$this->attempt(
			function () use ( $args, $options ): void {
				$id = (int) ( $args[0] ?? 0 );
				if ( $id < 1 ) {
					throw new Failure( 'bad_request', __( 'Which order? Give its id.', 'tillbook-for-woocommerce' ) );
				}
				$this->freshen();
				\WP_CLI::line( isset( $options['reply'] ) ? $this->previews->reply( array( $id ) ) : (string) wp_json_encode( $this->previews->of_order( $id ), JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ) );
			}
		);
	}

	/** Shows the host's status, as JSON. */
	public function status(): void {
		$this->attempt(
			function (): void {
				$reply = $this->client->send( $this->connection(), 'GET', 'status' );
				if ( ! $reply->is_success() ) {
					throw $reply->failure();
				}
				\WP_CLI::line( $reply->json );
			}
		);
	}

	/**
	 * Has the host look through the shop and send what has changed.
	 *
	 * ## OPTIONS
	 *
	 * [<order>...]
	 * : Only these orders, by id, also those that are older than the sync.
	 *
	 * @param list<string> $args Arguments.
	 */
	public function sync( array $args ): void {
		$this->attempt(
			function () use ( $args ): void {
				$connection = $this->connection();
				$paths      = array() === $args ? array( 'sync' ) : array_map( static fn ( string $id ): string => 'objects/order/' . absint( $id ) . '/push', $args );
				foreach ( $paths as $path ) {
					$reply = $this->client->send( $connection, 'POST', $path );
					if ( ! $reply->is_success() ) {
						throw $reply->failure();
					}
				}
				\WP_CLI::success( __( 'The host has taken it.', 'tillbook-for-woocommerce' ) );
			}
		);
	}

	/** Checks connection, webhooks, module and what waits; says what would cure it. */
	public function doctor(): void {
		$checks = $this->checks();
		foreach ( $checks as list( $is_well, $line ) ) {
			\WP_CLI::line( ( $is_well ? '[ok] ' : '[!!] ' ) . $line );
		}
		$bad = count( array_filter( $checks, static fn ( array $check ): bool => ! $check[0] ) );
		if ( $bad > 0 ) {
			/* translators: %d: number */
			\WP_CLI::error( sprintf( _n( '%d thing needs you.', '%d things need you.', $bad, 'tillbook-for-woocommerce' ), $bad ) );
			return;
		}
		\WP_CLI::success( __( 'All is well.', 'tillbook-for-woocommerce' ) );
	}

	/**
	 * What there is to check: whether it is well, and a line.
	 *
	 * @return list<array{bool, string}>
	 */
	private function checks(): array {
		$connection = Connection::current();
		$checks     = array( array( PHP_INT_SIZE >= 8, 'PHP ' . PHP_VERSION . ', WooCommerce ' . ( defined( 'WC_VERSION' ) ? WC_VERSION : '–' ) ) );
		$kind       = $this->door->kind();
		$browser    = Plugin::instance()->bundle()->module_sha256();
		/* translators: 1: how it runs, 2: SHA-256 */
		$checks[] = array( 'none' !== $kind, sprintf( __( 'Module in PHP: %1$s, SHA-256 %2$s', 'tillbook-for-woocommerce' ), $kind, (string) $this->door->sha256() ) );
		/* translators: %s: SHA-256 */
		$checks[] = array( null !== $browser && ( 'none' === $kind || $browser === $this->door->sha256() ), sprintf( __( 'Module for browsers: SHA-256 %s', 'tillbook-for-woocommerce' ), (string) $browser ) );
		if ( null === $connection ) {
			$checks[] = array( false, Failure::not_connected()->getMessage() );
			return $checks;
		}
		$webhooks = Webhooks::state( $connection );
		/* translators: 1: state, 2: detail */
		$checks[] = array( 'ok' === $webhooks['state'], sprintf( __( 'Webhooks: %1$s %2$s', 'tillbook-for-woocommerce' ), $webhooks['state'], $webhooks['detail'] ) );
		try {
			$told     = $this->client->send( $connection, 'GET', 'status' )->read();
			$module   = is_array( $told ) && is_string( $told['module_sha256'] ?? null ) ? $told['module_sha256'] : '';
			/* translators: %s: SHA-256 */
			$checks[] = array( null === $browser || $module === $browser, sprintf( __( 'The host answers; its module: SHA-256 %s', 'tillbook-for-woocommerce' ), $module ) );
		} catch ( Failure $failure ) {
			$checks[] = array( false, $failure->getMessage() );
		}
		return $checks;
	}

	/** Takes the newest settings, if the host answers. */
	private function freshen(): void {
		try {
			$this->context->fetch( $this->connection() );
		} catch ( Failure $failure ) {
			if ( null === $this->context->kept() ) {
				throw $failure;
			}
			\WP_CLI::warning( $failure->getMessage() );
		}
	}

	private function connection(): Connection {
		return Connection::current() ?? throw Failure::not_connected();
	}

	private function attempt( callable $work ): void {
		try {
			$work();
		} catch ( Failure $failure ) {
			\WP_CLI::error( $failure->getMessage() );
		}
	}
}
