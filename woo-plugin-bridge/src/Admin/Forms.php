<?php
/**
 * Connecting without JavaScript.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Admin;

use Tillbook\Capabilities;
use Tillbook\Connection\Pairing;
use Tillbook\Failure;

/** The forms of the Tillbook page that work without scripts: connect and disconnect. */
final class Forms {

	private const NOTICE      = 'tillbook_notice_';
	private const NOTICE_SECS = 120;

	public function __construct( private readonly Pairing $pairing ) {}

	/** Adds the hooks. */
	public function register(): void {
		add_action( 'admin_post_tillbook_connect', array( $this, 'connect' ) );
		add_action( 'admin_post_tillbook_disconnect', array( $this, 'disconnect' ) );
	}

	/** Connects. */
	public function connect(): void {
		self::check( 'tillbook_connect' );
		$text = static fn ( string $name ): string => isset( $_POST[ $name ] ) && is_string( $_POST[ $name ] ) ? sanitize_text_field( wp_unslash( $_POST[ $name ] ) ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Missing -- checked above.
		try {
			$this->pairing->pair( $text( 'address' ), $text( 'code' ), get_current_user_id() );
			self::leave( 'success', __( 'Connected. Nothing has been sent, and nothing will be until you switch it on.', 'tillbook-for-woocommerce' ) );
		} catch ( Failure $failure ) {
			self::leave( 'error', $failure->getMessage() );
		}
	}

	/** Disconnects. */
	public function disconnect(): void {
		self::check( 'tillbook_disconnect' );
		$this->pairing->disconnect();
		self::leave( 'success', __( 'Disconnected. What stands in Xero stays there.', 'tillbook-for-woocommerce' ) );
	}

	/**
	 * What is to be told on the next page, once.
	 *
	 * @return array{kind: string, message: string}|null
	 */
	public static function take_notice(): ?array {
		$name   = self::NOTICE . get_current_user_id();
		$notice = get_transient( $name );
		delete_transient( $name );
		return is_array( $notice ) && isset( $notice['kind'], $notice['message'] ) ? $notice : null;
	}

	/** Ends the request for whoever may not do this, or comes from elsewhere. */
	private static function check( string $action ): void {
		if ( ! current_user_can( Capabilities::CONFIGURE ) ) { // phpcs:ignore WordPress.WP.Capabilities.Unknown
			wp_die( esc_html__( 'You are not allowed to do this.', 'tillbook-for-woocommerce' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( $action );
	}

	/** Goes back to the page. */
	private static function leave( string $kind, string $message ): void {
		set_transient( self::NOTICE . get_current_user_id(), array( 'kind' => $kind, 'message' => $message ), self::NOTICE_SECS );
		wp_safe_redirect( Menu::address() );
		exit;
	}
}
