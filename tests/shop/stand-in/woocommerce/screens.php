<?php
// The parts of WooCommerce's screens that the plugin hooks into; lists and pages are WordPress' own.

add_action(
	'admin_menu',
	static function () {
		add_menu_page( 'WooCommerce', 'WooCommerce', 'manage_woocommerce', 'woocommerce', '__return_null', '', 55 );
	},
	9
);

add_filter( 'manage_edit-shop_order_columns', static fn () => array( 'cb' => '<input type="checkbox" />', 'order_number' => 'Order', 'order_status' => 'Status', 'date' => 'Date' ), 5 );
add_action(
	'manage_shop_order_posts_custom_column',
	static function ( $column, $id ) {
		$order = wc_get_order( $id );
		if ( 'order_number' === $column ) {
			printf( '<a href="%s"><strong>#%d %s</strong></a>', esc_url( $order->get_edit_order_url() ), (int) $id, esc_html( $order->data['billing']['first_name'] ) );
		} elseif ( 'order_status' === $column ) {
			echo esc_html( $order->data['status'] );
		}
	},
	10,
	2
);
