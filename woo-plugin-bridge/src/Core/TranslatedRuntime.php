<?php
/**
 * The module translated to PHP.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Core;

use Tillbook\Core\Translated\Machine;

/**
 * Runs the module that was translated to PHP when the plugin was built: it needs no extension and
 * no library, only a PHP of 64 bits.
 *
 * There is one instance, made at the first call and kept; after a trap it is dropped.
 */
final class TranslatedRuntime implements Runtime {

	/** A panic's text longer than this is cut. */
	private const PANIC_BYTES_MAX = 4096;

	/** An instance that has grown beyond this is not kept. */
	private const KEPT_BYTES_MAX = 8388608;

	private bool $started = false;

	/**
	 * Loads the translated module.
	 *
	 * @param string $file `core.php`.
	 * @throws NotAvailable When it is not there or cannot run in this PHP.
	 */
	public function __construct( string $file ) {
		if ( 8 !== PHP_INT_SIZE ) {
			throw new NotAvailable( 'this PHP has 32 bits; the module needs 64' );
		}
		if ( ! is_file( $file ) ) {
			throw new NotAvailable( 'the translated module is not part of this installation' );
		}
		if ( ! defined( 'TILLBOOK_CORE' ) ) {
			// The file ends the request where it is opened by itself.
			define( 'TILLBOOK_CORE', true );
		}
		try {
			require_once $file;
			if ( ! class_exists( Machine::class, false ) ) {
				throw new NotAvailable( 'the translated module does not hold what it should' );
			}
			if ( 1 !== $this->run( 'tillbook_abi_version' ) ) {
				throw new NotAvailable( 'the translated module speaks another version' );
			}
		} catch ( CoreFailure $failure ) {
			throw new NotAvailable( $failure->getMessage(), 0, $failure );
		} catch ( \Throwable $failure ) {
			throw new NotAvailable( 'the translated module cannot be loaded: ' . $failure->getMessage(), 0, $failure );
		}
	}

	/** Runs one operation. */
	public function call( string $operation, string $json ): string {
		Trap::check_request( $operation, $json );
		try {
			$reply = $this->ask( $operation, $json );
		} catch ( Trap $trap ) {
			$panic = $this->panic();
			$this->drop();
			throw null === $panic ? $trap : new Trap( $panic, Trap::PANIC, $trap );
		} catch ( \Throwable $failure ) {
			$this->drop();
			throw new Trap( 'PHP stopped: ' . $failure->getMessage(), Trap::TRAP, $failure );
		}
		if ( Machine::bytes() > self::KEPT_BYTES_MAX ) {
			$this->drop();
		}
		return $reply;
	}

	/** The SHA-256 of the module that was translated. */
	public function sha256(): string {
		return Machine::SHA256;
	}

	/** `php`. */
	public function kind(): string {
		return 'php';
	}

	private function ask( string $operation, string $json ): string {
		$given              = array( $this->give( $operation ), $this->give( $json ) );
		[ $start, $length ] = self::unpacked( $this->run( 'tillbook_call', ...$given[0], ...$given[1] ) );
		if ( $length > self::RESPONSE_BYTES_MAX ) {
			throw new Trap( "a response of $length bytes is over the limit of " . self::RESPONSE_BYTES_MAX, Trap::RESPONSE_TOO_LARGE );
		}
		$reply = Machine::read( $start, $length );
		foreach ( array( ...$given, array( $start, $length ) ) as $buffer ) {
			$this->run( 'tillbook_free', ...$buffer );
		}
		return $reply;
	}

	/**
	 * Lays a text into the instance.
	 *
	 * @return array{0: int, 1: int} Where, and how long.
	 */
	private function give( string $text ): array {
		$length = strlen( $text );
		$start  = $this->run( 'tillbook_alloc', $length );
		if ( 0 === $start ) {
			throw new Trap( 'the module has no memory left for the request', Trap::OUT_OF_MEMORY );
		}
		Machine::write( $start, $text );
		return array( $start, $length );
	}

	private function run( string $name, int ...$arguments ): int {
		if ( ! $this->started ) {
			Machine::start();
			$this->started = true;
		}
		return Machine::run( $name, ...$arguments ) ?? 0;
	}

	/** What the module said when it gave itself up; readable after the trap. */
	private function panic(): ?string {
		try {
			[ $start, $length ] = self::unpacked( $this->run( 'tillbook_panic' ) );
			return 0 === $length ? null : Machine::read( $start, min( $length, self::PANIC_BYTES_MAX ) );
		} catch ( \Throwable $failure ) {
			return null;
		}
	}

	private function drop(): void {
		$this->started = false;
		Machine::stop();
	}

	/**
	 * Splits `pointer << 32 | length`.
	 *
	 * @return array{0: int, 1: int}
	 */
	private static function unpacked( int $packed ): array {
		return array( $packed >> 32 & 0xFFFFFFFF, $packed & 0xFFFFFFFF );
	}
}
