<?php
/**
 * The filter of the list of orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

use Tillbook\Capabilities;
use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\View;

/** Shows only the orders in one of the host's states, on both storages. */
final class ListFilter {

	private const WORD    = 'tillbook_state';
	/** Orders that are shown at most; the host is asked page by page. */
	private const IDS_MAX = 1000;

	private string $failure = '';

	public function __construct( private readonly Objects $objects ) {}

	/** Adds the hooks. */
	public function register(): void {
		add_action( 'woocommerce_order_list_table_restrict_manage_orders', array( $this, 'show' ) );
		add_action( 'restrict_manage_posts', array( $this, 'show' ) );
		add_filter( 'woocommerce_order_list_table_prepare_items_query_args', array( $this, 'narrow' ) );
		add_filter( 'request', array( $this, 'narrow_posts' ) );
		add_action( 'admin_notices', array( $this, 'tell' ) );
	}

	/**
	 * Shows the choice.
	 *
	 * @param mixed $order_type What is listed.
	 */
	public function show( $order_type ): void {
		if ( 'shop_order' === $order_type && self::may() ) {
			View::show( 'list-filter', array( 'name' => self::WORD, 'states' => Words::states(), 'chosen' => self::chosen() ) );
		}
	}

	/**
	 * Narrows the list where orders have tables of their own.
	 *
	 * @param mixed $query What is asked for.
	 * @return mixed
	 */
	public function narrow( $query ) {
		$ids = is_array( $query ) ? $this->ids() : null;
		if ( null !== $ids ) {
			$query['id'] = array_key_exists( 'id', $query ) && $query['id'] ? array_intersect( (array) $query['id'], $ids ) ?: array( 0 ) : $ids;
		}
		return $query;
	}

	/**
	 * Narrows the list where orders are posts.
	 *
	 * @param mixed $query What is asked for.
	 * @return mixed
	 */
	public function narrow_posts( $query ) {
		global $typenow;
		if ( ! is_array( $query ) || 'shop_order' !== $typenow ) {
			return $query;
		}
		$ids = $this->ids();
		if ( null !== $ids ) {
			$query['post__in'] = empty( $query['post__in'] ) ? $ids : ( array_intersect( (array) $query['post__in'], $ids ) ?: array( 0 ) );
		}
		return $query;
	}

	/** Says why the list is not narrowed. */
	public function tell(): void {
		$screen = get_current_screen();
		if ( ! $screen || ! in_array( $screen->id, array( 'edit-shop_order', 'woocommerce_page_wc-orders' ), true ) ) {
			return;
		}
		// The list may be read only after this.
		$this->ids();
		if ( '' !== $this->failure ) {
			View::show( 'notice', array( 'kind' => 'warning', 'title' => 'Tillbook', 'lines' => array( $this->failure ) ) );
		}
	}

	/**
	 * The orders to be shown; null for all.
	 *
	 * @return list<int>|null
	 */
	private function ids(): ?array {
		static $known = null;
		$chosen       = self::chosen();
		$connection   = '' === $chosen || ! self::may() ? null : Connection::current();
		if ( null === $connection || '' !== $this->failure ) {
			return null;
		}
		try {
			$known ??= $this->objects->ids_in( $connection, $chosen, self::IDS_MAX );
		} catch ( Failure $failure ) {
			$this->failure = $failure->getMessage();
			return null;
		}
		return array() === $known ? array( 0 ) : $known;
	}

	private static function chosen(): string {
		$chosen = isset( $_GET[ self::WORD ] ) ? sanitize_key( wp_unslash( $_GET[ self::WORD ] ) ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- it only chooses what is shown.
		return isset( Words::states()[ $chosen ] ) ? $chosen : '';
	}

	private static function may(): bool {
		return current_user_can( Capabilities::VIEW ) && null !== Connection::current(); // phpcs:ignore WordPress.WP.Capabilities.Unknown
	}
}
