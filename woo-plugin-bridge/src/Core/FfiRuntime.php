<?php
/**
 * The module in a library.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Core;

/**
 * Runs the module through PHP's FFI and `libtillbook`, which carries it as machine code: some
 * hundred times faster than translated. Whoever runs the server puts the library there and names
 * it; the plugin does not bring it.
 */
final class FfiRuntime implements Runtime {

	/** What the library offers; `tillbook.h` says the same. */
	private const HEADER = <<<'C'
		typedef struct tillbook tillbook;
		typedef struct { uint8_t *bytes; size_t length; uint32_t ok; } tillbook_text;
		uint32_t tillbook_ffi_version(void);
		tillbook_text tillbook_sha256(void);
		tillbook_text tillbook_open(tillbook **core);
		tillbook_text tillbook_call(const tillbook *core, const char *operation, size_t operation_length,
		                            const char *request, size_t request_length);
		void tillbook_text_free(tillbook_text text);
		void tillbook_close(tillbook *core);
		C;

	private const VERSION = 1;

	/** The library's words for what stopped a call. */
	private const TRAPS = array(
		'sandbox.request_too_large'  => Trap::REQUEST_TOO_LARGE,
		'sandbox.response_too_large' => Trap::RESPONSE_TOO_LARGE,
		'sandbox.out_of_fuel'        => Trap::OUT_OF_TIME,
		'sandbox.out_of_memory'      => Trap::OUT_OF_MEMORY,
		'sandbox.panicked'           => Trap::PANIC,
	);

	private \FFI $library;
	private \FFI\CData $core;
	private string $sha256;

	/**
	 * Opens the library.
	 *
	 * @param string $path The library's full path.
	 * @throws NotAvailable When PHP may not, or the library cannot.
	 */
	public function __construct( string $path ) {
		if ( ! extension_loaded( 'ffi' ) ) {
			throw new NotAvailable( 'PHP has no FFI' );
		}
		if ( ! is_file( $path ) ) {
			throw new NotAvailable( 'the library is not at the place that was named' );
		}
		try {
			$this->library = \FFI::cdef( self::HEADER, $path );
			$version       = $this->library->tillbook_ffi_version();
			if ( self::VERSION !== $version ) {
				throw new NotAvailable( "the library speaks version $version; this is " . self::VERSION );
			}
			$core          = $this->library->new( 'tillbook *' );
			[ $ok, $said ] = $this->taken( $this->library->tillbook_open( \FFI::addr( $core ) ) );
			if ( ! $ok ) {
				throw new NotAvailable( self::parted( $said )[1] );
			}
			$this->core     = $core;
			[ , $this->sha256 ] = $this->taken( $this->library->tillbook_sha256() );
		} catch ( NotAvailable $failure ) {
			throw $failure;
		} catch ( \Throwable $failure ) {
			// Most often: PHP's setting ffi.enable says no.
			throw new NotAvailable( 'the library cannot be loaded: ' . $failure->getMessage(), 0, $failure );
		}
	}

	/** Closes what was opened. */
	public function __destruct() {
		if ( isset( $this->core ) ) {
			$this->library->tillbook_close( $this->core );
		}
	}

	/** Runs one operation, in an instance of its own. */
	public function call( string $operation, string $json ): string {
		Trap::check_request( $operation, $json );
		try {
			[ $ok, $said ] = $this->taken( $this->library->tillbook_call( $this->core, $operation, strlen( $operation ), $json, strlen( $json ) ) );
		} catch ( \Throwable $failure ) {
			throw new Trap( 'the library cannot be asked: ' . $failure->getMessage(), Trap::TRAP, $failure );
		}
		if ( ! $ok ) {
			[ $word, $message ] = self::parted( $said );
			throw new Trap( $message, self::TRAPS[ $word ] ?? Trap::TRAP );
		}
		return $said;
	}

	/** The SHA-256 of the module in the library. */
	public function sha256(): string {
		return $this->sha256;
	}

	/** `ffi`. */
	public function kind(): string {
		return 'ffi';
	}

	/**
	 * A text of the library, given back to it.
	 *
	 * @return array{0: bool, 1: string} Whether it is a reply, and what it says.
	 */
	private function taken( \FFI\CData $text ): array {
		$said = 0 === $text->length ? '' : \FFI::string( $text->bytes, $text->length );
		$ok   = 1 === $text->ok;
		$this->library->tillbook_text_free( $text );
		return array( $ok, $said );
	}

	/**
	 * A failure of the library: a word and a sentence.
	 *
	 * @return array{0: string, 1: string}
	 */
	private static function parted( string $said ): array {
		$parts = explode( "\n", $said, 2 );
		return array( $parts[0], $parts[1] ?? $parts[0] );
	}
}
