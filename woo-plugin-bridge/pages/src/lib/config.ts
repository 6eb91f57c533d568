/** What the page that embeds the elements says of itself. */

export const PAGES = [ 'overview', 'connect', 'preview', 'map', 'queue', 'plan', 'log', 'settings' ] as const;
export type Page = ( typeof PAGES )[ number ];

export interface Config {
	/** Address that all paths are relative to; ends in a slash. */
	base: string;
	/** WordPress's nonce; the host needs none. */
	nonce: string | null;
	where: 'wordpress' | 'host';
	shop: string;
	page: Page;
	order: number | null;
	can: { view: boolean; operate: boolean; configure: boolean };
	locale: string;
	assets: { module: string; worker: string; css?: string };
	/** Addresses with `{id}` in them. */
	links: { order?: string };
	version: string;
}

const FALLBACK: Config = {
	base: './', nonce: null, where: 'host', shop: '', page: 'overview', order: null,
	can: { view: true, operate: false, configure: false }, locale: 'en_GB',
	assets: { module: './tillbook_bg.wasm', worker: './worker.js' }, links: {}, version: '',
};

/** Reads the JSON script `#tillbook-config`. What is missing gets the most careful value. */
function readConfig(): Config {
	const text = document.getElementById( 'tillbook-config' )?.textContent ?? '{}';
	const given = JSON.parse( text ) as Partial<Config>;
	const config = { ...FALLBACK, ...given };
	config.can = { ...FALLBACK.can, ...given.can };
	config.assets = { ...FALLBACK.assets, ...given.assets };
	config.base = new URL( config.base, document.baseURI ).href;
	return config;
}

let read: Config | undefined;

/** The configuration; read once. */
export function config(): Config {
	read ??= readConfig();
	return read;
}

/** The order's page in the shop, where there is one. Only web addresses are followed. */
export function orderLink( id: number | string ): string | undefined {
	const link = config().links.order?.replace( '{id}', encodeURIComponent( String( id ) ) );
	return link !== undefined && /^(https?:)?\//.test( link ) ? link : undefined;
}

/** An address from elsewhere, if it is one of the web. */
export function webAddress( address: string | null | undefined ): string | undefined {
	return address && /^https?:\/\//.test( address ) ? address : undefined;
}
