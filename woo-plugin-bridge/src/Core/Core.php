<?php
/**
 * The way to the accounting core.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Core;

/**
 * Opens the accounting module in the best way that this server can run it.
 *
 * Other plugins may use it too:
 *
 *     try {
 *         $core  = \Tillbook\Core\Core::open();
 *         $reply = json_decode( $core->call( 'describe', '{}' ), true );
 *     } catch ( \Tillbook\Core\CoreFailure $failure ) {
 *         $word = $failure->word(); // For instance `core.not_available`.
 *     }
 *
 * First comes the library, where its path is named by the constant `TILLBOOK_LIBRARY` or the filter
 * `tillbook_core_library`; then the module translated to PHP, which is part of the plugin.
 */
final class Core {

	/** Parts of a request for `map`, in the order in which they are written. */
	private const PARTS = array( 'shop', 'settings', 'chart', 'records', 'sales', 'products' );

	private static ?Runtime $open = null;

	/** Why a way that comes first is not taken. @var array<string, string> */
	private static array $reasons = array();

	/**
	 * The module, ready to be asked; the same one for the whole request.
	 *
	 * @throws NotAvailable With every reason, when no way works.
	 */
	public static function open(): Runtime {
		self::$open ??= self::first( self::library(), self::translated() );
		return self::$open;
	}

	/**
	 * The first way that works.
	 *
	 * @param string $library Path of the library; empty for none.
	 * @param string $file    The translated module's `core.php`.
	 * @throws NotAvailable With every reason, when no way works.
	 */
	public static function first( string $library, string $file ): Runtime {
		self::$reasons = array();
		$ways          = array(
			'ffi' => static function () use ( $library ): Runtime {
				if ( '' === $library ) {
					throw new NotAvailable( 'no library is named (TILLBOOK_LIBRARY)' );
				}
				return new FfiRuntime( $library );
			},
			'php' => static fn(): Runtime => new TranslatedRuntime( $file ),
		);
		foreach ( $ways as $kind => $way ) {
			try {
				return $way();
			} catch ( NotAvailable $failure ) {
				self::$reasons[ $kind ] = $failure->getMessage();
			}
		}
		throw new NotAvailable( 'ffi: ' . self::$reasons['ffi'] . '; php: ' . self::$reasons['php'] );
	}

	/**
	 * Why the ways before the one that was taken do not work, by `ffi` and `php`.
	 *
	 * @return array<string, string>
	 */
	public static function reasons(): array {
		return self::$reasons;
	}

	/**
	 * Previews sales: the reply of `map` with the very documents that Xero would get.
	 *
	 * Each part is JSON text and goes to the module as it stands, so that no amount passes through
	 * a float: `shop`, `settings`, `chart` and `records` as the host's context has them, `sales` as
	 * `[{"order":{…},"refunds":[…]}]`, `products` as a list.
	 *
	 * @param array<string, string> $parts Texts by name.
	 * @throws NotAvailable When the module cannot run here.
	 * @throws Trap When it stopped.
	 */
	public static function preview( array $parts ): string {
		$members = array( '"contract":1' );
		foreach ( self::PARTS as $name ) {
			if ( isset( $parts[ $name ] ) ) {
				$members[] = "\"$name\":" . $parts[ $name ];
			}
		}
		return self::open()->call( 'map', '{' . implode( ',', $members ) . '}' );
	}

	/** Where the library is, if one is named. */
	private static function library(): string {
		$path = defined( 'TILLBOOK_LIBRARY' ) ? (string) constant( 'TILLBOOK_LIBRARY' ) : '';
		if ( function_exists( 'apply_filters' ) ) {
			/**
			 * The full path of `libtillbook`; empty for none.
			 *
			 * @param string $path What `TILLBOOK_LIBRARY` says.
			 */
			$path = (string) apply_filters( 'tillbook_core_library', $path );
		}
		return $path;
	}

	/** The translated module, made when the plugin was built. */
	private static function translated(): string {
		return dirname( __DIR__, 2 ) . '/build/core/core.php';
	}
}
