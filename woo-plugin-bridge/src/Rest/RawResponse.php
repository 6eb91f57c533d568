<?php
/**
 * Answers that go on as they came.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Rest;

/** A response of JSON text: reading and writing it again could change a digit of an amount. */
final class RawResponse extends \WP_REST_Response {

	public function __construct( private readonly string $json, int $status = 200 ) {
		parent::__construct( null, $status );
	}

	/**
	 * For those who look at responses inside WordPress.
	 *
	 * @return mixed
	 */
	public function get_data() {
		return json_decode( $this->json );
	}

	/**
	 * Prints such a response instead of WordPress.
	 *
	 * @param mixed             $served   Whether it has been printed already.
	 * @param mixed             $response A response.
	 * @param \WP_REST_Request  $request  The request.
	 * @return mixed
	 */
	public static function serve( $served, $response, $request ) {
		if ( $served || ! $response instanceof self ) {
			return $served;
		}
		if ( 'HEAD' !== $request->get_method() ) {
			echo $response->json; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- JSON, sent as application/json.
		}
		return true;
	}
}
