<?php
/**
 * Previews in PHP.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Preview;

use Tillbook\Connection\Connection;
use Tillbook\Failure;
use Tillbook\Host\Context;
use Tillbook\Json\Members;
use Tillbook\Shop\Sales;

/** Previews orders with what the host gave last: no server is asked, nothing is sent. */
final class Previews {

	/** What the module takes of the context, word for word. */
	private const PARTS = array( 'shop', 'settings', 'chart', 'records' );

	/**
	 * What was reckoned in this request.
	 *
	 * @var array<int, array<string, mixed>>
	 */
	private array $reckoned = array();

	public function __construct(
		private readonly Door $door,
		private readonly Context $context,
		private readonly Sales $sales,
	) {}

	/**
	 * Previews one order.
	 *
	 * @throws Failure Why there is none.
	 * @return array<string, mixed> An element of `sales` of the module's reply.
	 */
	public function of_order( int $order_id ): array {
		if ( isset( $this->reckoned[ $order_id ] ) ) {
			return $this->reckoned[ $order_id ];
		}
		$reply = json_decode( $this->reply( array( $order_id ) ), true );
		$sales = $reply['ok']['sales'] ?? null;
		if ( is_string( $reply['error']['message'] ?? null ) ) {
			/* translators: %s: what the module says */
			throw new Failure( 'core_failed', sprintf( __( 'The accounting module cannot read what the host gave: %s', 'tillbook-for-woocommerce' ), $reply['error']['message'] ), 500 );
		}
		if ( ! is_array( $sales ) || ! is_array( $sales[0] ?? null ) ) {
			throw new Failure( 'core_failed', __( 'The accounting module gave no answer that can be read.', 'tillbook-for-woocommerce' ), 500 );
		}
		$this->reckoned[ $order_id ] = $sales[0];
		return $sales[0];
	}

	/**
	 * The module's reply for some orders, as it gave it.
	 *
	 * @param list<int> $order_ids Ids.
	 * @throws Failure Why there is none.
	 */
	public function reply( array $order_ids ): string {
		return $this->door->call( 'map', $this->request( $order_ids ) );
	}

	/**
	 * What the module is asked.
	 *
	 * @param list<int> $order_ids Ids.
	 * @throws Failure Why it cannot be asked.
	 */
	public function request( array $order_ids ): string {
		if ( null === Connection::current() ) {
			throw Failure::not_connected();
		}
		$context = $this->context->kept();
		$parts   = null === $context ? array() : Members::of( $context );
		if ( 'null' === ( $parts['settings'] ?? 'null' ) || 'null' === ( $parts['chart'] ?? 'null' ) ) {
			throw new Failure( 'no_settings', __( 'Nothing is set up yet: choose settings on the Tillbook page first.', 'tillbook-for-woocommerce' ), 409 );
		}
		$read = $this->sales->read_as_shop( $order_ids, $context );
		if ( array() === $read['sales'] ) {
			throw new Failure( 'no_order', __( 'There is no such order.', 'tillbook-for-woocommerce' ), 404 );
		}
		$members = array( '"contract":' . ( $parts['contract'] ?? '1' ) );
		foreach ( self::PARTS as $name ) {
			if ( isset( $parts[ $name ] ) ) {
				$members[] = "\"{$name}\":{$parts[ $name ]}";
			}
		}
		$members[] = '"sales":' . wp_json_encode( $read['sales'] );
		$members[] = '"products":' . wp_json_encode( $read['products'] );
		return '{' . implode( ',', $members ) . '}';
	}
}
