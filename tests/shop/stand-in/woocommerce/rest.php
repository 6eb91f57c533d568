<?php
// The routes of wc/v3 that the plugin asks, and a checkout.

/** Whether the present person may read. */
function stand_in_may_read() {
	return apply_filters( 'woocommerce_rest_check_permissions', current_user_can( 'manage_woocommerce' ), 'read', 0, 'shop_order' );
}

/** Objects of a type, newest first. */
function stand_in_objects( $type, $more = array() ) {
	$posts = get_posts( array( 'post_type' => $type, 'numberposts' => -1, 'orderby' => 'ID', 'order' => 'DESC', 'post_status' => 'any' ) + $more );
	return array_map( static fn ( $post ) => json_decode( get_post_meta( $post->ID, '_stand_in', true ), true ), $posts );
}

/** With six decimals, where that is asked for. */
function stand_in_finer( $value, $request, $name = '' ) {
	if ( is_array( $value ) ) {
		foreach ( $value as $key => $part ) {
			$value[ $key ] = stand_in_finer( $part, $request, (string) $key );
		}
		return $value;
	}
	$is_amount = is_string( $value ) && in_array( $name, array( 'total', 'total_tax', 'subtotal', 'subtotal_tax', 'shipping_total', 'discount_total', 'amount' ), true ) && is_numeric( $value );
	return $is_amount && '6' === (string) $request['dp'] ? number_format( (float) $value, 6, '.', '' ) : $value;
}

add_action(
	'rest_api_init',
	static function () {
		$route = static fn ( $path, $answer ) => register_rest_route(
			'wc/v3',
			$path,
			array(
				'methods'             => 'GET',
				'permission_callback' => static fn () => stand_in_may_read() ? true : new WP_Error( 'woocommerce_rest_cannot_view', 'Sorry, you cannot view this resource.', array( 'status' => rest_authorization_required_code() ) ),
				'callback'            => $answer,
			)
		);
		$route(
			'/orders',
			static function ( $request ) {
				$orders = array_filter(
					stand_in_objects( 'shop_order' ),
					static fn ( $order ) => ( ! $request['status'] || $order['status'] === $request['status'] ) && ( ! $request['search'] || str_contains( $order['billing']['last_name'], $request['search'] ) )
				);
				$response = new WP_REST_Response( array_values( array_slice( $orders, ( (int) ( $request['page'] ?: 1 ) - 1 ) * (int) ( $request['per_page'] ?: 10 ), (int) ( $request['per_page'] ?: 10 ) ) ) );
				$response->header( 'X-WP-Total', (string) count( $orders ) );
				return $response;
			}
		);
		$route(
			'/orders/(?P<id>\d+)',
			static function ( $request ) {
				$order = wc_get_order( (int) $request['id'] );
				return $order instanceof WC_Order ? stand_in_finer( $order->data, $request ) : new WP_Error( 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.', array( 'status' => 404 ) );
			}
		);
		$route( '/orders/(?P<id>\d+)/refunds', static fn ( $request ) => stand_in_finer( stand_in_objects( 'shop_order_refund', array( 'post_parent' => (int) $request['id'] ) ), $request ) );
		$route( '/products', static fn ( $request ) => array_values( array_filter( stand_in_objects( 'product' ), static fn ( $product ) => in_array( (string) $product['id'], explode( ',', (string) $request['include'] ), true ) ) ) );
		$open = array( 'permission_callback' => '__return_true' );
		register_rest_route( 'wc/store/v1', '/cart', $open + array( 'methods' => 'GET', 'callback' => static fn () => array( 'items' => array() ) ) );
		register_rest_route( 'wc/store/v1', '/cart/add-item', $open + array( 'methods' => 'POST', 'callback' => static fn () => array( 'items' => array() ) ) );
		register_rest_route(
			'wc/store/v1',
			'/checkout',
			$open + array(
				'methods'  => 'POST',
				'callback' => static function ( $request ) {
					$products = get_posts( array( 'post_type' => 'product', 'numberposts' => 1 ) );
					$id       = stand_in_order( (string) $request['billing_address']['first_name'], $products[0]->ID, 'pending' );
					$order    = wc_get_order( $id );
					wc_update_product_stock( $products[0]->ID, 41 );
					$order->set_status( 'on-hold' );
					$order->save();
					ob_start();
					do_action( 'woocommerce_email_after_order_table', $order, true, false, null );
					ob_end_clean();
					return array( 'order_id' => $id, 'status' => 'on-hold' );
				},
			)
		);
	}
);
