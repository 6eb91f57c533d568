<?php
/**
 * Orders as the module takes them.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Shop;

use Tillbook\Failure;
use Tillbook\Json\Members;

/**
 * Reads orders with their refunds, products and, where their roles count, customers: the same
 * answers of WooCommerce's REST API that the host reads, with the same number of decimals.
 */
final class Sales {

	public const IDS_MAX  = 100;
	/** The finest that WooCommerce keeps. */
	private const DECIMALS = '6';

	/**
	 * Reads orders; those that are gone are left out.
	 *
	 * @param list<int>   $ids     Ids of orders.
	 * @param string|null $context What the host gave last: it says whether customers count.
	 * @throws Failure When WooCommerce refuses.
	 * @return array{sales: list<array<string, mixed>>, products: list<mixed>}
	 */
	public function read( array $ids, ?string $context ): array {
		$sales    = array();
		$products = array();
		$roles    = self::ask_for_roles( $context );
		foreach ( $ids as $id ) {
			$order = $this->get( "orders/{$id}", array( 'dp' => self::DECIMALS ) );
			if ( null === $order ) {
				continue;
			}
			$sale = array( 'order' => $order, 'refunds' => array() );
			if ( ! empty( $order['refunds'] ) ) {
				$sale['refunds'] = $this->get(
					"orders/{$id}/refunds",
					array( 'dp' => self::DECIMALS, 'orderby' => 'id', 'order' => 'asc', 'per_page' => '100', 'page' => '1' )
				) ?? array();
			}
			$customer = $roles && ! empty( $order['customer_id'] ) ? $this->get( 'customers/' . (int) $order['customer_id'], array() ) : null;
			if ( null !== $customer ) {
				$sale['customer'] = $customer;
			}
			$sales[]   = $sale;
			$products += array_fill_keys( array_column( (array) $order['line_items'], 'product_id' ), true );
		}
		unset( $products[0] );
		return array( 'sales' => $sales, 'products' => $this->products( array_keys( $products ) ) );
	}

	/**
	 * The same for nobody in particular: WooCommerce's checks of who may read are passed over.
	 *
	 * For e-mails and programs of the shop itself; what is read must not be shown to others.
	 *
	 * @param list<int>   $ids     Ids of orders.
	 * @param string|null $context What the host gave last.
	 * @throws Failure When WooCommerce refuses.
	 * @return array{sales: list<array<string, mixed>>, products: list<mixed>}
	 */
	public function read_as_shop( array $ids, ?string $context ): array {
		$allow = static fn ( $allowed, $context ) => 'read' === $context ? true : $allowed;
		add_filter( 'woocommerce_rest_check_permissions', $allow, 10, 2 );
		try {
			return $this->read( $ids, $context );
		} finally {
			remove_filter( 'woocommerce_rest_check_permissions', $allow );
		}
	}

	/**
	 * Products by id, in the order of their ids.
	 *
	 * @param list<int> $ids Ids.
	 * @throws Failure When WooCommerce refuses.
	 * @return list<mixed>
	 */
	private function products( array $ids ): array {
		sort( $ids );
		$products = array();
		foreach ( array_chunk( $ids, 100 ) as $chunk ) {
			$found    = $this->get( 'products', array( 'include' => implode( ',', $chunk ), 'orderby' => 'id', 'order' => 'asc', 'per_page' => '100' ) );
			$products = array_merge( $products, array_values( (array) $found ) );
		}
		return $products;
	}

	/**
	 * What `GET /wc/v3/{route}` gives; null when it is gone.
	 *
	 * @param array<string, string> $query Query.
	 * @throws Failure When WooCommerce refuses.
	 * @return array<mixed>|null
	 */
	private function get( string $route, array $query ): ?array {
		$request = new \WP_REST_Request( 'GET', '/wc/v3/' . $route );
		$request->set_query_params( $query );
		$response = rest_do_request( $request );
		if ( 404 === $response->get_status() ) {
			return null;
		}
		if ( $response->is_error() ) {
			$error = $response->as_error();
			throw new Failure( (string) $error->get_error_code(), $error->get_error_message(), $response->get_status() );
		}
		return (array) rest_get_server()->response_to_data( $response, false );
	}

	/** Whether the settings go by customers' roles: `Settings::ask_for_roles` of the core. */
	private static function ask_for_roles( ?string $context ): bool {
		$settings = json_decode( null === $context ? '' : ( Members::of( $context )['settings'] ?? '' ), true );
		if ( ! is_array( $settings ) ) {
			return false;
		}
		return ! empty( $settings['contact']['one_for_roles'] )
			|| ! empty( $settings['invoice']['terms']['by_role'] )
			|| ! empty( $settings['summary']['individually']['roles'] );
	}
}
