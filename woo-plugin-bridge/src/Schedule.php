<?php
/**
 * Work that is done later.
 *
 * @package Tillbook
 */

declare( strict_types=1 );

namespace Tillbook;

/** Action Scheduler, in our group; nothing here ever fails into a shopper's request. */
final class Schedule {

	public const GROUP = 'tillbook';
	public const SEND  = 'tillbook_send_events';
	public const TEND  = 'tillbook_tend';
	public const MEND  = 'tillbook_mend';

	/** Seconds between two looks at webhooks, events and notes. */
	public const TEND_EVERY_SECS = 600;

	/** Has the hook run soon, unless it waits or runs already. */
	public static function soon( string $hook ): void {
		// Asked twice: Action Scheduler's own question does not hold on every database.
		if ( function_exists( 'as_enqueue_async_action' ) && ! self::waits( $hook ) ) {
			as_enqueue_async_action( $hook, array(), self::GROUP, true );
		}
	}

	/** Has the hook run after so many seconds, unless it waits already; it may run right now. */
	public static function later( string $hook, int $delay_secs ): void {
		if ( function_exists( 'as_schedule_single_action' ) && ! self::waits( $hook ) ) {
			as_schedule_single_action( time() + $delay_secs, $hook, array(), self::GROUP );
		}
	}

	/** Has the hook run again and again. */
	public static function regularly( string $hook, int $every_secs ): void {
		if ( function_exists( 'as_has_scheduled_action' ) && ! as_has_scheduled_action( $hook, null, self::GROUP ) ) {
			as_schedule_recurring_action( time() + $every_secs, $every_secs, $hook, array(), self::GROUP, true );
		}
	}

	/** Takes everything back. */
	public static function nothing(): void {
		if ( function_exists( 'as_unschedule_all_actions' ) ) {
			foreach ( array( self::SEND, self::TEND, self::MEND ) as $hook ) {
				as_unschedule_all_actions( $hook );
			}
		}
	}

	private static function waits( string $hook ): bool {
		$pending = as_get_scheduled_actions(
			array( 'hook' => $hook, 'group' => self::GROUP, 'status' => 'pending', 'per_page' => 1 ),
			'ids'
		);
		return array() !== $pending;
	}
}
