<?php
/**
 * The module stopped.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Core;

/** A call of the module did not come to an end: a limit was reached, or the module has a defect. */
final class Trap extends CoreFailure {

	/** Unreachable code, an access beyond the end of memory, a division by zero and the like. */
	public const TRAP = 0;

	/** More memory was wanted than the module, or PHP, is allowed. */
	public const OUT_OF_MEMORY = 1;

	/** The module gave itself up, and said why. */
	public const PANIC = 2;

	/** The request is longer than allowed. */
	public const REQUEST_TOO_LARGE = 3;

	/** The reply is longer than allowed. */
	public const RESPONSE_TOO_LARGE = 4;

	/** The call was longer at work than allowed. */
	public const OUT_OF_TIME = 5;

	private const WORDS = array(
		self::TRAP               => 'core.trap',
		self::OUT_OF_MEMORY      => 'core.out_of_memory',
		self::PANIC              => 'core.panic',
		self::REQUEST_TOO_LARGE  => 'core.request_too_large',
		self::RESPONSE_TOO_LARGE => 'core.response_too_large',
		self::OUT_OF_TIME        => 'core.out_of_time',
	);

	/** The trap as a word that does not change. */
	public function word(): string {
		return self::WORDS[ $this->getCode() ] ?? self::WORDS[ self::TRAP ];
	}

	/** Refuses a request that is longer than any runtime takes. */
	public static function check_request( string $operation, string $json ): void {
		$length = strlen( $operation ) + strlen( $json );
		if ( $length > Runtime::REQUEST_BYTES_MAX ) {
			throw new self( "a request of $length bytes is over the limit of " . Runtime::REQUEST_BYTES_MAX, self::REQUEST_TOO_LARGE );
		}
	}
}
