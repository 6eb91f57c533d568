/** The first two steps: the host, and the keys and webhooks that the plugin makes. */
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { Status } from '../lib/api-types';
import { config } from '../lib/config';
import { t } from '../lib/i18n';
import { announce } from '../parts/announce';
import { Button, Facts, Field, ProblemNotice } from '../parts/ui';

/** `ABCD-EFGH`, however it is written. */
const tidy = ( code: string ) => {
	const letters = code.toUpperCase().replace( /[^A-Z0-9]/g, '' ).slice( 0, 8 );
	return letters.length > 4 ? `${ letters.slice( 0, 4 ) }-${ letters.slice( 4 ) }` : letters;
};

/** Address and pairing code; once paired, what it is paired with. */
export function HostStep( { status, again }: { status: Status | undefined; again: () => void } ) {
	const [ address, setAddress ] = useState( '' );
	const [ code, setCode ] = useState( '' );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	if ( status ) {
		return <Facts rows={ [ [ t( 'Shop' ), `${ status.shop } (${ status.url })` ], [ t( 'Accounting module' ), status.core_version ] ] } />;
	}
	const pair = async () => {
		setBusy( true );
		setProblem( undefined );
		try {
			await api.pair( address.trim(), code );
			announce( t( 'The shop is connected to the host.' ) );
			again();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	return <form className="tb-form" onSubmit={ ( event ) => {
		event.preventDefault();
		void pair();
	} }>
		<p>{ t( 'Tillbook’s host does the work: it reads orders, plans, and speaks with Xero. When it starts it prints its address and a pairing code.' ) }</p>
		<Field label={ t( 'Address of the host' ) } hint={ t( 'As the host prints it, such as https://tillbook.example.com' ) }>{ ( ids ) =>
			<input { ...ids } className="tb-input" type="url" inputMode="url" required autoComplete="off" placeholder="https://" value={ address } onInput={ ( event ) => setAddress( event.currentTarget.value ) } /> }</Field>
		<Field label={ t( 'Pairing code' ) } hint={ t( 'Eight letters and digits, good for fifteen minutes and once.' ) }>{ ( ids ) =>
			<input { ...ids } className="tb-input tb-input--code" type="text" required autoComplete="off" spellcheck={ false } placeholder="ABCD-EFGH" value={ code }
				onInput={ ( event ) => setCode( tidy( event.currentTarget.value ) ) } /> }</Field>
		{ problem && <ProblemNotice problem={ problem } /> }
		<Button type="submit" kind="primary" busy={ busy } disabled={ ! config().can.configure || code.length !== 9 }>{ busy ? t( 'Connecting…' ) : t( 'Connect to the host' ) }</Button>
	</form>;
}

/** Keys and webhooks, made by the plugin. */
export function WebhookStep( { status, again }: { status: Status | undefined; again: () => void } ) {
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	const hooks = status?.plugin?.webhooks;
	if ( ! hooks || hooks.state === 'ok' ) {
		return <p>{ t( 'The host has a key to read orders, and the shop tells it when something changes.' ) }</p>;
	}
	const mend = async () => {
		setBusy( true );
		setProblem( undefined );
		try {
			await api.mendWebhooks();
			announce( t( 'The webhooks are mended.' ) );
			again();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	return <>
		<p>{ hooks.state === 'disabled' ? t( 'WooCommerce has switched the webhooks off, because the host did not answer for a while.' ) : t( 'The webhooks are missing.' ) } { hooks.detail }</p>
		{ problem && <ProblemNotice problem={ problem } /> }
		<Button kind="primary" busy={ busy } disabled={ ! config().can.configure } onClick={ mend }>{ t( 'Mend webhooks' ) }</Button>
	</>;
}
