// @ts-check
/**
 * Requests that nobody should send. Each must be answered with an error, and the module must be
 * as good as new afterwards. Runs in Node and in a page.
 *
 * @typedef {{ name: string, operation: string, request: string }} Hostile
 */

/** @returns {Hostile[]} */
export function hostileRequests() {
	const map = ( /** @type {string} */ name, /** @type {string} */ request ) => ( { name, operation: 'map', request } );
	return [
		{ name: 'no operation', operation: '', request: '{}' },
		{ name: 'an operation of a megabyte', operation: 'x'.repeat( 1 << 20 ), request: '{}' },
		{ name: 'an operation with a quote and a line', operation: '"\n\\', request: '{}' },
		map( 'nothing', '' ),
		map( 'null', 'null' ),
		map( 'an array', '[]' ),
		map( 'text', '"text"' ),
		map( 'half a request', '{"contract":1,' ),
		map( 'something after the request', '{} {}' ),
		map( 'another contract', '{"contract":4294967295,"shop":{},"settings":{},"chart":{},"sales":[]}' ),
		map( 'a hundred thousand brackets', '['.repeat( 100_000 ) ),
		map( 'a hundred thousand objects', '{"a":'.repeat( 100_000 ) ),
		map( 'a number out of range', '{"contract":1e999999}' ),
		map( 'a number of a hundred thousand digits', `{"contract":${ '9'.repeat( 100_000 ) }}` ),
		map( 'a zero byte', '{"contract":1,"shop":"\u0000"}' ),
		map( 'half a surrogate pair', '{"contract":"\ud800"}' ),
		map( 'an escaped half of a surrogate pair', '{"contract":"\\ud800"}' ),
		map( 'a byte order mark', '\ufeff{}' ),
		map( 'a prototype', '{"__proto__":{"contract":1},"constructor":{}}' ),
		map( 'a key twice', '{"contract":1,"contract":2}' ),
		map( 'thirty-three megabytes', `"${ ' '.repeat( 33 << 20 ) }"` ),
	];
}

/**
 * What is wrong with a reply to a hostile request; nothing when it is refused in good form.
 *
 * @param {string} reply
 * @returns {string | undefined}
 */
export function complaint( reply ) {
	const { error, ok } = JSON.parse( reply );
	if ( ok !== undefined || typeof error?.code !== 'string' || typeof error?.message !== 'string' ) {
		return `not refused: ${ reply.slice( 0, 200 ) }`;
	}
	return error.code.startsWith( 'core.' ) ? undefined : `an unknown kind of code: ${ error.code }`;
}

/**
 * Leaves an instance no memory to grow into, and none that is free, so that it must trap.
 *
 * @param {{ memory: WebAssembly.Memory, tillbook_alloc: (len: number) => number }} exports
 */
export function exhaustMemory( { memory, tillbook_alloc } ) {
	memory.grow( 65_536 - memory.buffer.byteLength / 65_536 );
	while ( tillbook_alloc( 1 << 20 ) !== 0 ) {
		// What is left is not enough for a large request.
	}
}
