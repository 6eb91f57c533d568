// @ts-check
/** The raw face, driven as any WebAssembly runtime drives it; runs in Node and in a page. */

/**
 * @typedef {object} RawExports
 * @property {WebAssembly.Memory} memory
 * @property {() => number} tillbook_abi_version
 * @property {(len: number) => number} tillbook_alloc
 * @property {(ptr: number, len: number) => void} tillbook_free
 * @property {(operation: number, operationLen: number, request: number, requestLen: number) => bigint} tillbook_call
 * @property {() => bigint} tillbook_panic
 */

/**
 * Instantiates the module as a host without JavaScript does: whoever calls an import is told off.
 *
 * @param {WebAssembly.Module} module
 */
export function instantiate( module ) {
	/** @type {Record<string, Record<string, () => never>>} */
	const imports = {};
	for ( const { module: from, name } of WebAssembly.Module.imports( module ) ) {
		imports[ from ] ??= {};
		imports[ from ][ name ] = () => {
			throw new Error( `the raw face called the import ${ name }` );
		};
	}
	const instance = new WebAssembly.Instance( module, imports );
	return /** @type {RawExports} */ ( /** @type {unknown} */ ( instance.exports ) );
}

/**
 * @param {RawExports} raw
 * @param {string | Uint8Array} operation
 * @param {string | Uint8Array} request
 * @returns {string}
 */
export function callRaw( raw, operation, request ) {
	const name = write( raw, operation );
	const text = write( raw, request );
	const reply = take( raw, raw.tillbook_call( name.ptr, name.len, text.ptr, text.len ) );
	raw.tillbook_free( name.ptr, name.len );
	raw.tillbook_free( text.ptr, text.len );
	return reply;
}

/**
 * Reads a text that was handed over and gives its buffer back.
 *
 * @param {RawExports} raw
 * @param {bigint} packed
 */
export function take( raw, packed ) {
	const unsigned = BigInt.asUintN( 64, packed );
	const [ ptr, len ] = [ Number( unsigned >> 32n ), Number( unsigned & 0xffffffffn ) ];
	const text = new TextDecoder( 'utf-8', { fatal: true, ignoreBOM: true } ).decode( new Uint8Array( raw.memory.buffer, ptr, len ) );
	raw.tillbook_free( ptr, len );
	return text;
}

/**
 * @param {RawExports} raw
 * @param {string | Uint8Array} text
 */
function write( raw, text ) {
	const bytes = typeof text === 'string' ? new TextEncoder().encode( text ) : text;
	const ptr = raw.tillbook_alloc( bytes.length );
	new Uint8Array( raw.memory.buffer, ptr, bytes.length ).set( bytes );
	return { ptr, len: bytes.length };
}
