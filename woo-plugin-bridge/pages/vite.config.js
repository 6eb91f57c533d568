// @ts-check
/** Two builds with fixed names: `page` makes tillbook.js and its styles, `worker` the worker and the module. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = ( /** @type {string} */ path ) => fileURLToPath( new URL( path, import.meta.url ) );
const MODULE = here( '../../wasm-pkg/npm/dist' );

/** The module's address is given by the page; without this the bundler would put the bytes into the script. */
function addressFromPage() {
	const own = "new URL('tillbook_bg.wasm', import.meta.url)";
	return {
		name: 'address-from-page',
		transform( /** @type {string} */ code, /** @type {string} */ id ) {
			if ( ! id.endsWith( '/dist/tillbook.js' ) ) {
				return undefined;
			}
			if ( ! code.includes( own ) ) {
				throw new Error( `${ id } does not name its module as expected` );
			}
			return { code: code.replace( own, 'undefined' ), map: null };
		},
	};
}

/** Puts files beside the bundle as they are. */
function beside( /** @type {Record<string, string>} */ files ) {
	return {
		name: 'beside',
		generateBundle() {
			for ( const [ fileName, path ] of Object.entries( files ) ) {
				/** @type {any} */ ( this ).emitFile( { type: 'asset', fileName, source: readFileSync( path ) } );
			}
		},
	};
}

export default defineConfig( ( { mode } ) => {
	const isWorker = mode === 'worker';
	return {
		publicDir: false,
		define: { 'process.env.NODE_ENV': '"production"' },
		resolve: { alias: { tillbook: MODULE } },
		oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
		plugins: isWorker
			? [ addressFromPage(), beside( { 'tillbook_bg.wasm': `${ MODULE }/tillbook_bg.wasm` } ) ]
			: [ beside( { 'lang/de.json': here( 'lang/de.json' ) } ) ],
		build: {
			outDir: here( '../assets/build' ),
			// The worker's build comes first and sweeps the folder.
			emptyOutDir: isWorker,
			target: 'es2022',
			minify: true,
			sourcemap: false,
			lib: {
				entry: here( isWorker ? 'src/worker.ts' : 'src/main.tsx' ),
				formats: [ 'es' ],
				fileName: () => ( isWorker ? 'worker.js' : 'tillbook.js' ),
				cssFileName: 'tillbook',
			},
			rolldownOptions: { output: { codeSplitting: false } },
		},
	};
} );
