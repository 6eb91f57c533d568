// @ts-check
/**
 * The way of a shop owner, in Chromium: from the zip to an invoice in Xero that is, byte for byte,
 * what was previewed. WooCommerce itself where `WC_SRC` names one, else the stand-in; the host itself,
 * a practice Xero.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';

import { openChromium } from '../browser/chromium.js';
import { PROGRAM, startProgram, startXero } from './program.js';
import { seed } from './seed.js';
import { KINDS, buildZip, isReal, startSite } from './site.js';

const SHOTS = process.env.TILLBOOK_SCREENSHOTS ?? join( process.env.CARGO_TARGET_DIR ?? fileURLToPath( new URL( '../../target', import.meta.url ) ), 'shop-screenshots' );
const SOON_MS = 60_000;

const NEW_ORDER = `
	$order = wc_create_order();
	$order->add_product( wc_get_product( PRODUCT ), 3 );
	$order->set_address( array( 'first_name' => 'Cid', 'last_name' => 'New', 'email' => 'c@example.com', 'country' => 'AU', 'state' => 'NSW', 'postcode' => '2000' ), 'billing' );
	$order->set_payment_method( 'bacs' );
	$order->calculate_totals();
	$order->set_status( 'processing' );
	$order->save();
	return $order->get_id();`;

for ( const kind of KINDS ) {
	describe( `the way to the first invoice: ${ kind }`, { skip: PROGRAM ? false : 'TILLBOOK_HOST names no program', concurrency: false }, () => {
		/** @type {any} */
		const world = {};
		/** @type {import('playwright-core').Page} */
		let page;
		let step = 0;
		const shoot = async ( /** @type {string} */ name ) => {
			mkdirSync( SHOTS, { recursive: true } );
			step += 1;
			await page.screenshot( { path: join( SHOTS, `journey-${ kind.replaceAll( ' ', '-' ) }-${ step }-${ name }.png` ) } );
		};
		const button = ( /** @type {string} */ name ) => page.getByRole( 'button', { name, exact: true } );
		const sha = async () => {
			const line = page.locator( '.tb-sha-line' ).filter( { hasText: 'will be sent' } ).first();
			await line.waitFor( { timeout: SOON_MS } );
			return line.locator( 'code' ).getAttribute( 'title' );
		};

		before( async () => {
			world.xero = await startXero( 'AU-incl' );
			world.host = await startProgram( world.xero.places, [ 'sync.every_secs=2', 'sync.sweep_every_secs=2' ] );
			world.site = await startSite( kind );
			world.ids = await seed( world.site );
			world.admin = await world.site.login();
			const browser = await openChromium();
			world.browser = browser;
			await browser.addCookies( world.admin.cookies() );
			page = await browser.newPage();
			await page.setViewportSize( { width: 1280, height: 900 } );
			page.setDefaultTimeout( SOON_MS );
		} );
		after( async () => {
			await world.browser?.close();
			world.host?.stop();
			world.xero?.stop();
			await world.site?.stop();
		} );

		test( 'the zip is installed and switched on in wp-admin', async () => {
			await page.goto( `${ world.site.origin }/wp-admin/plugin-install.php?tab=upload` );
			await page.locator( '#pluginzip' ).setInputFiles( buildZip().file );
			await page.locator( '#install-plugin-submit' ).click();
			await page.getByRole( 'link', { name: 'Activate Plugin' } ).click();
			await page.getByText( 'Plugin activated.' ).first().waitFor();
			assert.deepEqual( world.site.complaints(), [] );
		} );

		test( 'host and Xero are connected, settings are proposed, and nothing is sent', async () => {
			await page.goto( `${ world.site.origin }/wp-admin/admin.php?page=tillbook#/connect` );
			await page.getByLabel( 'Address of the host' ).fill( world.host.origin );
			await page.getByLabel( 'Pairing code' ).fill( world.host.code );
			await shoot( 'connect' );
			await button( 'Connect to the host' ).click();
			await page.getByLabel( 'Custom connection' ).check();
			await page.getByLabel( 'Client id' ).fill( world.xero.id );
			await page.getByLabel( 'Client secret' ).fill( world.xero.secret );
			await button( 'Connect' ).click();
			await button( 'Keep these settings' ).waitFor();
			await shoot( 'settings' );
			await button( 'Keep these settings' ).click();
			await page.getByText( 'Your settings are kept.' ).waitFor();
			assert.deepEqual( ( await world.xero.read( 'Invoices?page=1' ) ).Invoices, [] );
		} );

		test( 'an order is previewed, and a setting tried', async () => {
			await page.goto( `${ world.site.origin }/wp-admin/admin.php?page=tillbook#/preview?orders=${ world.ids.spare }` );
			const first = await sha();
			assert.match( String( first ), /^[0-9a-f]{64}$/ );
			await shoot( 'preview' );
			const sales = page.getByLabel( 'Accounts › Sales', { exact: true } );
			const kept = await sales.inputValue();
			const others = await sales.locator( 'option' ).evaluateAll( ( all ) => all.map( ( one ) => /** @type {HTMLOptionElement} */ ( one ).value ) );
			await sales.selectOption( others.find( ( one ) => one !== '' && one !== kept ) ?? '' );
			await page.getByText( 'You are trying out 1 change.' ).waitFor();
			await page.waitForFunction( ( before ) => document.querySelector( '.tb-sha-line code' )?.getAttribute( 'title' ) !== before, first );
			await shoot( 'what-if' );
			await button( 'Discard' ).click();
			await page.waitForFunction( ( before ) => document.querySelector( '.tb-sha-line code' )?.getAttribute( 'title' ) === before, first );
		} );

		test( 'switched on, a new order becomes the invoice that was previewed', async () => {
			await page.goto( `${ world.site.origin }/wp-admin/admin.php?page=tillbook#/connect` );
			await button( 'Switch on …' ).click();
			await page.getByRole( 'dialog' ).getByRole( 'button', { name: 'Switch on' } ).click();
			await page.getByText( 'Everything is connected and switched on.' ).waitFor();
			await shoot( 'switched-on' );
			const id = await world.site.php( ( isReal( kind ) ? NEW_ORDER : 'return stand_in_order_now( "Cid", PRODUCT );' ).replace( 'PRODUCT', world.ids.product ) );
			await page.goto( `${ world.site.origin }/wp-admin/admin.php?page=tillbook#/preview?orders=${ id }` );
			const previewed = await sha();
			let found;
			for ( const until = Date.now() + SOON_MS; Date.now() < until && ! found?.documents?.length; ) {
				await new Promise( ( resolve ) => setTimeout( resolve, 500 ) );
				found = ( await world.admin.rest( 'GET', `objects?kind=order&ids=${ id }` ) ).json.objects?.[ 0 ];
			}
			const why = found?.state === 'done' ? '' : JSON.stringify( [ found, ( await world.admin.rest( 'GET', 'status' ) ).json, ( await world.admin.rest( 'GET', 'queue' ) ).json ] );
			assert.equal( found?.state, 'done', why );
			assert.equal( found.documents[ 0 ].sha256, previewed, 'the preview is the posting' );
			const { Invoices } = await world.xero.read( 'Invoices?page=1' );
			assert.deepEqual( Invoices.map( ( /** @type {any} */ one ) => [ one.InvoiceNumber, one.Status ] ), [ [ found.documents[ 0 ].number, 'PAID' ] ], 'what was there before is not sent' );
			const total = await world.site.php( `return ${ isReal( kind ) ? `wc_get_order( ${ id } )->get_total()` : `wc_get_order( ${ id } )->data['total']` };` );
			assert.equal( Number( Invoices[ 0 ].Total ).toFixed( 2 ), Number( total ).toFixed( 2 ) );
			console.log( `${ kind }: ${ Invoices[ 0 ].InvoiceNumber }, ${ total } AUD, previewed and posted as ${ previewed }` );
			const order = kind.includes( 'HPOS' ) ? `admin.php?page=wc-orders&action=edit&id=${ id }` : `post.php?post=${ id }&action=edit`;
			await page.goto( `${ world.site.origin }/wp-admin/${ order }` );
			await page.locator( '#tillbook' ).getByText( found.documents[ 0 ].number ).first().waitFor();
			await page.locator( '#tillbook' ).scrollIntoViewIfNeeded();
			await shoot( 'order' );
		} );

		test( 'PHP has nothing to complain of', () => assert.deepEqual( world.site.complaints(), [] ) );
	} );
}
