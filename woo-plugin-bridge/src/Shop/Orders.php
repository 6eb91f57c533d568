<?php
/**
 * Finding orders.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Shop;

use Tillbook\Failure;

/** Lists orders for people to choose from, by WooCommerce's own REST API. */
final class Orders {

	private const PER_PAGE_MAX = 100;
	private const FIELDS       = 'id,number,date_created,status,total,currency,billing';

	/**
	 * A page of orders, newest first.
	 *
	 * @param array<string, mixed> $asked `search`, `status`, `from`, `to` (days), `page`, `per_page`.
	 * @throws Failure When WooCommerce refuses.
	 * @return array{orders: list<array<string, mixed>>, total: int}
	 */
	public function find( array $asked ): array {
		$text    = static fn ( string $name ): string => is_scalar( $asked[ $name ] ?? null ) ? sanitize_text_field( (string) $asked[ $name ] ) : '';
		$day     = static fn ( string $name ): string => preg_match( '/^\d{4}-\d\d-\d\d$/', $text( $name ) ) ? $text( $name ) : '';
		$request = new \WP_REST_Request( 'GET', '/wc/v3/orders' );
		$request->set_query_params(
			array_filter(
				array(
					'search'   => mb_substr( $text( 'search' ), 0, 100 ),
					'status'   => $text( 'status' ),
					// Both are exclusive and in the site's own time.
					'after'    => '' === $day( 'from' ) ? '' : gmdate( 'Y-m-d\TH:i:s', strtotime( $day( 'from' ) . ' UTC' ) - 1 ),
					'before'   => '' === $day( 'to' ) ? '' : gmdate( 'Y-m-d\TH:i:s', strtotime( $day( 'to' ) . ' UTC' ) + DAY_IN_SECONDS ),
					'page'     => (string) max( 1, (int) $text( 'page' ) ),
					'per_page' => (string) min( self::PER_PAGE_MAX, max( 1, (int) ( $text( 'per_page' ) ?: 20 ) ) ),
					'orderby'  => 'date',
					'order'    => 'desc',
					'_fields'  => self::FIELDS,
				),
				static fn ( string $value ): bool => '' !== $value
			)
		);
		$response = rest_do_request( $request );
		if ( $response->is_error() ) {
			$error = $response->as_error();
			throw new Failure( (string) $error->get_error_code(), $error->get_error_message(), $response->get_status() );
		}
		$headers = $response->get_headers();
		$orders  = array_map( array( self::class, 'brief' ), (array) $response->get_data() );
		return array( 'orders' => array_values( $orders ), 'total' => (int) ( $headers['X-WP-Total'] ?? count( $orders ) ) );
	}

	/**
	 * What people tell orders apart by.
	 *
	 * @param array<string, mixed> $order As WooCommerce gives it.
	 * @return array<string, mixed>
	 */
	private static function brief( array $order ): array {
		$billing = (array) ( $order['billing'] ?? array() );
		$name    = trim( ( $billing['first_name'] ?? '' ) . ' ' . ( $billing['last_name'] ?? '' ) );
		return array(
			'id'       => (int) $order['id'],
			'number'   => (string) $order['number'],
			'date'     => $order['date_created'] ?? null,
			'status'   => (string) $order['status'],
			'total'    => (string) $order['total'],
			'currency' => (string) $order['currency'],
			'name'     => '' === $name ? (string) ( $billing['company'] ?? '' ) : $name,
		);
	}
}
