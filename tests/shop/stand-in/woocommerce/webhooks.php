<?php
// Webhooks: kept in WooCommerce's table, delivered by an action, signed as WooCommerce does.

class WC_Webhook {
	private array $row = array( 'webhook_id' => 0, 'status' => 'disabled', 'name' => '', 'user_id' => 0, 'delivery_url' => '', 'secret' => '', 'topic' => '', 'api_version' => 3 );

	public function __construct( $id = 0 ) {
		global $wpdb;
		$row = $id ? $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}wc_webhooks WHERE webhook_id = %d", $id ), ARRAY_A ) : null;
		$this->row = $row ?? $this->row;
	}

	public function __call( $name, $arguments ) {
		$column = substr( $name, 4 );
		if ( str_starts_with( $name, 'set_' ) ) {
			$this->row[ $column ] = 'api_version' === $column ? 3 : $arguments[0];
			return null;
		}
		return $this->row[ $column ];
	}

	public function get_id() {
		return (int) $this->row['webhook_id'];
	}

	public function save() {
		global $wpdb;
		if ( $this->get_id() ) {
			$wpdb->update( $wpdb->prefix . 'wc_webhooks', $this->row, array( 'webhook_id' => $this->get_id() ) );
		} else {
			unset( $this->row['webhook_id'] );
			$wpdb->insert( $wpdb->prefix . 'wc_webhooks', $this->row );
			$this->row['webhook_id'] = $wpdb->insert_id;
		}
		return $this->get_id();
	}

	public function delete() {
		global $wpdb;
		$wpdb->delete( $wpdb->prefix . 'wc_webhooks', array( 'webhook_id' => $this->get_id() ) );
	}

	public function deliver( $id ) {
		$order = wc_get_order( $id );
		$body  = wp_json_encode( $order ? $order->data : array( 'id' => (int) $id ) );
		wp_safe_remote_request(
			$this->row['delivery_url'],
			array(
				'method'  => 'POST',
				'body'    => $body,
				'headers' => array(
					'Content-Type'           => 'application/json',
					'X-WC-Webhook-Topic'     => $this->row['topic'],
					'X-WC-Webhook-Signature' => base64_encode( hash_hmac( 'sha256', $body, wp_specialchars_decode( $this->row['secret'], ENT_QUOTES ), true ) ),
				),
			)
		);
	}
}

function wc_get_webhook( $id ) {
	$webhook = new WC_Webhook( $id );
	return $webhook->get_id() ? $webhook : null;
}

/** Queues a delivery at the end of the request, once for each object. */
function stand_in_hint( $topic, $id ) {
	global $wpdb, $stand_in_hints;
	$stand_in_hints["{$topic} {$id}"] = array( $topic, $id );
}
foreach ( array( 'woocommerce_new_order' => 'order.created', 'woocommerce_update_order' => 'order.updated', 'woocommerce_trash_order' => 'order.deleted' ) as $stand_in_hook => $stand_in_topic ) {
	add_action( $stand_in_hook, static fn ( $id ) => stand_in_hint( $stand_in_topic, $id ) );
}
add_action(
	'shutdown',
	static function () {
		global $wpdb, $stand_in_hints;
		foreach ( (array) $stand_in_hints as list( $topic, $id ) ) {
			foreach ( $wpdb->get_col( $wpdb->prepare( "SELECT webhook_id FROM {$wpdb->prefix}wc_webhooks WHERE topic = %s AND status = 'active'", $topic ) ) as $webhook_id ) {
				as_enqueue_async_action( 'woocommerce_deliver_webhook_async', array( (int) $webhook_id, (int) $id ), 'woocommerce-webhooks' );
			}
		}
		$stand_in_hints = array();
	}
);
add_action( 'woocommerce_deliver_webhook_async', static fn ( $webhook_id, $id ) => wc_get_webhook( $webhook_id )?->deliver( $id ), 10, 2 );
