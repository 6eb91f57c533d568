<?php
/**
 * What people do with orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

use Tillbook\Capabilities;
use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Host\Client;

/** Sends an order now, or takes it out; from the box, the order's actions and the list. */
final class Actions {

	public const SYNC = 'tillbook_sync';

	public function __construct( private readonly Client $client ) {}

	/** Adds the hooks. */
	public function register(): void {
		add_filter( 'woocommerce_order_actions', array( $this, 'add_action' ) );
		add_action( 'woocommerce_order_action_' . self::SYNC, array( $this, 'sync_order' ) );
		add_action( 'admin_post_' . self::SYNC, array( $this, 'sync_from_box' ) );
		add_action( 'admin_notices', array( $this, 'tell' ) );
	}

	/**
	 * Adds "Sync with Xero now" to the order's actions.
	 *
	 * @param mixed $actions Actions.
	 * @return mixed
	 */
	public function add_action( $actions ) {
		if ( is_array( $actions ) && self::may() && null !== Connection::current() ) {
			$actions[ self::SYNC ] = __( 'Sync with Xero now', 'tillbook-for-woocommerce' );
		}
		return $actions;
	}

	/**
	 * WooCommerce runs the order's action, after its own checks.
	 *
	 * @param mixed $order The order.
	 */
	public function sync_order( $order ): void {
		if ( $order instanceof \WC_Abstract_Order && self::may() ) {
			self::keep_notice( $this->each( array( $order->get_id() ), 'sync', 30 ) );
		}
	}

	/** The button in the box, without JavaScript. */
	public function sync_from_box(): void {
		$order_id = isset( $_POST['order'] ) ? absint( wp_unslash( $_POST['order'] ) ) : 0;
		if ( ! self::may() ) {
			wp_die( esc_html__( 'You are not allowed to do this.', 'tillbook-for-woocommerce' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( self::SYNC . $order_id );
		self::keep_notice( $this->each( array( $order_id ), 'sync', 30 ) );
		$order = wc_get_order( $order_id );
		wp_safe_redirect( $order instanceof \WC_Order ? $order->get_edit_order_url() : admin_url() );
		exit;
	}

	/**
	 * Does something with orders, one after the other, as long as there is time.
	 *
	 * @param list<int> $ids     Orders.
	 * @param string    $what    `sync` or `exclude`.
	 * @param int       $secs    How long a person waits at most.
	 * @return array{done: int, left: int, error: string}
	 */
	public function each( array $ids, string $what, int $secs ): array {
		$result     = array( 'done' => 0, 'left' => count( $ids ), 'error' => '' );
		$connection = Connection::current();
		$until      = microtime( true ) + $secs;
		if ( null === $connection ) {
			$result['error'] = Failure::not_connected()->getMessage();
			return $result;
		}
		foreach ( $ids as $id ) {
			if ( microtime( true ) > $until ) {
				$result['error'] = __( 'It took too long. The rest can be done again in a moment.', 'tillbook-for-woocommerce' );
				return $result;
			}
			try {
				'exclude' === $what ? $this->exclude( $connection, $id ) : $this->sync( $connection, $id );
			} catch ( Failure $failure ) {
				$result['error'] = $failure->getMessage();
				return $result;
			}
			++$result['done'];
			--$result['left'];
		}
		return $result;
	}

	/**
	 * Keeps what is told on the next page.
	 *
	 * @param array{done: int, left: int, error: string} $result What came of it.
	 */
	public static function keep_notice( array $result ): void {
		set_transient( 'tillbook_done_' . get_current_user_id(), $result, 60 );
	}

	/** Tells what came of it. */
	public function tell(): void {
		$screen = get_current_screen();
		if ( ! $screen || ! in_array( $screen->id, array( 'shop_order', 'edit-shop_order', 'woocommerce_page_wc-orders' ), true ) ) {
			return;
		}
		$name   = 'tillbook_done_' . get_current_user_id();
		$result = get_transient( $name );
		if ( ! is_array( $result ) ) {
			return;
		}
		delete_transient( $name );
		$lines = array();
		if ( $result['done'] > 0 ) {
			/* translators: %d: number of orders */
			$lines[] = sprintf( _n( 'The host has taken %d order; it is worked on now.', 'The host has taken %d orders; they are worked on now.', $result['done'], 'tillbook-for-woocommerce' ), $result['done'] );
		}
		if ( '' !== $result['error'] ) {
			/* translators: 1: number of orders, 2: why */
			$lines[] = sprintf( _n( '%1$d order was left: %2$s', '%1$d orders were left: %2$s', $result['left'], 'tillbook-for-woocommerce' ), $result['left'], $result['error'] );
		}
		\Tillbook\View::show( 'notice', array( 'kind' => '' === $result['error'] ? 'success' : 'warning', 'title' => 'Tillbook', 'lines' => $lines ) );
	}

	/** Whether the present person may. */
	public static function may(): bool {
		return current_user_can( Capabilities::OPERATE ); // phpcs:ignore WordPress.WP.Capabilities.Unknown
	}

	/**
	 * Has the host look at an order now; one that is older than the sync is sent all the same.
	 *
	 * @throws Failure When it does not.
	 */
	private function sync( Connection $connection, int $id ): void {
		self::must( $this->client->send( $connection, 'POST', "objects/order/{$id}/push", array(), '', 10 ) );
	}

	/**
	 * Takes an order out.
	 *
	 * @throws Failure When the host does not.
	 */
	private function exclude( Connection $connection, int $id ): void {
		/* translators: %s: name of a person */
		$reason = sprintf( __( 'Taken out in WooCommerce by %s', 'tillbook-for-woocommerce' ), (string) preg_replace( '/[\x00-\x1f\x7f]+/', ' ', wp_get_current_user()->display_name ) );
		self::must( $this->client->send( $connection, 'POST', "objects/order/{$id}/exclude", array(), (string) wp_json_encode( array( 'reason' => mb_substr( $reason, 0, 200 ) ) ), 10 ) );
	}

	/**
	 * A refusal is a failure.
	 *
	 * @throws Failure With what the host said.
	 */
	private static function must( \Tillbook\Host\Reply $reply ): void {
		if ( ! $reply->is_success() ) {
			throw $reply->failure();
		}
	}
}
