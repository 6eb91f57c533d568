/**
 * Fills the Xero column of the list of orders: asks once for the whole page.
 * Texts are set as text; nothing from the host is read as HTML.
 */
( () => {
	const settings = window.tillbookOrders;
	const cells = [ ...document.querySelectorAll( '[data-tillbook-order]' ) ];
	if ( ! settings || ! cells.length ) {
		return;
	}

	/** A link, if the address is one of the web. */
	const link = ( address, text ) => {
		const there = document.createElement( /^https?:\/\//.test( address ) ? 'a' : 'span' );
		if ( there.tagName === 'A' ) {
			there.href = address;
			there.target = '_blank';
			there.rel = 'noopener noreferrer';
		}
		there.textContent = text;
		return there;
	};

	const show = ( cell, object ) => {
		const state = document.createElement( 'span' );
		state.className = `tillbook-state tillbook-state-${ object?.state ?? 'none' }`;
		state.textContent = settings.states[ object?.state ] ?? settings.none;
		const why = object?.finding;
		if ( why ) {
			state.title = `${ why.message } ${ why.cure ?? '' }`;
		}
		const documents = ( object?.documents ?? [] ).map( ( one ) => link( one.url ?? '', one.number ?? '' ) );
		cell.replaceChildren( state, ...documents.flatMap( ( one ) => [ document.createElement( 'br' ), one ] ) );
	};

	const ask = async ( part ) => {
		const address = new URL( 'objects', new URL( settings.base, document.baseURI ) );
		address.search = new URLSearchParams( { kind: 'order', ids: part.map( ( cell ) => cell.dataset.tillbookOrder ).join() } );
		const answer = await fetch( address, { credentials: 'same-origin', headers: { 'X-WP-Nonce': settings.nonce, accept: 'application/json' } } );
		if ( ! answer.ok ) {
			throw new Error( answer.status );
		}
		const { objects } = await answer.json();
		const known = new Map( objects.map( ( object ) => [ String( object.id ), object ] ) );
		part.forEach( ( cell ) => show( cell, known.get( cell.dataset.tillbookOrder ) ) );
	};

	const silence = ( part ) => part.forEach( ( cell ) => {
		cell.title = settings.silent;
	} );

	for ( let from = 0; from < cells.length; from += 100 ) {
		const part = cells.slice( from, from + 100 );
		ask( part ).catch( () => silence( part ) );
	}
} )();
