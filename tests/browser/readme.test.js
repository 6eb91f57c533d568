// @ts-check
/** The package's README is run, so that it stays true. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL( '../../wasm-pkg/npm/', import.meta.url );

test( 'the example prints what the README says', () => {
	const readme = readFileSync( new URL( 'README.md', FOLDER ), 'utf8' );
	const block = ( /** @type {string} */ language ) => {
		const found = readme.match( new RegExp( `\`\`\`${ language }\\n([^]*?)\`\`\`` ) );
		assert.ok( found, `the README has no ${ language } block` );
		return found[ 1 ];
	};
	// Inside the package's folder its own name means the package.
	const printed = execFileSync( process.execPath, [ '--input-type=module', '--eval', block( 'js' ) ], {
		cwd: fileURLToPath( FOLDER ),
		encoding: 'utf8',
	} );
	assert.equal( printed, block( 'text' ) );
} );
