// @ts-check
/** A real WordPress with a shop and the plugin in it. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HERE = fileURLToPath( new URL( './', import.meta.url ) );
const ROOT = fileURLToPath( new URL( '../../', import.meta.url ) );
const WORDPRESS = join( HERE, 'wordpress' );
const run = promisify( execFile );

/**
 * The shops that are tried: WooCommerce itself, with orders stored either way, where `WC_SRC` names
 * the folder of a built one; always the stand-in.
 */
export const KINDS = process.env.WC_SRC
	? ( process.env.SHOP_KINDS ?? 'WooCommerce HPOS,WooCommerce classic,stand-in' ).split( ',' )
	: [ 'stand-in' ];

/** Whether a kind is WooCommerce itself. */
export const isReal = ( /** @type {string} */ kind ) => kind !== 'stand-in';

/** Builds the zip; without pages or module where these are not built. */
export function buildZip() {
	const build = join( ROOT, 'woo-plugin-bridge/build-zip' );
	try {
		return said( execFileSync( build, { encoding: 'utf8', stdio: [ 'ignore', 'pipe', 'pipe' ] } ) );
	} catch ( error ) {
		if ( process.env.PLUGIN_WHOLE ) {
			throw error;
		}
		return said( execFileSync( build, [ '--partial' ], { encoding: 'utf8' } ) );
	}
}

function said( /** @type {string} */ text ) {
	const line = text.trim().split( '\n' ).at( -1 ) ?? '';
	return { file: line.slice( 0, line.indexOf( '.zip:' ) + 4 ), line, isPartial: text.includes( 'PARTIAL' ), hasCore: ! text.includes( 'without build/core' ) };
}

function freePort() {
	return new Promise( ( resolve ) => {
		const server = createServer();
		server.listen( 0, '127.0.0.1', () => {
			const { port } = /** @type {import('node:net').AddressInfo} */ ( server.address() );
			server.close( () => resolve( port ) );
		} );
	} );
}

/**
 * Starts a site of a kind, with the shop's plugin and no other.
 *
 * @param {string} kind
 */
export async function startSite( kind ) {
	const folder = mkdtempSync( join( process.env.SHOP_TMP ?? tmpdir(), 'shop-' ) );
	const port = await freePort();
	const shop = isReal( kind ) ? String( process.env.WC_SRC ) : join( HERE, 'stand-in/woocommerce' );
	const origin = `http://127.0.0.1:${ port }`;
	const up = await run( WORDPRESS, [ 'up', folder, String( port ), shop ], { encoding: 'utf8', maxBuffer: 1 << 24 } );
	const site = join( folder, 'site' );

	/** Runs PHP in the site and gives what it returns. */
	const php = ( /** @type {string} */ code ) => new Promise( ( resolve, reject ) => {
		const child = spawn( 'php', [ '-d', 'display_errors=stderr', join( HERE, 'php/eval.php' ), site, String( port ) ] );
		let out = '', err = '';
		child.stdout.on( 'data', ( part ) => ( out += part ) );
		child.stderr.on( 'data', ( part ) => ( err += part ) );
		child.on( 'close', () => {
			const at = out.lastIndexOf( '\x1e' );
			at < 0 ? reject( new Error( `php: ${ out }\n${ err }\n${ code }` ) ) : resolve( JSON.parse( out.slice( at + 1 ) ) );
		} );
		child.stdin.end( code );
	} );

	return {
		kind, folder, origin, port, php,
		versions: up.stdout.trim().split( '\n' ).at( -1 ) ?? '',
		/** Unpacks a zip as WordPress does, and activates it. */
		install: ( /** @type {string} */ zip ) => php( `
			require_once ABSPATH . 'wp-admin/includes/plugin.php';
			require_once ABSPATH . 'wp-admin/includes/class-wp-upgrader.php';
			require_once ABSPATH . 'wp-admin/includes/file.php';
			$upgrader = new Plugin_Upgrader( new Automatic_Upgrader_Skin() );
			$done = $upgrader->install( ${ JSON.stringify( zip ) }, array( 'overwrite_package' => true ) );
			if ( true !== $done ) { return array( 'install', $done, $upgrader->skin->get_upgrade_messages() ); }
			$active = activate_plugin( 'tillbook-for-woocommerce/tillbook-for-woocommerce.php' );
			return is_wp_error( $active ) ? $active->get_error_message() : 'active';` ),
		/** Runs a scheduled action now, whenever it is due; gives how many ran. */
		act: ( /** @type {string} */ hook ) => php( `return test_run_actions( ${ JSON.stringify( hook ) } );`.replace( 'test_run_actions', isReal( kind ) ? '( static function ( $hook ) {' + REAL_ACT + '} )' : 'stand_in_run_actions' ) ),
		/** What PHP complained of, our files only. */
		complaints: () => {
			const log = join( folder, 'debug.log' );
			const lines = existsSync( log ) ? readFileSync( log, 'utf8' ).split( '\n' ) : [];
			return lines.filter( ( line ) => /PHP (Fatal|Parse)|Uncaught/.test( line ) || /^\[.*\] PHP .* in .*\/tillbook-for-woocommerce\//.test( line ) );
		},
		login: ( user = 'admin', password = 'admin' ) => login( origin, user, password ),
		stop: async () => {
			await run( WORDPRESS, [ 'down', folder ] );
			if ( ! process.env.SHOP_KEEP ) {
				rmSync( folder, { recursive: true, force: true } );
			}
		},
	};
}

const REAL_ACT = `
	$ids = as_get_scheduled_actions( array( 'hook' => $hook, 'status' => 'pending', 'per_page' => 200 ), 'ids' );
	foreach ( $ids as $id ) { ActionScheduler::runner()->process_action( $id, 'test' ); }
	return count( $ids );`;

/** Signs in as a browser does. */
async function login( /** @type {string} */ origin, /** @type {string} */ user, /** @type {string} */ password ) {
	const jar = new Map( [ [ 'wordpress_test_cookie', 'WP%20Cookie%20check' ] ] );
	const cookie = () => [ ...jar ].map( ( [ name, value ] ) => `${ name }=${ value }` ).join( '; ' );
	const ask = async ( /** @type {string} */ path, /** @type {RequestInit} */ options = {} ) => {
		const answer = await fetch( new URL( path, origin ), { redirect: 'manual', ...options, headers: { cookie: cookie(), ...options.headers } } );
		for ( const line of answer.headers.getSetCookie() ) {
			const [ name, value ] = line.split( ';' )[ 0 ].split( /=(.*)/s );
			jar.set( name, value );
		}
		return answer;
	};
	const form = new URLSearchParams( { log: user, pwd: password, testcookie: '1', 'wp-submit': 'Log In' } );
	const answer = await ask( '/wp-login.php', { method: 'POST', body: form } );
	if ( answer.status !== 302 ) {
		throw new Error( `${ user } could not sign in: ${ answer.status }` );
	}
	const nonce = ( await ( await ask( '/wp-admin/admin-ajax.php?action=rest-nonce' ) ).text() ).trim();
	return {
		nonce, ask, cookies: () => [ ...jar ].map( ( [ name, value ] ) => ( { name, value, url: origin } ) ),
		/** Asks our REST API, with the nonce unless another is given. */
		rest: async ( /** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body = undefined, /** @type {Record<string, string>} */ headers = { 'X-WP-Nonce': nonce } ) => {
			const sent = body === undefined ? {} : { body: JSON.stringify( body ) };
			const answer = await ask( `/wp-json/tillbook/v1/${ path }`, { method, headers: { ...headers, ...( body === undefined ? {} : { 'content-type': 'application/json' } ) }, ...sent } );
			const text = await answer.text();
			let json = null;
			try {
				json = JSON.parse( text );
			} catch {
				// It is no JSON: the test sees the text.
			}
			return { status: answer.status, headers: answer.headers, text, json };
		},
	};
}
