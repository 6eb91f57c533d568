// @ts-check
/** The plugin in a real WordPress, from the zip to its removal: once for each kind of shop. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { startHost } from './host.js';
import { seed } from './seed.js';
import { KINDS, buildZip, startSite } from './site.js';
import { checkoutTests } from './suites/checkout.js';
import { cliTests } from './suites/cli.js';
import { connectTests } from './suites/connect.js';
import { eventTests } from './suites/events.js';
import { previewTests } from './suites/preview.js';
import { restTests } from './suites/rest.js';
import { screenTests } from './suites/screens.js';
import { uninstallTests } from './suites/uninstall.js';

/** In this order: the later ones build on the first. `SHOP_SUITES=connect,events` runs some. */
const SUITES = Object.entries( {
	connect: connectTests, rest: restTests, events: eventTests, preview: previewTests, screens: screenTests, cli: cliTests, checkout: checkoutTests, uninstall: uninstallTests,
} );
const zip = buildZip();
console.log( zip.line );
if ( ! process.env.WC_SRC ) {
	console.log( 'WC_SRC names no WooCommerce: only the stand-in is tried' );
}

for ( const kind of KINDS ) {
	describe( kind, { concurrency: false }, () => {
		/** What the suites share; filled before they run. @type {any} */
		const world = { kind, zip };
		before( async () => {
			world.host = await startHost();
			world.site = await startSite( kind );
			world.ids = await seed( world.site );
			console.log( `${ kind }: ${ world.site.versions }` );
		} );
		// A test that failed may have left the host in another state.
		beforeEach( async () => {
			world.host.state.mode = 'ok';
			await world.host.listen();
		} );
		after( async () => {
			await world.browser?.close();
			await world.host?.stop();
			await world.site?.stop();
		} );
		for ( const [ name, suite ] of SUITES ) {
			if ( ! process.env.SHOP_SUITES || process.env.SHOP_SUITES.split( ',' ).includes( name ) ) {
				suite( world );
			}
		}
		test( 'PHP has nothing to complain of', () => assert.deepEqual( world.site.complaints(), [] ) );
	} );
}
