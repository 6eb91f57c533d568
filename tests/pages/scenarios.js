// @ts-check
/** The shops that the pages are opened for: one that runs, an empty one, one whose host is down, and so on. */
import { casesOf, copyOf, MARKUP, readCase, recordedSales, rowOf, settingsWithFaults } from './facts.js';

const PROPOSED = JSON.parse( readCase( '0002-propose-au-incl' ).request );
const EXAMPLE = JSON.parse( readCase( '0014-au-negative-fee-in-parts' ).request );
const PAYOUT = JSON.parse( readCase( '0148-summarise-the-worked-example' ).request );
const SHA = 'c0ffee5eed'.padEnd( 64, '0' );

/** @param {any[]} sales */
function shop( sales ) {
	return { rows: sales.map( ( sale ) => rowOf( sale.order ) ), sales: new Map( sales.map( ( sale ) => [ sale.order.id, JSON.stringify( sale ) ] ) ) };
}

/** A finding as the host hands it on. */
const finding = ( /** @type {string} */ code, /** @type {string} */ message, /** @type {string} */ cure, /** @type {string} */ field, severity = 'error' ) =>
	( { code, severity, message, cure, field, object: { kind: 'order', id: '0' } } );

const HELD = finding( 'order.status_unknown', 'the status table has no row for `on-hold`', 'Add a row for this status to the settings (`statuses`).', 'status' );
const BROKEN = finding( 'account.unmapped', '`accounts.shipping` names no account', 'Choose an account in `accounts`.', 'accounts.shipping' );

/** Where some of the shop's orders stand. */
function queueOf( /** @type {any[]} */ rows ) {
	const states = [ 'done', 'done', 'held', 'waiting', 'done', 'retrying', 'held', 'excluded', 'done', 'running' ];
	/** @type {Record<string, string>} */
	const reasons = { held: 'the order is held', retrying: 'Xero is busy', excluded: 'a test order of ours', waiting: 'its turn comes', running: 'is being sent' };
	return rows.map( ( row, at ) => {
		const state = states[ at % states.length ] ?? 'done';
		return {
			kind: 'order', id: String( row.id ), state, reason: reasons[ state ] ?? '', attempts: state === 'retrying' ? 3 : 0,
			run_after: state === 'retrying' ? '2026-11-29T10:05:00Z' : null, findings: state === 'held' ? [ at % 2 ? BROKEN : HELD ] : [],
		};
	} );
}

function normal() {
	const sales = recordedSales( 'AU-incl' );
	const named = copyOf( sales[ 0 ], 9001, MARKUP );
	const held = shop( [ ...sales, named ] );
	return {
		can: { view: true, operate: true, configure: true },
		down: false, stale: false, paired: true, active: '2026-11-20T09:00:00Z',
		xero: { state: 'connected', organisation: { id: '6f1c', name: 'Practice AU' }, reason: '' },
		webhooks: { state: 'ok', detail: '' }, sha: SHA, settings: EXAMPLE.settings,
		raw: { shop: JSON.stringify( EXAMPLE.shop ), chart: JSON.stringify( EXAMPLE.chart ), records: '[]', tax_rates: JSON.stringify( PROPOSED.tax_rates ), gateways: JSON.stringify( PROPOSED.gateways ) },
		...held, products: '[]', queue: queueOf( held.rows ), payouts: { payouts: PAYOUT.payouts, entries: PAYOUT.entries }, paused: false, plan: undefined, module_sha256: '',
	};
}

/** @type {Record<string, () => any>} */
const SCENARIOS = {
	normal,
	/** Nothing anywhere yet, but connected. */
	empty: () => ( { ...normal(), rows: [], sales: new Map(), queue: [], payouts: undefined } ),
	/** The plugin is there, no host yet. */
	fresh: () => ( { ...normal(), paired: false, active: null, settings: null, sha: null, rows: [], sales: new Map(), queue: [],
		xero: { state: 'none', organisation: null, reason: '' }, raw: { ...normal().raw, chart: 'null' } } ),
	/** Connected to a host and Xero, nothing chosen yet. */
	proposed: () => ( { ...normal(), active: null, settings: null, sha: null, queue: [] } ),
	/** The host does not answer; the plugin has what it read last. */
	down: () => ( { ...normal(), down: true, stale: true } ),
	/** Not even the plugin has anything. */
	dead: () => ( { ...normal(), down: true, stale: false } ),
	/** Settings with faults, so that orders wait. */
	faulty: () => ( { ...normal(), settings: settingsWithFaults( EXAMPLE.settings ) } ),
	/** Somebody who may only look. */
	looking: () => ( { ...normal(), can: { view: true, operate: false, configure: false } } ),
	/** Xero let go, WooCommerce switched webhooks off, a person paused it. */
	troubled: () => ( { ...normal(), paused: true, xero: { state: 'needs_person', organisation: { id: '6f1c', name: MARKUP }, reason: 'the connection was taken back in Xero' }, webhooks: { state: 'disabled', detail: 'order.updated failed 7 times' } } ),
};

/** A case of the corpus as a shop of its own; its texts are handed out untouched. */
function ofCase( /** @type {string} */ name ) {
	const { request } = readCase( name );
	return { ...normal(), request, products: '[]', queue: [] };
}

/**
 * A shop with as many orders as wanted, all different in id.
 *
 * @param {number} count
 */
function many( count ) {
	const recorded = recordedSales( 'AU-incl' );
	const sales = Array.from( { length: count }, ( _, at ) => copyOf( recorded[ at % recorded.length ], 100_000 + at ) );
	return { ...normal(), ...shop( sales ), queue: [] };
}

/** The shop of a name: `normal`, `case:0014-…`, `many:10000`. */
export function scenario( /** @type {string} */ name ) {
	const [ kind = '', given = '' ] = name.split( ':' );
	if ( kind === 'case' && casesOf( 'map' ).includes( given ) ) {
		return ofCase( given );
	}
	return kind === 'many' ? many( Number( given ) ) : ( SCENARIOS[ kind ] ?? normal )();
}
