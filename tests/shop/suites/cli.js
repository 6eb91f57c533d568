// @ts-check
/** `wp tillbook`, by a small stand-in of WP-CLI. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

/** Runs a command; gives what it printed. */
const wp = ( /** @type {any} */ world, /** @type {string} */ what, /** @type {string[]} */ args = [] ) => world.site.php( `
	class_exists( 'WP_CLI' ) || require ${ JSON.stringify( new URL( '../php/wp-cli.php', import.meta.url ).pathname ) };
	( new ReflectionMethod( Tillbook\\Plugin::class, 'start_cli' ) )->invoke( Tillbook\\Plugin::instance() );
	return WP_CLI::run( ${ JSON.stringify( what ) }, json_decode( '${ JSON.stringify( args ) }', true ) );` );

export function cliTests( /** @type {any} */ world ) {
	test( 'wp tillbook says what there is', async () => {
		assert.match( ( await wp( world, 'status' ) ).join( '\n' ), /"shop":"test-shop"/ );
		const doctor = ( await wp( world, 'doctor' ) ).join( '\n' );
		assert.match( doctor, /\[ok\] Webhooks: ok/ );
		assert.match( doctor, /The host answers/ );
		await world.host.stop();
		const ill = ( await wp( world, 'doctor' ) ).join( '\n' );
		assert.match( ill, /\[!!\] The Tillbook host does not answer/ );
		assert.match( ill, /^error: /m );
		assert.match( ( await wp( world, 'status' ) ).join( '\n' ), /^error: The Tillbook host does not answer/ );
		await world.host.listen();
	} );

	test( 'wp tillbook syncs', async () => {
		assert.match( ( await wp( world, 'sync' ) ).join( '\n' ), /^success/ );
		assert.match( ( await wp( world, 'sync', [ '4242', '4243' ] ) ).join( '\n' ), /^success/ );
		assert.equal( world.host.of( 'objects/order/4243/push' ).length, 1 );
		assert.match( ( await wp( world, 'preview' ) ).join( '\n' ), /^error: Which order/ );
	} );

	test( 'tillbook_preview says why there is no preview', async () => {
		const said = await world.site.php( `delete_option( 'tillbook_context' ); $said = tillbook_preview( ${ world.ids.order } ); return is_wp_error( $said ) ? $said->get_error_code() : $said;` );
		assert.equal( said, 'no_settings' );
	} );
}
