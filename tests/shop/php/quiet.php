<?php
// Must-use plugin of test sites: scheduled actions run only when a test says so, and mail goes nowhere.
add_filter( 'action_scheduler_allow_async_request_runner', '__return_false' );
add_filter( 'pre_wp_mail', '__return_true' );
// "No limit" is a number that MySQL knows and SQLite does not.
add_filter( 'query', static fn ( $query ) => str_replace( '18446744073709551615', (string) PHP_INT_MAX, $query ) );
