<?php
/**
 * Time and memory of one runtime: `measure.php KIND CASE...` prints what loading, the first call
 * and each later call of a case take, and the peak of memory.
 */

declare( strict_types=1 );

require __DIR__ . '/load.php';

$kind    = $argv[1];
$cases   = corpus();
$loading = hrtime( true );
$runtime = runtime( $kind );
$loading = ( hrtime( true ) - $loading ) / 1e6;
$opcache = function_exists( 'opcache_get_status' ) && false !== opcache_get_status( false );
foreach ( array_slice( $argv, 2 ) as $name ) {
	$case  = $cases[ $name ];
	$count = max( 1, count( json_decode( $case['request'], true )['sales'] ?? array() ) );
	$times = array();
	// As long as it takes to be sure, and no longer than a second.
	for ( $end = hrtime( true ) + 1e9; count( $times ) < 3 || ( hrtime( true ) < $end && count( $times ) < 400 ); ) {
		$start   = hrtime( true );
		$reply   = $runtime->call( $case['operation'], $case['request'] );
		$times[] = ( hrtime( true ) - $start ) / 1e6;
		if ( $reply !== $case['expected'] ) {
			fwrite( STDERR, "$kind: $name differs\n" );
			exit( 1 );
		}
	}
	$first = $times[0];
	sort( $times );
	printf(
		"%-4s%-11s %-42s loaded in %6.2f ms, first call %7.2f ms, then %7.3f ms an order, peak %5.1f MB\n",
		$kind,
		$opcache ? ' opcache' : '',
		substr( $name, 0, 42 ),
		$loading,
		$first,
		$times[ intdiv( count( $times ), 4 ) ] / $count,
		memory_get_peak_usage() / 1e6
	);
}
