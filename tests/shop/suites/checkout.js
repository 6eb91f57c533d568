// @ts-check
/** Whoever buys something notices neither the plugin nor its host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isReal } from '../site.js';

const ROUNDS = Number( process.env.CHECKOUT_ROUNDS ?? 7 );
/** Of the quickest of all rounds, which other work on the machine disturbs least. */
const ADDED_MS_MAX = 100;

const ADDRESS = { first_name: 'Eve', last_name: 'Shopper', address_1: '1 Street', city: 'Sydney', state: 'NSW', postcode: '2000', country: 'AU', email: 'eve@example.com', phone: '' };

/** Buys by the Store API, as the block checkout does; gives milliseconds of the last step. */
async function buy( /** @type {any} */ world ) {
	const api = ( path, options = {}, headers = {} ) => fetch( `${ world.site.origin }/wp-json/wc/store/v1/${ path }`, { ...options, headers: { 'content-type': 'application/json', ...headers } } );
	const cart = await api( 'cart' );
	const token = { 'Cart-Token': cart.headers.get( 'Cart-Token' ) ?? '', Nonce: cart.headers.get( 'Nonce' ) ?? '' };
	const added = await api( 'cart/add-item', { method: 'POST', body: JSON.stringify( { id: world.ids.product, quantity: 1 } ) }, token );
	assert.ok( added.ok, await added.text() );
	const began = performance.now();
	const done = await api( 'checkout', { method: 'POST', body: JSON.stringify( { billing_address: ADDRESS, shipping_address: ADDRESS, payment_method: 'bacs', payment_data: [] } ) }, token );
	const said = await done.json();
	const took = performance.now() - began;
	assert.ok( done.ok && said.order_id > 0, JSON.stringify( said ).slice( 0, 500 ) );
	return took;
}

const median = ( numbers ) => [ ...numbers ].sort( ( left, right ) => left - right )[ Math.floor( numbers.length / 2 ) ];

export function checkoutTests( /** @type {any} */ world ) {
	test( 'a checkout takes no longer, whatever the host does', async ( context ) => {
		const plugin = ( /** @type {string} */ what ) => world.site.php( `require_once ABSPATH . 'wp-admin/includes/plugin.php'; ${ what }( 'tillbook-for-woocommerce/tillbook-for-woocommerce.php' ); return true;` );
		const modes = [ 'off', 'ok', 'slow', 'nonsense', 'broken', 'down', 'e-mail' ];
		const took = Object.fromEntries( modes.map( ( mode ) => [ mode, [] ] ) );
		const mail = ( /** @type {string} */ is ) => world.site.php( `update_option( 'tillbook_email_preview', '${ is }' ); return true;` );
		// What it looks like before and after each mode.
		const begin = { off: () => plugin( 'deactivate_plugins' ), down: () => world.host.stop(), 'e-mail': () => mail( 'yes' ) };
		const end = { off: () => plugin( 'activate_plugin' ), down: () => world.host.listen(), 'e-mail': () => mail( 'no' ) };
		await mail( 'no' );
		await buy( world );
		for ( let round = 0; round < ROUNDS; round++ ) {
			for ( const mode of modes ) {
				world.host.state.mode = begin[ mode ] ? 'ok' : mode;
				await begin[ mode ]?.();
				try {
					// The first request after a change fills the caches of PHP.
					await fetch( `${ world.site.origin }/wp-json/wc/store/v1/cart` );
					const before = world.host.state.asked.length;
					took[ mode ].push( await buy( world ) );
					assert.equal( world.host.state.asked.length, before, `${ mode }: the host was asked during a checkout` );
				} finally {
					await end[ mode ]?.();
					world.host.state.mode = 'ok';
				}
			}
		}
		const of = ( pick ) => Object.fromEntries( modes.map( ( mode ) => [ mode, Math.round( pick( took[ mode ] ) ) ] ) );
		const [ middle, least ] = [ of( median ), of( ( all ) => Math.min( ...all ) ) ];
		const line = `${ isReal( world.kind ) ? 'Store API checkout' : 'stand-in checkout' }, ${ ROUNDS } rounds, ms: quickest ${ JSON.stringify( least ) }, median ${ JSON.stringify( middle ) }`;
		context.diagnostic( line );
		console.log( `${ world.kind }: ${ line }` );
		for ( const mode of modes.filter( ( one ) => one !== 'e-mail' ) ) {
			assert.ok( least[ mode ] - least.off < ADDED_MS_MAX, `${ mode } adds ${ least[ mode ] - least.off } ms` );
		}
		assert.equal( ( await world.admin.rest( 'GET', 'status' ) ).json.plugin.webhooks.state, 'ok' );
	} );
}
