// @ts-check
/** From the zip to a connection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CODE, SHOP } from '../host.js';

const TOPICS = [ 'order', 'product' ].flatMap( ( what ) => [ 'created', 'updated', 'deleted', 'restored' ].map( ( event ) => `${ what }.${ event }` ) )
	.concat( [ 'customer.created', 'customer.updated', 'customer.deleted' ] );

/** What keys and webhooks the shop has. */
export const made = ( /** @type {any} */ site ) => site.php( `
	global $wpdb;
	return array(
		'keys' => $wpdb->get_results( "SELECT permissions, user_id, description FROM {$wpdb->prefix}woocommerce_api_keys" ),
		'webhooks' => $wpdb->get_results( "SELECT webhook_id, status, topic, delivery_url, user_id FROM {$wpdb->prefix}wc_webhooks ORDER BY webhook_id" ),
		'options' => $wpdb->get_col( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE '%tillbook%' ORDER BY option_name" ),
		'autoloaded' => $wpdb->get_col( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE 'tillbook%' AND autoload IN ( 'yes', 'on', 'auto', 'auto-on' )" ),
		'actions' => count( as_get_scheduled_actions( array( 'group' => 'tillbook', 'status' => 'pending', 'per_page' => 50 ), 'ids' ) ),
		'administrator' => array_keys( array_filter( get_role( 'administrator' )->capabilities, static fn ( $name ) => str_starts_with( $name, 'tillbook' ), ARRAY_FILTER_USE_KEY ) ),
	);` );

export function connectTests( /** @type {any} */ world ) {
	test( 'the zip installs and is active', async () => {
		assert.equal( await world.site.install( world.zip.file ), 'active' );
		world.admin = await world.site.login();
		assert.equal( ( await world.admin.ask( '/wp-admin/' ) ).status, 200 );
		assert.deepEqual( ( await made( world.site ) ).administrator, [ 'tillbook_view', 'tillbook_operate', 'tillbook_configure' ] );
	} );

	test( 'before it is connected, it says so and makes nothing', async () => {
		const { status, json } = await world.admin.rest( 'GET', 'status' );
		assert.deepEqual( [ status, json.error.code, json.plugin.webhooks.state ], [ 409, 'not_connected', 'missing' ] );
		for ( const path of [ 'context', 'queue', 'held' ] ) {
			assert.equal( ( await world.admin.rest( 'GET', path ) ).json.error.code, 'not_connected', path );
		}
		const there = await made( world.site );
		assert.deepEqual( [ there.keys, there.webhooks, there.actions ], [ [], [], 0 ] );
	} );

	test( 'a connection that fails leaves nothing behind', async () => {
		const address = world.host.origin;
		const tries = [
			[ { address: 'http://books.example.com', code: CODE }, 422, 'insecure_address' ],
			[ { address: 'ftp://books.example.com', code: CODE }, 422, 'wrong_address' ],
			[ { address: `${ address }?x=1`, code: CODE }, 422, 'wrong_address' ],
			[ { address: address.replace( '//', '//user:pass@' ), code: CODE }, 422, 'wrong_address' ],
			[ { address, code: 'ABC' }, 422, 'wrong_code' ],
			[ { address, code: 'WRNG-CODE' }, 401, 'wrong_code' ],
			[ { address: 'http://127.0.0.1:1', code: CODE }, 503, 'host_unreachable' ],
			[ { address: world.site.origin, code: CODE }, 404, 'rest_no_route' ],
			[ { code: CODE }, 400, 'bad_request' ],
		];
		for ( const [ body, status, code ] of tries ) {
			const said = await world.admin.rest( 'POST', 'connect', body );
			if ( code === 'rest_no_route' ) {
				assert.ok( said.status >= 400, said.text );
				continue;
			}
			assert.deepEqual( [ said.status, said.json?.error?.code ], [ status, code ], JSON.stringify( body ) );
		}
		world.host.state.mode = 'nonsense';
		assert.equal( ( await world.admin.rest( 'POST', 'connect', { address, code: CODE } ) ).json.error.code, 'host_nonsense' );
		world.host.state.mode = 'ok';
		const there = await made( world.site );
		assert.deepEqual( [ there.keys, there.webhooks ], [ [], [] ] );
	} );

	test( 'it connects by address and code', async () => {
		const { status, json } = await world.admin.rest( 'POST', 'connect', { address: `${ world.host.origin }/`, code: 'abcdefgh' } );
		assert.equal( status, 200, JSON.stringify( json ) );
		assert.equal( json.shop, SHOP );
		assert.equal( json.plugin.webhooks.state, 'ok' );
		const [ asked ] = world.host.of( '/api/v1/pair' ).slice( -1 );
		const given = JSON.parse( asked.body );
		assert.deepEqual( given.shop, { url: world.site.origin, name: 'Test shop' } );
		assert.match( given.consumer_key, /^ck_[0-9a-f]{40}$/ );
		assert.ok( given.hook_secret.length >= 32 );
	} );

	test( 'key and webhooks are as WooCommerce makes them', async () => {
		const there = await made( world.site );
		assert.deepEqual( there.keys.map( ( one ) => [ one.permissions, Number( one.user_id ) ] ), [ [ 'read', 1 ] ] );
		assert.deepEqual( there.webhooks.map( ( one ) => one.topic ), TOPICS );
		for ( const one of there.webhooks ) {
			assert.deepEqual( [ one.status, one.delivery_url ], [ 'active', `${ world.host.origin }/hooks/woocommerce/${ SHOP }` ] );
		}
		assert.deepEqual( there.autoloaded, [ 'tillbook_capabilities' ] );
		const { key, secret } = world.host.state.consumer;
		const works = await world.site.php( `global $wpdb; return $wpdb->get_var( $wpdb->prepare( "SELECT consumer_secret FROM {$wpdb->prefix}woocommerce_api_keys WHERE consumer_key = %s", wc_api_hash( '${ key }' ) ) ) === '${ secret }';` );
		assert.equal( works, true );
	} );

	test( 'webhooks reach a host on this machine, and only the paired one', async () => {
		const verdicts = await world.site.php( `
			return array_map( static fn ( $url ) => (bool) wp_http_validate_url( $url ), array( ${ JSON.stringify( `${ world.host.origin }/x` ) }, 'http://127.0.0.1:1/x', 'http://10.0.0.1/x', 'http://192.168.1.1:8080/x' ) );` );
		assert.deepEqual( verdicts, [ true, false, false, false ] );
		await world.site.php( `$order = wc_get_order( ${ world.ids.spare } ); $order->set_status( 'completed' ); $order->save(); do_action( 'shutdown' ); return true;` );
		await world.site.act( 'woocommerce_deliver_webhook_async' );
		assert.ok( world.host.state.deliveries.some( ( one ) => one.topic === 'order.updated' && one.id === world.ids.spare ), JSON.stringify( world.host.state.deliveries ) );
		assert.deepEqual( world.host.state.refused, [] );
	} );

	test( 'webhooks that WooCommerce switched off are made anew once the host answers', async () => {
		const before = ( await made( world.site ) ).webhooks.map( ( one ) => one.webhook_id );
		await world.site.php( `
			$webhook = wc_get_webhook( ${ before[ 1 ] } );
			$webhook->set_status( 'disabled' ); $webhook->save();
			do_action( 'woocommerce_webhook_disabled_due_delivery_failures', ${ before[ 1 ] } );
			wc_get_webhook( ${ before[ 2 ] } )->delete( true );
			return true;` );
		const { json } = await world.admin.rest( 'GET', 'status' );
		assert.deepEqual( json.plugin.webhooks, { state: 'missing', detail: 'Missing: order.deleted. Switched off: order.updated.' } );
		world.host.state.mode = 'broken';
		assert.equal( await world.site.act( 'tillbook_mend' ), 1 );
		assert.equal( ( await world.admin.rest( 'GET', 'status' ) ).status, 500 );
		world.host.state.mode = 'ok';
		const swept = world.host.of( 'sync' ).length;
		assert.ok( await world.site.act( 'tillbook_tend' ) >= 1 );
		const after = ( await made( world.site ) ).webhooks;
		assert.deepEqual( after.map( ( one ) => one.status ), Array( TOPICS.length ).fill( 'active' ) );
		assert.ok( ! after.some( ( one ) => [ before[ 1 ], before[ 2 ] ].includes( one.webhook_id ) ) );
		assert.equal( world.host.of( 'sync' ).length, swept + 1, 'the host is to look what was missed' );
		assert.equal( ( await world.admin.rest( 'GET', 'status' ) ).json.plugin.webhooks.state, 'ok' );
	} );
}
