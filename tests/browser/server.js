// @ts-check
/** A static server on this machine only, as plain as a shop's. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** @type {Record<string, string>} */
const TYPES = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.json': 'application/json',
	'.wasm': 'application/wasm',
};
const PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>tillbook</title><link rel="icon" href="data:,"></html>';
/** As strict as a page with a module can be. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";

/**
 * Serves folders under names: `{ npm: file URL }` answers `/npm/…`. Below `/plain/` the same files
 * come without a type, as from a server that has never heard of WebAssembly.
 *
 * @param {Record<string, URL>} folders
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>}
 */
export async function serve( folders ) {
	const server = createServer( async ( request, response ) => {
		const path = new URL( request.url ?? '/', 'http://localhost' ).pathname;
		const [ , name, file ] = path.match( /^(?:\/plain)?\/(\w+)\/([\w./-]+)$/ ) ?? [];
		if ( path === '/' ) {
			response.writeHead( 200, { 'content-type': TYPES[ '.html' ], 'content-security-policy': POLICY } ).end( PAGE );
		} else if ( name in folders && ! file.includes( '..' ) ) {
			const type = path.startsWith( '/plain/' ) ? 'application/octet-stream' : TYPES[ extname( file ) ];
			await readFile( new URL( file, folders[ name ] ) ).then(
				( bytes ) => response.writeHead( 200, { 'content-type': type } ).end( bytes ),
				() => response.writeHead( 404 ).end()
			);
		} else {
			response.writeHead( 404 ).end();
		}
	} );
	await new Promise( ( resolve ) => server.listen( 0, '127.0.0.1', () => resolve( undefined ) ) );
	const address = server.address();
	const port = address !== null && typeof address === 'object' ? address.port : 0;
	return {
		origin: `http://127.0.0.1:${ port }`,
		close: () => new Promise( ( resolve ) => {
			server.closeAllConnections();
			server.close( () => resolve() );
		} ),
	};
}
