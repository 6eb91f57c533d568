// @ts-check
/** The corpus in Chromium, without a bundler: the same bytes and the same SHA-256 as everywhere. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { openChromium } from './chromium.js';
import { readCorpus } from './corpus.js';
import { serve } from './server.js';

const NPM = new URL( '../../wasm-pkg/npm/dist/', import.meta.url );
const corpus = readCorpus();
const expectedSha256 = createHash( 'sha256' ).update( readFileSync( new URL( 'tillbook_bg.wasm', NPM ) ) ).digest( 'hex' );

/** @type {import('playwright-core').BrowserContext} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before( async () => {
	server = await serve( { npm: NPM, tests: new URL( './', import.meta.url ) } );
	browser = await openChromium();
} );

after( async () => {
	await browser?.close();
	await server?.close();
} );

/**
 * A blank page of the server; what it logs is in `log`.
 *
 * @param {string} [origin]
 */
async function openPage( origin = server.origin ) {
	const page = await browser.newPage();
	/** @type {string[]} */
	const log = [];
	page.on( 'console', ( message ) => log.push( `${ message.type() }: ${ message.text() }` ) );
	page.on( 'pageerror', ( error ) => log.push( `error: ${ error.message }` ) );
	await page.goto( origin );
	return { page, log };
}

test( 'the package gives the expected bytes and SHA-256', async ( context ) => {
	const { page, log } = await openPage();
	const result = await page.evaluate( async ( cases ) => {
		const tillbook = await import( /** @type {any} */ ( '/npm/browser.js' ) );
		await tillbook.load();
		return { sha256: tillbook.sha256(), replies: cases.map( ( one ) => tillbook.call( one.operation, one.request ) ) };
	}, corpus );
	assert.equal( result.sha256, expectedSha256 );
	context.diagnostic( `sha-256 ${ result.sha256 }, ${ browser.browser()?.version() ?? 'Chromium' }` );
	corpus.forEach( ( { name, expected }, index ) => assert.equal( result.replies[ index ], expected, name ) );
	assert.deepEqual( log, [] );
} );

test( 'the raw face gives the expected bytes', async () => {
	const { page } = await openPage();
	const replies = await page.evaluate( async ( cases ) => {
		const { callRaw, instantiate } = await import( /** @type {any} */ ( '/tests/raw.js' ) );
		const module = await WebAssembly.compileStreaming( fetch( '/npm/tillbook_bg.wasm' ) );
		return cases.map( ( one ) => callRaw( instantiate( module ), one.operation, one.request ) );
	}, corpus );
	corpus.forEach( ( { name, expected }, index ) => assert.equal( replies[ index ], expected, name ) );
} );

test( 'a server that does not know WebAssembly is good enough', async () => {
	const { page, log } = await openPage();
	const sha256 = await page.evaluate( async () => {
		const tillbook = await import( /** @type {any} */ ( '/npm/browser.js' ) );
		await tillbook.load( '/plain/npm/tillbook_bg.wasm' );
		return tillbook.sha256();
	} );
	assert.equal( sha256, expectedSha256 );
	assert.equal( log.filter( ( line ) => line.startsWith( 'warning:' ) ).length, 1, log.join( '\n' ) );
} );

test( 'a page over plain HTTP, which has no crypto.subtle, still shows the SHA-256', async () => {
	// This machine's own address counts as secure, so what such a page lacks is taken away.
	const { page } = await openPage();
	const sha256 = await page.evaluate( async () => {
		Object.defineProperty( globalThis.crypto, 'subtle', { value: undefined } );
		const tillbook = await import( /** @type {any} */ ( '/npm/browser.js' ) );
		await tillbook.load();
		return tillbook.sha256();
	} );
	assert.equal( sha256, expectedSha256 );
} );

test( 'hostile requests are refused and do no harm', async () => {
	const { page } = await openPage();
	const complaints = await page.evaluate( async ( cases ) => {
		const tillbook = await import( /** @type {any} */ ( '/npm/browser.js' ) );
		const { complaint, hostileRequests } = await import( /** @type {any} */ ( '/tests/hostile.js' ) );
		await tillbook.load();
		const found = [];
		for ( const { name, operation, request } of hostileRequests() ) {
			found.push( [ name, complaint( tillbook.call( operation, request ) ) ] );
		}
		const changed = cases.filter( ( one ) => tillbook.call( one.operation, one.request ) !== one.expected );
		return [ ...found.filter( ( [ , wrong ] ) => wrong !== undefined ), ...changed ];
	}, corpus );
	assert.deepEqual( complaints, [] );
} );

test( 'after a trap the package answers from a new instance', async () => {
	const { page } = await openPage();
	const result = await page.evaluate( async ( cases ) => {
		const tillbook = await import( /** @type {any} */ ( '/npm/browser.js' ) );
		const glue = await import( /** @type {any} */ ( '/npm/tillbook.js' ) );
		const { exhaustMemory } = await import( /** @type {any} */ ( '/tests/hostile.js' ) );
		await tillbook.load();
		exhaustMemory( await glue.default() );
		let code = 'none';
		try {
			tillbook.call( 'map', 'x'.repeat( 8 << 20 ) );
		} catch ( error ) {
			code = /** @type {any} */ ( error ).code;
		}
		return { code, replies: cases.map( ( one ) => tillbook.call( one.operation, one.request ) ) };
	}, corpus );
	assert.equal( result.code, 'core.trap' );
	corpus.forEach( ( { name, expected }, index ) => assert.equal( result.replies[ index ], expected, name ) );
} );

test( 'a module that is not there is an error that names it', async () => {
	const { page } = await openPage();
	const message = await page.evaluate( async () => {
		const tillbook = await import( /** @type {any} */ ( '/npm/browser.js' ) );
		return tillbook.load( '/npm/nowhere.wasm' ).catch( ( /** @type {Error} */ error ) => error.message );
	} );
	assert.match( message, /cannot load \/npm\/nowhere\.wasm: the server says 404/ );
} );
