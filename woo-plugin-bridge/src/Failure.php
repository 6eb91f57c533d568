<?php
/**
 * Something that did not work.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook;

/** A failure with a word for programs, a sentence for people and an HTTP status. */
final class Failure extends \RuntimeException {

	/**
	 * Makes a failure.
	 *
	 * @param string               $word    A word that does not change.
	 * @param string               $message A sentence for people.
	 * @param int                  $status  HTTP status.
	 * @param array<string, mixed> $more    What goes beside `error` in the answer.
	 */
	public function __construct(
		public readonly string $word,
		string $message,
		public readonly int $status = 400,
		public readonly array $more = array(),
	) {
		parent::__construct( $message );
	}

	/** There is no connection to a host. */
	public static function not_connected(): self {
		return new self( 'not_connected', __( 'This shop is not connected to a Tillbook host yet.', 'tillbook-for-woocommerce' ), 409 );
	}

	/** The same as WordPress' error. */
	public function to_wp_error(): \WP_Error {
		return new \WP_Error( $this->word, $this->getMessage(), array( 'status' => $this->status ) );
	}
}
