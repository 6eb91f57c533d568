// @ts-check
/** What the pages are shown: recorded orders, and settings and charts of the corpus, byte for byte. */
import { readFileSync, readdirSync } from 'node:fs';

const CORPUS = new URL( '../corpus/', import.meta.url );
const ORDERS = new URL( '../../host/practice/data/woocommerce/orders.jsonl', import.meta.url );

/** @param {string} name */
export const readCase = ( name ) => ( {
	name,
	operation: readFileSync( new URL( `${ name }/operation`, CORPUS ), 'utf8' ).trim(),
	request: readFileSync( new URL( `${ name }/request.json`, CORPUS ), 'utf8' ),
	expected: readFileSync( new URL( `${ name }/expected.json`, CORPUS ), 'utf8' ),
} );

/** Names of the corpus' cases of one operation. */
export function casesOf( /** @type {string} */ operation ) {
	return readdirSync( CORPUS ).sort().filter( ( name ) =>
		readFileSync( new URL( `${ name }/operation`, CORPUS ), 'utf8' ).trim() === operation );
}

/**
 * The recorded sales of a batch, as the host would read them.
 *
 * @param {string} batch
 * @returns {{ order: any, refunds: any[] }[]}
 */
export function recordedSales( batch ) {
	return readFileSync( ORDERS, 'utf8' ).trim().split( '\n' ).map( ( line ) => JSON.parse( line ) )
		.filter( ( one ) => one.batch === batch )
		.map( ( one ) => ( { order: one.order_dp6 ?? one.order, refunds: one.refunds_dp6 ?? one.refunds ?? [] } ) );
}

/** A row of the shop's list, from an order. */
export const rowOf = ( /** @type {any} */ order ) => ( {
	id: order.id, number: String( order.number ), date: order.date_created, status: order.status, total: order.total, currency: order.currency,
	name: `${ order.billing?.first_name ?? '' } ${ order.billing?.last_name ?? '' }`.trim() || order.billing?.email || '',
} );

/** Markup in every name that a shop can have: it must stay text wherever it is shown. */
export const MARKUP = '<img src=x onerror=alert(1)><b>Bold</b> & "quoted"';

/** An order like another one, under another number, with names of choice. */
export function copyOf( /** @type {any} */ sale, /** @type {number} */ id, /** @type {string} */ name = '' ) {
	const order = structuredClone( sale.order );
	Object.assign( order, { id, number: String( id ) } );
	if ( name ) {
		order.billing = { ...order.billing, first_name: name, last_name: name, company: name };
		order.payment_method_title = name;
		for ( const line of [ ...order.line_items, ...order.fee_lines ] ) {
			line.name = name;
		}
	}
	return { order, refunds: [] };
}

/** Settings that hold what they should not, for findings of every weight. */
export function settingsWithFaults( /** @type {any} */ settings ) {
	const broken = structuredClone( settings );
	broken.payments = { ...broken.payments, accounts: {}, other: '' };
	broken.statuses = { ...broken.statuses };
	delete broken.statuses[ 'on-hold' ];
	broken.accounts.shipping = '';
	return broken;
}
