// @ts-check
/**
 * The module's life in JavaScript: loaded once, called, and renewed after a trap.
 *
 * @typedef {URL | string | BufferSource} Source  Where the module is, or its bytes.
 */
import init, * as glue from './tillbook.js';
import { sha256Of } from './sha256.js';

/** @type {Promise<void> | undefined} */
let loading;
/** @type {string | undefined} */
let digest;

/**
 * Loads the module once; later calls wait for the first. A load that failed can be tried again.
 *
 * @param {() => Promise<Response | BufferSource>} open
 * @returns {Promise<void>}
 */
export function start( open ) {
	loading ??= begin( open ).catch( ( error ) => {
		loading = undefined;
		throw error;
	} );
	return loading;
}

/** @param {() => Promise<Response | BufferSource>} open */
async function begin( open ) {
	const opened = await open();
	// The response is compiled while it arrives; its copy is for the digest.
	const bytes = opened instanceof Response ? opened.clone().arrayBuffer() : copyOf( opened );
	const [ sha256 ] = await Promise.all( [
		Promise.resolve( bytes ).then( ( buffer ) => sha256Of( new Uint8Array( buffer ) ) ),
		init( { module_or_path: opened } ),
	] );
	digest = sha256;
}

/**
 * @param {BufferSource} source
 * @returns {ArrayBuffer}
 */
function copyOf( source ) {
	const view = ArrayBuffer.isView( source )
		? new Uint8Array( source.buffer, source.byteOffset, source.byteLength )
		: new Uint8Array( source );
	return view.slice().buffer;
}

/** SHA-256 of the module that was loaded, in lower-case hexadecimal. */
export function sha256() {
	return digest ?? notLoaded();
}

export const call = guard( glue.call );
export const describe = guard( glue.describe );
export const proposeSettings = guard( glue.proposeSettings );
export const checkSettings = guard( glue.checkSettings );
export const matchCustomers = guard( glue.matchCustomers );
export const plan = guard( glue.plan );
export const readAnswer = guard( glue.readAnswer );
export const readPayouts = guard( glue.readPayouts );
export const takings = guard( glue.takings );
export const summarise = guard( glue.summarise );
export const completeness = guard( glue.completeness );
export const map = guard( glue.map );

/**
 * After a trap the instance's own stack is not unwound: it must never answer again.
 *
 * @template {unknown[]} Arguments
 * @template Result
 * @param {(...given: Arguments) => Result} run
 * @returns {(...given: Arguments) => Result}
 */
function guard( run ) {
	return ( ...given ) => {
		if ( digest === undefined ) {
			return notLoaded();
		}
		try {
			return run( ...given );
		} catch ( error ) {
			// A stack that ran out inside the module is a RangeError in some engines.
			if ( error instanceof WebAssembly.RuntimeError || error instanceof RangeError ) {
				throw renew( error );
			}
			throw error;
		}
	};
}

/** @returns {never} */
function notLoaded() {
	throw Object.assign( new Error( 'tillbook is not loaded: await load() first' ), { code: 'core.not_loaded' } );
}

/**
 * Puts a new instance in the place of one that trapped.
 *
 * @param {Error} cause
 * @returns {Error} what to throw, with what the module said before it stopped
 */
function renew( cause ) {
	const reason = lastPanic() || cause.message;
	glue.__wbg_reset_state();
	return Object.assign( new Error( `the core stopped: ${ reason }`, { cause } ), { code: 'core.trap' } );
}

function lastPanic() {
	try {
		// Once there is an instance, this gives its exports and reads nothing.
		const { memory, tillbook_panic } = glue.initSync( { module: new ArrayBuffer( 0 ) } );
		const packed = BigInt.asUintN( 64, tillbook_panic() );
		const bytes = new Uint8Array( memory.buffer, Number( packed >> 32n ), Number( packed & 0xffffffffn ) );
		return new TextDecoder().decode( bytes );
	} catch {
		return '';
	}
}
