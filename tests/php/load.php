<?php
/**
 * What every test of the core in PHP needs: the classes, the two runtimes, the corpus.
 *
 * Where the parts are, the environment says: TILLBOOK_CORE_PHP (core.php of the translated module),
 * TILLBOOK_LIBRARY_PATH (libtillbook).
 */

declare( strict_types=1 );

error_reporting( E_ALL );
set_error_handler(
	static function ( int $level, string $message, string $file, int $line ): bool {
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

spl_autoload_register(
	static function ( string $name ): void {
		if ( 1 === preg_match( '/^Tillbook\\\\Core\\\\(\w+)$/', $name, $found ) ) {
			require dirname( __DIR__, 2 ) . '/woo-plugin-bridge/src/Core/' . $found[1] . '.php';
		}
	}
);

/** A place that the environment names. */
function place( string $variable ): string {
	$path = getenv( $variable );
	if ( false === $path || ! is_file( $path ) ) {
		fwrite( STDERR, "$variable must name a file\n" );
		exit( 2 );
	}
	return $path;
}

/** The runtime of a kind, and no other: `ffi` or `php`. */
function runtime( string $kind ): Tillbook\Core\Runtime {
	return 'ffi' === $kind
		? new Tillbook\Core\FfiRuntime( place( 'TILLBOOK_LIBRARY_PATH' ) )
		: new Tillbook\Core\TranslatedRuntime( place( 'TILLBOOK_CORE_PHP' ) );
}

/**
 * The corpus: one folder a case, read the same way by every runtime.
 *
 * @return array<string, array{operation: string, request: string, expected: string}>
 */
function corpus(): array {
	$cases = array();
	foreach ( glob( dirname( __DIR__ ) . '/corpus/*', GLOB_ONLYDIR ) as $folder ) {
		$cases[ basename( $folder ) ] = array(
			'operation' => trim( file_get_contents( "$folder/operation" ) ),
			'request'   => file_get_contents( "$folder/request.json" ),
			'expected'  => file_get_contents( "$folder/expected.json" ),
		);
	}
	ksort( $cases );
	if ( array() === $cases ) {
		fwrite( STDERR, "the corpus is empty\n" );
		exit( 2 );
	}
	return $cases;
}
