<?php
// Orders, refunds and products: posts whose JSON is a recorded order's.

add_action(
	'init',
	static function () {
		$type = array( 'public' => false, 'show_ui' => true, 'supports' => array( 'title' ), 'show_in_menu' => true );
		register_post_type( 'shop_order', array( 'label' => 'Orders' ) + $type );
		register_post_type( 'shop_order_refund', array( 'label' => 'Refunds', 'show_ui' => false ) + $type );
		register_post_type( 'product', array( 'label' => 'Products' ) + $type );
	}
);

/** An object of the shop: a post and its JSON. */
abstract class WC_Abstract_Order {
	public array $data;
	protected string $object_type = 'order';

	public function __construct( public readonly WP_Post $post ) {
		$this->data = json_decode( get_post_meta( $post->ID, '_stand_in', true ), true );
	}

	public function get_id() {
		return $this->post->ID;
	}

	public function get_parent_id() {
		return $this->post->post_parent;
	}

	public function get_edit_order_url() {
		return admin_url( "post.php?post={$this->post->ID}&action=edit" );
	}

	public function set_status( $status ) {
		$this->data['status'] = $status;
	}

	public function save() {
		$this->data['date_modified']     = current_time( 'Y-m-d\TH:i:s' );
		$this->data['date_modified_gmt'] = gmdate( 'Y-m-d\TH:i:s' );
		update_post_meta( $this->post->ID, '_stand_in', wp_slash( wp_json_encode( $this->data ) ) );
		do_action( 'woocommerce_update_order', $this->post->ID, $this );
		return $this->post->ID;
	}

	public function add_order_note( $note ) {
		return wp_insert_comment( array( 'comment_post_ID' => $this->post->ID, 'comment_type' => 'order_note', 'comment_content' => $note, 'comment_approved' => 1, 'comment_agent' => 'WooCommerce' ) );
	}

	public function delete( $force = false ) {
		if ( null !== apply_filters( "woocommerce_pre_delete_{$this->object_type}", null, $this, $force ) ) {
			return false;
		}
		$id = $this->post->ID;
		if ( $force ) {
			do_action( "woocommerce_before_delete_{$this->object_type}", $id, $this );
			wp_delete_post( $id, true );
			do_action( "woocommerce_delete_{$this->object_type}", $id );
		} else {
			wp_trash_post( $id );
			do_action( "woocommerce_trash_{$this->object_type}", $id );
		}
		return true;
	}
}

class WC_Order extends WC_Abstract_Order {}

class WC_Order_Refund extends WC_Abstract_Order {
	protected string $object_type = 'order_refund';
}

/** WooCommerce keeps order notes out of lists of comments. */
class WC_Comments {
	public static function exclude_order_comments( $clauses ) {
		$clauses['where'] .= " AND comment_type <> 'order_note' ";
		return $clauses;
	}
}
add_filter( 'comments_clauses', array( 'WC_Comments', 'exclude_order_comments' ) );

function wc_get_order( $id ) {
	$post  = get_post( is_object( $id ) ? $id->get_id() : (int) $id );
	$class = array( 'shop_order' => WC_Order::class, 'shop_order_refund' => WC_Order_Refund::class )[ $post->post_type ?? '' ] ?? null;
	return $class ? new $class( $post ) : false;
}

function wc_get_order_notes( $args ) {
	remove_filter( 'comments_clauses', array( 'WC_Comments', 'exclude_order_comments' ) );
	$notes = get_comments( array( 'post_id' => $args['order_id'], 'type' => 'order_note', 'orderby' => 'comment_ID', 'order' => 'DESC' ) );
	add_filter( 'comments_clauses', array( 'WC_Comments', 'exclude_order_comments' ) );
	return array_map( static fn ( $note ) => (object) array( 'content' => $note->comment_content ), $notes );
}

function wc_update_product_stock( $id, $quantity ) {
	update_post_meta( $id, '_stock', $quantity );
	$product = new class( $id ) {
		public function __construct( private $id ) {}
		public function get_id() {
			return $this->id;
		}
	};
	do_action( 'woocommerce_product_set_stock', $product );
}

/** A product. */
function stand_in_product( $name, $price ) {
	$id = wp_insert_post( array( 'post_type' => 'product', 'post_status' => 'publish', 'post_title' => 'Product' ) );
	update_post_meta( $id, '_stand_in', wp_slash( wp_json_encode( array( 'id' => $id, 'name' => $name, 'price' => $price, 'type' => 'simple', 'sku' => '' ) ) ) );
	return $id;
}

/** An order of two of a product: as WooCommerce's REST API gave a recorded one, with another buyer. */
function stand_in_order( $name, $product, $status = 'processing' ) {
	$data = json_decode( file_get_contents( __DIR__ . '/order.json' ), true );
	$id   = wp_insert_post( array( 'post_type' => 'shop_order', 'post_status' => 'publish', 'post_title' => 'Order' ) );
	$data = array_merge( $data, array( 'id' => $id, 'number' => (string) $id, 'status' => $status, 'refunds' => array() ) );
	$data['billing']['first_name']         = $name;
	$data['billing']['last_name']          = "{$name}son";
	$data['line_items'][0]['product_id']   = $product;
	$data['line_items'][0]['name']         = json_decode( get_post_meta( $product, '_stand_in', true ), true )['name'];
	update_post_meta( $id, '_stand_in', wp_slash( wp_json_encode( $data ) ) );
	do_action( 'woocommerce_new_order', $id, wc_get_order( $id ) );
	return $id;
}

/** The same order, made and paid now. */
function stand_in_order_now( $name, $product ) {
	$id    = stand_in_order( $name, $product );
	$order = wc_get_order( $id );
	foreach ( array( 'date_created', 'date_paid' ) as $date ) {
		$order->data[ $date ]          = current_time( 'Y-m-d\TH:i:s' );
		$order->data[ "{$date}_gmt" ] = gmdate( 'Y-m-d\TH:i:s' );
	}
	$order->save();
	return $id;
}

/** A refund of an amount. */
function stand_in_refund( $order_id, $amount ) {
	$id = wp_insert_post( array( 'post_type' => 'shop_order_refund', 'post_status' => 'publish', 'post_title' => 'Refund', 'post_parent' => $order_id ) );
	update_post_meta( $id, '_stand_in', wp_slash( wp_json_encode( array( 'id' => $id, 'parent_id' => $order_id, 'date_created' => '2026-11-24T10:00:00', 'date_created_gmt' => '2026-11-23T23:00:00', 'amount' => $amount, 'reason' => '', 'refunded_by' => 1, 'refunded_payment' => false, 'meta_data' => array(), 'line_items' => array(), 'shipping_lines' => array(), 'tax_lines' => array(), 'fee_lines' => array() ) ) ) );
	$order                    = wc_get_order( $order_id );
	$order->data['refunds'][] = array( 'id' => $id, 'reason' => '', 'total' => "-{$amount}" );
	$order->save();
	return $id;
}
