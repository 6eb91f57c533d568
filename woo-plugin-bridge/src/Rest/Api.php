<?php
/**
 * The REST API of the pages.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Rest;

use Tillbook\Capabilities;
use Tillbook\Connection\Connection;
use Tillbook\Failure;

/** Registers `tillbook/v1` and gives every error the same shape. */
final class Api {

	public const NAMESPACE = 'tillbook/v1';

	public function __construct(
		private readonly Own $own,
		private readonly Setup $setup,
		private readonly Proxy $proxy,
	) {}

	/** Adds the hooks. */
	public function register(): void {
		add_action( 'rest_api_init', array( $this, 'add_routes' ) );
		add_filter( 'rest_request_after_callbacks', array( $this, 'shape_error' ), 10, 3 );
		add_filter( 'rest_pre_serve_request', array( RawResponse::class, 'serve' ), 10, 3 );
	}

	/** Adds the routes. */
	public function add_routes(): void {
		$this->add( 'GET', 'status', Capabilities::VIEW, array( $this->own, 'status' ) );
		$this->add( 'GET', 'context', Capabilities::VIEW, array( $this->own, 'context' ) );
		$this->add( 'GET', 'orders', Capabilities::VIEW, array( $this->own, 'orders' ) );
		$this->add( 'GET', 'sales', Capabilities::VIEW, array( $this->own, 'sales' ) );
		$this->add( 'POST', 'connect', Capabilities::CONFIGURE, array( $this->setup, 'connect' ) );
		$this->add( 'POST', 'disconnect', Capabilities::CONFIGURE, array( $this->setup, 'disconnect' ) );
		$this->add( 'POST', 'webhooks', Capabilities::CONFIGURE, array( $this->setup, 'mend_webhooks' ) );
		foreach ( Routes::all() as list( $method, $pattern, $capability, $words, $patience_secs ) ) {
			$this->add(
				$method,
				"(?P<tillbook_path>{$pattern})",
				$capability,
				fn ( \WP_REST_Request $request ) => $this->proxy->pass_on( $request, (string) $request['tillbook_path'], $words, $patience_secs )
			);
		}
	}

	/**
	 * Errors of our routes look as the host's do.
	 *
	 * @param mixed            $response What was answered.
	 * @param mixed            $handler  Who answered.
	 * @param \WP_REST_Request $request  The request.
	 * @return mixed
	 */
	public function shape_error( $response, $handler, $request ) {
		if ( ! is_wp_error( $response ) || ! str_starts_with( $request->get_route(), '/' . self::NAMESPACE . '/' ) ) {
			return $response;
		}
		$data   = $response->get_error_data();
		$status = is_array( $data ) && isset( $data['status'] ) ? (int) $data['status'] : 500;
		return self::error( new Failure( (string) $response->get_error_code(), $response->get_error_message(), $status ) );
	}

	/** A failure as an answer. */
	public static function error( Failure $failure ): \WP_REST_Response {
		$body = array( 'error' => array( 'code' => $failure->word, 'message' => $failure->getMessage() ) );
		return new \WP_REST_Response( $body + $failure->more, $failure->status );
	}

	/**
	 * The present connection.
	 *
	 * @throws Failure `not_connected`.
	 */
	public static function connection(): Connection {
		return Connection::current() ?? throw Failure::not_connected();
	}

	private function add( string $method, string $pattern, string $capability, callable $answer ): void {
		register_rest_route(
			self::NAMESPACE,
			'/' . $pattern,
			array(
				'methods'             => $method,
				'permission_callback' => Gate::needs( $capability ),
				'callback'            => static function ( \WP_REST_Request $request ) use ( $answer ) {
					try {
						$response = $answer( $request );
					} catch ( Failure $failure ) {
						$response = self::error( $failure );
					}
					$response->header( 'Cache-Control', 'no-store' );
					return $response;
				},
			)
		);
	}
}
