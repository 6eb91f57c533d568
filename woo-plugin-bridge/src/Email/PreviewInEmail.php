<?php
/**
 * The preview in e-mails.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Email;

use Tillbook\Preview\Previews;
use Tillbook\View;

/** Shows the Xero invoice in WooCommerce's e-mails to the shop's owner, where that is switched on. */
final class PreviewInEmail {

	public const OPTION = 'tillbook_email_preview';

	public function __construct( private readonly Previews $previews ) {}

	/** Adds the hook. */
	public function register(): void {
		add_action( 'woocommerce_email_after_order_table', array( $this, 'show' ), 20, 3 );
	}

	/**
	 * Shows it. An e-mail is often written while somebody buys: whatever goes wrong, it goes out.
	 *
	 * @param mixed $order         The order.
	 * @param mixed $sent_to_admin Whether it goes to the shop's owner.
	 * @param mixed $plain_text    Whether it is text only.
	 */
	public function show( $order, $sent_to_admin = false, $plain_text = false ): void {
		if ( ! $sent_to_admin || ! $order instanceof \WC_Order || 'yes' !== get_option( self::OPTION ) ) {
			return;
		}
		try {
			$preview = $this->previews->of_order( (int) $order->get_id() );
		} catch ( \Throwable ) {
			return;
		}
		if ( is_array( $preview['document'] ?? null ) ) {
			View::show( $plain_text ? 'email-plain' : 'email', array( 'document' => $preview['document'] ) );
		}
	}
}
