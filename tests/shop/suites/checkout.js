// @ts-check
/** Whoever buys something notices neither the plugin nor its host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isReal } from '../site.js';

const ROUNDS = Number( process.env.CHECKOUT_ROUNDS ?? 7 );
/** More than the machine's own noise, less than any wait for a host. */
const ADDED_MS_MAX = 400;

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
		const modes = [ 'off', 'ok', 'slow', 'nonsense', 'broken', 'down' ];
		const took = Object.fromEntries( modes.map( ( mode ) => [ mode, [] ] ) );
		// A shop owner's e-mails with the preview in them are part of it.
		await world.site.php( `update_option( 'tillbook_email_preview', 'yes' ); return true;` );
		await buy( world );
		for ( let round = 0; round < ROUNDS; round++ ) {
			for ( const mode of modes ) {
				if ( mode === 'off' ) {
					await plugin( 'deactivate_plugins' );
				} else if ( mode === 'down' ) {
					await world.host.stop();
				} else {
					world.host.state.mode = mode;
				}
				const before = world.host.state.asked.length;
				took[ mode ].push( await buy( world ) );
				assert.equal( world.host.state.asked.length, before, `${ mode }: the host was asked during a checkout` );
				if ( mode === 'off' ) {
					await plugin( 'activate_plugin' );
				} else if ( mode === 'down' ) {
					await world.host.listen();
				}
				world.host.state.mode = 'ok';
			}
		}
		const middle = Object.fromEntries( modes.map( ( mode ) => [ mode, Math.round( median( took[ mode ] ) ) ] ) );
		const line = `${ isReal( world.kind ) ? 'Store API checkout' : 'stand-in checkout' }, median of ${ ROUNDS } in ms: ${ JSON.stringify( middle ) }`;
		context.diagnostic( line );
		console.log( `${ world.kind }: ${ line }` );
		for ( const mode of modes ) {
			assert.ok( middle[ mode ] - middle.off < ADDED_MS_MAX, `${ mode } adds ${ middle[ mode ] - middle.off } ms` );
		}
		assert.equal( ( await world.admin.rest( 'GET', 'status' ) ).json.plugin.webhooks.state, 'ok' );
	} );
}
