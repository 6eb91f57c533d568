// @ts-check
/** Every page in each of its states: no complaint, no violation that axe finds, markup stays text, and pictures to look at. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startBackend } from './backend.js';
import { MARKUP } from './facts.js';
import { opener } from './open.js';
import { axeSource, openChromium } from './tools.js';
import { VIEWS } from './views.js';

const SHOTS = process.env.TILLBOOK_SCREENSHOTS ?? fileURLToPath( new URL( '../../target/pages/', import.meta.url ) );
const WIDTHS = [ 320, 800, 1440 ];

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof startBackend>>} */
let backend;
/** @type {ReturnType<typeof opener>} */
let open;

before( async () => {
	mkdirSync( SHOTS, { recursive: true } );
	backend = await startBackend();
	browser = await openChromium();
	open = opener( browser, backend );
} );

after( async () => {
	await browser?.close();
	await backend?.close();
} );

/** @typedef {import('playwright-core').Page} Page */

/** What axe finds, one line for each place. */
async function violations( /** @type {Page} */ page ) {
	// The policy forbids scripts of others, so axe comes through the debugger.
	await page.evaluate( axeSource() );
	return page.evaluate( async () => {
		const { axe } = /** @type {any} */ ( globalThis );
		// The box stands in a page of others, which has these already.
		const enabled = ! document.querySelector( 'tillbook-order-box' );
		const rules = { 'page-has-heading-one': { enabled }, region: { enabled }, 'landmark-one-main': { enabled } };
		const { violations: all } = await axe.run( document, { resultTypes: [ 'violations' ], rules } );
		return all.flatMap( ( /** @type {any} */ one ) => one.nodes.map( ( /** @type {any} */ node ) => `${ one.id }: ${ node.target.join( ' ' ) } ${ node.failureSummary?.split( '\n' )[ 1 ]?.trim() ?? '' }` ) );
	} );
}

/** Nothing may stick out sideways. */
const overhang = ( /** @type {Page} */ page ) => page.waitForFunction(
	() => document.documentElement.scrollWidth <= document.documentElement.clientWidth, undefined, { timeout: 3_000 }
).then( () => false, () => true );

for ( const view of VIEWS ) {
	test( `${ view.name }: no complaint, no violation, nothing sticks out`, async () => {
		backend.reset();
		const { page, log } = await open( view.address );
		await view.ready( page );
		await page.waitForTimeout( 250 );
		for ( const width of WIDTHS ) {
			await page.setViewportSize( { width, height: 900 } );
			await page.waitForTimeout( 60 );
			assert.ok( ! await overhang( page ), `${ view.name } is wider than ${ width } px` );
			await page.screenshot( { path: `${ SHOTS }/${ view.name }-${ width }.png`, fullPage: true } );
			if ( width !== 800 ) {
				assert.deepEqual( await violations( page ), [], `${ view.name } at ${ width } px` );
			}
		}
		// That the browser itself tells of refused requests is part of those states.
		assert.deepEqual( log.filter( ( line ) => ! ( view.refused && /status of (409|503|422|404|401)/.test( line ) ) ), [] );
		assert.equal( await page.locator( 'img[src="x"]' ).count(), 0 );
		await page.close();
	} );
}

for ( const [ name, address, options ] of /** @type {[string, string, any][]} */ ( [
	[ 'rtl-order', '/normal/wordpress/ar/preview?dir=rtl#/preview?orders=77', {} ],
	[ 'rtl-overview', '/normal/wordpress/ar/overview?dir=rtl', {} ],
	[ 'rtl-settings', '/normal/host/ar/settings?dir=rtl', {} ],
	[ 'dark-order', '/normal/host/en_GB/preview#/preview?orders=77', { colorScheme: 'dark' } ],
	[ 'dark-overview', '/normal/host/en_GB/overview', { colorScheme: 'dark' } ],
	[ 'dark-settings', '/faulty/host/en_GB/settings', { colorScheme: 'dark' } ],
	[ 'dark-connect', '/proposed/host/en_GB/connect', { colorScheme: 'dark' } ],
	[ 'german-order', '/normal/wordpress/de_DE/preview#/preview?orders=77', {} ],
	[ 'german-connect', '/proposed/wordpress/de_DE/connect', {} ],
	[ 'german-settings', '/faulty/wordpress/de_DE/settings', {} ],
] ) ) {
	test( `${ name }: as good from the other side, in the dark, and in another language`, async () => {
		const { page, log } = await open( address, options );
		await page.locator( '.tb-foot code' ).waitFor();
		await page.waitForTimeout( 700 );
		assert.ok( ! await overhang( page ), `${ name } sticks out` );
		assert.deepEqual( await violations( page ), [] );
		await page.screenshot( { path: `${ SHOTS }/${ name }.png`, fullPage: true } );
		assert.deepEqual( log, [] );
		await page.close();
	} );
}

test( 'names with markup are text on every page that shows them', async () => {
	for ( const address of [ '/normal/wordpress/en_GB/preview#/preview?orders=9001', '/normal/wordpress/en_GB/map#/map?view=customers', '/normal/wordpress/en_GB/log', '/troubled/wordpress/en_GB/overview', '/normal/wordpress/en_GB/preview' ] ) {
		const { page, log } = await open( address );
		await page.getByText( '<img src=x onerror=alert(1)>' ).first().waitFor();
		assert.ok( ( await page.locator( 'tillbook-app' ).innerText() ).includes( MARKUP.slice( 0, 30 ) ), address );
		assert.equal( await page.locator( 'tillbook-app b, tillbook-app img' ).count(), 0, address );
		assert.deepEqual( log, [] );
		await page.close();
	}
} );

test( 'a name without a space does not push the amounts out of sight', async () => {
	const { page } = await open( '/normal/wordpress/en_GB/preview#/preview?orders=9001' );
	await page.locator( '.tb-order-head' ).waitFor();
	const text = page.locator( '.tb-name' ).first();
	await text.evaluate( ( cell ) => cell.prepend( 'W'.repeat( 60 ) ) );
	for ( const width of WIDTHS ) {
		await page.setViewportSize( { width, height: 900 } );
		const hidden = await page.locator( '.tb-side .tb-scroll' ).evaluateAll( ( all ) => all.map( ( one ) => one.scrollWidth - one.clientWidth ) );
		assert.ok( hidden.length > 0 && hidden.every( ( pixels ) => pixels <= 0 ), `${ hidden } px hidden at ${ width } px` );
	}
	await page.close();
} );
