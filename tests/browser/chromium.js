// @ts-check
/** Starts the machine's Chromium with an empty profile and nothing that calls home. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire( new URL( '../../wasm-pkg/npm/package.json', import.meta.url ) );
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** @returns {Promise<import('playwright-core').BrowserContext>} */
export async function openChromium() {
	if ( ! existsSync( EXECUTABLE ) ) {
		throw new Error( `there is no ${ EXECUTABLE }; run \`apt-get install chromium\` or set CHROMIUM` );
	}
	/** @type {typeof import('playwright-core')} */
	const { chromium } = require( 'playwright-core' );
	// An empty name makes a new profile that is removed at the end.
	return chromium.launchPersistentContext( '', { executablePath: EXECUTABLE, args: ARGUMENTS } );
}
