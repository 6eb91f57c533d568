<?php
// Must-use plugin of test sites: scheduled actions run only when a test says so, and mail goes nowhere.
add_filter( 'action_scheduler_allow_async_request_runner', '__return_false' );
add_filter( 'pre_wp_mail', '__return_true' );
