<?php
/**
 * One worker: `compare.php KIND PART OF [ORDERS]` compares its share of the corpus, byte for byte,
 * and of the generated orders, by SHA-256. It prints one line of JSON; what differs goes to stderr.
 */

declare( strict_types=1 );

require __DIR__ . '/load.php';

[ , $kind, $part, $of ] = $argv;
$runtime                = runtime( $kind );
$wrong                  = 0;

/** Where two texts part, with what stands there. */
function difference( string $expected, string $actual ): string {
	$same = strspn( $expected ^ $actual, "\0" );
	return sprintf( "byte %d of %d and %d:\n  %s\n  %s", $same, strlen( $expected ), strlen( $actual ), substr( $expected, max( 0, $same - 40 ), 120 ), substr( $actual, max( 0, $same - 40 ), 120 ) );
}

$cases  = 0;
$number = 0;
foreach ( corpus() as $name => $case ) {
	if ( $number++ % $of !== (int) $part ) {
		continue;
	}
	++$cases;
	$actual = $runtime->call( $case['operation'], $case['request'] );
	if ( $actual !== $case['expected'] ) {
		++$wrong;
		fwrite( STDERR, "$kind: $name differs at " . difference( $case['expected'], $actual ) . "\n" );
	}
}

$orders = 0;
$lines  = isset( $argv[4] ) ? fopen( $argv[4], 'r' ) : null;
for ( $number = 0; null !== $lines && false !== ( $line = fgets( $lines ) ); $number++ ) {
	if ( $number % $of !== (int) $part ) {
		continue;
	}
	[ $sha256, $operation, $request ] = explode( ' ', rtrim( $line, "\n" ), 3 );
	$reply                            = $runtime->call( $operation, $request );
	$orders                          += count( json_decode( $reply, true )['ok']['sales'] ?? array() );
	if ( hash( 'sha256', $reply ) !== $sha256 ) {
		++$wrong;
		fwrite( STDERR, "$kind: generated request $number gets another reply\n" );
	}
}

echo json_encode(
	array(
		'cases'  => $cases,
		'orders' => $orders,
		'wrong'  => $wrong,
		'sha256' => $runtime->sha256(),
		'peak'   => memory_get_peak_usage(),
	)
), "\n";
exit( $wrong > 0 ? 1 : 0 );
