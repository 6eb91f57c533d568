<?php
/**
 * WooCommerce's webhooks to the host.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Connection;

/**
 * Makes, watches and mends the webhooks.
 *
 * WooCommerce switches a webhook off after some failures in a row and keeps counting when it is
 * switched on again: the next failure switches it off at once. So a broken one is made anew.
 */
final class Webhooks {

	/** Ids by topic. */
	private const OPTION = 'tillbook_webhooks';

	public const TOPICS = array(
		'order.created',
		'order.updated',
		'order.deleted',
		'order.restored',
		'product.created',
		'product.updated',
		'product.deleted',
		'product.restored',
		'customer.created',
		'customer.updated',
		'customer.deleted',
	);

	/** Makes all that are missing or broken; gives how many. */
	public static function mend( Connection $connection ): int {
		$ids  = self::ids();
		$made = 0;
		foreach ( self::TOPICS as $topic ) {
			if ( 'ok' === self::state_of( $connection, $topic, $ids[ $topic ] ?? 0 ) ) {
				continue;
			}
			self::delete_one( $ids[ $topic ] ?? 0 );
			$ids[ $topic ] = self::create( $connection, $topic );
			++$made;
		}
		if ( $made > 0 ) {
			update_option( self::OPTION, $ids, false );
		}
		return $made;
	}

	/**
	 * How they stand: `ok`, `disabled` (by WooCommerce or a person) or `missing`.
	 *
	 * @return array{state: string, detail: string, paused: bool}
	 */
	public static function state( Connection $connection ): array {
		$ids   = self::ids();
		$found = array( 'disabled' => array(), 'paused' => array(), 'missing' => array() );
		foreach ( self::TOPICS as $topic ) {
			$state = self::state_of( $connection, $topic, $ids[ $topic ] ?? 0 );
			if ( 'ok' !== $state ) {
				$found[ $state ][] = $topic;
			}
		}
		$off   = array_merge( $found['disabled'], $found['paused'] );
		$state = $found['missing'] ? 'missing' : ( $off ? 'disabled' : 'ok' );
		/* translators: %s: topics of webhooks */
		$missing = $found['missing'] ? sprintf( __( 'Missing: %s.', 'tillbook-for-woocommerce' ), implode( ', ', $found['missing'] ) ) : '';
		/* translators: %s: topics of webhooks */
		$disabled = $off ? sprintf( __( 'Switched off: %s.', 'tillbook-for-woocommerce' ), implode( ', ', $off ) ) : '';
		return array(
			'state'  => $state,
			'detail' => trim( "{$missing} {$disabled}" ),
			'paused' => $found['paused'] && ! $found['disabled'] && ! $found['missing'],
		);
	}

	/** Removes all of ours. */
	public static function delete_all(): void {
		foreach ( self::ids() as $id ) {
			self::delete_one( $id );
		}
		delete_option( self::OPTION );
	}

	/** Whether a webhook is one of ours. */
	public static function is_ours( int $id ): bool {
		return in_array( $id, self::ids(), true );
	}

	/**
	 * Ids by topic.
	 *
	 * @return array<string, int>
	 */
	public static function ids(): array {
		$ids = get_option( self::OPTION );
		return is_array( $ids ) ? array_map( 'intval', $ids ) : array();
	}

	private static function state_of( Connection $connection, string $topic, int $id ): string {
		$webhook = $id > 0 && function_exists( 'wc_get_webhook' ) ? wc_get_webhook( $id ) : null;
		if ( ! $webhook || $webhook->get_topic() !== $topic || $webhook->get_delivery_url() !== $connection->hook_address() ) {
			return 'missing';
		}
		$states = array( 'active' => 'ok', 'paused' => 'paused' );
		return $states[ $webhook->get_status() ] ?? 'disabled';
	}

	private static function create( Connection $connection, string $topic ): int {
		$webhook = new \WC_Webhook();
		/* translators: %s: topic of a webhook */
		$webhook->set_name( sprintf( __( 'Tillbook: %s', 'tillbook-for-woocommerce' ), $topic ) );
		$webhook->set_user_id( $connection->user_id );
		$webhook->set_topic( $topic );
		$webhook->set_secret( $connection->hook_secret );
		$webhook->set_delivery_url( $connection->hook_address() );
		$webhook->set_status( 'active' );
		$webhook->set_api_version( 'wp_api_v3' );
		return (int) $webhook->save();
	}

	private static function delete_one( int $id ): void {
		$webhook = $id > 0 && function_exists( 'wc_get_webhook' ) ? wc_get_webhook( $id ) : null;
		if ( $webhook ) {
			$webhook->delete( true );
		}
	}
}
