// @ts-check
/** Entry point for browsers, with or without a bundler: bundlers find the module by its `new URL`. */
import { start } from './core.js';

export {
	call, checkSettings, completeness, describe, map, matchCustomers, plan, proposeSettings, readAnswer,
	readPayouts, sha256, summarise, takings,
} from './core.js';

/** @param {import('./core.js').Source} [source]  the file beside this one when left out */
export function load( source = new URL( './tillbook_bg.wasm', import.meta.url ) ) {
	return start( async () => {
		if ( typeof source !== 'string' && ! ( source instanceof URL ) ) {
			return source;
		}
		const response = await fetch( source );
		if ( ! response.ok ) {
			throw new Error( `cannot load ${ source }: the server says ${ response.status }` );
		}
		return response;
	} );
}
