<?php
/**
 * The core in PHP against everything else: `run.php [ORDERS]`, ORDERS being what the core's example
 * `orders` prints. Every case and every generated order goes through the library and through the
 * translated module; then time and memory are measured, with and without opcache.
 */

declare( strict_types=1 );

require __DIR__ . '/load.php';

const MEASURED = array( '0001-one-line-inclusive-gbp', '0013-au-two-tax-classes-and-coupon', '0020-us-stacked-rates' );

/** Switches for a PHP that keeps what it has compiled, in files. */
function opcache( string $folder ): array {
	return array( '-d', 'opcache.enable_cli=1', '-d', "opcache.file_cache=$folder", '-d', 'opcache.file_cache_only=1', '-d', 'opcache.jit=off' );
}

/** Starts a PHP of its own; its standard output can be read from what is given back. */
function start( array $switches, string $script, array $arguments ): array {
	$command = array( PHP_BINARY, '-d', 'memory_limit=512M', '-d', 'ffi.enable=1', ...$switches, __DIR__ . '/' . $script, ...$arguments );
	$process = proc_open( $command, array( 1 => array( 'pipe', 'w' ) ), $pipes );
	return array( $process, $pipes[1] );
}

/** Waits for it; gives what it printed. */
function finish( array $started ): string {
	[ $process, $pipe ] = $started;
	$printed            = stream_get_contents( $pipe );
	fclose( $pipe );
	if ( 0 !== proc_close( $process ) ) {
		fwrite( STDERR, $printed );
		exit( 1 );
	}
	return $printed;
}

$folder  = sys_get_temp_dir() . '/tillbook-php-' . getmypid();
$workers = max( 1, (int) ( getenv( 'PHP_WORKERS' ) ?: trim( (string) shell_exec( 'nproc' ) ) ) );
mkdir( $folder );
register_shutdown_function(
	static function () use ( $folder ): void {
		$inside = new RecursiveIteratorIterator( new RecursiveDirectoryIterator( $folder, FilesystemIterator::SKIP_DOTS ), RecursiveIteratorIterator::CHILD_FIRST );
		foreach ( $inside as $path ) {
			$path->isDir() ? rmdir( (string) $path ) : unlink( (string) $path );
		}
		rmdir( $folder );
	}
);

echo finish( start( array(), 'face.php', array() ) );

foreach ( array( 'ffi', 'php' ) as $kind ) {
	$began   = microtime( true );
	$started = array();
	for ( $part = 0; $part < $workers; $part++ ) {
		$started[] = start( 'php' === $kind ? opcache( $folder ) : array(), 'compare.php', array( $kind, (string) $part, (string) $workers, ...array_slice( $argv, 1, 1 ) ) );
	}
	$sums = array( 'cases' => 0, 'orders' => 0 );
	foreach ( array_map( 'finish', $started ) as $printed ) {
		$counted         = json_decode( $printed, true );
		$sums['cases']  += $counted['cases'];
		$sums['orders'] += $counted['orders'];
	}
	if ( count( corpus() ) !== $sums['cases'] || ( isset( $argv[1] ) && 0 === $sums['orders'] ) ) {
		fwrite( STDERR, "$kind: not everything was compared\n" );
		exit( 1 );
	}
	printf( "%s: %d cases and %d generated orders, the same bytes (%d s, %d processes), module %s\n", $kind, $sums['cases'], $sums['orders'], microtime( true ) - $began, $workers, substr( $counted['sha256'], 0, 12 ) );
}

echo finish( start( array(), 'measure.php', array( 'ffi', ...MEASURED ) ) );
echo finish( start( array( '-d', 'opcache.enable_cli=0' ), 'measure.php', array( 'php', ...MEASURED ) ) );
echo finish( start( opcache( $folder ), 'measure.php', array( 'php', ...MEASURED ) ) );
