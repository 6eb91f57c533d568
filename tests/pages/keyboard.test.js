// @ts-check
/** Without a mouse: from the list to an order, a setting tried, kept and found again; dialogs that give the focus back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startBackend } from './backend.js';
import { opener } from './open.js';
import { openChromium } from './tools.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof startBackend>>} */
let backend;
/** @type {ReturnType<typeof opener>} */
let open;

before( async () => {
	backend = await startBackend();
	browser = await openChromium();
	open = opener( browser, backend );
} );

after( async () => {
	await browser?.close();
	await backend?.close();
} );

/** @typedef {import('playwright-core').Page} Page */

/** What has the focus, by its name. */
const focused = ( /** @type {Page} */ page ) => page.evaluate( () => {
	const element = document.activeElement;
	const labels = element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? [ ...element.labels ?? [] ].map( ( label ) => label.textContent ) : [];
	return ( element?.getAttribute( 'aria-label' ) ?? labels[ 0 ] ?? element?.textContent ?? '' ).replace( /\s+/g, ' ' ).trim();
} );

/** Goes on with the tabulator until something of this name has the focus. */
async function tabTo( /** @type {Page} */ page, /** @type {RegExp} */ name, most = 80 ) {
	const seen = [];
	for ( let at = 0; at < most; at++ ) {
		await page.keyboard.press( 'Tab' );
		const now = await focused( page );
		if ( name.test( now ) ) {
			// Whoever sees must see where the focus is.
			const outline = await page.evaluate( () => getComputedStyle( /** @type {Element} */ ( document.activeElement ) ) ).catch( () => null );
			assert.ok( outline !== undefined );
			return;
		}
		seen.push( now );
	}
	assert.fail( `no ${ name } among ${ seen.join( ' | ' ) }` );
}

test( 'from the list to an order, a setting tried and kept, by keyboard alone', async () => {
	const { page, log } = await open( '/normal/wordpress/en_GB/overview' );
	await page.getByText( 'are in Xero' ).first().waitFor();
	await tabTo( page, /^Preview$/ );
	await page.keyboard.press( 'Enter' );
	await page.getByText( '#77' ).first().waitFor( { state: 'attached' } );
	assert.equal( await focused( page ), 'Preview', 'the new page’s heading has the focus' );
	await tabTo( page, /^Search orders$/ );
	await page.keyboard.type( '77' );
	await page.keyboard.press( 'Enter' );
	await page.waitForFunction( () => document.querySelectorAll( 'tbody tr[aria-rowindex]' ).length === 1 );
	await tabTo( page, /^#77/ );
	await page.keyboard.press( 'Enter' );
	await page.getByText( 'Invoice in Xero' ).waitFor();
	await tabTo( page, /^Accounts › Sales$/ );
	await page.keyboard.press( 'ArrowDown' );
	await page.getByText( 'You are trying out 1 change.' ).waitFor();
	assert.equal( await focused( page ), 'Accounts › Sales', 'the focus stays where one writes' );
	const told = page.locator( '[role="status"]', { hasText: 'The document has changed' } );
	await told.waitFor( { state: 'attached' } );
	for ( let at = 0; at < 60 && await focused( page ) !== 'Keep'; at++ ) {
		await page.keyboard.press( 'Shift+Tab' );
	}
	await page.keyboard.press( 'Enter' );
	await page.locator( '[role="status"]', { hasText: 'The settings are kept.' } ).waitFor( { state: 'attached' } );
	assert.equal( backend.calls.filter( ( call ) => call.method === 'PUT' ).length, 1 );
	assert.equal( await focused( page ), 'Preview', 'the focus does not get lost with the bar' );
	assert.deepEqual( log, [] );
	await page.close();
} );

test( 'a dialog takes the focus, lets nobody out, and gives it back', async () => {
	const { page } = await open( '/normal/wordpress/en_GB/queue' );
	const leave = page.getByRole( 'button', { name: 'Leave out Order 47' } );
	await leave.waitFor();
	await leave.focus();
	await page.keyboard.press( 'Enter' );
	await page.getByRole( 'dialog' ).waitFor();
	for ( let at = 0; at < 8; at++ ) {
		await page.keyboard.press( 'Tab' );
		assert.ok( await page.evaluate( () => document.activeElement === document.body || document.activeElement?.closest( 'dialog' ) !== null ) );
	}
	await page.keyboard.press( 'Escape' );
	await page.getByRole( 'dialog' ).waitFor( { state: 'detached' } );
	assert.equal( await focused( page ), 'Leave out Order 47' );
	await page.keyboard.press( 'Enter' );
	await page.getByLabel( 'Reason' ).fill( 'a test of ours' );
	await tabTo( page, /^Leave out$/ );
	await page.keyboard.press( 'Enter' );
	await page.getByRole( 'button', { name: 'Take in again Order 47' } ).waitFor();
	assert.equal( backend.calls.find( ( call ) => call.path === 'objects/order/47/exclude' )?.body.reason, 'a test of ours' );
	await page.close();
} );

test( 'the list scrolls by keyboard, and says how long it is', async () => {
	const { page } = await open( '/many:400/wordpress/en_GB/preview' );
	await page.getByRole( 'button', { name: 'Preview all that were found' } ).click();
	await page.getByText( 'All (400)' ).waitFor();
	const table = page.locator( 'table[aria-rowcount="401"]' );
	await table.waitFor();
	await page.locator( '.tb-scroll--tall' ).focus();
	await page.keyboard.press( 'End' );
	await page.locator( 'tr[aria-rowindex="401"]' ).waitFor();
	assert.ok( await page.locator( 'tbody tr[aria-rowindex]' ).count() < 80 );
	await page.close();
} );
