/** Speaks with the shop's plugin, or with the host where that serves the pages: one face for both. */
import { config } from './config';
import type {
	Completeness, Consent, Counts, Held, History, LogPage, MatchPage, Objects, Orders, Organisation, PlanView, QueuePage, SettingsKept,
	Status,
} from './api-types';
import type { Finding } from 'tillbook/types';
import { t } from './i18n';

/** What went wrong, with a code that does not change. */
export class Problem extends Error {
	constructor(
		readonly code: string, message: string, readonly status = 0, readonly findings: Finding[] = []
	) {
		super( message );
	}
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem( error: unknown ): Problem {
	if ( error instanceof Problem ) {
		return error;
	}
	const { code, message } = ( error ?? {} ) as { code?: unknown; message?: unknown };
	return new Problem( typeof code === 'string' ? code : 'unexpected', String( message ?? error ) );
}

let nonce: string | null | undefined;

/** The headers of every request. */
export function headers(): Record<string, string> {
	nonce ??= config().nonce;
	return nonce ? { 'X-WP-Nonce': nonce } : { 'X-Tillbook': '1' };
}

interface ErrorBody {
	error?: { code?: string; message?: string };
	findings?: Finding[];
	/** WordPress's own errors. */
	code?: string;
	message?: string;
}

/** The answer's text; an answer that is no success is thrown. */
export async function requestText( method: string, path: string, body?: unknown ): Promise<string> {
	let response: Response;
	try {
		response = await fetch( new URL( path, config().base ), {
			method,
			credentials: 'same-origin',
			headers: { accept: 'application/json', ...headers(), ...( body === undefined ? {} : { 'content-type': 'application/json' } ) },
			...( body === undefined ? {} : { body: JSON.stringify( body ) } ),
		} );
	} catch {
		throw new Problem( 'unreachable', t( 'There was no answer. Check the connection, then try again.' ) );
	}
	nonce = response.headers.get( 'X-WP-Nonce' ) ?? nonce;
	const text = await response.text();
	if ( response.ok ) {
		return text;
	}
	let said: ErrorBody = {};
	try {
		said = JSON.parse( text ) as ErrorBody;
	} catch {
		// A page instead of JSON: its status is all that it says.
	}
	const message = said.error?.message ?? said.message ?? t( 'The server answered with {status}.', { status: response.status } );
	throw new Problem( said.error?.code ?? said.code ?? `http_${ response.status }`, message, response.status, said.findings );
}

async function request<Answer>( method: string, path: string, body?: unknown ): Promise<Answer> {
	const text = await requestText( method, path, body );
	return ( text.trim() === '' ? {} : JSON.parse( text ) ) as Answer;
}

/** A query of what is given; nothing of what is not. */
export function query( values: Record<string, string | number | undefined> ): string {
	const given = Object.entries( values ).filter( ( [ , value ] ) => value !== undefined && value !== '' );
	return given.length ? `?${ new URLSearchParams( given.map( ( [ name, value ] ) => [ name, String( value ) ] ) ) }` : '';
}

const object = ( kind: string, id: string ) => `objects/${ encodeURIComponent( kind ) }/${ encodeURIComponent( id ) }`;

export const api = {
	status: () => request<Status>( 'GET', 'status' ),
	contextText: () => requestText( 'GET', 'context' ),
	orders: ( asked: { search?: string; status?: string; from?: string; to?: string; page?: number; per_page?: number } ) =>
		request<Orders>( 'GET', `orders${ query( asked ) }` ),
	payoutsText: ( from: string, to: string ) => requestText( 'GET', `payouts${ query( { from, to } ) }` ),
	putSettings: ( settings: unknown, basedOn: string | null ) =>
		request<SettingsKept>( 'PUT', 'settings', { settings, based_on: basedOn } ),
	activate: ( from?: string ) => request<Status>( 'POST', 'activate', from ? { from } : {} ),
	pause: ( reason: string ) => request<unknown>( 'POST', 'pause', { reason } ),
	resume: () => request<unknown>( 'POST', 'resume' ),
	sync: () => request<unknown>( 'POST', 'sync' ),
	counts: () => request<Counts>( 'GET', 'queue/counts' ),
	queue: ( asked: { state?: string; id?: string; after?: string; limit?: number } ) =>
		request<QueuePage>( 'GET', `queue${ query( asked ) }` ),
	held: ( limit = 100 ) => request<Held>( 'GET', `held${ query( { limit } ) }` ),
	history: ( kind: string, id: string ) => request<History>( 'GET', object( kind, id ) ),
	act: ( kind: string, id: string, what: 'retry' | 'include' | 'push' ) => request<unknown>( 'POST', `${ object( kind, id ) }/${ what }` ),
	exclude: ( kind: string, id: string, reason: string ) => request<unknown>( 'POST', `${ object( kind, id ) }/exclude`, { reason } ),
	objects: ( kind: string, ids: number[] ) => request<Objects>( 'GET', `objects${ query( { kind, ids: ids.join() } ) }` ),
	pair: ( address: string, code: string ) => request<Status>( 'POST', 'connect', { address, code } ),
	mendWebhooks: () => request<Status>( 'POST', 'webhooks' ),
	xeroCustom: ( clientId: string, clientSecret: string ) =>
		request<{ organisation: Organisation }>( 'POST', 'xero/custom', { client_id: clientId, client_secret: clientSecret } ),
	xeroConsent: ( returnTo: string ) => request<Consent>( 'POST', 'xero/consent', { return_to: returnTo } ),
	xeroOrganisations: () => request<{ organisations: Organisation[] }>( 'GET', 'xero/organisations' ),
	xeroChoose: ( id: string ) => request<unknown>( 'POST', 'xero/organisation', { id } ),
	makePlan: ( asked: { orders?: number[]; undo?: boolean } ) => request<PlanView>( 'POST', 'plans', asked ),
	plan: ( sha256: string ) => request<PlanView>( 'GET', `plans/${ encodeURIComponent( sha256 ) }` ),
	applyPlan: ( sha256: string ) => request<unknown>( 'POST', `plans/${ encodeURIComponent( sha256 ) }/apply` ),
	completeness: ( month: string ) => request<Completeness>( 'GET', `completeness${ query( { month } ) }` ),
	log: ( before?: string, limit = 50 ) => request<LogPage>( 'GET', `log${ query( { before, limit } ) }` ),
	matching: ( kind: 'customers' | 'products', asked: { state?: string; search?: string; after?: string; limit?: number } ) =>
		request<MatchPage>( 'GET', `matching/${ kind }${ query( asked ) }` ),
	ledger: ( kind: 'customers' | 'products', search: string ) =>
		request<{ found: { xero_id: string; name: string; detail: string }[] }>( 'GET', `matching/${ kind }/ledger${ query( { search } ) }` ),
	match: ( kind: 'customers' | 'products', matches: { key: string; xero_id: string | null }[] ) =>
		request<unknown>( 'POST', `matching/${ kind }`, { matches } ),
};
