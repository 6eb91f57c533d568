<?php
/**
 * The words for states.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\OrderScreen;

/** What people read of an order's state. */
final class Words {

	/**
	 * The states that the host knows, with their words.
	 *
	 * @return array<string, string>
	 */
	public static function states(): array {
		return array(
			'waiting'  => __( 'Waiting', 'tillbook-for-woocommerce' ),
			'running'  => __( 'Being sent', 'tillbook-for-woocommerce' ),
			'retrying' => __( 'Trying again', 'tillbook-for-woocommerce' ),
			'held'     => __( 'Needs you', 'tillbook-for-woocommerce' ),
			'done'     => __( 'In Xero', 'tillbook-for-woocommerce' ),
			'excluded' => __( 'Taken out', 'tillbook-for-woocommerce' ),
		);
	}

	/** The word for a state. */
	public static function state( string $state ): string {
		return self::states()[ $state ] ?? __( 'Not sent', 'tillbook-for-woocommerce' );
	}

	/** What the module says, as a sentence begins. */
	public static function sentence( string $text ): string {
		return mb_strtoupper( mb_substr( $text, 0, 1 ) ) . mb_substr( $text, 1 );
	}

	/**
	 * What a document is called.
	 *
	 * @param string $kind As the host says it: `invoice`, `credit_note`, `ACCREC` …
	 */
	public static function document( string $kind ): string {
		$kind = strtolower( str_replace( array( '_', '-', ' ' ), '', $kind ) );
		if ( in_array( $kind, array( 'invoice', 'accrec' ), true ) ) {
			return __( 'Invoice', 'tillbook-for-woocommerce' );
		}
		if ( in_array( $kind, array( 'creditnote', 'accreccredit' ), true ) ) {
			return __( 'Credit note', 'tillbook-for-woocommerce' );
		}
		return __( 'Document', 'tillbook-for-woocommerce' );
	}
}
