// @ts-check
/** German is whole: every sentence of the pages, of the core's schema of settings and of its findings is in the dictionary. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { PAGES } from './tools.js';

const SOURCES = new URL( 'src/', PAGES );
/** @type {Record<string, string>} */
const german = JSON.parse( readFileSync( new URL( 'lang/de.json', PAGES ), 'utf8' ) );
const files = readdirSync( SOURCES, { recursive: true, encoding: 'utf8' } ).filter( ( name ) => /\.tsx?$/.test( name ) );

const plain = ( /** @type {string} */ text ) => text.replace( /\\(.)/g, '$1' );
const oneLine = ( /** @type {string} */ text ) => text.replace( /\s+/g, ' ' ).trim();

/** Texts that the pages say: the first argument of `t`, the first two of `n`. */
function said() {
	const found = new Set();
	for ( const name of files ) {
		const source = readFileSync( new URL( name, SOURCES ), 'utf8' );
		for ( const [ , one, two ] of source.matchAll( /\bn\( '((?:[^'\\]|\\.)*)', '((?:[^'\\]|\\.)*)'/g ) ) {
			found.add( plain( one ?? '' ) ).add( plain( two ?? '' ) );
		}
		for ( const [ , one ] of source.matchAll( /\bt\( '((?:[^'\\]|\\.)*)'/g ) ) {
			found.add( plain( one ?? '' ) );
		}
		// A text that is put together cannot be found in a dictionary.
		for ( const call of source.matchAll( /\bt\( (?!')([^)]*)/g ) ) {
			assert.ok( name.endsWith( 'i18n.ts' ), `${ name }: t( ${ call[ 1 ] } – only whole sentences can be translated` );
		}
	}
	return found;
}

/** Texts that the core says. */
async function saidByCore() {
	const module = new URL( '../../wasm-pkg/npm/dist/node.js', import.meta.url );
	const { load, describe } = await import( pathToFileURL( fileURLToPath( module ) ).href );
	await load();
	const described = describe();
	const found = new Set( described.findings.flatMap( ( /** @type {any} */ one ) => [ oneLine( one.meaning ), oneLine( one.cure ) ] ) );
	const { $defs: definitions } = described.schemas.CheckRequest;
	const seen = new Set();
	const walk = ( /** @type {any} */ schema ) => {
		const name = schema?.$ref?.replace( '#/$defs/', '' );
		if ( name && ! seen.has( name ) ) {
			seen.add( name );
			walk( definitions[ name ] );
		}
		for ( const [ key, value ] of Object.entries( schema ?? {} ) ) {
			if ( key === 'description' && typeof value === 'string' ) {
				found.add( oneLine( value ) );
			} else if ( typeof value === 'object' ) {
				walk( value );
			}
		}
	};
	walk( definitions.Settings );
	return found;
}

const holes = ( /** @type {string} */ text ) => [ ...text.matchAll( /\{\w+\}/g ) ].map( ( one ) => one[ 0 ] ).sort();

test( 'every text has a German one', async () => {
	const missing = [ ...said(), ...( await saidByCore() ) ].filter( ( text ) => ! german[ text ] );
	assert.deepEqual( missing, [] );
} );

test( 'a German text has the same gaps as the English one', () => {
	for ( const [ english, text ] of Object.entries( german ) ) {
		assert.deepEqual( holes( text ), holes( english ), english );
	}
} );

test( 'nothing in the dictionary is said no more', async () => {
	const all = new Set( [ ...said(), ...( await saidByCore() ) ] );
	assert.deepEqual( Object.keys( german ).filter( ( text ) => ! all.has( text ) ), [] );
} );
