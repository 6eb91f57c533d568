<?php
/**
 * The box on the order's page.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

use Automattic\WooCommerce\Utilities\OrderUtil;
use Tillbook\Admin\Bundle;
use Tillbook\Admin\Menu;
use Tillbook\Capabilities;
use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Preview\Previews;
use Tillbook\View;

/**
 * Shows an order's state and the invoice that Xero gets, on both storages.
 *
 * It works without JavaScript: the module reckons in PHP. Where the bundle is there, its element
 * takes the box over.
 */
final class Box {

	public function __construct(
		private readonly Objects $objects,
		private readonly Previews $previews,
		private readonly Bundle $bundle,
	) {}

	/** Adds the hooks. */
	public function register(): void {
		add_action( 'add_meta_boxes', array( $this, 'add' ) );
	}

	/** Adds the box to the order's page. */
	public function add(): void {
		if ( ! current_user_can( Capabilities::VIEW ) ) { // phpcs:ignore WordPress.WP.Capabilities.Unknown
			return;
		}
		$screen = OrderUtil::custom_orders_table_usage_is_enabled() ? wc_get_page_screen_id( 'shop-order' ) : 'shop_order';
		add_meta_box( 'tillbook', 'Tillbook', array( $this, 'show' ), $screen, 'normal', 'default' );
	}

	/**
	 * Shows the box.
	 *
	 * @param mixed $post_or_order The order; with classic storage its post.
	 */
	public function show( $post_or_order ): void {
		$order = $post_or_order instanceof \WP_Post ? wc_get_order( $post_or_order->ID ) : $post_or_order;
		if ( ! $order instanceof \WC_Order ) {
			return;
		}
		$id         = (int) $order->get_id();
		$connection = Connection::current();
		$data       = array(
			'order'        => $id,
			'connected'    => null !== $connection,
			'page'         => Menu::address(),
			'preview_page' => Menu::address( '/preview?orders=' . $id ),
			'may_sync'     => null !== $connection && Actions::may(),
			'state'        => null,
			'finding'      => null,
			'documents'    => array(),
			'host_says'    => '',
			'preview'      => null,
			'why_not'      => '',
		);
		if ( null !== $connection ) {
			$data = array_merge( $data, $this->known( $connection, $id ), $this->preview( $id ) );
			$this->bundle->load( 'preview', $id );
			add_action( 'admin_footer', static fn () => View::show( 'sync-form', array( 'order' => $id, 'action' => admin_url( 'admin-post.php' ) ) ) );
		}
		View::show( 'order-box', $data );
	}

	/**
	 * What the host knows of the order.
	 *
	 * @return array<string, mixed>
	 */
	private function known( Connection $connection, int $id ): array {
		try {
			$object = $this->objects->states( $connection, array( $id ), true )[ $id ] ?? null;
		} catch ( Failure $failure ) {
			return array( 'host_says' => $failure->getMessage() );
		}
		$state = $object['state'] ?? 'none';
		return array(
			'state'     => array( 'word' => Words::state( $state ), 'kind' => $state ),
			'finding'   => $object['finding'] ?? null,
			'documents' => array_map(
				static fn ( array $document ): array => array( 'name' => Words::document( $document['kind'] ) . ' ' . $document['number'], 'url' => $document['url'], 'sha256' => $document['sha256'] ),
				$object['documents'] ?? array()
			),
		);
	}

	/**
	 * What Xero gets, or why that cannot be shown here.
	 *
	 * @return array<string, mixed>
	 */
	private function preview( int $id ): array {
		try {
			return array( 'preview' => $this->previews->of_order( $id ) );
		} catch ( Failure $failure ) {
			return array( 'why_not' => $failure->getMessage() );
		}
	}
}
