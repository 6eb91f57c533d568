// @ts-check
/** The package's README is run, so that it stays true. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL( '../../wasm-pkg/npm/', import.meta.url );

/** A folder with the package in it, as `npm install` leaves one. */
function install() {
	const folder = mkdtempSync( join( tmpdir(), 'tillbook-' ) );
	mkdirSync( join( folder, 'node_modules' ) );
	symlinkSync( fileURLToPath( new URL( 'dist', FOLDER ) ), join( folder, 'node_modules', 'tillbook' ) );
	return folder;
}

test( 'the example prints what the README says', () => {
	const readme = readFileSync( new URL( 'README.md', FOLDER ), 'utf8' );
	const block = ( /** @type {string} */ language ) => {
		const found = readme.match( new RegExp( `\`\`\`${ language }\\n([^]*?)\`\`\`` ) );
		assert.ok( found, `the README has no ${ language } block` );
		return found[ 1 ];
	};
	const folder = install();
	try {
		const run = [ '--input-type=module', '--eval', block( 'js' ) ];
		const printed = execFileSync( process.execPath, run, { cwd: folder, encoding: 'utf8' } );
		assert.equal( printed, block( 'text' ) );
	} finally {
		rmSync( folder, { recursive: true } );
	}
} );
