// @ts-check
/**
 * The plugin and the host itself: `TILLBOOK_HOST` names the built program `tillbook`. They are
 * paired, and webhooks and events of the shop are believed.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PROGRAM, startProgram } from './program.js';
import { seed } from './seed.js';
import { KINDS, buildZip, isReal, startSite } from './site.js';

// How webhooks fare is counted by WooCommerce itself only.
for ( const kind of KINDS.filter( isReal ) ) {
	describe( `${ kind } and the host`, { skip: PROGRAM ? false : 'TILLBOOK_HOST names no program', concurrency: false }, () => {
		/** @type {any} */
		const world = {};
		before( async () => {
			world.host = await startProgram();
			world.site = await startSite( kind );
			world.ids = await seed( world.site );
			assert.equal( await world.site.install( buildZip().file ), 'active' );
			world.admin = await world.site.login();
		} );
		after( async () => {
			world.host?.stop();
			await world.site?.stop();
		} );

		test( 'they are paired by the code', async () => {
			assert.equal( ( await world.admin.rest( 'POST', 'connect', { address: world.host.origin, code: 'AAAA-AAAA' } ) ).json.error.code, 'wrong_code' );
			const { status, json, text } = await world.admin.rest( 'POST', 'connect', { address: world.host.origin, code: world.host.code } );
			assert.equal( status, 200, text );
			assert.equal( json.active_since, null, 'nothing is sent until somebody switches it on' );
			assert.equal( json.plugin.webhooks.state, 'ok' );
			assert.equal( ( await world.admin.rest( 'POST', 'connect', { address: world.host.origin, code: world.host.code } ) ).status, 401, 'a code is good once' );
		} );

		test( 'webhooks and events are believed', async () => {
			await world.site.php( `wc_get_order( ${ world.ids.refund } )->delete( true ); do_action( 'shutdown' ); return true;` );
			assert.equal( await world.site.act( 'tillbook_send_events' ), 1 );
			const waits = await world.site.php( `global $wpdb; return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->options} WHERE option_name LIKE 'tillbook\\\\_event\\\\_%'" );` );
			assert.equal( waits, 0, 'the host has taken the event' );
			await world.site.php( `$order = wc_get_order( ${ world.ids.order } ); $order->set_status( 'completed' ); $order->save(); do_action( 'shutdown' ); return true;` );
			await world.site.act( 'woocommerce_deliver_webhook_async' );
			const failures = await world.site.php( `global $wpdb; return (int) $wpdb->get_var( "SELECT SUM( failure_count ) FROM {$wpdb->prefix}wc_webhooks" );` );
			assert.equal( failures, 0 );
		} );

		test( 'every page finds what it asks for', async () => {
			for ( const path of [ 'status', 'context', 'queue?limit=5', 'queue/counts', 'held', `objects?kind=order&ids=${ world.ids.order }`, `objects/order/${ world.ids.order }`, 'log?limit=5' ] ) {
				const { status, text } = await world.admin.rest( 'GET', path );
				assert.equal( status, 200, `${ path }: ${ text }` );
			}
		} );
	} );
}
