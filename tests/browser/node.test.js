// @ts-check
/** The corpus through both faces of the module in Node: the same bytes as everywhere. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

import { initSync } from '../../wasm-pkg/npm/dist/tillbook.js';
import * as tillbook from '../../wasm-pkg/npm/dist/node.js';
import { digestOf } from '../../wasm-pkg/npm/dist/sha256.js';
import { readCorpus } from './corpus.js';
import { complaint, exhaustMemory, hostileRequests } from './hostile.js';
import { callRaw, instantiate, take } from './raw.js';

const bytes = readFileSync( new URL( '../../wasm-pkg/npm/dist/tillbook_bg.wasm', import.meta.url ) );
const module = new WebAssembly.Module( bytes );
const corpus = readCorpus();
/** @type {Record<string, (request: any) => unknown>} */
const typed = {
	describe: tillbook.describe,
	propose_settings: tillbook.proposeSettings,
	check_settings: tillbook.checkSettings,
	map: tillbook.map,
	match: tillbook.matchCustomers,
	plan: tillbook.plan,
	read: tillbook.readAnswer,
	read_payouts: tillbook.readPayouts,
	takings: tillbook.takings,
	summarise: tillbook.summarise,
	completeness: tillbook.completeness,
};

function isJson( /** @type {string} */ text ) {
	try {
		JSON.parse( text );
		return true;
	} catch {
		return false;
	}
}

test( 'nothing answers before the module is loaded', () => {
	assert.throws( () => tillbook.call( 'describe', '{}' ), { code: 'core.not_loaded' } );
	assert.throws( () => tillbook.sha256(), { code: 'core.not_loaded' } );
} );

test( 'a load that failed can be tried again', async () => {
	await assert.rejects( tillbook.load( './nowhere.wasm' ), { code: 'ENOENT' } );
	await tillbook.load();
} );

test( 'the package shows the SHA-256 of the file', ( context ) => {
	assert.equal( tillbook.sha256(), createHash( 'sha256' ).update( bytes ).digest( 'hex' ) );
	context.diagnostic( `sha-256 ${ tillbook.sha256() }` );
} );

test( 'SHA-256 is right where the page has no crypto', () => {
	for ( const length of [ 0, 1, 55, 56, 63, 64, 65, 1000, 65_536 ] ) {
		const message = bytes.subarray( 0, length );
		assert.equal( Buffer.from( digestOf( message ) ).toString( 'hex' ), createHash( 'sha256' ).update( message ).digest( 'hex' ) );
	}
} );

for ( const { name, operation, request, expected } of corpus ) {
	test( `corpus ${ name }: raw face`, () => assert.equal( callRaw( instantiate( module ), operation, request ), expected ) );
	test( `corpus ${ name }: package`, () => assert.equal( tillbook.call( operation, request ), expected ) );
}

test( 'the typed functions give what the door gives', () => {
	const reply = JSON.parse( tillbook.call( 'describe', '{}' ) );
	assert.deepEqual( tillbook.describe(), reply.ok );
	for ( const { name, operation, request, expected } of corpus ) {
		const run = typed[ operation ];
		const { ok, error } = JSON.parse( expected );
		if ( run === undefined || ! isJson( request ) ) {
			// Only text can be no JSON, or name an operation that is not there.
			assert.notEqual( error, undefined, name );
		} else if ( error === undefined ) {
			assert.deepEqual( run( JSON.parse( request ) ), ok, name );
		} else {
			assert.throws( () => run( JSON.parse( request ) ), { code: error.code } );
		}
	}
} );

test( 'what has no JSON is refused', () => {
	for ( const request of [ undefined, () => {}, Symbol( 'order' ), null, NaN ] ) {
		assert.throws( () => tillbook.map( /** @type {any} */ ( request ) ), { code: 'core.bad_request' } );
	}
	/** @type {any} */
	const circle = {};
	circle.circle = circle;
	assert.throws( () => tillbook.map( circle ), TypeError );
	assert.throws( () => tillbook.map( /** @type {any} */ ( { contract: 1n } ) ), TypeError );
	assert.equal( tillbook.describe().contract, 1 );
} );

test( 'hostile requests are refused by both faces', () => {
	const raw = instantiate( module );
	for ( const { name, operation, request } of hostileRequests() ) {
		const reply = tillbook.call( operation, request );
		assert.equal( complaint( reply ), undefined, name );
		assert.equal( callRaw( raw, operation, request ), reply, name );
	}
	for ( const { operation, request, expected } of corpus ) {
		assert.equal( callRaw( raw, operation, request ), expected );
	}
} );

test( 'bytes that are not UTF-8 are refused by the raw face', () => {
	const raw = instantiate( module );
	const broken = new Uint8Array( [ 0x7b, 0xff, 0x7d ] );
	assert.equal( JSON.parse( callRaw( raw, 'map', broken ) ).error.code, 'core.not_utf8' );
	assert.equal( JSON.parse( callRaw( raw, broken, '{}' ) ).error.code, 'core.not_utf8' );
} );

test( 'the raw face says its version, has no panic to tell of, and leaks nothing', () => {
	const raw = instantiate( module );
	assert.equal( raw.tillbook_abi_version(), 1 );
	assert.equal( take( raw, raw.tillbook_panic() ), '' );
	const [ { operation, request } ] = corpus;
	callRaw( raw, operation, request );
	const before = raw.memory.buffer.byteLength;
	for ( let i = 0; i < 2000; i++ ) {
		callRaw( raw, operation, request );
	}
	assert.equal( raw.memory.buffer.byteLength, before );
} );

test( 'a wild pointer traps, and the next instance is sound', () => {
	const raw = instantiate( module );
	assert.throws( () => raw.tillbook_call( 0xfffffff0, 64, 0, 0 ), WebAssembly.RuntimeError );
	assert.equal( raw.tillbook_alloc( 0xffffffff ), 0 );
	const [ { operation, request, expected } ] = corpus;
	assert.equal( callRaw( instantiate( module ), operation, request ), expected );
} );

test( 'the reason of a panic can be read after the trap', () => {
	const raw = instantiate( module );
	const ptr = raw.tillbook_alloc( 4096 );
	// The allocator notices that a buffer is given back with a wrong length.
	assert.throws( () => raw.tillbook_free( ptr, 1 ), WebAssembly.RuntimeError );
	assert.match( take( raw, raw.tillbook_panic() ), /^panicked at / );
} );

test( 'after a trap the package answers from a new instance', () => {
	exhaustMemory( initSync( { module: bytes } ) );
	assert.throws( () => tillbook.call( 'map', 'x'.repeat( 8 << 20 ) ), { code: 'core.trap' } );
	for ( const { operation, request, expected } of corpus ) {
		assert.equal( tillbook.call( operation, request ), expected );
	}
} );

test( 'an empty corpus is an error', () => {
	const empty = pathToFileURL( join( mkdtempSync( join( tmpdir(), 'corpus-' ) ), '/' ) );
	assert.throws( () => readCorpus( empty ), /the corpus is empty/ );
} );
