<?php
/**
 * Events that wait to be sent.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook\Events;

/**
 * Keeps events until the host has them: a row for each object and kind, so that what happens twice
 * waits once.
 */
final class Outbox {

	private const PREFIX = 'tillbook_event_';
	/** Rows that are kept; beyond, the host is only told to look through the whole shop. */
	public const ROWS_MAX = 5000;
	private const FULL    = array( 'kind' => 'settings_changed' );

	/**
	 * Keeps events.
	 *
	 * @param array<array<string, int|string>> $events Each with its `kind` and ids.
	 */
	public static function put( array $events ): void {
		global $wpdb;
		$room = self::ROWS_MAX - (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( self::PREFIX ) . '%' ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
		if ( count( $events ) > $room ) {
			$events = array( self::FULL );
		}
		foreach ( $events as $event ) {
			$name = self::PREFIX . implode( '_', array_map( 'strval', $event ) );
			// What waits already gets a new mark: what is being sent at this moment is not this one.
			if ( ! add_option( $name, self::sealed( $event ), '', false ) ) {
				update_option( $name, self::sealed( $event ), false );
			}
		}
	}

	/**
	 * The oldest that wait: name of the row to what stands in it.
	 *
	 * @return array<string, string>
	 */
	public static function oldest( int $count ): array {
		global $wpdb;
		$rows = $wpdb->get_results( $wpdb->prepare( "SELECT option_name, option_value FROM {$wpdb->options} WHERE option_name LIKE %s ORDER BY option_id LIMIT %d", $wpdb->esc_like( self::PREFIX ) . '%', $count ), ARRAY_A ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
		return array_column( (array) $rows, 'option_value', 'option_name' );
	}

	/**
	 * Removes what has been sent, unless it has happened again meanwhile.
	 *
	 * @param array<string, string> $rows As `oldest` gave them.
	 */
	public static function remove( array $rows ): void {
		global $wpdb;
		foreach ( $rows as $name => $value ) {
			$wpdb->delete( $wpdb->options, array( 'option_name' => $name, 'option_value' => $value ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
			wp_cache_delete( $name, 'options' );
		}
	}

	/** Whether anything waits. */
	public static function is_empty(): bool {
		return array() === self::oldest( 1 );
	}

	/**
	 * The event of a row.
	 *
	 * @return array<string, int|string>|null
	 */
	public static function event( string $value ): ?array {
		$event = json_decode( $value, true );
		unset( $event['put'] );
		return is_array( $event ) && isset( $event['kind'] ) ? $event : null;
	}

	/**
	 * The event with a mark of its own.
	 *
	 * @param array<string, int|string> $event An event.
	 */
	private static function sealed( array $event ): string {
		return (string) wp_json_encode( $event + array( 'put' => uniqid( '', true ) ) );
	}
}
