// @ts-check
/** A small host for tests of the plugin: it pairs, answers and writes down what it was asked. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

export const CODE = 'ABCD-EFGH';
export const SHOP = 'test-shop';
const SKEW_SECS = 300;

/** @typedef {{ method: string, path: string, query: URLSearchParams, headers: import('node:http').IncomingHttpHeaders, body: string, status: number }} Asked */

const same = ( left, right ) => left.length === right.length && timingSafeEqual( Buffer.from( left ), Buffer.from( right ) );
const problem = ( code, message ) => ( { error: { code, message } } );

/** Starts a host on a free port of this machine. */
export async function startHost( { context = '{"contract":1,"settings":null,"chart":null}' } = {} ) {
	const state = {
		/** `ok`, `slow`, `nonsense`, `broken` (500), `refusing` (401). `down` is `stop()`. */
		mode: 'ok',
		slow_ms: 5000,
		context,
		/** @type {Record<string, any>} */ objects: {},
		/** @type {any[]} */ log: [],
		token: `tb_${ randomBytes( 24 ).toString( 'hex' ) }`,
		hook_secret: '',
		consumer: { key: '', secret: '' },
		/** @type {Asked[]} */ asked: [],
		/** @type {{ topic: string, id: number }[]} */ deliveries: [],
		/** @type {any[]} */ events: [],
		/** @type {string[]} */ refused: [],
	};
	const nonces = new Set();

	const pair = ( body ) => {
		const given = JSON.parse( body );
		if ( given.code !== CODE ) {
			return [ 401, problem( 'wrong_code', 'This code is not right.' ) ];
		}
		state.hook_secret = given.hook_secret;
		state.consumer = { key: given.consumer_key, secret: given.consumer_secret };
		return [ 200, {
			shop: SHOP, token: state.token, core_version: '0.1.0', module_sha256: 'ab'.repeat( 32 ),
			hook_path: `/hooks/woocommerce/${ SHOP }`, event_path: `/events/${ SHOP }`,
		} ];
	};

	const hook = ( headers, body ) => {
		if ( ! headers[ 'x-wc-webhook-topic' ] ) {
			return [ 200, { taken: 0 } ];
		}
		const expected = createHmac( 'sha256', state.hook_secret ).update( body ).digest( 'base64' );
		if ( ! same( expected, String( headers[ 'x-wc-webhook-signature' ] ) ) ) {
			state.refused.push( 'webhook' );
			return [ 401, problem( 'unsigned', 'the signature does not fit' ) ];
		}
		state.deliveries.push( { topic: String( headers[ 'x-wc-webhook-topic' ] ), id: JSON.parse( body ).id } );
		return [ 200, { taken: 1, sweep: false, unknown: 0 } ];
	};

	const events = ( headers, body ) => {
		const [ time, nonce, signature ] = [ 'timestamp', 'nonce', 'signature' ].map( ( name ) => String( headers[ `x-tillbook-${ name }` ] ) );
		const text = [ 'v1', 'POST', `/events/${ SHOP }`, time, nonce, createHash( 'sha256' ).update( body ).digest( 'hex' ) ].join( '\n' );
		const fits = same( createHmac( 'sha256', state.hook_secret ).update( text ).digest( 'hex' ), signature );
		const fresh = Math.abs( Date.now() / 1000 - Number( time ) ) < SKEW_SECS && /^[\w-]{16,64}$/.test( nonce ) && ! nonces.has( nonce );
		if ( ! fits || ! fresh ) {
			state.refused.push( 'event' );
			return [ 401, problem( 'unsigned', 'the signature does not fit' ) ];
		}
		nonces.add( nonce );
		const list = JSON.parse( body ).events;
		state.events.push( ...list );
		return [ 200, { taken: list.length, sweep: false, unknown: 0 } ];
	};

	const status = () => ( {
		shop: SHOP, url: 'x', state: 'active', reason: '', active_since: null, core_version: '0.1.0', module_sha256: 'ab'.repeat( 32 ),
		xero: { state: 'none', organisation: null, reason: '' }, settings: { state: 'none', sha256: null }, last_run: null, next_run: null,
		counts: { waiting: 0, running: 0, held: 0, retrying: 0, done: 0, excluded: 0 }, paused_organisation: false,
	} );

	const api = ( method, path, query ) => {
		const object = ( id ) => ( { kind: 'order', id: String( id ), finding: null, documents: [], state: 'waiting', ...state.objects[ id ] } );
		if ( method === 'GET' && path === 'status' ) {
			return [ 200, status() ];
		}
		if ( method === 'GET' && path === 'context' ) {
			return [ 200, state.context ];
		}
		if ( method === 'GET' && path === 'objects' ) {
			const ids = String( query.get( 'ids' ) ).split( ',' );
			return [ 200, { objects: ids.filter( ( id ) => state.objects[ id ] ).map( object ) } ];
		}
		if ( method === 'GET' && path === 'queue' ) {
			const ids = Object.keys( state.objects ).filter( ( id ) => object( id ).state === query.get( 'state' ) );
			return [ 200, { objects: ids.map( ( id ) => ( { ...object( id ), reason: '', attempts: 0, findings: [] } ) ), next: null } ];
		}
		if ( method === 'GET' && path === 'log' ) {
			return [ 200, { entries: state.log, next: null } ];
		}
		return [ method === 'GET' ? 200 : 202, { accepted: true, path, numbers: 1.5 } ];
	};

	const answer = ( asked ) => {
		if ( asked.path === '/api/v1/pair' ) {
			return pair( asked.body );
		}
		if ( asked.path === `/hooks/woocommerce/${ SHOP }` ) {
			return hook( asked.headers, asked.body );
		}
		if ( asked.path === `/events/${ SHOP }` ) {
			return events( asked.headers, asked.body );
		}
		const found = /^\/api\/v1\/shops\/([^/]+)\/(.*)$/.exec( asked.path );
		if ( ! found || asked.headers.authorization !== `Bearer ${ state.token }` || state.mode === 'refusing' ) {
			return [ 401, problem( 'unauthorized', 'No good token.' ) ];
		}
		if ( found[ 1 ] !== SHOP ) {
			return [ 403, problem( 'forbidden', 'Another shop.' ) ];
		}
		return api( asked.method, found[ 2 ], asked.query );
	};

	const server = createServer( async ( request, response ) => {
		let body = '';
		for await ( const chunk of request ) {
			body += chunk;
		}
		const url = new URL( request.url ?? '/', 'http://host' );
		const asked = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, body, status: 0 };
		state.asked.push( asked );
		if ( state.mode === 'slow' ) {
			await new Promise( ( resolve ) => setTimeout( resolve, state.slow_ms ) );
		}
		if ( state.mode === 'nonsense' ) {
			asked.status = 200;
			response.writeHead( 200, { 'content-type': 'text/html' } );
			response.end( '<!doctype html><title>Welcome to the router</title><script>alert(1)</script>' );
			return;
		}
		const [ code, said ] = state.mode === 'broken' ? [ 500, problem( 'broken', 'broken' ) ] : answer( asked );
		asked.status = Number( code );
		response.writeHead( Number( code ), { 'content-type': 'application/json' } );
		response.end( typeof said === 'string' ? said : JSON.stringify( said ) );
	} );
	let port = 0;
	const listen = () => new Promise( ( resolve ) => server.listening ? resolve( undefined ) : server.listen( port, '127.0.0.1', () => resolve( undefined ) ) );
	await listen();
	port = /** @type {import('node:net').AddressInfo} */ ( server.address() ).port;
	return {
		state,
		origin: `http://127.0.0.1:${ port }`,
		/** Listens again at the same address. */
		listen,
		/** Refuses connections from now on. */
		stop: () => new Promise( ( resolve ) => {
			server.closeAllConnections();
			server.close( () => resolve( undefined ) );
		} ),
		/** What was asked for of a path, oldest first. */
		of: ( /** @type {string} */ path ) => state.asked.filter( ( one ) => one.path === path || one.path === `/api/v1/shops/${ SHOP }/${ path }` ),
	};
}
