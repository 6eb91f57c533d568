<?php
// What a web server's rewrite rules do.
$path = (string) parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
$file = $_SERVER['DOCUMENT_ROOT'] . $path;
if ( is_file( $file ) ) {
	return false;
}
if ( is_dir( $file ) && is_file( "{$file}/index.php" ) && str_contains( $file, '/wp-admin' ) ) {
	$_SERVER['PHP_SELF']    = rtrim( $path, '/' ) . '/index.php';
	$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'];
	chdir( $file );
	require "{$file}/index.php";
	return;
}
$_SERVER['PHP_SELF']    = '/index.php';
$_SERVER['SCRIPT_NAME'] = '/index.php';
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
