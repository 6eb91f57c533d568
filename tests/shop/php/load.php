<?php
// Loads the WordPress of $argv[1] at port $argv[2], as if it had been asked for a page.
$_SERVER += array(
	'HTTP_HOST'       => "127.0.0.1:{$argv[2]}",
	'REQUEST_METHOD'  => 'GET',
	'REQUEST_URI'     => '/',
	'SERVER_PROTOCOL' => 'HTTP/1.1',
	'SERVER_NAME'     => '127.0.0.1',
);
require $argv[1] . '/wp-load.php';
