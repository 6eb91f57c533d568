<?php
// Action Scheduler's functions, as far as they are called, on a table of one's own.

/** Adds an action. */
function stand_in_schedule( $due, $every, $hook, $args, $group, $unique ) {
	global $wpdb;
	if ( $unique && as_has_scheduled_action( $hook, null, $group ) ) {
		return 0;
	}
	$wpdb->insert( $wpdb->prefix . 'actionscheduler_actions', array( 'hook' => $hook, 'status' => 'pending', 'due' => $due, 'every_secs' => $every, 'args' => wp_json_encode( $args ), 'group_name' => $group ) );
	return $wpdb->insert_id;
}

function as_enqueue_async_action( $hook, $args = array(), $group = '', $unique = false ) {
	return stand_in_schedule( 0, 0, $hook, $args, $group, $unique );
}

function as_schedule_single_action( $timestamp, $hook, $args = array(), $group = '', $unique = false ) {
	return stand_in_schedule( $timestamp, 0, $hook, $args, $group, $unique );
}

function as_schedule_recurring_action( $timestamp, $every, $hook, $args = array(), $group = '', $unique = false ) {
	return stand_in_schedule( $timestamp, $every, $hook, $args, $group, $unique );
}

function as_has_scheduled_action( $hook, $args = null, $group = '' ) {
	global $wpdb;
	return (bool) $wpdb->get_var( $wpdb->prepare( "SELECT action_id FROM {$wpdb->prefix}actionscheduler_actions WHERE hook = %s AND status IN ( 'pending', 'in-progress' ) LIMIT 1", $hook ) );
}

function as_next_scheduled_action( $hook, $args = null, $group = '' ) {
	global $wpdb;
	$due = $wpdb->get_var( $wpdb->prepare( "SELECT MIN( due ) FROM {$wpdb->prefix}actionscheduler_actions WHERE hook = %s AND status = 'pending'", $hook ) );
	return null === $due ? false : ( (int) $due ?: true );
}

function as_get_scheduled_actions( $args, $form = OBJECT ) {
	global $wpdb;
	$where = array( '1 = 1' );
	foreach ( array( 'hook' => 'hook', 'status' => 'status', 'group' => 'group_name' ) as $name => $column ) {
		if ( isset( $args[ $name ] ) ) {
			$where[] = $wpdb->prepare( "{$column} = %s", $args[ $name ] );
		}
	}
	return $wpdb->get_col( "SELECT action_id FROM {$wpdb->prefix}actionscheduler_actions WHERE " . implode( ' AND ', $where ) );
}

function as_unschedule_all_actions( $hook ) {
	global $wpdb;
	$wpdb->update( $wpdb->prefix . 'actionscheduler_actions', array( 'status' => 'canceled' ), array( 'hook' => $hook, 'status' => 'pending' ) );
}

/** Runs what waits of a hook, whenever it is due. */
function stand_in_run_actions( $hook ) {
	global $wpdb;
	$ids = as_get_scheduled_actions( array( 'hook' => $hook, 'status' => 'pending' ) );
	foreach ( $ids as $id ) {
		$action = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}actionscheduler_actions WHERE action_id = %d", $id ) );
		$wpdb->update( $wpdb->prefix . 'actionscheduler_actions', array( 'status' => 'in-progress' ), array( 'action_id' => $id ) );
		do_action_ref_array( $hook, array_values( json_decode( $action->args, true ) ) );
		$wpdb->update( $wpdb->prefix . 'actionscheduler_actions', array( 'status' => 'complete' ), array( 'action_id' => $id ) );
		if ( $action->every_secs > 0 ) {
			stand_in_schedule( time() + (int) $action->every_secs, (int) $action->every_secs, $hook, array(), $action->group_name, false );
		}
	}
	return count( $ids );
}
