<?php
// Activates plugins by the names of their folders, one after the other.
require __DIR__ . '/load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
flush_rewrite_rules();
foreach ( array_slice( $argv, 3 ) as $name ) {
	foreach ( glob( WP_PLUGIN_DIR . "/{$name}/*.php" ) as $file ) {
		if ( get_file_data( $file, array( 'name' => 'Plugin Name' ) )['name'] ) {
			$result = activate_plugin( "{$name}/" . basename( $file ) );
			echo $name, ': ', is_wp_error( $result ) ? $result->get_error_message() : 'active', "\n";
			if ( is_wp_error( $result ) ) {
				exit( 1 );
			}
		}
	}
}
