// @ts-check
/**
 * SHA-256 of some bytes. A page that came over plain HTTP has no `crypto.subtle`, and shops show
 * such pages, so the digest is also written out here.
 */

const FULL = 2 ** 32;

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string>} in lower-case hexadecimal
 */
export async function sha256Of( bytes ) {
	const subtle = globalThis.crypto?.subtle;
	const digest = subtle ? new Uint8Array( await subtle.digest( 'SHA-256', bytes ) ) : digestOf( bytes );
	return Array.from( digest, ( byte ) => byte.toString( 16 ).padStart( 2, '0' ) ).join( '' );
}

/**
 * The same without `crypto` (FIPS 180-4, section 6.2).
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function digestOf( bytes ) {
	const { roots, constants } = tables();
	const state = Uint32Array.from( roots );
	const padded = pad( bytes );
	const words = new Uint32Array( 64 );
	for ( let start = 0; start < padded.byteLength; start += 64 ) {
		for ( let i = 0; i < 16; i++ ) {
			words[ i ] = padded.getUint32( start + i * 4 );
		}
		for ( let i = 16; i < 64; i++ ) {
			const [ a, b ] = [ words[ i - 15 ], words[ i - 2 ] ];
			const low = turn( a, 7 ) ^ turn( a, 18 ) ^ ( a >>> 3 );
			const high = turn( b, 17 ) ^ turn( b, 19 ) ^ ( b >>> 10 );
			words[ i ] = words[ i - 16 ] + low + words[ i - 7 ] + high;
		}
		mix( state, words, constants );
	}
	const digest = new DataView( new ArrayBuffer( 32 ) );
	state.forEach( ( word, i ) => digest.setUint32( i * 4, word ) );
	return new Uint8Array( digest.buffer );
}

/**
 * One block's 64 rounds.
 *
 * @param {Uint32Array} state
 * @param {Uint32Array} words
 * @param {number[]} constants
 */
function mix( state, words, constants ) {
	let [ a, b, c, d, e, f, g, h ] = state;
	for ( let i = 0; i < 64; i++ ) {
		const choice = ( e & f ) ^ ( ~e & g );
		const first = ( h + ( turn( e, 6 ) ^ turn( e, 11 ) ^ turn( e, 25 ) ) + choice + constants[ i ] + words[ i ] ) | 0;
		const majority = ( a & b ) ^ ( a & c ) ^ ( b & c );
		const second = ( ( turn( a, 2 ) ^ turn( a, 13 ) ^ turn( a, 22 ) ) + majority ) | 0;
		[ h, g, f, e, d, c, b, a ] = [ g, f, e, ( d + first ) | 0, c, b, a, ( first + second ) | 0 ];
	}
	[ a, b, c, d, e, f, g, h ].forEach( ( word, i ) => {
		state[ i ] += word;
	} );
}

/**
 * The message, a one bit, zeros, and the length in bits.
 *
 * @param {Uint8Array} bytes
 */
function pad( bytes ) {
	const length = Math.ceil( ( bytes.length + 9 ) / 64 ) * 64;
	const padded = new Uint8Array( length );
	padded.set( bytes );
	padded[ bytes.length ] = 0x80;
	const view = new DataView( padded.buffer );
	view.setUint32( length - 8, Math.floor( ( bytes.length * 8 ) / FULL ) );
	view.setUint32( length - 4, bytes.length * 8 );
	return view;
}

/**
 * @param {number} word
 * @param {number} bits
 */
function turn( word, bits ) {
	return ( word >>> bits ) | ( word << ( 32 - bits ) );
}

/** Fractions of the roots of the first primes: eight square roots, 64 cube roots. */
function tables() {
	/** @type {number[]} */
	const primes = [];
	for ( let n = 2; primes.length < 64; n++ ) {
		if ( primes.every( ( prime ) => n % prime !== 0 ) ) {
			primes.push( n );
		}
	}
	const fraction = ( /** @type {number} */ root ) => Math.floor( ( root % 1 ) * FULL );
	return {
		roots: primes.slice( 0, 8 ).map( ( prime ) => fraction( Math.sqrt( prime ) ) ),
		constants: primes.map( ( prime ) => fraction( Math.cbrt( prime ) ) ),
	};
}
