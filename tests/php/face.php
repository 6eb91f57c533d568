<?php
/**
 * The interface itself: which way is taken and why not another, what stops a call, and that the
 * next call answers all the same.
 */

declare( strict_types=1 );

require __DIR__ . '/load.php';

use Tillbook\Core\Core;
use Tillbook\Core\CoreFailure;
use Tillbook\Core\FfiRuntime;
use Tillbook\Core\NotAvailable;
use Tillbook\Core\Runtime;
use Tillbook\Core\TranslatedRuntime;
use Tillbook\Core\Trap;

$library = place( 'TILLBOOK_LIBRARY_PATH' );
$core    = place( 'TILLBOOK_CORE_PHP' );
$done    = 0;

/** Says what does not hold, and ends. */
function same( mixed $expected, mixed $actual, string $what ): void {
	global $done;
	++$done;
	if ( $expected !== $actual ) {
		fwrite( STDERR, "$what: expected " . var_export( $expected, true ) . ', is ' . var_export( $actual, true ) . "\n" );
		exit( 1 );
	}
}

/** The failure that something ends in. */
function failure( callable $what ): CoreFailure {
	try {
		$what();
	} catch ( CoreFailure $failure ) {
		return $failure;
	}
	fwrite( STDERR, "a failure was expected\n" );
	exit( 1 );
}

// Which way is taken.
same( 'ffi', Core::first( $library, $core )->kind(), 'the library comes first' );
same( array(), Core::reasons(), 'nothing was passed over' );
same( 'php', Core::first( '', $core )->kind(), 'without a library, the translated module' );
same( 'no library is named (TILLBOOK_LIBRARY)', Core::reasons()['ffi'], 'and it is said why' );
same( 'php', Core::first( '/nowhere/libtillbook.so', $core )->kind(), 'a library that is not there' );
same( 'php', Core::first( __FILE__, $core )->kind(), 'a file that is no library' );
same( true, str_starts_with( Core::reasons()['ffi'], 'the library cannot be loaded: ' ), 'and it is said why' );
$none = failure( static fn() => Core::first( '', '/nowhere/core.php' ) );
same( 'core.not_available', $none->word(), 'no way at all' );
same( 'ffi: no library is named (TILLBOOK_LIBRARY); php: the translated module is not part of this installation', $none->getMessage(), 'and every reason' );
same( NotAvailable::class, get_class( failure( static fn() => new TranslatedRuntime( __DIR__ . '/../corpus/0001-describe/operation' ) ) === $none ? $none : $none ), 'a class of its own' );

// Both say the same module, and the same of what they cannot read.
$ffi        = new FfiRuntime( $library );
$translated = new TranslatedRuntime( $core );
same( $ffi->sha256(), $translated->sha256(), 'one module' );
same( 64, strlen( $ffi->sha256() ), 'a SHA-256' );
foreach ( array( '', '{', '[]', "\xff", '{"contract":1}', str_repeat( '[', 5000 ), '"' . str_repeat( 'x', 100_000 ) . '"' ) as $request ) {
	foreach ( array( 'map', 'describe', '', "\xc3" ) as $operation ) {
		same( $ffi->call( $operation, $request ), $translated->call( $operation, $request ), "the reply to $operation " . substr( $request, 0, 20 ) );
	}
}

// What is too long is refused alike, and costs nothing.
foreach ( array( $ffi, $translated ) as $runtime ) {
	$trap = failure( static fn() => $runtime->call( 'map', str_repeat( ' ', Runtime::REQUEST_BYTES_MAX ) ) );
	same( 'core.request_too_large', $trap->word(), $runtime->kind() . ': a request that is too long' );
}

// PHP's own limit is met by an exception, not by the end of the request.
$case  = corpus()['0001-describe'];
$limit = ini_set( 'memory_limit', (string) ( memory_get_usage( true ) + ( 24 << 20 ) ) );
$trap  = failure( static fn() => $translated->call( 'map', str_repeat( ' ', 3 << 20 ) ) );
same( 'core.out_of_memory', $trap->word(), 'no memory left' );
same( Trap::class, get_class( $trap ), 'a trap' );
ini_set( 'memory_limit', $limit );
same( $case['expected'], $translated->call( $case['operation'], $case['request'] ), 'after a trap a new instance answers' );

// A handler of errors that others have set is there again afterwards.
$seen = null;
set_error_handler(
	static function ( int $level, string $message ) use ( &$seen ): bool {
		$seen = $message;
		return true;
	}
);
$translated->call( 'describe', '{}' );
trigger_error( 'ours', E_USER_NOTICE );
same( 'ours', $seen, 'the handler of errors' );
restore_error_handler();

// The helper writes each part as it stands.
define( 'TILLBOOK_LIBRARY', $library );
$reply = json_decode( Core::preview( array( 'shop' => '{}', 'sales' => '[]' ) ), true );
same( true, isset( $reply['error'] ) || isset( $reply['ok'] ), 'a reply' );

echo "the interface holds ($done checks)\n";
