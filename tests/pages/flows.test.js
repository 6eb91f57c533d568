// @ts-check
/** What a shop owner does: connect and switch on, settings as a file, matches confirmed, a plan applied, a conflict seen. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';

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

beforeEach( () => backend.reset() );

after( async () => {
	await browser?.close();
	await backend?.close();
} );

const written = () => backend.calls.filter( ( call ) => call.method !== 'GET' ).map( ( call ) => `${ call.method } ${ call.path }` );

test( 'from nothing to switched on, with nothing sent before', async () => {
	const { page } = await open( '/fresh/wordpress/en_GB/overview' );
	await page.getByRole( 'link', { name: 'Connect', exact: true } ).last().click();
	await page.getByLabel( 'Address of the host' ).fill( 'https://tillbook.example.com' );
	await page.getByLabel( 'Pairing code' ).fill( 'abcd efgh' );
	assert.equal( await page.getByLabel( 'Pairing code' ).inputValue(), 'ABCD-EFGH' );
	await page.getByRole( 'button', { name: 'Connect to the host' } ).click();
	await page.getByLabel( 'Custom connection' ).check();
	await page.getByLabel( 'Client id' ).fill( 'id' );
	await page.getByLabel( 'Client secret' ).fill( 'wrong' );
	await page.getByRole( 'button', { name: 'Connect', exact: true } ).click();
	await page.getByText( 'Xero says: invalid_client' ).waitFor();
	await page.getByLabel( 'Client secret' ).fill( 'right' );
	await page.getByRole( 'button', { name: 'Connect', exact: true } ).click();
	const keep = page.getByRole( 'button', { name: 'Keep these settings' } );
	await keep.waitFor();
	await page.getByLabel( 'Invoices › Invoice number prefix' ).fill( 'TEA-' );
	await keep.click();
	await page.getByRole( 'button', { name: 'Switch on …' } ).click();
	assert.deepEqual( written(), [ 'POST connect', 'POST xero/custom', 'POST xero/custom', 'PUT settings' ] );
	assert.equal( backend.calls.find( ( call ) => call.method === 'PUT' )?.body.settings.invoice.prefix, 'TEA-' );
	assert.equal( backend.calls.find( ( call ) => call.method === 'PUT' )?.body.based_on, null );
	await page.getByRole( 'dialog' ).getByRole( 'button', { name: 'Switch on' } ).click();
	await page.getByText( 'Everything is connected and switched on.' ).waitFor();
	assert.equal( written().at( -1 ), 'POST activate' );
	await page.close();
} );

test( 'what somebody else has kept meanwhile is not written over', async () => {
	const { page } = await open( '/normal/host/en_GB/settings#/settings?group=invoice' );
	await page.getByLabel( 'Invoice number prefix' ).fill( 'A-' );
	const other = await open( '/normal/host/en_GB/settings#/settings?group=invoice' );
	await other.page.getByLabel( 'Invoice number prefix' ).fill( 'B-' );
	await other.page.getByRole( 'button', { name: 'Keep' } ).click();
	await other.page.getByText( 'You are trying out' ).waitFor( { state: 'detached' } );
	await page.getByRole( 'button', { name: 'Keep' } ).click();
	await page.getByText( 'Somebody else has changed the settings meanwhile.' ).waitFor();
	assert.ok( backend.calls.every( ( call ) => call.headers[ 'x-tillbook' ] === '1' && call.headers[ 'x-wp-nonce' ] === undefined ) );
	await page.close();
	await other.page.close();
} );

test( 'settings are checked while one writes, and what is refused says why', async () => {
	const { page } = await open( '/normal/wordpress/en_GB/settings#/settings?group=invoice' );
	await page.getByLabel( 'Invoice number prefix' ).fill( '' );
	await page.getByText( 'invoice numbers need a prefix' ).first().waitFor();
	await page.getByRole( 'button', { name: 'Keep' } ).click();
	await page.getByText( 'These settings cannot be kept yet.' ).waitFor();
	await page.close();
} );

test( 'settings go out as a file and come back; a file with a misspelt name is refused', async () => {
	const { page } = await open( '/normal/wordpress/en_GB/settings' );
	const [ download ] = await Promise.all( [ page.waitForEvent( 'download' ), page.getByRole( 'button', { name: 'Export as a file' } ).click() ] );
	const settings = JSON.parse( readFileSync( await download.path(), 'utf8' ) );
	settings.invoice.prefix = 'FILE-';
	const file = ( /** @type {any} */ content ) => ( { name: 'settings.json', mimeType: 'application/json', buffer: Buffer.from( JSON.stringify( content ) ) } );
	await page.locator( 'input[type="file"]' ).setInputFiles( file( settings ) );
	await page.getByText( 'FILE-' ).first().waitFor();
	await page.getByRole( 'button', { name: 'Discard' } ).click();
	await page.locator( 'input[type="file"]' ).setInputFiles( file( { invoices: {} } ) );
	await page.getByText( 'These settings cannot be kept yet.' ).waitFor();
	assert.deepEqual( written(), [] );
	await page.close();
} );

test( 'suggestions are confirmed together, and a table of links comes in', async () => {
	const { page } = await open( '/normal/wordpress/en_GB/map#/map?view=customers' );
	await page.getByRole( 'button', { name: 'Choose every best suggestion' } ).click();
	await page.getByLabel( 'Grace Hopper in Xero' ).selectOption( 'c4' );
	await page.getByRole( 'button', { name: 'Confirm 2' } ).click();
	await page.getByRole( 'button', { name: 'Confirm 0' } ).waitFor();
	assert.deepEqual( backend.calls.at( -2 )?.body ?? backend.calls.findLast( ( call ) => call.method === 'POST' )?.body, { matches: [ { key: '12', xero_id: 'c1' }, { key: 'guest-9f', xero_id: 'c4' } ] } );
	await page.locator( 'input[type="file"]' ).setInputFiles( { name: 'links.csv', mimeType: 'text/csv', buffer: Buffer.from( 'key;name;xero_id\r\n13;"A; B";c9\r\n14;none;\r\n' ) } );
	await page.getByText( '1 is confirmed.' ).waitFor( { state: 'attached' } );
	assert.deepEqual( backend.calls.findLast( ( call ) => call.method === 'POST' )?.body, { matches: [ { key: '13', xero_id: 'c9' } ] } );
	await page.close();
} );

test( 'a plan is made, looked through, asked about, and applied', async () => {
	const { page } = await open( '/normal/wordpress/en_GB/plan' );
	await page.getByLabel( 'Orders' ).fill( '47, x' );
	await page.getByText( 'Only ids, which are whole numbers.' ).waitFor();
	await page.getByLabel( 'Orders' ).fill( '47, 48' );
	await page.getByRole( 'button', { name: 'Make a plan' } ).click();
	await page.getByRole( 'button', { name: 'Send 2 documents …' } ).click();
	assert.deepEqual( written(), [ 'POST plans' ] );
	await page.getByRole( 'button', { name: 'Send now' } ).click();
	await page.getByText( 'Carried out.' ).waitFor();
	assert.match( written().at( -1 ) ?? '', /^POST plans\/[0-9a-f]{64}\/apply$/ );
	await page.close();
} );

test( 'the box keeps what stands there without scripts until it has something better', async () => {
	const { page } = await open( '/normal/wordpress/en_GB/preview?element=box&order=77&fallback=1' );
	await page.getByText( 'SHA-256' ).first().waitFor();
	assert.equal( await page.getByText( 'as PHP showed it' ).count(), 0 );
	await page.close();
	const without = await open( '/dead/wordpress/en_GB/preview?element=box&order=77&fallback=1' );
	await without.page.waitForTimeout( 1_000 );
	assert.ok( await without.page.getByText( 'as PHP showed it' ).isVisible() );
	await without.page.close();
} );
