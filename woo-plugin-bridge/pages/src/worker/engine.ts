/** The module with its context: composes requests from the texts that the shop and the host gave. */
import type {
	CheckResponse, MapResponse, ProposeResponse, SaleOutcome, Settings, SummariseResponse, TakingOutcome, TakingsResponse,
} from 'tillbook/types';
import * as core from 'tillbook/core.js';

import { elementTexts, memberTexts } from '../lib/slices';
import type { Zone } from '../lib/zone';
import type { PreviewRow, Shown } from './protocol';

/** A failure with a stable code, as the page shows it. */
export class Failure extends Error {
	constructor( readonly code: string, message: string ) {
		super( message );
	}
}

interface Sale {
	text: string;
	products: number[];
	date: string;
	name: string;
}

interface OrderSketch {
	id?: number;
	date_created?: string;
	billing?: { first_name?: string; last_name?: string; company?: string; email?: string };
	line_items?: { product_id?: number; variation_id?: number }[];
}

let context: Record<string, string> = {};
const sales = new Map<number, Sale>();
const products = new Map<number, string>();

/** Loads the module once; its SHA-256 is that of the bytes that run. */
export async function load( address: string ): Promise<string> {
	await core.start( async () => {
		const response = await fetch( address );
		if ( ! response.ok ) {
			throw new Failure( 'module_missing', `the module cannot be loaded: the server says ${ response.status }` );
		}
		return response;
	} );
	return core.sha256();
}

/** Asks the core; an error of the door is thrown with its code. */
export function ask<Answer>( operation: string, request: string ): Answer {
	const reply = JSON.parse( core.call( operation, request ) ) as { ok?: Answer; error?: { code: string; message: string } };
	if ( reply.error || reply.ok === undefined ) {
		throw new Failure( reply.error?.code ?? 'core.silent', reply.error?.message ?? 'the core said nothing' );
	}
	return reply.ok;
}

/** Takes what the core needs besides orders. Orders that were read before stay. */
export function takeContext( text: string ): void {
	context = memberTexts( text );
}

const part = ( name: string, otherwise: string ) => {
	const text = context[ name ];
	return text === undefined || text === 'null' ? otherwise : text;
};

/** Keeps the orders of a `sales` answer. */
export function keepSales( text: string ): void {
	const answer = memberTexts( text );
	for ( const one of elementTexts( answer.products ?? '[]' ) ) {
		const { id } = JSON.parse( one ) as { id?: number };
		if ( id !== undefined ) {
			products.set( id, one );
		}
	}
	for ( const one of elementTexts( answer.sales ?? '[]' ) ) {
		const order = JSON.parse( memberTexts( one ).order ?? '{}' ) as OrderSketch;
		const named = ( order.line_items ?? [] ).flatMap( ( line ) => [ line.product_id ?? 0, line.variation_id ?? 0 ] );
		if ( order.id !== undefined ) {
			const { first_name: first = '', last_name: last = '', company, email } = order.billing ?? {};
			sales.set( order.id, {
				text: one,
				products: [ ...new Set( named ) ].filter( Boolean ),
				date: String( order.date_created ?? '' ).slice( 0, 10 ),
				name: `${ first } ${ last }`.trim() || company || email || '',
			} );
		}
	}
}

/** Whether an order was read. */
export const has = ( id: number ) => sales.has( id );

/** Forgets orders, so that the shop is asked again. */
export function forget( ids: number[] ): void {
	ids.forEach( ( id ) => sales.delete( id ) );
}

function mapRequest( ids: number[], settings: string ): string {
	const kept = ids.flatMap( ( id ) => sales.get( id ) ?? [] );
	const named = [ ...new Set( kept.flatMap( ( sale ) => sale.products ) ) ].flatMap( ( id ) => products.get( id ) ?? [] );
	return `{"contract":1,"shop":${ part( 'shop', '{}' ) },"settings":${ settings },"chart":${ part( 'chart', '{}' ) },`
		+ `"records":${ part( 'records', '[]' ) },"sales":[${ kept.map( ( sale ) => sale.text ).join() }],`
		+ `"products":[${ named.join() }]}`;
}

/** Maps orders that were read. */
export function map( ids: number[], settings: Settings ): MapResponse {
	return ask( 'map', mapRequest( ids, JSON.stringify( settings ) ) );
}

/** One order beside its documents. */
export function show( id: number, settings: Settings ): Shown {
	const sale = sales.get( id );
	const { sales: outcomes, findings } = map( [ id ], settings );
	const outcome = outcomes[ 0 ];
	if ( ! sale || ! outcome ) {
		throw new Failure( 'order_missing', `the shop has no order ${ id }` );
	}
	const { order, refunds = [] } = JSON.parse( sale.text ) as Omit<Shown, 'outcome' | 'findings'>;
	return { outcome, order, refunds, findings };
}

/** One order as a row of a list. */
export function rowOf( sale: SaleOutcome ): PreviewRow {
	const findings = [ ...sale.findings, ...( sale.refunds ?? [] ).flatMap( ( refund ) => refund.findings ) ];
	const count = ( severity: string ) => findings.filter( ( one ) => one.severity === severity ).length;
	const rank = [ 'error', 'warning', 'info' ];
	const gravest = [ ...findings ].sort( ( a, b ) => rank.indexOf( a.severity ) - rank.indexOf( b.severity ) )[ 0 ];
	return {
		id: sale.order_id ?? 0,
		number: sale.number ?? '',
		date: sales.get( sale.order_id ?? 0 )?.date ?? '',
		name: sales.get( sale.order_id ?? 0 )?.name ?? '',
		status: sale.status ?? '',
		outcome: sale.outcome,
		charged: sale.charged ?? '',
		currency: sale.currency ?? '',
		document: sale.document?.number ?? '',
		total: sale.document?.total ?? '',
		exactness: sale.document?.exactness ?? '',
		sha256: sale.document?.sha256 ?? '',
		refunds: sale.refunds?.length ?? 0,
		errors: count( 'error' ),
		warnings: count( 'warning' ),
		code: gravest?.code ?? '',
	};
}

/** Checks settings against the chart and the shop. */
export function check( settings: Settings ): CheckResponse {
	return ask( 'check_settings', `{"contract":1,"settings":${ JSON.stringify( settings ) },"chart":${ part( 'chart', '{}' ) },`
		+ `"tax_rates":${ part( 'tax_rates', '[]' ) },"gateways":${ part( 'gateways', '[]' ) }}` );
}

/** Proposes settings for the shop and the chart. */
export function propose(): ProposeResponse {
	return ask( 'propose_settings', `{"contract":1,"shop":${ part( 'shop', '{}' ) },"chart":${ part( 'chart', '{}' ) },`
		+ `"tax_rates":${ part( 'tax_rates', '[]' ) },"gateways":${ part( 'gateways', '[]' ) }}` );
}

/** What orders that were read bring to summaries. */
export function takings( ids: number[], settings: Settings, zone: Zone ): TakingOutcome[] {
	const request = `{"contract":1,"map":${ mapRequest( ids, JSON.stringify( settings ) ) },"zone":${ JSON.stringify( zone ) }}`;
	return ask<TakingsResponse>( 'takings', request ).takings;
}

/** Sums takings and payouts up to documents, as if nothing had been sent yet. */
export function summarise(
	found: TakingOutcome[], settings: Settings, days: { from: string; to: string; zone: Zone }, payouts: string
): SummariseResponse {
	const paid = payouts === '' ? {} : memberTexts( payouts );
	return ask( 'summarise', `{"contract":1,"shop":${ part( 'shop', '{}' ) },"settings":${ JSON.stringify( settings ) },`
		+ `"chart":${ part( 'chart', '{}' ) },"zone":${ JSON.stringify( days.zone ) },"from":"${ days.from }","to":"${ days.to }",`
		+ `"payouts":${ paid.payouts ?? '[]' },"entries":${ paid.entries ?? '[]' },"ledger":{},`
		+ `"takings":${ JSON.stringify( found.map( ( one ) => one.taking ) ) }}` );
}
