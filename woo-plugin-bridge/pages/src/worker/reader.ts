/** Reads orders from the shop, in parts of a hundred. */
import { forget, has, keepSales, Failure } from './engine';
import type { Choice, Source } from './protocol';

/** The most that one request may name. */
export const PART = 100;

async function read( source: Source, path: string, signal: AbortSignal ): Promise<string> {
	let response: Response;
	try {
		response = await fetch( new URL( path, source.base ), {
			headers: { accept: 'application/json', ...source.headers }, credentials: 'same-origin', signal,
		} );
	} catch ( error ) {
		if ( signal.aborted ) {
			throw error;
		}
		throw new Failure( 'unreachable', 'the shop did not answer' );
	}
	const text = await response.text();
	if ( ! response.ok ) {
		let said: { error?: { code?: string; message?: string }; code?: string; message?: string } = {};
		try {
			said = JSON.parse( text );
		} catch {
			// A page instead of JSON: its status is all that it says.
		}
		throw new Failure( said.error?.code ?? said.code ?? `http_${ response.status }`,
			said.error?.message ?? said.message ?? `the shop says ${ response.status }` );
	}
	return text;
}

/** Reads those of the orders that are not there yet. */
export async function readSales( ids: number[], source: Source, signal: AbortSignal, again = false ): Promise<void> {
	if ( again ) {
		forget( ids );
	}
	const missing = ids.filter( ( id ) => ! has( id ) );
	for ( let at = 0; at < missing.length; at += PART ) {
		keepSales( await read( source, `sales?ids=${ missing.slice( at, at + PART ).join() }`, signal ) );
	}
}

/** The ids of what is chosen, part after part, with how many there are. */
export async function* parts( choice: Choice, source: Source, signal: AbortSignal ): AsyncGenerator<{ ids: number[]; total: number }> {
	if ( choice.ids ) {
		const ids = choice.ids.slice( 0, choice.limit );
		for ( let at = 0; at < ids.length; at += PART ) {
			yield { ids: ids.slice( at, at + PART ), total: ids.length };
		}
		return;
	}
	let seen = 0;
	for ( let page = 1; seen < choice.limit; page++ ) {
		const query = new URLSearchParams( { page: String( page ), per_page: String( PART ) } );
		for ( const name of [ 'search', 'status', 'from', 'to' ] as const ) {
			if ( choice[ name ] ) {
				query.set( name, choice[ name ] );
			}
		}
		const { orders, total } = JSON.parse( await read( source, `orders?${ query }`, signal ) ) as {
			orders: { id: number }[]; total: number;
		};
		const ids = orders.map( ( order ) => order.id ).slice( 0, choice.limit - seen );
		seen += ids.length;
		if ( ids.length > 0 ) {
			yield { ids, total: Math.min( total, choice.limit ) };
		}
		if ( orders.length < PART || seen >= total ) {
			return;
		}
	}
}
