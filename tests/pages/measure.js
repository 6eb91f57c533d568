// @ts-check
/**
 * How long the preview of many orders takes, how long the page stands still at most, and what it needs.
 * Prints one JSON object. `ORDERS` says how many; 10,000 otherwise.
 */
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';

import { startBackend } from './backend.js';
import { BUILD, openChromium } from './tools.js';

const ORDERS = Number( process.env.ORDERS ?? 10_000 );

const size = ( /** @type {string} */ name ) => {
	const bytes = readFileSync( new URL( name, BUILD ) );
	return { bytes: bytes.length, gzip: gzipSync( bytes, { level: 9 } ).length };
};

/** Counts frames from within: the longest time between two is how long nothing moved. */
const watchFrames = () => {
	const seen = { longest: 0, frames: 0, last: performance.now(), longTask: 0 };
	Object.assign( globalThis, { seen } );
	new PerformanceObserver( ( list ) => list.getEntries().forEach( ( entry ) => {
		seen.longTask = Math.max( seen.longTask, entry.duration );
	} ) ).observe( { entryTypes: [ 'longtask' ] } );
	const step = ( /** @type {number} */ now ) => {
		seen.longest = Math.max( seen.longest, now - seen.last );
		seen.last = now;
		seen.frames++;
		requestAnimationFrame( step );
	};
	requestAnimationFrame( step );
};

const backend = await startBackend();
const browser = await openChromium( [ '--enable-precise-memory-info' ] );
try {
	const page = await browser.newPage( { viewport: { width: 1440, height: 900 } } );
	const session = await browser.newBrowserCDPSession();
	const memory = async () => {
		const { processInfo } = await session.send( 'SystemInfo.getProcessInfo' );
		const renderers = processInfo.filter( ( one ) => one.type === 'renderer' ).map( ( one ) => {
			const found = readFileSync( `/proc/${ one.id }/status`, 'utf8' ).match( /VmHWM:\s+(\d+)/ );
			return found ? Number( found[ 1 ] ) / 1024 : 0;
		} );
		return Math.round( Math.max( ...renderers ) );
	};
	const began = Date.now();
	await page.goto( `${ backend.origin }/normal/wordpress/en_GB/preview?element=box&order=77` );
	await page.getByText( 'SHA-256' ).first().waitFor();
	const boxFirst = Date.now() - began;
	await page.goto( `${ backend.origin }/many:${ ORDERS }/wordpress/en_GB/preview` );
	await page.getByRole( 'button', { name: 'Preview all that were found' } ).waitFor();
	await page.evaluate( watchFrames );
	const before = await memory();
	const start = Date.now();
	await page.getByRole( 'button', { name: 'Preview all that were found' } ).click();
	await page.locator( '.tb-filter', { hasText: `All (${ ORDERS })` } ).waitFor( { timeout: 600_000 } );
	await page.getByRole( 'button', { name: 'Stop' } ).waitFor( { state: 'detached', timeout: 600_000 } );
	const all = Date.now() - start;
	const first = await page.evaluate( () => /** @type {any} */ ( globalThis ).seen );
	await page.evaluate( () => Object.assign( /** @type {any} */ ( globalThis ).seen, { longest: 0, frames: 0, longTask: 0, last: performance.now() } ) );
	await page.locator( '.tb-scroll--tall' ).evaluate( async ( element ) => {
		for ( let at = 0; at < 60; at++ ) {
			element.scrollTop = ( element.scrollHeight * at ) / 60;
			await new Promise( requestAnimationFrame );
		}
	} );
	const scrolled = await page.evaluate( () => /** @type {any} */ ( globalThis ).seen );
	const heap = await page.evaluate( () => /** @type {any} */ ( performance ).memory?.usedJSHeapSize ?? 0 );
	process.stdout.write( `${ JSON.stringify( {
		orders: ORDERS, seconds: all / 1000, orders_per_second: Math.round( ORDERS / ( all / 1000 ) ),
		longest_frame_ms: Math.round( first.longest ), longest_task_ms: Math.round( first.longTask ), frames: first.frames,
		scrolling: { longest_frame_ms: Math.round( scrolled.longest ), longest_task_ms: Math.round( scrolled.longTask ) },
		memory_mib: { before, peak: await memory(), page_heap: Math.round( heap / 2 ** 20 ) },
		order_box_first_preview_ms: boxFirst,
		download: { module: size( 'tillbook_bg.wasm' ), page: size( 'tillbook.js' ), worker: size( 'worker.js' ), styles: size( 'tillbook.css' ) },
	}, null, '\t' ) }\n` );
} finally {
	await browser.close();
	await backend.close();
}
