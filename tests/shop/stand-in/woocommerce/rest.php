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

/** A list as WooCommerce gives it: what was asked for of it, in order, one page. */
function stand_in_list( $objects, $request ) {
	$ids      = array_filter( wp_parse_id_list( $request['include'] ?: array() ) );
	$statuses = array_diff( array_filter( wp_parse_list( $request['status'] ?: array() ) ), array( 'any' ) );
	$objects  = array_filter(
		$objects,
		static fn ( $object ) => ( array() === $ids || in_array( $object['id'], $ids, true ) )
			&& ( array() === $statuses || in_array( $object['status'] ?? '', $statuses, true ) )
			&& ( ! $request['modified_after'] || ( $object['date_modified_gmt'] ?? '9' ) > $request['modified_after'] )
			&& ( ! $request['modified_before'] || ( $object['date_modified_gmt'] ?? '9' ) < $request['modified_before'] )
			&& ( ! $request['after'] || ( $object['date_created_gmt'] ?? '9' ) > $request['after'] )
			&& ( ! $request['search'] || str_contains( $object['billing']['last_name'] ?? '', $request['search'] ) )
	);
	if ( 'asc' === $request['order'] ) {
		$by = 'modified' === $request['orderby'] ? 'date_modified_gmt' : 'id';
		usort( $objects, static fn ( $left, $right ) => array( $left[ $by ] ?? '', $left['id'] ) <=> array( $right[ $by ] ?? '', $right['id'] ) );
	}
	$size     = (int) ( $request['per_page'] ?: 10 );
	$response = new WP_REST_Response( stand_in_finer( array_slice( $objects, ( (int) ( $request['page'] ?: 1 ) - 1 ) * $size, $size ), $request ) );
	$response->header( 'X-WP-Total', (string) count( $objects ) );
	$response->header( 'X-WP-TotalPages', (string) ceil( count( $objects ) / $size ) );
	return $response;
}

/** Settings as WooCommerce's REST API gives them. */
function stand_in_settings( $values ) {
	return array_map( static fn ( $id ) => array( 'id' => $id, 'value' => $values[ $id ] ), array_keys( $values ) );
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
		$route( '/orders', static fn ( $request ) => stand_in_list( stand_in_objects( 'shop_order' ), $request ) );
		$route( '/refunds', static fn ( $request ) => stand_in_list( stand_in_objects( 'shop_order_refund' ), $request ) );
		$route( '/customers', static fn ( $request ) => stand_in_list( array(), $request ) );
		$route( '/settings/general', static fn () => stand_in_settings( array( 'woocommerce_currency' => 'AUD', 'woocommerce_price_num_decimals' => '2', 'woocommerce_default_country' => 'AU:NSW' ) ) );
		$route( '/settings/tax', static fn () => stand_in_settings( array( 'woocommerce_prices_include_tax' => 'yes', 'woocommerce_tax_round_at_subtotal' => 'no', 'woocommerce_shipping_tax_class' => 'inherit' ) ) );
		$route( '/taxes', static fn ( $request ) => stand_in_list( array( array( 'id' => 1, 'country' => 'AU', 'state' => '', 'postcode' => '', 'city' => '', 'rate' => '10.0000', 'name' => 'GST', 'priority' => 1, 'compound' => false, 'shipping' => true, 'order' => 0, 'class' => 'standard', 'postcodes' => array(), 'cities' => array() ) ), $request ) );
		$route( '/taxes/classes', static fn () => array( array( 'slug' => 'standard', 'name' => 'Standard rate' ) ) );
		$route( '/payment_gateways', static fn () => array( array( 'id' => 'stripe', 'title' => 'Credit Card (Stripe)', 'enabled' => true ) ) );
		$route(
			'/orders/(?P<id>\d+)',
			static function ( $request ) {
				$order = wc_get_order( (int) $request['id'] );
				return $order instanceof WC_Order ? stand_in_finer( $order->data, $request ) : new WP_Error( 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.', array( 'status' => 404 ) );
			}
		);
		$route( '/orders/(?P<id>\d+)/refunds', static fn ( $request ) => stand_in_finer( stand_in_objects( 'shop_order_refund', array( 'post_parent' => (int) $request['id'] ) ), $request ) );
		$route( '/products', static fn ( $request ) => stand_in_list( stand_in_objects( 'product' ), $request ) );
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
