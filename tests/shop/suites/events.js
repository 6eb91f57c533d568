// @ts-check
/** What webhooks do not tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

const OUTBOX = `global $wpdb; return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->options} WHERE option_name LIKE 'tillbook\\\\_event\\\\_%'" );`;

export function eventTests( /** @type {any} */ world ) {
	/** Does something in the shop; gives the events that arrive at the host. */
	const happens = async ( /** @type {string} */ code ) => {
		await world.site.act( 'tillbook_send_events' );
		world.host.state.events.length = 0;
		await world.site.php( `${ code }; do_action( 'shutdown' ); return true;` );
		await world.site.act( 'tillbook_send_events' );
		assert.equal( await world.site.php( OUTBOX ), 0 );
		return [ ...world.host.state.events ].sort( ( left, right ) => left.kind.localeCompare( right.kind ) );
	};
	const names = ( events ) => [ ...new Set( events.map( ( one ) => one.kind ) ) ];

	test( 'a deleted refund is told, with its order', async () => {
		const events = await happens( `wc_get_order( ${ world.ids.refund } )->delete( true )` );
		assert.deepEqual( events, [ { kind: 'refund_deleted', order_id: world.ids.refunded, refund_id: world.ids.refund } ] );
	} );

	test( 'the trash and the way back are told', async () => {
		assert.deepEqual( await happens( `wc_get_order( ${ world.ids.spare } )->delete( false )` ), [ { kind: 'order_trashed', order_id: world.ids.spare } ] );
		const restored = await happens( `$order = wc_get_order( ${ world.ids.spare } ); method_exists( $order, 'untrash' ) ? $order->untrash() : wp_untrash_post( ${ world.ids.spare } )` );
		assert.deepEqual( restored, [ { kind: 'order_restored', order_id: world.ids.spare } ] );
	} );

	test( 'an order deleted for good is told once', async () => {
		assert.deepEqual( await happens( `wc_get_order( ${ world.ids.spare } )->delete( true )` ), [ { kind: 'order_deleted', order_id: world.ids.spare } ] );
	} );

	test( 'stock, taxes and products are told', async () => {
		assert.deepEqual( names( await happens( `wc_update_product_stock( ${ world.ids.product }, 900 ); wc_update_product_stock( ${ world.ids.product }, 899 )` ) ), [ 'stock_changed' ] );
		assert.deepEqual( names( await happens( `do_action( 'woocommerce_tax_rate_updated', 1, array() ); do_action( 'woocommerce_settings_saved' )` ) ), [ 'settings_changed' ] );
	} );

	test( 'what happens twice before it is sent, is sent once', async () => {
		world.host.state.events.length = 0;
		for ( let time = 0; time < 3; time++ ) {
			await world.site.php( `do_action( 'woocommerce_delete_order', 4711 ); do_action( 'shutdown' ); return true;` );
		}
		assert.equal( await world.site.php( OUTBOX ), 1 );
		assert.equal( await world.site.act( 'tillbook_send_events' ), 1 );
		assert.deepEqual( world.host.state.events, [ { kind: 'order_deleted', order_id: 4711 } ] );
	} );

	test( 'what the host does not take is sent again, later and later', async () => {
		world.host.state.events.length = 0;
		await world.site.php( `do_action( 'woocommerce_delete_order', 4712 ); do_action( 'shutdown' ); return true;` );
		const delay = () => world.site.php( `return (int) as_next_scheduled_action( 'tillbook_send_events' ) - time();` );
		const delays = [];
		for ( const mode of [ 'broken', 'nonsense', 'refusing' ] ) {
			world.host.state.mode = mode === 'refusing' ? 'broken' : mode;
			assert.equal( await world.site.act( 'tillbook_send_events' ), 1, mode );
			delays.push( await delay() );
		}
		await world.host.stop();
		assert.equal( await world.site.act( 'tillbook_send_events' ), 1 );
		delays.push( await delay() );
		assert.deepEqual( delays.map( ( secs ) => Math.round( secs / 60 ) ), [ 1, 2, 4, 8 ] );
		await world.host.listen();
		world.host.state.mode = 'ok';
		assert.equal( await world.site.php( OUTBOX ), 1 );
		assert.equal( await world.site.act( 'tillbook_send_events' ), 1 );
		assert.deepEqual( world.host.state.events, [ { kind: 'order_deleted', order_id: 4712 } ] );
		assert.equal( await world.site.php( OUTBOX ), 0 );
		assert.deepEqual( world.host.state.refused, [] );
	} );

	test( 'many events go in bodies of 500; too many become one', async () => {
		world.host.state.events.length = 0;
		await world.site.php( `for ( $id = 1; $id <= 1200; $id++ ) { do_action( 'woocommerce_delete_order', 100000 + $id ); } do_action( 'shutdown' ); return true;` );
		const before = world.host.of( '/events/test-shop' ).length;
		await world.site.act( 'tillbook_send_events' );
		assert.equal( world.host.state.events.length, 1200 );
		assert.equal( world.host.of( '/events/test-shop' ).length, before + 3 );
		world.host.state.events.length = 0;
		await world.site.php( `for ( $id = 1; $id <= 5001; $id++ ) { do_action( 'woocommerce_delete_order', 100000 + $id ); } do_action( 'shutdown' ); return true;` );
		await world.site.act( 'tillbook_send_events' );
		assert.deepEqual( world.host.state.events, [ { kind: 'settings_changed' } ] );
	} );
}
