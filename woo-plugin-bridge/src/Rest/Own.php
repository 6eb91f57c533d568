<?php
/**
 * What the shop answers itself.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Rest;

use Tillbook\Connection\Connection;
use Tillbook\Connection\Webhooks;
use Tillbook\Failure;
use Tillbook\Host\Client;
use Tillbook\Host\Context;
use Tillbook\Plugin;
use Tillbook\Preview\Door;
use Tillbook\Shop\Orders;
use Tillbook\Shop\Sales;

/** `status`, `context`, `orders` and `sales`. The last three need no host. */
final class Own {

	public function __construct(
		private readonly Client $client,
		private readonly Context $context,
		private readonly Orders $orders,
		private readonly Sales $sales,
		private readonly Door $door,
	) {}

	/**
	 * `GET status`: the host's, and the plugin's own part.
	 *
	 * @throws Failure What went wrong; the plugin's part comes with it.
	 */
	public function status(): \WP_REST_Response {
		$connection = Connection::current();
		$plugin     = $this->plugin( $connection );
		try {
			if ( null === $connection ) {
				throw Failure::not_connected();
			}
			$reply = $this->client->send( $connection, 'GET', 'status' );
		} catch ( Failure $failure ) {
			throw new Failure( $failure->word, $failure->getMessage(), $failure->status, array( 'plugin' => $plugin ) );
		}
		if ( ! $reply->is_success() || ! str_starts_with( ltrim( $reply->json ), '{' ) ) {
			return Proxy::answer( $reply );
		}
		$inner = rtrim( substr( rtrim( $reply->json ), 0, -1 ) );
		$comma = str_ends_with( $inner, '{' ) ? '' : ',';
		return new RawResponse( $inner . $comma . '"plugin":' . wp_json_encode( $plugin ) . '}' );
	}

	/**
	 * `GET context`: all that the module needs beside orders.
	 *
	 * @throws Failure When there is none.
	 */
	public function context(): \WP_REST_Response {
		return new RawResponse( $this->context->fetch( Api::connection() ) );
	}

	/** `GET orders?search=&status=&page=&per_page=`: the shop's orders, briefly. */
	public function orders( \WP_REST_Request $request ): \WP_REST_Response {
		return new \WP_REST_Response( $this->orders->find( $request->get_query_params() ) );
	}

	/**
	 * `GET sales?ids=1,2,3`: orders with refunds and products, as the host reads them.
	 *
	 * @throws Failure When too many are asked for.
	 */
	public function sales( \WP_REST_Request $request ): \WP_REST_Response {
		$asked = (string) $request->get_param( 'ids' );
		if ( ! preg_match( '/^[0-9]{1,18}(,[0-9]{1,18})*$/', $asked ) ) {
			throw new Failure( 'bad_request', __( 'Which orders? Give their ids, with commas between.', 'tillbook-for-woocommerce' ), 400 );
		}
		$ids = array_values( array_unique( array_map( 'intval', explode( ',', $asked ) ) ) );
		if ( count( $ids ) > Sales::IDS_MAX ) {
			throw new Failure( 'too_large', __( 'At most 100 orders at once.', 'tillbook-for-woocommerce' ), 413 );
		}
		return new \WP_REST_Response( $this->sales->read( $ids, $this->context->kept() ) );
	}

	/**
	 * How the webhooks stand.
	 *
	 * @return array{state: string, detail: string}
	 */
	public static function webhooks( ?Connection $connection ): array {
		if ( null === $connection ) {
			return array( 'state' => 'missing', 'detail' => '' );
		}
		$state = Webhooks::state( $connection );
		return array( 'state' => $state['state'], 'detail' => $state['detail'] );
	}

	/**
	 * The plugin's part of the status.
	 *
	 * @return array<string, mixed>
	 */
	private function plugin( ?Connection $connection ): array {
		return array(
			'version'       => Plugin::VERSION,
			'address'       => null === $connection ? null : $connection->address,
			'module_sha256' => Plugin::instance()->bundle()->module_sha256(),
			'webhooks'      => self::webhooks( $connection ),
			'php_core'      => array( 'kind' => $this->door->kind(), 'sha256' => $this->door->sha256() ),
		);
	}
}
