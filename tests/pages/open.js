// @ts-check
/** Opens pages of the backend and hears everything that a page complains about. */

/**
 * @param {import('playwright-core').Browser} browser
 * @param {{ origin: string }} backend
 */
export function opener( browser, backend ) {
	/**
	 * @param {string} address  below the backend's origin
	 * @param {import('playwright-core').BrowserContextOptions} [options]
	 */
	return async ( address, options = {} ) => {
		const page = await browser.newPage( { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options } );
		/** @type {string[]} */
		const log = [];
		page.on( 'console', ( message ) => log.push( `${ message.type() }: ${ message.text() }` ) );
		page.on( 'pageerror', ( error ) => log.push( `error: ${ error.message }` ) );
		// A dialog of markup that became a script would be heard here.
		page.on( 'dialog', ( dialog ) => {
			if ( dialog.type() !== 'beforeunload' ) {
				log.push( `dialog: ${ dialog.message() }` );
			}
			void dialog.accept();
		} );
		await page.goto( `${ backend.origin }${ address }` );
		return { page, log };
	};
}
