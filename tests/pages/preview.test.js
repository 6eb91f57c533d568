// @ts-check
/** The preview in Chromium: the corpus' own documents, settings tried out, and everything without the host. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startBackend } from './backend.js';
import { casesOf, readCase } from './facts.js';
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

/** The digests that a preview shows, invoice and credit notes. */
const shown = async ( /** @type {import('playwright-core').Page} */ page ) =>
	page.locator( '.tb-pairs' ).first().evaluate( ( element ) => [ ...element.querySelectorAll( '.tb-sha code' ) ].map( ( code ) => code.getAttribute( 'title' ) ) );

/** The digests that the corpus expects of an order. */
const expectedOf = ( /** @type {any} */ sale ) => [ sale.document, ...( sale.refunds ?? [] ).map( ( /** @type {any} */ one ) => one.document ) ]
	.filter( Boolean ).map( ( document ) => document.sha256 );

test( 'every document of the corpus has its expected SHA-256 in the preview', async ( context ) => {
	const { page, log } = await open( '/normal/wordpress/en_GB/preview' );
	let documents = 0;
	for ( const name of casesOf( 'map' ) ) {
		const { ok = { sales: [] } } = JSON.parse( readCase( name ).expected );
		const sales = ok.sales.filter( ( /** @type {any} */ sale ) => sale.order_id && expectedOf( sale ).length > 0 ).slice( 0, 3 );
		for ( const [ at, sale ] of sales.entries() ) {
			const address = `${ backend.origin }/case:${ name }/wordpress/en_GB/preview`;
			await ( at === 0 ? page.goto( `${ address }#/preview?orders=${ sale.order_id }` ) : page.evaluate( ( id ) => {
				location.hash = `#/preview?orders=${ id }`;
			}, sale.order_id ) );
			await page.locator( '.tb-order-head', { hasText: `#${ sale.number }` } ).waitFor( { timeout: 10_000 } );
			assert.deepEqual( await shown( page ), expectedOf( sale ), `${ name }, order ${ sale.order_id }` );
			documents += expectedOf( sale ).length;
		}
	}
	context.diagnostic( `${ documents } documents of ${ casesOf( 'map' ).length } cases` );
	assert.ok( documents > 100 );
	assert.deepEqual( log, [] );
	await page.close();
} );

test( 'a setting that is tried moves the document at once, and is kept or discarded', async () => {
	const { page, log } = await open( '/normal/wordpress/en_GB/preview#/preview?orders=77' );
	const sales = page.getByLabel( 'Accounts › Sales', { exact: true } );
	await sales.waitFor();
	const before = await shown( page );
	await sales.selectOption( '205' );
	await page.getByText( 'You are trying out 1 change.' ).waitFor();
	await page.locator( '.tb-changed:visible', { hasText: '205' } ).first().waitFor();
	const tried = await shown( page );
	assert.notDeepEqual( tried, before );
	assert.equal( backend.calls.filter( ( call ) => call.method === 'PUT' ).length, 0 );
	await page.getByRole( 'button', { name: 'Discard' } ).click();
	await page.locator( '.tb-changed' ).first().waitFor( { state: 'detached' } );
	assert.deepEqual( await shown( page ), before );
	await sales.selectOption( '205' );
	await page.getByRole( 'button', { name: 'Keep' } ).click();
	await page.getByText( 'The settings are kept.' ).waitFor( { state: 'attached' } );
	assert.deepEqual( await shown( page ), tried );
	const kept = backend.calls.find( ( call ) => call.method === 'PUT' );
	assert.equal( kept?.path, 'settings' );
	assert.equal( kept?.body.settings.accounts.sales, '205' );
	assert.equal( kept?.headers[ 'x-wp-nonce' ], 'nonce-1' );
	assert.deepEqual( log, [] );
	await page.close();
} );

test( 'a finding opens the setting that cures it, and the cure is seen', async () => {
	const { page } = await open( '/faulty/wordpress/en_GB/preview#/preview?orders=77' );
	await page.getByText( 'names no account' ).first().waitFor();
	assert.deepEqual( await shown( page ), [] );
	await page.getByRole( 'link', { name: /Open the setting: Accounts › Shipping/ } ).first().click();
	const select = page.getByLabel( 'Accounts › Shipping', { exact: true } );
	await page.waitForFunction( ( element ) => document.activeElement === element, await select.elementHandle() );
	await select.selectOption( '210' );
	await page.locator( '.tb-side--xero .tb-sha' ).waitFor();
	assert.equal( ( await shown( page ) ).length, 1 );
	await page.close();
} );

test( 'without the host the preview goes on with what was read last', async () => {
	const { page, log } = await open( '/down/wordpress/en_GB/preview#/preview?orders=77' );
	await page.getByText( 'The host does not answer, so this is what was read last.' ).waitFor();
	await page.locator( '.tb-side--xero .tb-sha' ).waitFor();
	const expected = JSON.parse( readCase( '0014-au-negative-fee-in-parts' ).expected ).ok.sales[ 0 ].document;
	assert.equal( await page.locator( '.tb-order-head' ).innerText().then( ( text ) => text.includes( expected.number ) ), true );
	// What the browser itself says of a refused request is not ours.
	assert.deepEqual( log.filter( ( line ) => ! line.includes( '503' ) ), [] );
	await page.close();
} );

test( 'summaries of days are reckoned in the browser', async () => {
	const { page, log } = await open( '/normal/wordpress/en_GB/preview#/preview?view=summary' );
	await page.getByLabel( 'From' ).fill( '2026-11-01' );
	await page.getByLabel( 'To', { exact: true } ).fill( '2026-11-28' );
	await page.getByRole( 'button', { name: 'Preview summaries' } ).click();
	await page.getByRole( 'heading', { name: /SHOP-SUM-/ } ).first().waitFor();
	assert.deepEqual( log, [] );
	await page.close();
} );

test( 'a run over many orders shows how far it is, and can be stopped', async () => {
	const { page, log } = await open( '/many:3000/wordpress/en_GB/preview' );
	await page.getByRole( 'button', { name: 'Preview all that were found' } ).click();
	await page.getByText( / of 3,?000 orders/ ).waitFor();
	await page.getByRole( 'button', { name: 'Stop' } ).click();
	await page.getByText( /Stopped after \d/ ).waitFor();
	const rows = await page.locator( 'tbody tr[aria-rowindex]' ).count();
	assert.ok( rows < 80, `${ rows } rows are in the page` );
	assert.deepEqual( log, [] );
	await page.close();
} );
