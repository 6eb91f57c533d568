// @ts-check
/** WooCommerce's own screens and the Tillbook page, in Chromium. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { openChromium } from '../../browser/chromium.js';
import { HOSTILE } from '../seed.js';

const SHOTS = process.env.TILLBOOK_SCREENSHOTS ?? join( process.env.CARGO_TARGET_DIR ?? fileURLToPath( new URL( '../../../target', import.meta.url ) ), 'shop-screenshots' );

export function screenTests( /** @type {any} */ world ) {
	const where = ( /** @type {string} */ what, id = 0 ) => ( {
		list: world.kind.includes( 'HPOS' ) ? 'admin.php?page=wc-orders' : 'edit.php?post_type=shop_order',
		order: world.kind.includes( 'HPOS' ) ? `admin.php?page=wc-orders&action=edit&id=${ id }` : `post.php?post=${ id }&action=edit`,
		page: 'admin.php?page=tillbook',
	}[ what ] );

	/** A page of wp-admin, signed in; what goes wrong is in `log`. */
	const open = async ( /** @type {string} */ address, { width = 1280, script = true, user = world.admin } = {} ) => {
		world.browser ??= await openChromium();
		await world.browser.addCookies( user.cookies() );
		const page = await world.browser.newPage();
		await page.setViewportSize( { width, height: 900 } );
		if ( ! script ) {
			await page.route( /\.js(\?|$)/, ( route ) => route.abort() );
		}
		/** @type {string[]} */
		const log = [];
		page.on( 'pageerror', ( error ) => log.push( error.message ) );
		await page.goto( `${ world.site.origin }/wp-admin/${ address }`, { waitUntil: 'load' } );
		return { page, log, close: () => page.close() };
	};
	const shoot = async ( page, name, selector = '' ) => {
		mkdirSync( SHOTS, { recursive: true } );
		const path = join( SHOTS, `${ world.kind.replaceAll( ' ', '-' ) }-${ name }.png` );
		await ( selector ? page.locator( selector ).first().screenshot( { path } ) : page.screenshot( { path, fullPage: true } ) );
	};
	/** Nothing that was typed as a name became a tag, and no secret is in the page. */
	const isClean = async ( page ) => {
		assert.equal( await page.evaluate( () => window.hacked ), undefined );
		const html = await page.content();
		for ( const secret of [ world.host.state.token, world.host.state.hook_secret, world.host.state.consumer.key, world.host.state.consumer.secret ] ) {
			assert.ok( ! html.includes( secret ), 'a secret is in the page' );
		}
	};
	const ofOrder = ( state ) => {
		world.host.state.objects = { [ world.ids.order ]: state };
	};

	test( 'the box shows state, documents and findings, escaped', async () => {
		ofOrder( {
			state: 'held', finding: { code: 'tax.set_unmapped', severity: 'error', message: `No tax type for ${ HOSTILE }`, cure: `Choose one, ${ HOSTILE }` },
			documents: [ { kind: 'invoice', number: `WC-${ HOSTILE }`, xero_id: 'x', sha256: 'ab', url: 'javascript:window.hacked=1' }, { kind: 'credit_note', number: 'CN-1', xero_id: 'y', sha256: 'cd', url: 'https://go.xero.com/x' } ],
		} );
		const { page, close } = await open( where( 'order', world.ids.order ), { script: false } );
		const box = page.locator( '#tillbook' );
		await box.waitFor();
		const text = await box.innerText();
		assert.ok( text.includes( `No tax type for ${ HOSTILE }` ), text );
		assert.ok( text.includes( 'Needs you' ) );
		assert.ok( text.includes( 'Credit note CN-1' ) );
		assert.deepEqual( await box.locator( 'a[target=_blank]' ).evaluateAll( ( all ) => all.map( ( one ) => one.getAttribute( 'href' ) ) ), [ 'https://go.xero.com/x' ] );
		await isClean( page );
		if ( world.zip.hasCore && world.host.state.context.includes( '"settings":{' ) ) {
			assert.match( text, /[0-9a-f]{64}/ );
			assert.equal( await box.locator( 'tbody tr' ).count() > 0, true );
		}
		await shoot( page, 'box', '#tillbook' );
		await page.setViewportSize( { width: 400, height: 900 } );
		await shoot( page, 'box-narrow', '#tillbook' );
		await close();
	} );

	test( 'the box shows itself when the host is down, soon', async () => {
		await world.host.stop();
		await world.site.php( `delete_transient( 'tillbook_host_rests' ); return true;` );
		const { page, close } = await open( where( 'order', world.ids.order ), { script: false } );
		assert.match( await page.locator( '#tillbook' ).innerText(), /host does not answer/ );
		await close();
		await world.host.listen();
		world.host.state.mode = 'slow';
		await world.site.php( `delete_transient( 'tillbook_host_rests' ); return true;` );
		const took = [];
		for ( let time = 0; time < 2; time++ ) {
			const began = performance.now();
			await ( await world.admin.ask( `/wp-admin/${ where( 'order', world.ids.order ) }` ) ).text();
			took.push( performance.now() - began );
		}
		world.host.state.mode = 'ok';
		await world.site.php( `delete_transient( 'tillbook_host_rests' ); return true;` );
		assert.ok( took[ 1 ] < took[ 0 ] - 1000, `only the first look waits: ${ took.map( Math.round ) }` );
	} );

	test( 'sync now works without JavaScript, and wants its nonce', async () => {
		const path = `objects/order/${ world.ids.order }/push`;
		const before = world.host.of( path ).length;
		const { page, close } = await open( where( 'order', world.ids.order ), { script: false } );
		await Promise.all( [ page.waitForNavigation(), page.locator( '#tillbook button[form=tillbook-sync-form]' ).click() ] );
		// WooCommerce hides notices until its scripts have put them in their place.
		assert.match( String( await page.locator( '#wpbody' ).textContent() ), /The host has taken 1 order/ );
		assert.equal( world.host.of( path ).length, before + 1 );
		await close();
		const form = new URLSearchParams( { action: 'tillbook_sync', order: String( world.ids.order ), _wpnonce: 'wrong' } );
		assert.equal( ( await world.admin.ask( '/wp-admin/admin-post.php', { method: 'POST', body: form } ) ).status, 403 );
		assert.equal( world.host.of( path ).length, before + 1 );
	} );

	test( 'the list has a column, a filter and bulk actions', async () => {
		ofOrder( { state: 'done', documents: [ { kind: 'invoice', number: `WC-77${ HOSTILE }`, sha256: 'ab', url: 'https://go.xero.com/77' } ] } );
		const { page, log, close } = await open( where( 'list' ) );
		const cell = page.locator( `[data-tillbook-order="${ world.ids.order }"]` );
		await cell.locator( 'a' ).waitFor();
		assert.equal( await cell.innerText(), `In Xero\nWC-77${ HOSTILE }` );
		assert.equal( await page.locator( `[data-tillbook-order="${ world.ids.refunded }"]` ).innerText(), 'Not sent' );
		await isClean( page );
		await shoot( page, 'list' );
		await page.locator( 'select[name=tillbook_state]' ).first().selectOption( 'done' );
		await Promise.all( [ page.waitForNavigation(), page.locator( '#post-query-submit, #order-query-submit' ).first().click() ] );
		assert.equal( await page.locator( '[data-tillbook-order]' ).count(), 1 );
		await page.locator( `[data-tillbook-order="${ world.ids.order }"]` ).waitFor();
		const choose = async ( action ) => {
			// Not by a click: WooCommerce 10.5 on WordPress 7.1 opens the order then, without us too.
			await page.locator( `input[type=checkbox][value="${ world.ids.order }"]` ).first().evaluate( ( box ) => {
				box.checked = true;
			} );
			await page.locator( 'select[name=action]' ).first().selectOption( action );
			await Promise.all( [ page.waitForNavigation(), page.locator( '#doaction' ).click() ] );
		};
		await choose( 'tillbook_exclude' );
		assert.match( JSON.parse( world.host.of( `objects/order/${ world.ids.order }/exclude` ).at( -1 ).body ).reason, /Taken out in WooCommerce by admin/ );
		assert.match( await page.locator( '#wpbody' ).innerText(), /The host has taken 1 order/ );
		await choose( 'tillbook_preview' );
		assert.match( page.url(), new RegExp( `page=tillbook#/preview\\?orders=${ world.ids.order }$` ) );
		assert.deepEqual( log, [] );
		await close();
	} );

	test( 'the list shows itself when the host is down, and says why it is not narrowed', async () => {
		await world.host.stop();
		await world.site.php( `delete_transient( 'tillbook_host_rests' ); return true;` );
		const list = where( 'list' );
		const { page, close } = await open( `${ list }${ list.includes( '?' ) ? '&' : '?' }tillbook_state=held` );
		assert.ok( await page.locator( '[data-tillbook-order]' ).count() >= 2 );
		assert.match( await page.locator( '.notice-warning' ).filter( { hasText: 'Tillbook' } ).innerText(), /host does not answer/ );
		await close();
		await world.host.listen();
		await world.site.php( `delete_transient( 'tillbook_host_rests' ); return true;` );
	} );

	test( 'the page carries what the pages need, and no secret', async () => {
		const { page, close } = await open( where( 'page' ) );
		await isClean( page );
		if ( world.zip.isPartial ) {
			assert.match( await page.locator( '.tillbook-page' ).innerText(), /This shop is connected to .* as "test-shop"/ );
		} else {
			const config = JSON.parse( await page.locator( '#tillbook-config' ).innerText() );
			assert.deepEqual( [ config.where, config.shop, config.page, config.can, config.links.app ], [ 'wordpress', 'test-shop', 'overview', { view: true, operate: true, configure: true }, `${ world.site.origin }/wp-admin/admin.php?page=tillbook` ] );
			assert.equal( await page.locator( 'tillbook-app' ).count(), 1 );
		}
		await shoot( page, 'page' );
		await close();
	} );

	test( 'notes say once what happened, and start no loop', async () => {
		const id = world.ids.order;
		await world.site.php( `update_option( 'tillbook_log_mark', '2026-01-01T00:00:00Z', false ); return true;` );
		const notes = () => world.site.php( `return array_map( static fn ( $note ) => $note->content, wc_get_order_notes( array( 'order_id' => ${ id } ) ) );` );
		const pending = () => world.site.php( `do_action( 'shutdown' ); return count( as_get_scheduled_actions( array( 'hook' => 'woocommerce_deliver_webhook_async', 'status' => 'pending', 'per_page' => 50 ), 'ids' ) );` );
		await world.site.act( 'woocommerce_deliver_webhook_async' );
		const before = ( await notes() ).length;
		ofOrder( { state: 'held', finding: { code: 'x', message: `No account for ${ HOSTILE }`, cure: 'Choose one.' } } );
		world.host.state.log = [ { at: '2026-11-02T00:00:00Z', kind: 'order', id: String( id ), what: 'settled', detail: '' } ];
		await world.site.act( 'tillbook_tend' );
		await world.site.act( 'tillbook_tend' );
		world.host.state.log.unshift( { at: '2026-11-03T00:00:00Z', kind: 'order', id: String( id ), what: 'settled', detail: '' } );
		await world.site.act( 'tillbook_tend' );
		assert.equal( ( await notes() ).length, before + 1, 'the same is said once' );
		ofOrder( { state: 'done', documents: [ { kind: 'invoice', number: 'WC-1', sha256: 'a', url: 'https://go.xero.com/1' } ] } );
		world.host.state.log.unshift( { at: '2026-11-04T00:00:00Z', kind: 'order', id: String( id ), what: 'settled', detail: '' } );
		await world.site.act( 'tillbook_tend' );
		const now = await notes();
		assert.equal( now.length, before + 2 );
		assert.ok( now.some( ( note ) => note === 'In Xero: <a href="https://go.xero.com/1">Invoice WC-1</a>.' ), JSON.stringify( now ) );
		assert.ok( now.filter( ( note ) => /Tillbook|In Xero/.test( note ) ).every( ( note ) => ! note.includes( '<script' ) && ! note.includes( '<img' ) ), JSON.stringify( now ) );
		assert.equal( await pending(), 0, 'a note is no change of the order' );
		const { page, close } = await open( where( 'order', id ) );
		await isClean( page );
		if ( world.zip.hasCore && ! world.zip.isPartial ) {
			await page.locator( '#tillbook' ).scrollIntoViewIfNeeded();
			await page.locator( 'tillbook-order-box h3' ).first().waitFor();
		}
		await shoot( page, 'order' );
		await close();
	} );
}
