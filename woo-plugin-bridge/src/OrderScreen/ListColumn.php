<?php
/**
 * The column in the list of orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

use Tillbook\Admin\Bundle;
use Tillbook\Capabilities;
use Tillbook\Connection\Connection;
use Tillbook\Rest\Api;
use Tillbook\View;

/**
 * Adds a column to the list of orders, on both storages.
 *
 * The list never waits for the host: a small script asks once for the whole page of orders and
 * fills the cells in.
 */
final class ListColumn {

	private const COLUMN = 'tillbook';
	private const SCRIPT = 'assets/orders-list.js';
	private const STYLE  = 'assets/orders.css';

	public function __construct( private readonly Bundle $bundle ) {}

	/** Adds the hooks. */
	public function register(): void {
		add_filter( 'manage_woocommerce_page_wc-orders_columns', array( $this, 'add' ) );
		add_filter( 'manage_edit-shop_order_columns', array( $this, 'add' ) );
		add_action( 'manage_woocommerce_page_wc-orders_custom_column', array( $this, 'show' ), 10, 2 );
		add_action( 'manage_shop_order_posts_custom_column', array( $this, 'show' ), 10, 2 );
		add_action( 'admin_enqueue_scripts', array( $this, 'enqueue' ) );
	}

	/**
	 * Adds the column, behind the order's status where there is one.
	 *
	 * @param mixed $columns Columns.
	 * @return mixed
	 */
	public function add( $columns ) {
		if ( ! is_array( $columns ) || ! self::is_shown() ) {
			return $columns;
		}
		$wider = array();
		foreach ( $columns as $name => $title ) {
			$wider[ $name ] = $title;
			if ( 'order_status' === $name ) {
				$wider[ self::COLUMN ] = 'Xero';
			}
		}
		return $wider + array( self::COLUMN => 'Xero' );
	}

	/**
	 * Shows a cell.
	 *
	 * @param mixed $column   Which column.
	 * @param mixed $order_or_id The order; with classic storage its id.
	 */
	public function show( $column, $order_or_id ): void {
		if ( self::COLUMN === $column ) {
			View::show( 'list-cell', array( 'order' => $order_or_id instanceof \WC_Abstract_Order ? (int) $order_or_id->get_id() : (int) $order_or_id ) );
		}
	}

	/** Loads script and style on the list and on the order's page. */
	public function enqueue(): void {
		$screen = get_current_screen();
		if ( ! $screen || ! in_array( $screen->id, array( 'edit-shop_order', 'shop_order', 'woocommerce_page_wc-orders' ), true ) || ! self::is_shown() ) {
			return;
		}
		// The version stands in the address.
		wp_enqueue_style( 'tillbook-orders', $this->bundle->versioned( self::STYLE ), array(), null ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion
		if ( 'shop_order' === $screen->id ) {
			return;
		}
		wp_enqueue_script( 'tillbook-orders-list', $this->bundle->versioned( self::SCRIPT ), array(), null, array( 'in_footer' => true, 'strategy' => 'defer' ) ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion
		$data = array(
			'base'   => rest_url( Api::NAMESPACE . '/' ),
			'nonce'  => wp_create_nonce( 'wp_rest' ),
			'states' => Words::states(),
			'none'   => Words::state( '' ),
			'silent' => __( 'Host does not answer', 'tillbook-for-woocommerce' ),
		);
		wp_add_inline_script( 'tillbook-orders-list', 'window.tillbookOrders = ' . wp_json_encode( $data, JSON_HEX_TAG | JSON_HEX_AMP ) . ';', 'before' );
	}

	private static function is_shown(): bool {
		return current_user_can( Capabilities::VIEW ) && null !== Connection::current(); // phpcs:ignore WordPress.WP.Capabilities.Unknown
	}
}
