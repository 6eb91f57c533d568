<?php
/**
 * The module in PHP.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Preview;

use Tillbook\Core\Runtime;
use Tillbook\Failure;

/** Opens the module where it can run here, and says plainly where it cannot. */
final class Door {

	private ?Runtime $runtime = null;
	private bool $tried       = false;

	/**
	 * Asks the module.
	 *
	 * @throws Failure `no_core` or `core_failed`.
	 */
	public function call( string $operation, string $json ): string {
		$runtime = $this->runtime();
		if ( null === $runtime ) {
			throw new Failure( 'no_core', __( 'The accounting module cannot run in this server\'s PHP. The preview in your browser works all the same.', 'tillbook-for-woocommerce' ), 503 );
		}
		wp_raise_memory_limit( 'tillbook' );
		try {
			return $runtime->call( $operation, $json );
		} catch ( \Throwable $failure ) {
			self::log( get_class( $failure ) . ': ' . $failure->getMessage() );
			throw new Failure( 'core_failed', __( 'The accounting module stopped while it reckoned.', 'tillbook-for-woocommerce' ), 500 );
		}
	}

	/** `ffi`, `php`, or `none` where the module cannot run. */
	public function kind(): string {
		return $this->runtime()?->kind() ?? 'none';
	}

	/** What names the module; null where it cannot run. */
	public function sha256(): ?string {
		return $this->runtime()?->sha256();
	}

	private function runtime(): ?Runtime {
		if ( ! $this->tried ) {
			$this->tried = true;
			try {
				$this->runtime = class_exists( \Tillbook\Core\Core::class ) ? \Tillbook\Core\Core::open() : null;
			} catch ( \Throwable $failure ) {
				self::log( $failure->getMessage() );
			}
		}
		return $this->runtime;
	}

	private static function log( string $message ): void {
		if ( function_exists( 'wc_get_logger' ) ) {
			wc_get_logger()->error( $message, array( 'source' => 'tillbook' ) );
		}
	}
}
