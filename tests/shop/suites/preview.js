// @ts-check
/** The module in PHP: what the box, e-mails and other plugins show is what Node's module says. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const CASE = new URL( '../../corpus/0012-au-inclusive-exact/request.json', import.meta.url );
const MODULE = process.env.TILLBOOK_MODULE ? new URL( `file://${ process.env.TILLBOOK_MODULE }/node.js` ) : new URL( '../../../wasm-pkg/npm/dist/node.js', import.meta.url );

/** A host's context of a recorded shop. */
export const contextOf = () => {
	const { contract, shop, settings, chart } = JSON.parse( readFileSync( CASE, 'utf8' ) );
	return JSON.stringify( { contract, core_version: '0.1.0', module_sha256: 'x', shop, settings, settings_sha256: 'y', chart, chart_read: null, records: [], tax_rates: [], gateways: [] } );
};

export function previewTests( /** @type {any} */ world ) {
	const skip = world.zip.hasCore ? false : 'the module is not translated to PHP here';

	test( 'PHP gives the bytes that Node gives', { skip }, async ( context ) => {
		world.host.state.context = contextOf();
		const text = ( await world.admin.rest( 'GET', 'context' ) ).text;
		assert.equal( text, world.host.state.context );
		const ids = [ world.ids.order, world.ids.refunded ];
		const said = await world.site.php( `
			$began = hrtime( true );
			$reply = Tillbook\\Plugin::instance()->previews()->reply( array( ${ ids } ) );
			$first = ( hrtime( true ) - $began ) / 1e6;
			$request = Tillbook\\Plugin::instance()->previews()->request( array( ${ ids } ) );
			$began = hrtime( true );
			for ( $time = 0; $time < 10; $time++ ) { Tillbook\\Core\\Core::open()->call( 'map', $request ); }
			return array( $reply, $request, round( $first ), round( ( hrtime( true ) - $began ) / 2e7, 1 ), round( memory_get_peak_usage() / 1e6 ), Tillbook\\Core\\Core::open()->kind() );` );
		const [ reply, request, first, each, memory, kind ] = said;
		context.diagnostic( `${ kind }: first preview ${ first } ms, then ${ each } ms an order, peak ${ memory } MB` );
		console.log( `${ world.kind }: module in PHP (${ kind }): first preview ${ first } ms with reading, then ${ each } ms an order, peak ${ memory } MB with WordPress` );
		assert.equal( JSON.parse( reply ).ok.sales.length, 2 );
		if ( ! existsSync( MODULE ) ) {
			context.diagnostic( 'no module for Node here: not compared' );
			return;
		}
		const node = await import( MODULE.href );
		await node.load();
		assert.equal( reply, node.call( 'map', request ) );
		// What a browser would ask, from what the REST API gives it.
		const { contract, shop, settings, chart, records } = JSON.parse( text );
		const sales = JSON.parse( ( await world.admin.rest( 'GET', `sales?ids=${ ids }` ) ).text );
		assert.equal( node.call( 'map', JSON.stringify( { contract, shop, settings, chart, records, ...sales } ) ), reply );
	} );

	test( 'tillbook_preview gives the document', { skip }, async () => {
		const said = await world.site.php( `return tillbook_preview( wc_get_order( ${ world.ids.order } ) );` );
		assert.equal( said.order_id, world.ids.order );
		assert.equal( said.outcome, 'post', JSON.stringify( said.findings ) );
		assert.match( said.document.sha256, /^[0-9a-f]{64}$/ );
		assert.equal( await world.site.php( `return tillbook_preview( 999999 )->get_error_code();` ), 'no_order' );
	} );

	test( 'settings that the module refuses do not reach the host', { skip }, async () => {
		const before = world.host.of( 'settings' ).length;
		const broken = JSON.parse( readFileSync( new URL( '../../corpus/0011-check-broken-settings/request.json', import.meta.url ), 'utf8' ) ).settings;
		const said = await world.admin.rest( 'PUT', 'settings', { settings: broken, based_on: null } );
		assert.deepEqual( [ said.status, said.json.error.code ], [ 422, 'settings_refused' ] );
		assert.ok( said.json.findings.length > 0 );
		assert.equal( world.host.of( 'settings' ).length, before );
		const good = await world.admin.rest( 'PUT', 'settings', { settings: JSON.parse( contextOf() ).settings, based_on: null } );
		assert.equal( good.status, 202, good.text );
		assert.equal( world.host.of( 'settings' ).length, before + 1 );
		await world.admin.rest( 'GET', 'context' );
	} );

	test( 'e-mails show it to the shop\'s owner, where that is switched on', { skip }, async () => {
		const mail = ( toAdmin, plain ) => world.site.php( `
			wp_set_current_user( 0 );
			ob_start();
			do_action( 'woocommerce_email_after_order_table', wc_get_order( ${ world.ids.order } ), ${ toAdmin }, ${ plain }, null );
			return ob_get_clean();` );
		await world.site.php( `delete_option( 'tillbook_email_preview' ); return true;` );
		assert.ok( ! ( await mail( true, false ) ).includes( 'What Xero gets' ) );
		await world.site.php( `update_option( 'tillbook_email_preview', 'yes' ); return true;` );
		const html = await mail( true, false );
		assert.ok( html.includes( 'What Xero gets' ) );
		assert.ok( ! html.includes( '<script' ), html );
		assert.ok( ! ( await mail( false, false ) ).includes( 'What Xero gets' ) );
		assert.match( await mail( true, true ), /SHOP-\d+ to / );
	} );
}
