// @ts-check
/** What a shop has before a test: products, an order with a hostile name, a refunded one, people. */
import { isReal } from './site.js';

export const HOSTILE = '<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"\'&';

const REAL = `
	update_option( 'woocommerce_currency', 'AUD' );
	update_option( 'woocommerce_calc_taxes', 'yes' );
	update_option( 'woocommerce_default_country', 'AU:NSW' );
	update_option( 'woocommerce_coming_soon', 'no' );
	update_option( 'woocommerce_hold_stock_minutes', '0' ); // Its query is not SQLite's.
	update_option( 'woocommerce_task_list_hidden', 'yes' );
	update_option( 'woocommerce_bacs_settings', array( 'enabled' => 'yes' ) );
	WC_Tax::_insert_tax_rate( array( 'tax_rate_country' => 'AU', 'tax_rate_state' => '', 'tax_rate' => '10.0000', 'tax_rate_name' => 'GST', 'tax_rate_priority' => 1, 'tax_rate_shipping' => 1, 'tax_rate_class' => '' ) );
	$product = new WC_Product_Simple();
	$product->set_name( 'Tee ' . $hostile );
	$product->set_regular_price( '24.50' );
	$product->set_manage_stock( true );
	$product->set_stock_quantity( 1000 );
	$product->save();
	$make = static function ( $name ) use ( $product, $hostile ) {
		$order = wc_create_order();
		$order->add_product( $product, 2 );
		$order->set_address( array( 'first_name' => $name, 'last_name' => $hostile === $name ? 'Buyer' : $name . 'son', 'email' => 'b@example.com', 'country' => 'AU', 'state' => 'NSW', 'postcode' => '2000', 'city' => 'Sydney', 'address_1' => '1 Street' ), 'billing' );
		$order->set_payment_method( 'bacs' );
		$order->calculate_totals();
		$order->set_status( 'processing' );
		$order->save();
		return $order;
	};
	$hostile_order = $make( $hostile );
	$refunded = $make( 'Ann' );
	$refund = wc_create_refund( array( 'order_id' => $refunded->get_id(), 'amount' => '5.00', 'reason' => 'a scratch' ) );
	$spare = $make( 'Bob' );
	return array( 'product' => $product->get_id(), 'order' => $hostile_order->get_id(), 'refunded' => $refunded->get_id(), 'refund' => $refund->get_id(), 'spare' => $spare->get_id() );
`;

const STAND_IN = `
	$product = stand_in_product( 'Tee ' . $hostile, '24.50' );
	$hostile_order = stand_in_order( $hostile, $product );
	$refunded = stand_in_order( 'Ann', $product );
	$refund = stand_in_refund( $refunded, '5.00' );
	return array( 'product' => $product, 'order' => $hostile_order, 'refunded' => $refunded, 'refund' => $refund, 'spare' => stand_in_order( 'Bob', $product ) );
`;

/** Fills a shop; gives the ids. @param {Awaited<ReturnType<import('./site.js').startSite>>} site */
export async function seed( site ) {
	if ( isReal( site.kind ) ) {
		const own = site.kind.includes( 'HPOS' ) ? 'yes' : 'no';
		await site.php( `
			update_option( 'woocommerce_custom_orders_table_enabled', '${ own }' );
			update_option( 'woocommerce_custom_orders_table_data_sync_enabled', 'no' );
			update_option( 'woocommerce_newly_installed', 'no' ); // Older ones choose the storage at the first visit.
			update_option( 'woocommerce_onboarding_profile', array( 'skipped' => true ) );
			delete_transient( '_wc_activation_redirect' );
			return true;` );
		const is = await site.php( 'return Automattic\\WooCommerce\\Utilities\\OrderUtil::custom_orders_table_usage_is_enabled();' );
		if ( is !== ( own === 'yes' ) ) {
			throw new Error( `orders are not stored as ${ site.kind } says` );
		}
	}
	await site.php( `
		foreach ( array( 'clerk' => 'shop_manager', 'writer' => 'author', 'shopper' => 'subscriber' ) as $name => $role ) {
			wp_insert_user( array( 'user_login' => $name, 'user_pass' => $name, 'user_email' => $name . '@example.com', 'role' => get_role( $role ) ? $role : 'editor' ) );
		}
		return true;` );
	return site.php( `$hostile = ${ JSON.stringify( HOSTILE ).replaceAll( '$', '\\$' ) };${ isReal( site.kind ) ? REAL : STAND_IN }` );
}
