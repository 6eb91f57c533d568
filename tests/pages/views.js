// @ts-check
/** The pages with their states, each with what shows that it is there. */

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ name: string, address: string, ready: (page: Page) => Promise<void>, refused?: boolean }} View */

/** Ready when this text is there. */
const text = ( /** @type {string | RegExp} */ words ) => async ( /** @type {Page} */ page ) => {
	await page.getByText( words ).first().waitFor();
};

/** Ready when something has been done. */
const doing = ( /** @type {(page: Page) => Promise<void>} */ act ) => act;

const wp = ( /** @type {string} */ path, scenario = 'normal' ) => `/${ scenario }/wordpress/en_GB/${ path }`;

/** @type {View[]} */
export const VIEWS = [
	{ name: 'overview', address: wp( 'overview' ), ready: text( 'are in Xero' ) },
	{ name: 'overview-empty', address: wp( 'overview', 'empty' ), ready: text( 'Nothing is in the queue yet.' ) },
	{ name: 'overview-fresh', address: wp( 'overview', 'fresh' ), ready: text( 'Welcome.' ), refused: true },
	{ name: 'overview-off', address: wp( 'overview', 'proposed' ), ready: text( 'Not switched on' ) },
	{ name: 'overview-down', address: wp( 'overview', 'down' ), ready: text( 'does not answer at the moment' ), refused: true },
	{ name: 'overview-troubled', address: wp( 'overview', 'troubled' ), ready: text( 'Mend webhooks' ) },
	{ name: 'overview-host', address: '/normal/host/en_GB/overview', ready: text( 'are in Xero' ) },
	{ name: 'connect-fresh', address: wp( 'connect', 'fresh' ), ready: text( 'Pairing code' ), refused: true },
	{ name: 'connect-wrong-code', address: wp( 'connect', 'fresh' ), refused: true, ready: doing( async ( page ) => {
		await page.getByLabel( 'Address of the host' ).fill( 'https://tillbook.example.com' );
		await page.getByLabel( 'Pairing code' ).fill( 'wrongone' );
		await page.getByRole( 'button', { name: 'Connect to the host' } ).click();
		await page.getByText( 'That pairing code is not right' ).waitFor();
	} ) },
	{ name: 'connect-xero', address: wp( 'connect', 'fresh' ), refused: true, ready: doing( async ( page ) => {
		await page.getByLabel( 'Address of the host' ).fill( 'https://tillbook.example.com' );
		await page.getByLabel( 'Pairing code' ).fill( 'abcdefgh' );
		await page.getByRole( 'button', { name: 'Connect to the host' } ).click();
		await page.getByLabel( 'Custom connection' ).check();
		await page.getByLabel( 'Client secret' ).waitFor();
	} ) },
	{ name: 'connect-settings', address: wp( 'connect', 'proposed' ), ready: text( 'Keep these settings' ) },
	{ name: 'connect-switch-on', address: wp( 'connect', 'proposed' ), ready: doing( async ( page ) => {
		await page.getByRole( 'button', { name: 'Keep these settings' } ).click();
		await page.getByRole( 'button', { name: 'Switch on …' } ).click();
		await page.getByRole( 'dialog' ).waitFor();
	} ) },
	{ name: 'connect-done', address: wp( 'connect' ), ready: text( 'Everything is connected and switched on.' ) },
	{ name: 'preview', address: wp( 'preview' ), ready: text( 'Ready for Xero' ) },
	{ name: 'preview-empty', address: wp( 'preview', 'empty' ), ready: text( 'No orders were found.' ) },
	{ name: 'preview-order', address: wp( 'preview#/preview?orders=77' ), ready: text( 'Invoice in Xero' ) },
	{ name: 'preview-what-if', address: wp( 'preview#/preview?orders=77' ), ready: doing( async ( page ) => {
		await page.getByLabel( 'Accounts › Sales', { exact: true } ).selectOption( '205' );
		await page.locator( '.tb-changed:visible' ).first().waitFor();
	} ) },
	{ name: 'preview-refund', address: wp( 'preview#/preview?orders=59' ), ready: text( 'Credit note in Xero' ) },
	{ name: 'preview-held', address: wp( 'preview#/preview?orders=77', 'faulty' ), ready: text( 'Not sent until this is put right.' ) },
	{ name: 'preview-missing', address: wp( 'preview#/preview?orders=4711' ), ready: text( 'the shop has no order 4711' ) },
	{ name: 'preview-down', address: wp( 'preview#/preview?orders=77', 'down' ), ready: text( 'Invoice in Xero' ) },
	{ name: 'preview-dead', address: wp( 'preview', 'dead' ), ready: text( 'does not answer at the moment' ), refused: true },
	{ name: 'preview-summary', address: wp( 'preview#/preview?view=summary' ), ready: doing( async ( page ) => {
		await page.getByLabel( 'From' ).fill( '2026-11-01' );
		await page.getByRole( 'button', { name: 'Preview summaries' } ).click();
		await page.getByRole( 'heading', { name: /SHOP-SUM-/ } ).first().waitFor();
	} ) },
	{ name: 'map-accounts', address: wp( 'map' ), ready: text( 'Account in Xero' ) },
	{ name: 'map-accounts-missing', address: wp( 'map', 'faulty' ), ready: text( '1 missing' ) },
	{ name: 'map-tax', address: wp( 'map#/map?view=tax' ), ready: text( 'Lines without tax' ) },
	{ name: 'map-payments', address: wp( 'map#/map?view=payments' ), ready: text( 'Payment methods' ) },
	{ name: 'map-statuses', address: wp( 'map#/map?view=statuses' ), ready: text( 'What becomes of the order' ) },
	{ name: 'map-customers', address: wp( 'map#/map?view=customers' ), ready: doing( async ( page ) => {
		await page.getByRole( 'button', { name: 'Choose every best suggestion' } ).click();
		await page.getByRole( 'button', { name: 'Search Grace Hopper' } ).click();
	} ) },
	{ name: 'map-products-empty', address: wp( 'map#/map?view=products', 'empty' ), ready: text( 'Nobody and nothing here.' ) },
	{ name: 'queue', address: wp( 'queue' ), ready: text( 'Order 45' ) },
	{ name: 'queue-history', address: wp( 'queue#/queue?kind=order&id=47' ), ready: text( 'a webhook named it' ) },
	{ name: 'queue-leave-out', address: wp( 'queue' ), ready: doing( async ( page ) => {
		await page.getByRole( 'button', { name: 'Leave out Order 47' } ).click();
		await page.getByRole( 'dialog' ).waitFor();
	} ) },
	{ name: 'queue-empty', address: wp( 'queue', 'empty' ), ready: text( 'The queue is empty.' ) },
	{ name: 'queue-down', address: wp( 'queue', 'down' ), ready: text( 'does not answer at the moment' ), refused: true },
	{ name: 'plan-none', address: wp( 'plan' ), ready: text( 'No plan yet.' ) },
	{ name: 'plan', address: wp( 'plan' ), ready: doing( async ( page ) => {
		await page.getByRole( 'button', { name: 'Make a plan' } ).click();
		await page.getByText( 'SHOP-47' ).first().waitFor();
	} ) },
	{ name: 'plan-apply', address: wp( 'plan' ), ready: doing( async ( page ) => {
		await page.getByRole( 'button', { name: 'Make a plan' } ).click();
		await page.getByRole( 'button', { name: /Send \d+ documents …/ } ).click();
		await page.getByRole( 'dialog' ).waitFor();
	} ) },
	{ name: 'log', address: wp( 'log' ), ready: text( 'Older entries' ) },
	{ name: 'log-empty', address: wp( 'log', 'empty' ), ready: text( 'Nothing has happened yet.' ) },
	{ name: 'settings', address: wp( 'settings' ), ready: text( 'These settings fit' ) },
	{ name: 'settings-faulty', address: wp( 'settings#/settings?group=accounts', 'faulty' ), ready: text( 'To look at' ) },
	{ name: 'settings-tax', address: wp( 'settings#/settings?group=tax' ), ready: text( 'How tax is posted' ) },
	{ name: 'settings-summary', address: wp( 'settings#/settings?group=summary' ), ready: text( 'Gateways that pay out' ) },
	{ name: 'settings-search', address: wp( 'settings' ), ready: doing( async ( page ) => {
		await page.getByLabel( 'Find a setting' ).fill( 'prefix' );
		await page.getByText( 'Invoices › Invoice number prefix' ).waitFor();
	} ) },
	{ name: 'settings-looking', address: wp( 'settings', 'looking' ), ready: text( 'You may look at the settings' ) },
	{ name: 'order-box', address: wp( 'preview?element=box&order=77' ), ready: text( 'SHA-256' ) },
	{ name: 'order-box-held', address: wp( 'preview?element=box&order=77', 'faulty' ), ready: text( 'Open the setting' ) },
	{ name: 'order-box-down', address: wp( 'preview?element=box&order=77', 'down' ), ready: text( 'it cannot be said where' ), refused: true },
];
