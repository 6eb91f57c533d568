// @ts-check
/** What is left when the plugin is gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CODE } from '../host.js';
import { made } from './connect.js';

const FILE = 'tillbook-for-woocommerce/tillbook-for-woocommerce.php';

export function uninstallTests( /** @type {any} */ world ) {
	test( 'disconnecting takes key, webhooks and secrets back', async () => {
		const { status } = await world.admin.rest( 'POST', 'disconnect' );
		assert.equal( status, 200 );
		assert.match( JSON.parse( world.host.of( 'pause' ).at( -1 ).body ).reason, /disconnected/ );
		const there = await made( world.site );
		assert.deepEqual( [ there.keys, there.webhooks, there.actions ], [ [], [], 0 ] );
		assert.equal( ( await world.admin.rest( 'GET', 'status' ) ).json.error.code, 'not_connected' );
		assert.equal( ( await world.admin.rest( 'POST', 'connect', { address: world.host.origin, code: CODE } ) ).status, 200 );
		assert.equal( ( await made( world.site ) ).webhooks.length, 11 );
	} );

	test( 'connecting anew replaces key and webhooks', async () => {
		assert.equal( ( await world.admin.rest( 'POST', 'connect', { address: world.host.origin, code: CODE } ) ).status, 200 );
		const there = await made( world.site );
		assert.deepEqual( [ there.keys.length, there.webhooks.length ], [ 1, 11 ] );
	} );

	test( 'deleting it removes everything', async () => {
		await world.site.php( `do_action( 'woocommerce_delete_order', 4713 ); do_action( 'shutdown' ); set_transient( 'tillbook_host_rests', 1, 60 ); return true;` );
		await world.site.php( `require_once ABSPATH . 'wp-admin/includes/plugin.php'; deactivate_plugins( '${ FILE }' ); return true;` );
		const gone = await world.site.php( `
			require_once ABSPATH . 'wp-admin/includes/plugin.php'; require_once ABSPATH . 'wp-admin/includes/file.php';
			return delete_plugins( array( '${ FILE }' ) );` );
		assert.equal( gone, true );
		const there = await made( world.site );
		assert.deepEqual( there, { keys: [], webhooks: [], options: [], autoloaded: [], actions: 0, administrator: [] } );
	} );
}
