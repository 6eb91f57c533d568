/** The bundle's entry: the custom elements, in the page's own DOM so that the admin's look reaches them. */
import { render, type ComponentChild } from 'preact';

import { App } from './app';
import { config } from './lib/config';
import { loadWords } from './lib/i18n';
import { readAddress } from './lib/route';
import { OrderBox } from './order-box';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';

/** Where the page has not linked the styles itself. */
function ensureStyles(): void {
	const { css } = config().assets;
	if ( css && ! document.querySelector( 'link[rel~="stylesheet"][href*="tillbook.css"]' ) ) {
		const link = Object.assign( document.createElement( 'link' ), { rel: 'stylesheet', href: css } );
		document.head.append( link );
	}
}

let words: Promise<void> | undefined;

/** An element that shows one component once the words are there. */
function define( name: string, content: ( element: HTMLElement, ready: () => void ) => ComponentChild ): void {
	customElements.get( name ) ?? customElements.define( name, class extends HTMLElement {
		place: HTMLElement | undefined;

		async connectedCallback() {
			ensureStyles();
			words ??= loadWords();
			await words;
			if ( ! this.isConnected || this.place ) {
				return;
			}
			// What stands here for browsers without scripts stays until there is something better.
			const before = [ ...this.childNodes ];
			const place = document.createElement( 'div' );
			place.hidden = before.length > 0;
			this.place = place;
			this.append( place );
			render( content( this, () => {
				before.forEach( ( node ) => node.remove() );
				place.hidden = false;
			} ), place );
		}

		disconnectedCallback() {
			if ( this.place ) {
				render( null, this.place );
				this.place.remove();
				this.place = undefined;
			}
		}
	} );
}

define( 'tillbook-app', ( _, ready ) => {
	ready();
	// Before anything is drawn, so that no other page is drawn first.
	readAddress();
	return <App />;
} );
define( 'tillbook-order-box', ( element, ready ) => <OrderBox ready={ ready } id={ Number( element.getAttribute( 'order' ) ?? config().order ?? 0 ) } /> );
