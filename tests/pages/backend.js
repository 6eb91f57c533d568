// @ts-check
/** A backend that speaks the pages' contract, with the built bundle under a strict policy. No part of it is shipped. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

import { answer } from './routes.js';
import { scenario } from './scenarios.js';
import { BUILD } from './tools.js';

/** @type {Record<string, string>} */
const TYPES = { '.js': 'text/javascript; charset=utf-8', '.json': 'application/json', '.css': 'text/css; charset=utf-8', '.wasm': 'application/wasm' };

/** As strict as a page with a module can be: no inline script, no inline style. */
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; "
	+ "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A page as an embedder writes it. JSON in a script must not be able to end it. */
function page( /** @type {Record<string, any>} */ config, /** @type {string} */ direction ) {
	const json = JSON.stringify( config ).replaceAll( '<', '\\u003c' );
	const element = config.element === 'box' ? `<tillbook-order-box order="${ config.order }"></tillbook-order-box>` : '<tillbook-app></tillbook-app>';
	return `<!doctype html><html lang="${ config.locale.slice( 0, 2 ) }" dir="${ direction }"><head><meta charset="utf-8"><title>Tillbook</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/build/none.svg"><link rel="stylesheet" href="/frame.css"><link rel="stylesheet" href="/build/tillbook.css">
<script type="application/json" id="tillbook-config">${ json }</script><script type="module" src="/build/tillbook.js"></script></head>
<body class="${ config.where }">${ element }</body></html>`;
}

/** What wp-admin has around the pages, as far as it matters here. */
const FRAME = 'body { margin: 0; } body.wordpress { background: #f0f0f1; padding: 10px 0 20px 20px; }';

/**
 * Starts it. Addresses are `/{scenario}/{where}/{locale}/{page}`; `?dir=rtl` and `?order=` and `?element=box` besides.
 *
 * @returns {Promise<{ origin: string, calls: { method: string, path: string, body: any, headers: any }[], reset: () => void, close: () => Promise<void> }>}
 */
export async function startBackend() {
	/** @type {{ method: string, path: string, body: any, headers: any }[]} */
	const calls = [];
	/** @type {Map<string, any>} */
	let worlds = new Map();
	const world = ( /** @type {string} */ name ) => worlds.get( name ) ?? worlds.set( name, scenario( name ) ).get( name );
	const server = createServer( async ( request, response ) => {
		const url = new URL( request.url ?? '/', 'http://localhost' );
		const send = ( /** @type {number} */ status, /** @type {string} */ type, /** @type {any} */ body ) =>
			response.writeHead( status, { 'content-type': type, 'content-security-policy': POLICY, 'cache-control': 'no-store' } ).end( body );
		const parts = url.pathname.split( '/' ).filter( Boolean ).map( decodeURIComponent );
		if ( parts[ 0 ] === 'frame.css' ) {
			return send( 200, TYPES[ '.css' ] ?? '', FRAME );
		}
		if ( parts[ 0 ] === 'build' ) {
			if ( parts[ 1 ] === 'none.svg' ) {
				return send( 200, 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>' );
			}
			return readFile( new URL( parts.slice( 1 ).join( '/' ), BUILD ) ).then(
				( bytes ) => send( 200, TYPES[ extname( url.pathname ) ] ?? 'text/plain', bytes ), () => send( 404, 'text/plain', '' )
			);
		}
		if ( parts[ 1 ] === 'api' ) {
			const chunks = [];
			for await ( const chunk of request ) {
				chunks.push( chunk );
			}
			const text = Buffer.concat( chunks ).toString();
			const path = parts.slice( 2 ).join( '/' );
			const body = text ? JSON.parse( text ) : undefined;
			calls.push( { method: request.method ?? '', path: path + url.search, body, headers: request.headers } );
			const given = await answer( world( parts[ 0 ] ?? '' ), request.method ?? '', path, url.searchParams, body );
			return send( given.status, 'application/json', given.text );
		}
		const [ name = 'normal', where = 'wordpress', locale = 'en_GB', start = 'overview' ] = parts;
		const order = Number( url.searchParams.get( 'order' ) ) || null;
		const { can } = world( name );
		return send( 200, 'text/html; charset=utf-8', page( {
			base: `/${ name }/api/`, nonce: where === 'wordpress' ? 'nonce-1' : null, where, shop: 'practice', page: start, order, can, locale,
			element: url.searchParams.get( 'element' ) ?? 'app',
			assets: { module: '/build/tillbook_bg.wasm', worker: '/build/worker.js', css: '/build/tillbook.css' },
			links: { order: 'https://shop.example.com/wp-admin/admin.php?page=wc-orders&action=edit&id={id}', app: `/${ name }/${ where }/${ locale }/preview` }, version: '0.1.0',
		}, url.searchParams.get( 'dir' ) ?? 'ltr' ) );
	} );
	await new Promise( ( resolve ) => server.listen( 0, '127.0.0.1', () => resolve( undefined ) ) );
	const address = server.address();
	const port = address !== null && typeof address === 'object' ? address.port : 0;
	return {
		origin: `http://127.0.0.1:${ port }`,
		calls,
		reset: () => {
			worlds = new Map();
			calls.length = 0;
		},
		close: () => new Promise( ( resolve ) => {
			server.closeAllConnections();
			server.close( () => resolve() );
		} ),
	};
}
