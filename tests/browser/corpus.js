// @ts-check
/**
 * The corpus: one folder a case, read the same way by every runtime.
 *
 * @typedef {{ name: string, operation: string, request: string, expected: string }} Case
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL( '../corpus/', import.meta.url );

/**
 * Every case by name. An empty corpus proves nothing, so it is an error.
 *
 * @returns {Case[]}
 */
export function readCorpus( folder = FOLDER ) {
	const names = existsSync( folder ) ? readdirSync( folder, { withFileTypes: true } ) : [];
	const cases = names
		.filter( ( entry ) => entry.isDirectory() )
		.map( ( { name } ) => {
			const read = ( /** @type {string} */ file ) => readFileSync( new URL( `${ name }/${ file }`, folder ), 'utf8' );
			return { name, operation: read( 'operation' ).trim(), request: read( 'request.json' ), expected: read( 'expected.json' ) };
		} )
		.sort( ( a, b ) => ( a.name < b.name ? -1 : 1 ) );
	if ( cases.length === 0 ) {
		throw new Error( `the corpus is empty: ${ folder.pathname }` );
	}
	return cases;
}
