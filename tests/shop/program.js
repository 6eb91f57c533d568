// @ts-check
/** The built program `tillbook`, which `TILLBOOK_HOST` names: the host, and a practice Xero. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PROGRAM = process.env.TILLBOOK_HOST;
const PATIENCE_MS = 60_000;

/** Without what is meant for the tests: the program reads its settings from names like these. */
const OWN = Object.fromEntries( Object.entries( process.env ).filter( ( [ name ] ) => ! name.startsWith( 'TILLBOOK_' ) ) );

/**
 * Starts the program; waits until it has said all of these.
 *
 * @param {string[]} words
 * @param {RegExp[]} awaited
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 */
async function start( words, awaited, { cwd, env } = {} ) {
	const child = spawn( String( PROGRAM ), words, { cwd, env: { ...OWN, ...env }, stdio: [ 'ignore', 'pipe', 'inherit' ] } );
	let said = '';
	await new Promise( ( resolve, reject ) => {
		const late = setTimeout( () => reject( new Error( `${ words[ 0 ] } says: ${ said }` ) ), PATIENCE_MS );
		child.stdout.on( 'data', ( part ) => {
			said += part;
			if ( awaited.every( ( one ) => one.test( said ) ) ) {
				clearTimeout( late );
				resolve( undefined );
			}
		} );
		child.on( 'exit', () => {
			clearTimeout( late );
			reject( new Error( `${ words[ 0 ] } ended: ${ said }` ) );
		} );
	} );
	return { said, stop: () => void child.kill( 'SIGINT' ) };
}

/** Starts `tillbook serve` in an empty folder; gives its address, and the code that it prints. */
export async function startProgram( /** @type {Record<string, string>} */ env = {}, /** @type {string[]} */ settings = [] ) {
	const folder = mkdtempSync( join( tmpdir(), 'host-' ) );
	const words = [ ...settings.flatMap( ( one ) => [ '--set', one ] ), 'serve', '--listen', '127.0.0.1:0' ];
	const { said, stop } = await start( words, [ /Listening on \S+/, /[A-Z0-9]{4}-[A-Z0-9]{4}/ ], { cwd: folder, env } );
	return {
		origin: /Listening on (http\S+)/.exec( said )?.[ 1 ], code: /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec( said )?.[ 0 ],
		stop: () => {
			stop();
			rmSync( folder, { recursive: true, force: true } );
		},
	};
}

/** Starts a practice Xero; gives what the host needs to know of it, and a way to read it. */
export async function startXero( /** @type {string} */ shop ) {
	const { said, stop } = await start( [ 'practice', '--shop', shop ], [ /Ctrl-C ends both/ ] );
	const told = Object.fromEntries( [ ...said.matchAll( /export (TILLBOOK_XERO_\w+)=(\S+)/g ) ].map( ( [ , name, value ] ) => [ name, value ] ) );
	const { TILLBOOK_XERO_CLIENT_ID: id, TILLBOOK_XERO_CLIENT_SECRET: secret, TILLBOOK_XERO_TENANT_ID: tenant, ...places } = told;
	/** Reads a collection as Xero's own clients do. */
	const read = async ( /** @type {string} */ path ) => {
		const form = new URLSearchParams( { grant_type: 'client_credentials', scope: 'accounting.invoices.read' } );
		const basic = Buffer.from( `${ id }:${ secret }` ).toString( 'base64' );
		const token = await ( await fetch( String( places.TILLBOOK_XERO_IDENTITY_URL ), { method: 'POST', body: form, headers: { authorization: `Basic ${ basic }` } } ) ).json();
		const answer = await fetch( `${ places.TILLBOOK_XERO_API_URL }/${ path }`, { headers: { authorization: `Bearer ${ token.access_token }`, accept: 'application/json', 'xero-tenant-id': String( tenant ) } } );
		if ( ! answer.ok ) {
			throw new Error( `${ path }: ${ answer.status } ${ await answer.text() }` );
		}
		return answer.json();
	};
	return { id, secret, places, read, stop };
}
