<?php
/**
 * What a host answered.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Host;

use Tillbook\Failure;

/** An answer: a status and JSON text, which goes on untouched. */
final class Reply {

	public function __construct(
		public readonly int $status,
		public readonly string $json,
		public readonly ?int $retry_after_secs = null,
	) {}

	/** Whether what was asked for is done. */
	public function is_success(): bool {
		return $this->status >= 200 && $this->status < 300;
	}

	/**
	 * The JSON as PHP's values; null when it is none.
	 *
	 * @return mixed
	 */
	public function read() {
		return json_decode( $this->json, true, 64 );
	}

	/** What went wrong, as the host says it. */
	public function failure(): Failure {
		$told  = $this->read();
		$error = is_array( $told ) && is_array( $told['error'] ?? null ) ? $told['error'] : array();
		$word  = is_string( $error['code'] ?? null ) ? $error['code'] : 'host_failed';
		/* translators: %d: HTTP status */
		$message = is_string( $error['message'] ?? null ) ? $error['message'] : sprintf( __( 'The host answered with status %d.', 'tillbook-for-woocommerce' ), $this->status );
		return new Failure( $word, $message, $this->status >= 400 && $this->status < 600 ? $this->status : 502 );
	}
}
