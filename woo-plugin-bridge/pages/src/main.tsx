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
function define( name: string, content: ( element: HTMLElement ) => ComponentChild ): void {
	customElements.get( name ) ?? customElements.define( name, class extends HTMLElement {
		async connectedCallback() {
			ensureStyles();
			words ??= loadWords();
			await words;
			if ( this.isConnected ) {
				render( content( this ), this );
			}
		}

		disconnectedCallback() {
			render( null, this );
		}
	} );
}

define( 'tillbook-app', () => {
	// Before anything is drawn, so that no other page is drawn first.
	readAddress();
	return <App />;
} );
define( 'tillbook-order-box', ( element ) => <OrderBox id={ Number( element.getAttribute( 'order' ) ?? config().order ?? 0 ) } /> );
