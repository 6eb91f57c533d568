// @ts-check
/** Plans, log, completeness and matching of the backend. */
import { MARKUP } from './facts.js';

const NAME = 'ab12cd34'.repeat( 8 );

/** A plan over the orders asked for, or over all that wait. */
function plan( /** @type {any} */ world, /** @type {any} */ body ) {
	const ids = body.orders ?? world.queue.filter( ( /** @type {any} */ one ) => one.state !== 'done' ).map( ( /** @type {any} */ one ) => Number( one.id ) );
	const fates = [ 'create', 'create', 'update', 'hold', 'skip', 'same' ];
	const rows = ids.map( ( /** @type {number} */ id, /** @type {number} */ at ) => {
		const fate = body.undo ? 'withdraw' : fates[ at % fates.length ];
		return { fate, kind: 'order', id: String( id ), order_id: id, number: `SHOP-${ id }`, amount: '103.67', currency: 'AUD', reversal: fate === 'create' ? 'unlink' : 'update',
			findings: fate === 'hold' ? [ { code: 'account.unmapped', severity: 'error', object: { kind: 'account', id: '' }, field: 'accounts.shipping', message: '`accounts.shipping` names no account', cure: 'Choose an account in `accounts`.' } ] : [] };
	} );
	return { plan: NAME, state: 'saved', made: '2026-11-29T02:00:00Z', calls: [ { place: 0, state: 'planned', status: null }, { place: 1, state: 'planned', status: null } ], rows };
}

function days( /** @type {string} */ month, /** @type {boolean} */ isEmpty ) {
	const length = new Date( Date.UTC( Number( month.slice( 0, 4 ) ), Number( month.slice( 5, 7 ) ), 0 ) ).getUTCDate();
	return Array.from( { length }, ( _, at ) => ( isEmpty || at > 28 ? { day: `${ month }-${ String( at + 1 ).padStart( 2, '0' ) }`, posted: 0, excluded: 0, pending: 0, held: 0 }
		: { day: `${ month }-${ String( at + 1 ).padStart( 2, '0' ) }`, posted: 4 + ( at * 7 ) % 11, excluded: at % 9 === 0 ? 1 : 0, pending: at > 26 ? 3 : 0, held: at % 6 === 3 ? 2 : 0 } ) );
}

const sum = ( /** @type {any[]} */ all, /** @type {string} */ name ) => all.reduce( ( total, one ) => total + one[ name ], 0 );

const CUSTOMERS = [
	{ key: '12', name: 'Ada Lovelace', detail: 'ada@example.org', state: 'suggested', xero_id: null, xero_name: null, suggestions: [ { xero_id: 'c1', name: 'A. Lovelace', reason: 'nearly the same name, same postcode', score: 88 }, { xero_id: 'c2', name: 'Lovelace Pty', reason: 'the same surname', score: 41 } ] },
	{ key: '13', name: MARKUP, detail: 'mark@example.org', state: 'none', xero_id: null, xero_name: null, suggestions: [] },
	{ key: 'guest-9f', name: 'Grace Hopper', detail: 'grace@example.org', state: 'ambiguous', xero_id: null, xero_name: null, suggestions: [ { xero_id: 'c3', name: 'Grace Hopper', reason: 'the same name', score: 70 }, { xero_id: 'c4', name: 'Grace B. Hopper', reason: 'nearly the same name', score: 66 } ] },
	{ key: '15', name: 'Alan Turing', detail: 'alan@example.org', state: 'linked', xero_id: 'c5', xero_name: 'Alan Turing', suggestions: [] },
];
const PRODUCTS = [
	{ key: '10', name: 'Plain Tee', detail: 'TEE-01', state: 'suggested', xero_id: null, xero_name: null, suggestions: [ { xero_id: 'i1', name: 'TEE01 Plain T-shirt', reason: 'nearly the same code', score: 80 } ] },
	{ key: '14', name: 'Fresh bread', detail: 'BREAD', state: 'found', xero_id: 'i2', xero_name: 'BREAD Fresh bread', suggestions: [] },
];

/**
 * The routes.
 *
 * @param {(body: any, status?: number) => any} ok
 * @param {(status: number, code: string, message: string) => any} no
 * @returns {[string, RegExp, (world: any, asked: { query: URLSearchParams, body: any, found: string[] }) => any][]}
 */
export function planned( ok, no ) {
	const matches = ( /** @type {any} */ world, /** @type {string} */ kind ) => {
		world.matches ??= structuredClone( { customers: CUSTOMERS, products: PRODUCTS } );
		return world.sales.size ? world.matches[ kind ] : [];
	};
	return [
		[ 'POST', /^plans$/, ( world, { body } ) => {
			world.plan = plan( world, body );
			return ok( world.plan, 201 );
		} ],
		[ 'GET', /^plans\/(\w+)$/, ( world ) => ( world.plan ? ok( world.plan ) : no( 404, 'not_found', 'there is no such plan' ) ) ],
		[ 'POST', /^plans\/(\w+)\/apply$/, ( world ) => {
			world.plan = { ...world.plan, state: 'done' };
			return ok( { accepted: true }, 202 );
		} ],
		[ 'GET', /^completeness$/, ( world, { query } ) => {
			const month = query.get( 'month' ) ?? '2026-11';
			const found = days( month, world.sales.size === 0 );
			const totals = { posted: sum( found, 'posted' ), excluded: sum( found, 'excluded' ), pending: sum( found, 'pending' ), held: sum( found, 'held' ) };
			return ok( { month, days: found, totals } );
		} ],
		[ 'GET', /^log$/, ( world, { query } ) => ok( { entries: world.queue.flatMap( ( /** @type {any} */ one ) => [
			{ at: '2026-11-28T09:00:02Z', kind: 'order', id: one.id, what: one.state === 'held' ? 'held' : 'answered', detail: one.state === 'held' ? one.findings[ 0 ].message : 'Xero took it' },
			{ at: '2026-11-28T08:59:00Z', kind: 'order', id: one.id, what: 'seen', detail: MARKUP } ] ), next: query.get( 'before' ) || world.queue.length === 0 ? null : '2026-11-28T08:59:00Z' } ) ],
		[ 'GET', /^matching\/(customers|products)$/, ( world, { found, query } ) => {
			const all = matches( world, found[ 1 ] ?? '' );
			const search = ( query.get( 'search' ) ?? '' ).toLowerCase();
			return ok( { matches: all.filter( ( /** @type {any} */ one ) => ( ! query.get( 'state' ) || one.state === query.get( 'state' ) ) && `${ one.name } ${ one.detail }`.toLowerCase().includes( search ) ), next: null } );
		} ],
		[ 'GET', /^matching\/(customers|products)\/ledger$/, ( _, { query } ) => ok( { found: query.get( 'search' ) ? [ { xero_id: 'c9', name: `${ query.get( 'search' ) } Limited`, detail: 'office@example.org' } ] : [] } ) ],
		[ 'POST', /^matching\/(customers|products)$/, ( world, { found, body } ) => {
			for ( const { key, xero_id: id } of body.matches ) {
				const one = matches( world, found[ 1 ] ?? '' ).find( ( /** @type {any} */ each ) => each.key === key );
				if ( one ) {
					Object.assign( one, { state: id ? 'linked' : 'none', xero_id: id, xero_name: id && ( one.suggestions.find( ( /** @type {any} */ each ) => each.xero_id === id )?.name ?? id ) } );
				}
			}
			return ok( { kept: body.matches.length } );
		} ],
	];
}
