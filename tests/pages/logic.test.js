// @ts-check
/** The pages' logic without a browser: JSON cut into texts, amounts, settings by path, zones, files. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { casesOf, readCase } from './facts.js';
import { sources } from './tools.js';

/** @type {Awaited<ReturnType<typeof sources>>} */
let tools;
/** @type {any} */
let schemas;

before( async () => {
	tools = await sources();
	const { load, describe } = await import( pathToFileURL( fileURLToPath( new URL( '../../wasm-pkg/npm/dist/node.js', import.meta.url ) ) ).href );
	await load();
	schemas = describe().schemas;
} );

after( () => tools?.close() );

test( 'parts of JSON stay as they were written', async () => {
	const { memberTexts, elementTexts } = await tools.load( 'lib/slices.ts' );
	const text = ' { "a" : [ 1.50, {"x":"]}"}, 12345678901234567 ], "b\\u0022": "q\\"{", "c":null , "d":-0.10}';
	assert.deepEqual( memberTexts( text ), { a: '[ 1.50, {"x":"]}"}, 12345678901234567 ]', 'b"': '"q\\"{"', c: 'null', d: '-0.10' } );
	assert.deepEqual( elementTexts( '[ 1.50, {"x":"]}"}, 12345678901234567 ]' ), [ '1.50', '{"x":"]}"}', '12345678901234567' ] );
	assert.deepEqual( elementTexts( '[]' ), [] );
	assert.deepEqual( memberTexts( '{}' ), {} );
	assert.throws( () => memberTexts( '[1]' ), SyntaxError );
	assert.throws( () => memberTexts( '{"a": {"b": 1' ), SyntaxError );
	assert.throws( () => elementTexts( '["a' ), SyntaxError );
} );

test( 'what is cut out of every request of the corpus is what a parser reads there', async () => {
	const { memberTexts, elementTexts } = await tools.load( 'lib/slices.ts' );
	for ( const { name, request } of casesOf( 'map' ).map( readCase ).filter( ( one ) => ! one.expected.startsWith( '{"error"' ) ) ) {
		const whole = JSON.parse( request );
		const members = memberTexts( request );
		assert.deepEqual( Object.keys( members ), Object.keys( whole ), name );
		assert.deepEqual( elementTexts( members.sales ).map( ( /** @type {string} */ one ) => JSON.parse( one ) ), whole.sales, name );
	}
} );

test( 'amounts are texts from end to end', async () => {
	const { amount, isZero, rounded } = await tools.load( 'lib/format.ts' );
	assert.equal( amount( '1234567.50', 'en-GB' ), '1,234,567.50' );
	assert.equal( amount( '-1234.5', 'de-DE' ), '−1.234,5' );
	assert.equal( amount( '999999999999999999.99', 'en-GB' ), '999,999,999,999,999,999.99' );
	assert.equal( amount( 'n/a', 'en-GB' ), 'n/a' );
	assert.equal( rounded( '49.009091', 2 ), '49.01' );
	assert.equal( rounded( '-0.004', 2 ), '0.00' );
	assert.equal( rounded( '-1.005', 2 ), '-1.01' );
	assert.equal( rounded( '9.9950', 2 ), '10.00' );
	assert.equal( rounded( '7', 0 ), '7' );
	assert.equal( rounded( '7.1', 3 ), '7.100' );
	assert.ok( isZero( '0.00' ) && isZero( '' ) && ! isZero( '0.01' ) );
} );

test( 'settings are read, written and compared by path', async () => {
	const { SettingsSchema, pathText } = await tools.load( 'settings/schema.ts' );
	const { changesBetween, valueAt, withValue } = await tools.load( 'settings/path.ts' );
	const schema = new SettingsSchema( schemas );
	for ( const text of [ 'tax.sets[7].tax_type', 'payments.accounts.stripe/EUR', 'accounts.rules.category.tea.green', 'statuses.on-hold', 'sync.orders.from', 'fees[0].account' ] ) {
		assert.equal( pathText( schema.parse( text ) ), text );
	}
	for ( const text of [ 'line_items[2].total', 'status', 'nothing.here', 'tax.sets.name', '' ] ) {
		assert.equal( schema.parse( text ), undefined, text );
	}
	assert.equal( valueAt( {}, [ 'invoice', 'date' ], schema ), 'created' );
	const before = { tax: { sets: [ { rates: [ 1 ], tax_type: 'A' }, { rates: [ 2 ], tax_type: 'B' } ] } };
	const later = withValue( withValue( before, [ 'tax', 'sets', 1, 'tax_type' ], 'C', schema ), [ 'statuses', 'odd' ], 'never', schema );
	assert.equal( before.tax.sets[ 1 ]?.tax_type, 'B' );
	// What had only its default is written out: no other row is lost.
	assert.equal( later.statuses.completed, 'invoice_paid' );
	assert.deepEqual( changesBetween( before, later, schema ).map( ( /** @type {any} */ one ) => [ one.text, one.before, one.after ] ).sort(), [ [ 'statuses.odd', undefined, 'never' ], [ 'tax.sets[1].tax_type', 'B', 'C' ] ] );
	assert.deepEqual( changesBetween( {}, { invoice: { date: 'created' } }, schema ), [] );
	assert.deepEqual( withValue( before, [ 'tax', 'sets', 0 ], undefined, schema ).tax.sets, [ before.tax.sets[ 1 ] ] );
} );

test( 'every setting that the core has, has a name', async () => {
	const { SettingsSchema, kindOf } = await tools.load( 'settings/schema.ts' );
	const { settingNames } = await tools.load( 'settings/words.ts' );
	const schema = new SettingsSchema( schemas );
	const names = settingNames();
	const nameless = [];
	const walk = ( /** @type {(string | number)[]} */ path ) => {
		const own = schema.at( path );
		const text = path.map( ( step ) => ( typeof step === 'number' ? '*' : step ) ).join( '.' );
		const isSwitch = path[ 0 ] === 'sync' && path.length === 3;
		if ( path.length > 0 && ! ( text in names ) && ! ( isSwitch && `sync.*.${ path[ 2 ] }` in names ) ) {
			nameless.push( text );
		}
		for ( const name of Object.keys( own?.properties ?? {} ) ) {
			walk( [ ...path, name ] );
		}
		if ( own && kindOf( own ) === 'list' && kindOf( schema.resolve( own.items ?? {} ) ) === 'object' ) {
			walk( [ ...path, 0 ] );
		}
	};
	for ( const root of Object.keys( schema.root.properties ?? {} ) ) {
		walk( [ root ] );
	}
	assert.deepEqual( nameless, [] );
} );

test( 'zones come from the browser, to the second', async () => {
	const { midnight, zoneOf } = await tools.load( 'lib/zone.ts' );
	const { zone, from, to } = JSON.parse( readCase( '0148-summarise-the-worked-example' ).request );
	const found = zoneOf( 'Europe/London', from, to );
	assert.equal( found.offset_seconds, zone.offset_seconds );
	assert.deepEqual( found.transitions[ 0 ], zone.transitions[ 0 ] );
	assert.equal( midnight( '2026-11-28', 'Australia/Sydney' ), '2026-11-27T13:00:00Z' );
	assert.equal( midnight( '2026-03-29', 'Europe/London' ), '2026-03-29T00:00:00Z' );
	assert.equal( midnight( '2026-03-30', 'Europe/London' ), '2026-03-29T23:00:00Z' );
	assert.equal( midnight( '2026-11-28', '+05:30' ), '2026-11-27T18:30:00Z' );
} );

test( 'tables go out to a spreadsheet and come back', async () => {
	const { readCsv, writeCsv } = await tools.load( 'lib/csv.ts' );
	const rows = [ [ 'key', 'name' ], [ '12', 'Ada "the first", Lovelace' ], [ '13', '=HYPERLINK("x")' ], [ '14', 'two\nlines' ] ];
	const text = writeCsv( rows );
	assert.ok( text.includes( "\"'=HYPERLINK" ), 'no name becomes a formula' );
	assert.deepEqual( readCsv( text ), rows );
	assert.deepEqual( readCsv( 'key;xero_id\r\n1;a\r\n' ), [ [ 'key', 'xero_id' ], [ '1', 'a' ] ] );
} );
