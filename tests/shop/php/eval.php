<?php
// Runs PHP from standard input inside the site, as its administrator, and prints what it returns as JSON.
foreach ( json_decode( (string) getenv( 'TEST_DEFINES' ) ?: '{}', true ) as $name => $value ) {
	define( $name, $value );
}
require __DIR__ . '/load.php';
add_filter( 'pre_wp_mail', '__return_true' );
wp_set_current_user( 1 );
$code = stream_get_contents( STDIN );
$run  = static fn () => eval( $code );
echo "\x1e", json_encode( $run() ), "\n";
