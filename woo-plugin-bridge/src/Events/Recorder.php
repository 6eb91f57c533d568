<?php
/**
 * What webhooks do not tell.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Events;

use Tillbook\Connection\Connection;
use Tillbook\Schedule;

/**
 * Notes what happens in the shop and is in no webhook: deleted refunds, orders and products deleted
 * for good, the trash, stock, taxes and gateways.
 *
 * While a request runs, ids are only remembered. At its end they are written down, and Action
 * Scheduler sends them later: whoever buys something never waits for the host.
 */
final class Recorder {

	/**
	 * What happened in this request.
	 *
	 * @var array<string, array<string, int|string>>
	 */
	private array $events = array();

	/** Adds the hooks. */
	public function register(): void {
		add_filter( 'woocommerce_pre_delete_order_refund', array( $this, 'refund_goes' ), 10, 2 );
		add_action( 'woocommerce_refund_deleted', array( $this, 'refund_deleted' ), 10, 2 );
		add_action( 'before_delete_post', array( $this, 'post_goes' ), 10, 2 );
		add_action( 'wp_trash_post', array( $this, 'post_trashed' ) );
		add_action( 'untrashed_post', array( $this, 'post_restored' ) );
		$order   = array(
			'woocommerce_before_delete_order' => 'order_deleted',
			'woocommerce_delete_order'        => 'order_deleted',
			'woocommerce_trash_order'         => 'order_trashed',
			'woocommerce_untrash_order'       => 'order_restored',
		);
		$product = array(
			'woocommerce_before_delete_product'           => 'product_deleted',
			'woocommerce_delete_product'                  => 'product_deleted',
			'woocommerce_before_delete_product_variation' => 'product_deleted',
			'woocommerce_delete_product_variation'        => 'product_deleted',
		);
		foreach ( array( 'order_id' => $order, 'product_id' => $product ) as $which => $hooks ) {
			foreach ( $hooks as $hook => $kind ) {
				add_action( $hook, fn ( $id ) => $this->note( $kind, $which, $id ) );
			}
		}
		foreach ( array( 'woocommerce_product_set_stock', 'woocommerce_variation_set_stock' ) as $hook ) {
			add_action( $hook, array( $this, 'stock_changed' ) );
		}
		foreach ( array( 'woocommerce_tax_rate_added', 'woocommerce_tax_rate_updated', 'woocommerce_tax_rate_deleted', 'woocommerce_settings_saved' ) as $hook ) {
			add_action( $hook, array( $this, 'settings_changed' ) );
		}
		add_action( 'shutdown', array( $this, 'write_down' ), 5 );
	}

	/**
	 * A refund is about to be deleted; the filter's value stays as it is.
	 *
	 * @param mixed $check  Whether somebody deletes it instead.
	 * @param mixed $refund The refund.
	 * @return mixed
	 */
	public function refund_goes( $check, $refund ) {
		if ( is_object( $refund ) && method_exists( $refund, 'get_parent_id' ) ) {
			$this->refund_deleted( $refund->get_id(), $refund->get_parent_id() );
		}
		return $check;
	}

	/**
	 * A refund was deleted.
	 *
	 * @param mixed $refund_id Its id.
	 * @param mixed $order_id  Its order's.
	 */
	public function refund_deleted( $refund_id, $order_id ): void {
		$this->note( 'refund_deleted', 'order_id', $order_id, is_numeric( $refund_id ) ? array( 'refund_id' => (int) $refund_id ) : array() );
	}

	/**
	 * A post is about to be deleted for good: with classic storage orders and refunds are posts.
	 *
	 * @param mixed $id   Its id.
	 * @param mixed $post The post.
	 */
	public function post_goes( $id, $post = null ): void {
		$post = $post instanceof \WP_Post ? $post : get_post( (int) $id );
		if ( ! $post instanceof \WP_Post ) {
			return;
		}
		if ( 'shop_order_refund' === $post->post_type ) {
			$this->refund_deleted( $post->ID, $post->post_parent );
		} elseif ( 'shop_order' === $post->post_type ) {
			$this->note( 'order_deleted', 'order_id', $post->ID );
		} elseif ( in_array( $post->post_type, array( 'product', 'product_variation' ), true ) ) {
			$this->note( 'product_deleted', 'product_id', $post->ID );
		}
	}

	/**
	 * A post goes to the trash.
	 *
	 * @param mixed $id Its id.
	 */
	public function post_trashed( $id ): void {
		if ( 'shop_order' === get_post_type( (int) $id ) ) {
			$this->note( 'order_trashed', 'order_id', $id );
		}
	}

	/**
	 * A post comes back from the trash.
	 *
	 * @param mixed $id Its id.
	 */
	public function post_restored( $id ): void {
		if ( 'shop_order' === get_post_type( (int) $id ) ) {
			$this->note( 'order_restored', 'order_id', $id );
		}
	}

	/**
	 * The stock of a product or variation changed.
	 *
	 * @param mixed $product The product.
	 */
	public function stock_changed( $product ): void {
		if ( is_object( $product ) && method_exists( $product, 'get_id' ) ) {
			$this->note( 'stock_changed', 'product_id', $product->get_id() );
		}
	}

	/** Taxes, gateways or another setting changed. */
	public function settings_changed(): void {
		$this->events['settings_changed'] = array( 'kind' => 'settings_changed' );
	}

	/** Writes down what happened, at the end of the request. */
	public function write_down(): void {
		if ( array() === $this->events ) {
			return;
		}
		$events       = $this->events;
		$this->events = array();
		try {
			if ( null === Connection::current() ) {
				return;
			}
			Outbox::put( $events );
			Schedule::soon( Schedule::SEND );
		} catch ( \Throwable $failure ) {
			// Sweeps of the host find what is not told; a shopper must not see this.
			error_log( 'Tillbook: ' . $failure->getMessage() ); // phpcs:ignore WordPress.PHP.DevelopmentFunctions.error_log_error_log
		}
	}

	/**
	 * Remembers an event.
	 *
	 * @param mixed              $id   The object's id.
	 * @param array<string, int> $more More ids.
	 */
	private function note( string $kind, string $which, $id, array $more = array() ): void {
		if ( is_numeric( $id ) && (int) $id > 0 ) {
			$this->events[ "{$kind} {$id} " . implode( ' ', $more ) ] = array( 'kind' => $kind, $which => (int) $id ) + $more;
		}
	}
}
