/** Where the reader is: a page and what it shows, in the address after `#`. */
import { PAGES, config, type Page } from './config';
import { store } from './store';

export interface Route {
	page: Page;
	asked: Record<string, string>;
}

/** Reads `#/preview?orders=77`. */
export function readRoute( hash: string, otherwise: Page ): Route {
	const [ path = '', query = '' ] = hash.replace( /^#\/?/, '' ).split( '?' );
	const page = PAGES.find( ( one ) => one === path ) ?? otherwise;
	return { page, asked: Object.fromEntries( new URLSearchParams( query ) ) };
}

/** The address of a page. */
export function hashOf( page: Page, asked: Record<string, string> = {} ): string {
	const query = new URLSearchParams( asked ).toString();
	return `#/${ page }${ query ? `?${ query }` : '' }`;
}

export const route = store<Route>( { page: 'overview', asked: {} } );

/** Takes the address as it is now. */
export function readAddress(): void {
	const next = readRoute( location.hash, config().page );
	const { order } = config();
	if ( location.hash === '' && order && next.page === 'preview' ) {
		next.asked = { orders: String( order ) };
	}
	route.set( next );
}

/** Follows the address from now on. */
export function followAddress(): () => void {
	addEventListener( 'hashchange', readAddress );
	return () => removeEventListener( 'hashchange', readAddress );
}
