// @ts-check
/** What the backend answers, path by path, as the pages' contract says. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { rowOf } from './facts.js';
import { BUILD, sources } from './tools.js';
import { planned } from './plans.js';

/** @type {Promise<{ memberTexts: (text: string) => Record<string, string>, elementTexts: (text: string) => string[] }> | undefined} */
let slicing;

/** The pages' own way of cutting JSON; the server that compiles it is closed at once. */
function slices() {
	slicing ??= sources().then( async ( tools ) => {
		const module = await tools.load( 'lib/slices.ts' );
		await tools.close();
		return module;
	} );
	return slicing;
}

const ok = ( /** @type {any} */ body, status = 200 ) => ( { status, text: JSON.stringify( body ) } );
const no = ( /** @type {number} */ status, /** @type {string} */ code, /** @type {string} */ message, /** @type {any} */ more = {} ) =>
	( { status, text: JSON.stringify( { error: { code, message }, ...more } ) } );

const moduleSha = () => createHash( 'sha256' ).update( readFileSync( new URL( 'tillbook_bg.wasm', BUILD ) ) ).digest( 'hex' );

function counts( /** @type {any} */ world ) {
	/** @type {Record<string, number>} */
	const found = {};
	for ( const { state } of world.queue ) {
		found[ state ] = ( found[ state ] ?? 0 ) + 1;
	}
	return found;
}

/** So many minutes from now. */
const from = ( /** @type {number} */ minutes ) => new Date( Date.now() + minutes * 60_000 ).toISOString();

function status( /** @type {any} */ world ) {
	return {
		shop: 'practice', url: 'https://shop.example.com', state: world.paused ? 'paused' : 'active', reason: world.paused ? 'stocktaking' : '', active_since: world.active,
		core_version: '0.1.0', module_sha256: moduleSha(), xero: world.xero, settings: { state: world.settings ? 'stored' : 'none', sha256: world.sha },
		last_run: world.active && from( -6 ), next_run: world.active && from( 4 ), counts: counts( world ), paused_organisation: false,
		plugin: { version: '0.1.0', module_sha256: moduleSha(), webhooks: world.webhooks, php_core: { kind: 'php', sha256: moduleSha() } },
	};
}

/** The context as text, so that a case's numbers stay as they are written. */
async function context( /** @type {any} */ world ) {
	const raw = world.request ? ( await slices() ).memberTexts( world.request ) : world.raw;
	const settings = world.request ? raw.settings : JSON.stringify( world.settings );
	return `{"contract":1,"core_version":"0.1.0","module_sha256":"${ moduleSha() }","shop":${ raw.shop },"settings":${ settings },"settings_sha256":${ JSON.stringify( world.sha ) },`
		+ `"chart":${ raw.chart },"chart_read":"2026-11-28T21:00:00Z","records":${ raw.records ?? '[]' },"tax_rates":${ raw.tax_rates ?? '[]' },"gateways":${ raw.gateways ?? '[]' },`
		+ `"stale":${ world.stale }}`;
}

async function sales( /** @type {any} */ world, /** @type {number[]} */ ids ) {
	if ( ! world.request ) {
		return `{"sales":[${ ids.flatMap( ( id ) => world.sales.get( id ) ?? [] ).join() }],"products":${ world.products }}`;
	}
	const { memberTexts, elementTexts } = await slices();
	const raw = memberTexts( world.request );
	return `{"sales":[${ elementTexts( raw.sales ?? '[]' ).filter( ( text ) => ids.includes( JSON.parse( text ).order.id ) ).join() }],"products":${ raw.products ?? '[]' }}`;
}

function orders( /** @type {any} */ world, /** @type {URLSearchParams} */ asked ) {
	const all = world.request ? JSON.parse( world.request ).sales.map( ( /** @type {any} */ sale ) => rowOf( sale.order ) ) : world.rows;
	const search = ( asked.get( 'search' ) ?? '' ).toLowerCase();
	const found = all.filter( ( /** @type {any} */ row ) => ( ! asked.get( 'status' ) || row.status === asked.get( 'status' ) )
		&& `${ row.number } ${ row.name }`.toLowerCase().includes( search )
		&& ( ! asked.get( 'from' ) || row.date.slice( 0, 10 ) >= ( asked.get( 'from' ) ?? '' ) ) && ( ! asked.get( 'to' ) || row.date.slice( 0, 10 ) <= ( asked.get( 'to' ) ?? '' ) ) );
	const size = Math.min( 100, Number( asked.get( 'per_page' ) ?? 20 ) );
	const begin = ( Number( asked.get( 'page' ) ?? 1 ) - 1 ) * size;
	return ok( { orders: found.slice( begin, begin + size ), total: found.length } );
}

/** @type {[string, RegExp, (world: any, asked: { query: URLSearchParams, body: any, found: string[] }) => any][]} */
const ROUTES = [
	[ 'GET', /^status$/, ( world ) => ok( status( world ) ) ],
	[ 'PUT', /^settings$/, ( world, { body } ) => {
		if ( body.based_on !== world.sha ) {
			return no( 409, 'changed_meanwhile', 'the settings have changed since they were read' );
		}
		if ( ! body.settings.invoice?.prefix ) {
			return no( 422, 'settings_refused', 'the settings cannot be used', { findings: [ { code: 'number.prefix_missing', severity: 'error', object: { kind: 'settings', id: 'invoice.prefix' }, field: 'invoice.prefix', message: 'invoice numbers need a prefix', cure: 'Choose a prefix of your own for each shop (`invoice.prefix`), such as `WEB-`.' } ] } );
		}
		world.settings = body.settings;
		world.sha = createHash( 'sha256' ).update( JSON.stringify( body.settings ) ).digest( 'hex' );
		return ok( { sha256: world.sha, findings: [] } );
	} ],
	[ 'POST', /^activate$/, ( world, { body } ) => {
		world.active = body.from ?? '2026-11-29T02:00:00Z';
		return ok( status( world ) );
	} ],
	[ 'POST', /^(pause|resume)$/, ( world, { found } ) => {
		world.paused = found[ 1 ] === 'pause';
		return ok( status( world ) );
	} ],
	[ 'POST', /^sync$/, () => ok( { accepted: true }, 202 ) ],
	[ 'POST', /^connect$/, ( world, { body } ) => {
		if ( body.code !== 'ABCD-EFGH' ) {
			return no( 401, 'wrong_code', 'no such pairing code' );
		}
		world.paired = true;
		return ok( status( world ) );
	} ],
	[ 'POST', /^webhooks$/, ( world ) => {
		world.webhooks = { state: 'ok', detail: '' };
		return ok( status( world ) );
	} ],
	[ 'POST', /^xero\/custom$/, ( world, { body } ) => {
		if ( body.client_secret === 'wrong' ) {
			return no( 422, 'xero_refused', 'Xero says: invalid_client' );
		}
		world.xero = { state: 'connected', organisation: { id: '6f1c', name: 'Practice AU' }, reason: '' };
		world.raw = { ...world.raw, chart: world.chart ?? world.raw.chart };
		return ok( { organisation: world.xero.organisation } );
	} ],
	[ 'POST', /^xero\/consent$/, () => ok( { address: 'https://login.xero.com/identity/connect/authorize?state=x' } ) ],
	[ 'GET', /^xero\/organisations$/, ( world ) => ok( { organisations: world.xero.organisation ? [ world.xero.organisation, { id: '7a2d', name: 'Demo Company' } ] : [] } ) ],
	[ 'POST', /^xero\/organisation$/, ( world, { body } ) => {
		world.xero = { state: 'connected', organisation: { id: body.id, name: 'Demo Company' }, reason: '' };
		return ok( {} );
	} ],
	[ 'GET', /^queue$/, ( world, { query } ) => {
		const found = world.queue.filter( ( /** @type {any} */ one ) => ( ! query.get( 'state' ) || one.state === query.get( 'state' ) ) && ( ! query.get( 'id' ) || one.id === query.get( 'id' ) ) );
		return ok( { objects: found.slice( 0, Number( query.get( 'limit' ) ?? 50 ) ), next: null } );
	} ],
	[ 'GET', /^queue\/counts$/, ( world ) => ok( { counts: counts( world ) } ) ],
	[ 'GET', /^held$/, ( world ) => ok( { held: world.queue.filter( ( /** @type {any} */ one ) => one.state === 'held' ).map( ( /** @type {any} */ one ) => ( { kind: one.kind, id: one.id, outcome: 'held', since: '2026-11-28T09:00:00Z', findings: one.findings } ) ) } ) ],
	[ 'GET', /^objects$/, ( world, { query } ) => ok( { objects: ( query.get( 'ids' ) ?? '' ).split( ',' ).flatMap( ( id ) => {
		const one = world.queue.find( ( /** @type {any} */ each ) => each.id === id );
		return one ? [ { kind: 'order', id: Number( id ), state: one.state, finding: one.findings[ 0 ] ?? null, documents: one.state === 'done' ? [ { kind: 'invoice', number: `SHOP-${ id }`, xero_id: 'x', sha256: 'x', url: 'https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=x' } ] : [] } ] : [];
	} ) } ) ],
	[ 'GET', /^objects\/(\w+)\/([^/]+)$/, () => ok( { history: [ { at: '2026-11-28T08:59:00Z', what: 'seen', detail: 'a webhook named it' }, { at: '2026-11-28T09:00:00Z', what: 'planned', detail: 'create' }, { at: '2026-11-28T09:00:02Z', what: 'answered', detail: 'Xero took it' } ] } ) ],
	[ 'POST', /^objects\/(\w+)\/([^/]+)\/(retry|exclude|include|push)$/, ( world, { found, body } ) => {
		const one = world.queue.find( ( /** @type {any} */ each ) => each.id === found[ 2 ] );
		if ( one ) {
			Object.assign( one, found[ 3 ] === 'exclude' ? { state: 'excluded', reason: body.reason, findings: [] } : { state: 'waiting', reason: 'its turn comes', findings: [] } );
		}
		return ok( { accepted: true } );
	} ],
	[ 'GET', /^orders$/, ( world, { query } ) => orders( world, query ) ],
	[ 'GET', /^payouts$/, ( world ) => ( world.payouts ? ok( world.payouts ) : no( 404, 'not_found', 'no payouts' ) ) ],
	...planned( ok, no ),
];

/** Paths that the plugin answers without the host. */
const OWN = /^(orders|sales|context|connect|webhooks)$/;

/**
 * One answer.
 *
 * @param {any} world
 * @param {string} method
 * @param {string} path
 * @param {URLSearchParams} query
 * @param {any} body
 * @returns {Promise<{ status: number, text: string }>}
 */
export async function answer( world, method, path, query, body ) {
	if ( world.down && ( ! OWN.test( path ) || ( path === 'context' && ! world.stale ) ) ) {
		return no( 503, 'host_unreachable', 'the host did not answer within 5 seconds' );
	}
	if ( ! world.paired && ! /^(connect|orders|sales)$/.test( path ) ) {
		return no( 409, 'not_paired', 'this shop is not connected to a host' );
	}
	if ( path === 'context' ) {
		return { status: 200, text: await context( world ) };
	}
	if ( path === 'sales' ) {
		return { status: 200, text: await sales( world, ( query.get( 'ids' ) ?? '' ).split( ',' ).map( Number ) ) };
	}
	for ( const [ verb, pattern, run ] of ROUTES ) {
		const found = path.match( pattern );
		if ( verb === method && found ) {
			return run( world, { query, body, found } );
		}
	}
	return no( 404, 'not_found', `there is no ${ method } ${ path }` );
}
