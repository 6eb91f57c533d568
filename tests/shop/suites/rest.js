// @ts-check
/** The REST API of the pages: what it gives, and whom it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

const VIEW = [ 'status', 'context', 'orders', 'sales?ids=1', 'queue', 'queue/counts', 'held', 'objects?kind=order&ids=1', 'objects/order/1', 'plans/abcdef012345', 'completeness', 'log', 'payouts', 'matching/customers', 'matching/products/ledger', 'xero/organisations' ];
const OPERATE = [ 'pause', 'resume', 'sync', 'plans', 'plans/abcdef012345/apply', 'objects/order/1/push', 'objects/order/1/retry', 'objects/order/1/exclude', 'objects/order/1/include' ];
const CONFIGURE = [ 'activate', 'xero/custom', 'xero/consent', 'xero/organisation', 'matching/customers', 'connect', 'disconnect', 'webhooks' ];
const ALL = [ ...VIEW.map( ( path ) => [ 'GET', path ] ), ...OPERATE.map( ( path ) => [ 'POST', path ] ), ...CONFIGURE.map( ( path ) => [ 'POST', path ] ), [ 'PUT', 'settings' ] ];

export function restTests( /** @type {any} */ world ) {
	test( 'every route wants a nonce', async () => {
		for ( const [ method, path ] of ALL ) {
			const body = method === 'GET' ? undefined : {};
			for ( const headers of [ {}, { 'X-WP-Nonce': 'wrong' }, { 'X-WP-Nonce': '' } ] ) {
				const { status } = await world.admin.rest( method, path, body, headers );
				assert.ok( [ 401, 403 ].includes( status ), `${ method } ${ path } with ${ JSON.stringify( headers ) }: ${ status }` );
			}
		}
	} );

	test( 'no other way of signing in opens a route', async () => {
		const password = await world.site.php( `return WP_Application_Passwords::create_new_application_password( 1, array( 'name' => 'test' ) )[0];` );
		const { key, secret } = world.host.state.consumer;
		for ( const pair of [ `admin:${ password }`, `${ key }:${ secret }` ] ) {
			const authorization = `Basic ${ Buffer.from( pair ).toString( 'base64' ) }`;
			for ( const [ method, path ] of ALL ) {
				const answer = await fetch( `${ world.site.origin }/wp-json/tillbook/v1/${ path }`, { method, headers: { authorization } } );
				assert.ok( [ 401, 403 ].includes( answer.status ), `${ method } ${ path }: ${ answer.status }` );
			}
		}
	} );

	test( 'every route wants its capability', async () => {
		const clerk = await world.site.login( 'clerk', 'clerk' );
		const writer = await world.site.login( 'writer', 'writer' );
		const grant = ( ...names ) => world.site.php( `
			$user = get_user_by( 'login', 'writer' );
			foreach ( array( 'tillbook_view', 'tillbook_operate', 'tillbook_configure' ) as $name ) { $user->remove_cap( $name ); }
			foreach ( ${ JSON.stringify( names ).replace( '[', 'array(' ).replace( ']', ')' ) } as $name ) { $user->add_cap( $name ); }
			return true;` );
		const ask = async ( who, method, path ) => ( await who.rest( method, path, method === 'GET' ? undefined : {} ) ).status;
		const needs = ( [ method, path ] ) => method === 'GET' ? 'tillbook_view' : OPERATE.includes( path ) ? 'tillbook_operate' : 'tillbook_configure';
		for ( const granted of [ [], [ 'tillbook_view' ], [ 'tillbook_operate' ], [ 'tillbook_configure' ] ] ) {
			await grant( ...granted );
			for ( const route of ALL.filter( ( one ) => ! [ 'connect', 'disconnect', 'webhooks' ].includes( one[ 1 ] ) || ! granted.includes( 'tillbook_configure' ) ) ) {
				const status = await ask( writer, ...route );
				if ( granted.includes( needs( route ) ) ) {
					// WooCommerce's own rights count beside ours.
					const theirs = /^(orders|sales)/.test( route[ 1 ] );
					assert.ok( theirs || status !== 403, `${ route.join( ' ' ) } with ${ granted }: ${ status }` );
				} else {
					assert.equal( status, 403, `${ route.join( ' ' ) } with ${ granted }` );
				}
			}
		}
		await grant();
		assert.equal( await ask( clerk, 'GET', 'status' ), 200 );
	} );

	test( 'nothing but this shop is reached', async () => {
		const before = world.host.state.asked.length;
		for ( const path of [
			'shops/other/queue', 'api/v1/shops/other/queue', 'queue/../../other/queue', 'objects/order/1%2F..%2F..%2F..%2Fother',
			'objects/invoice/1', 'objects/order/1/delete', 'plans/zz', 'tokens', 'me', 'settings/../../other', 'xero/token', 'plans/abcdef/../../../other/apply', 'metrics',
		] ) {
			for ( const method of [ 'GET', 'POST', 'PUT', 'DELETE' ] ) {
				const { status } = await world.admin.rest( method, path, method === 'GET' ? undefined : {} );
				assert.ok( [ 404, 400 ].includes( status ), `${ method } ${ path }: ${ status }` );
			}
		}
		assert.equal( world.host.state.asked.length, before );
		await world.admin.rest( 'GET', 'queue?state=held&shop=other&token=x' );
		const asked = world.host.state.asked.at( -1 );
		assert.equal( asked.path, '/api/v1/shops/test-shop/queue' );
		assert.equal( asked.query.toString(), 'state=held' );
		assert.equal( asked.headers.cookie, undefined );
	} );

	test( 'the host\'s answers go on as they are', async () => {
		world.host.state.context = '{"contract":1,"core_version":"0.1.0","shop":{"url":"x"},"settings":{"contact":{}},"chart":{"rate":12.50,"big":12345678901234567890},"records":[],"tax_rates":[],"gateways":[]}';
		assert.equal( ( await world.admin.rest( 'GET', 'context' ) ).text, world.host.state.context );
		world.host.state.mode = 'broken';
		const stale = await world.admin.rest( 'GET', 'context' );
		assert.equal( stale.text, world.host.state.context.replace( '{', '{"stale":true,' ) );
		assert.deepEqual( [ ( await world.admin.rest( 'GET', 'held' ) ).status, ( await world.admin.rest( 'GET', 'held' ) ).json.error.code ], [ 500, 'broken' ] );
		world.host.state.mode = 'nonsense';
		assert.deepEqual( [ ( await world.admin.rest( 'GET', 'held' ) ).status, ( await world.admin.rest( 'GET', 'held' ) ).json.error.code ], [ 502, 'host_nonsense' ] );
		assert.equal( ( await world.admin.rest( 'GET', 'context' ) ).json.stale, true );
		world.host.state.mode = 'refusing';
		assert.deepEqual( [ ( await world.admin.rest( 'GET', 'held' ) ).status, ( await world.admin.rest( 'GET', 'held' ) ).json.error.code ], [ 502, 'host_refuses' ] );
		world.host.state.mode = 'ok';
		await world.host.stop();
		assert.deepEqual( [ ( await world.admin.rest( 'GET', 'held' ) ).status, ( await world.admin.rest( 'GET', 'held' ) ).json.error.code ], [ 503, 'host_unreachable' ] );
		assert.equal( ( await world.admin.rest( 'GET', 'status' ) ).json.plugin.webhooks.state, 'ok' );
		assert.equal( ( await world.admin.rest( 'GET', 'context' ) ).json.stale, true );
		await world.host.listen();
	} );

	test( 'bodies are bounded, and the way back from Xero leads home', async () => {
		assert.equal( ( await world.admin.rest( 'POST', 'plans', { orders: 'x'.repeat( 2 * 1024 * 1024 ) } ) ).status, 413 );
		assert.equal( ( await world.admin.rest( 'GET', `queue?after=${ 'x'.repeat( 3000 ) }` ) ).status, 413 );
		assert.equal( ( await world.admin.rest( 'POST', 'xero/consent', { return_to: 'https://evil.example/' } ) ).status, 400 );
		assert.equal( ( await world.admin.rest( 'POST', 'xero/consent', { return_to: `${ world.site.origin }/wp-admin/admin.php?page=tillbook` } ) ).status, 202 );
		assert.equal( ( await world.admin.rest( 'PUT', 'settings', { settings: 'no' } ) ).status, 400 );
	} );

	test( 'orders and sales come from the shop, without the host', async () => {
		await world.host.stop();
		const { json } = await world.admin.rest( 'GET', 'orders?per_page=2' );
		assert.equal( json.orders.length, 2 );
		assert.equal( json.total, 3 );
		assert.deepEqual( Object.keys( json.orders[ 0 ] ), [ 'id', 'number', 'date', 'status', 'total', 'currency', 'name' ] );
		const found = await world.admin.rest( 'GET', 'orders?search=Annson&status=processing' );
		assert.deepEqual( found.json.orders.map( ( one ) => one.id ), [ world.ids.refunded ] );
		const { refunded, refund, product, order } = world.ids;
		const sales = await world.admin.rest( 'GET', `sales?ids=${ refunded },${ order },999999` );
		assert.deepEqual( sales.json.sales.map( ( one ) => one.order.id ), [ refunded, order ] );
		assert.deepEqual( sales.json.sales[ 0 ].refunds.map( ( one ) => one.id ), [ refund ] );
		assert.match( sales.json.sales[ 0 ].order.total, /^\d+\.\d{6}$/, 'six decimals' );
		assert.deepEqual( sales.json.products.map( ( one ) => one.id ), [ product ] );
		assert.equal( ( await world.admin.rest( 'GET', `sales?ids=${ Array.from( { length: 101 }, ( _, id ) => id + 1 ) }` ) ).status, 413 );
		assert.equal( ( await world.admin.rest( 'GET', 'sales?ids=1;drop' ) ).status, 400 );
		await world.host.listen();
	} );

	test( 'no secret is in any answer', async () => {
		const { token, hook_secret: hookSecret, consumer } = world.host.state;
		for ( const path of VIEW ) {
			const { text } = await world.admin.rest( 'GET', path );
			for ( const secret of [ token, hookSecret, consumer.key, consumer.secret ] ) {
				assert.ok( ! text.includes( secret ), path );
			}
		}
		world.host.state.context = JSON.stringify( { contract: 1, leaked: token } );
		assert.equal( ( await world.admin.rest( 'GET', 'context' ) ).text.includes( token ), false );
		world.host.state.context = '{"contract":1,"settings":null,"chart":null}';
	} );
}
