<?php
// Runs PHP from standard input inside the site, as its administrator, and prints what it returns as JSON.
require __DIR__ . '/load.php';
wp_set_current_user( 1 );
$code = stream_get_contents( STDIN );
$run  = static fn () => eval( $code );
$said = json_encode( $run(), JSON_PARTIAL_OUTPUT_ON_ERROR );
echo "\x1e", $said, "\n";
