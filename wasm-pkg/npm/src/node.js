// @ts-check
/** Entry point for Node: the module is read from the file beside this one. */
import { readFile } from 'node:fs/promises';

import { start } from './core.js';

export {
	call, checkSettings, completeness, describe, map, matchCustomers, plan, proposeSettings, readAnswer,
	readPayouts, sha256, summarise, takings,
} from './core.js';

/** @param {import('./core.js').Source} [source]  the file beside this one when left out */
export function load( source = new URL( './tillbook_bg.wasm', import.meta.url ) ) {
	const isPlace = typeof source === 'string' || source instanceof URL;
	return start( async () => ( isPlace ? readFile( source ) : source ) );
}
