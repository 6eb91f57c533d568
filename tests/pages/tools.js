// @ts-check
/** Chromium, the pages' own modules, and axe, all from the pages' lock file. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const PAGES = new URL( '../../woo-plugin-bridge/pages/', import.meta.url );
export const BUILD = new URL( '../../woo-plugin-bridge/assets/build/', import.meta.url );
const require = createRequire( new URL( 'package.json', PAGES ) );
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
	'--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/**
 * Starts the machine's Chromium with an empty profile.
 *
 * @param {string[]} [more]
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function openChromium( more = [] ) {
	if ( ! existsSync( EXECUTABLE ) ) {
		throw new Error( `there is no ${ EXECUTABLE }; install chromium or set CHROMIUM` );
	}
	if ( ! existsSync( new URL( 'tillbook.js', BUILD ) ) ) {
		throw new Error( 'the pages are not built: run `npm run build` in woo-plugin-bridge/pages' );
	}
	return require( 'playwright-core' ).chromium.launch( { executablePath: EXECUTABLE, args: [ ...ARGUMENTS, ...more ] } );
}

/** axe, as text to be put into a page. */
export const axeSource = () => readFileSync( require.resolve( 'axe-core/axe.min.js' ), 'utf8' );

/**
 * The pages' TypeScript modules, as they are.
 *
 * @returns {Promise<{ load: (path: string) => Promise<any>, close: () => Promise<void> }>}
 */
export async function sources() {
	const { createServer } = await import( pathToFileURL( require.resolve( 'vite' ).replace( /index\.cjs$/, 'dist/node/index.js' ) ).href );
	const server = await createServer( {
		root: fileURLToPath( PAGES ), configFile: false, appType: 'custom', logLevel: 'error', cacheDir: undefined,
		oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
		server: { middlewareMode: true, ws: false, watch: null }, optimizeDeps: { noDiscovery: true },
	} );
	return { load: ( path ) => server.ssrLoadModule( `/src/${ path }` ), close: () => server.close() };
}
