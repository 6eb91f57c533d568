/** The third step: Xero, by a custom connection or by signing in. */
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { Organisation, Status } from '../lib/api-types';
import { config, webAddress } from '../lib/config';
import { t } from '../lib/i18n';
import { announce } from '../parts/announce';
import { Button, Field, Notice, ProblemNotice } from '../parts/ui';

/** What both ways share: busy, and what went wrong. */
function useWork( again: () => void ) {
	const [ busy, setBusy ] = useState( '' );
	const [ problem, setProblem ] = useState<Problem>();
	const work = ( name: string, run: () => Promise<unknown> ) => async () => {
		setBusy( name );
		setProblem( undefined );
		try {
			await run();
			again();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( '' );
	};
	return { busy, problem, work };
}

/** The organisation that documents go to, and how to choose another. */
function Chosen( { status, again }: { status: Status; again: () => void } ) {
	const [ all, setAll ] = useState<Organisation[]>();
	const { busy, problem, work } = useWork( () => {} );
	const chosen = status.xero.organisation;
	return <>
		<p>{ t( 'Documents go to {name}.', { name: chosen?.name ?? '' } ) }</p>
		{ problem && <ProblemNotice problem={ problem } /> }
		{ all ? <Field label={ t( 'Organisation' ) }>{ ( ids ) => <select { ...ids } className="tb-input" value={ chosen?.id } disabled={ busy !== '' } onChange={ ( event ) => {
			const { value } = event.currentTarget;
			void work( 'choose', async () => {
				await api.xeroChoose( value );
				again();
			} )();
		} }>{ all.map( ( one ) => <option key={ one.id } value={ one.id }>{ one.name }</option> ) }</select> }</Field>
			: config().can.configure && <Button small busy={ busy === 'list' } onClick={ work( 'list', async () => setAll( ( await api.xeroOrganisations() ).organisations ) ) }>{ t( 'Choose another organisation' ) }</Button> }
	</>;
}

/** A custom connection: two words from Xero's developer page. */
function Custom( { again }: { again: () => void } ) {
	const [ id, setId ] = useState( '' );
	const [ secret, setSecret ] = useState( '' );
	const { busy, problem, work } = useWork( again );
	const connect = work( 'custom', async () => {
		const { organisation } = await api.xeroCustom( id.trim(), secret.trim() );
		setSecret( '' );
		announce( t( 'Connected to {name}.', { name: organisation.name } ) );
	} );
	return <form className="tb-form" onSubmit={ ( event ) => {
		event.preventDefault();
		void connect();
	} }>
		<p className="tb-quiet">{ t( 'Made in Xero’s developer portal for one organisation. Client id and secret go straight to the host and are kept sealed there.' ) }</p>
		<Field label={ t( 'Client id' ) }>{ ( ids ) => <input { ...ids } className="tb-input" type="text" required autoComplete="off" spellcheck={ false } value={ id } onInput={ ( event ) => setId( event.currentTarget.value ) } /> }</Field>
		<Field label={ t( 'Client secret' ) }>{ ( ids ) => <input { ...ids } className="tb-input" type="password" required autoComplete="off" value={ secret } onInput={ ( event ) => setSecret( event.currentTarget.value ) } /> }</Field>
		{ problem && <ProblemNotice problem={ problem } /> }
		<Button type="submit" kind="primary" busy={ busy !== '' } disabled={ ! config().can.configure }>{ t( 'Connect' ) }</Button>
	</form>;
}

/** Signing in at Xero, on Xero's own page. */
function Consent( { again }: { again: () => void } ) {
	const { busy, problem, work } = useWork( again );
	const go = work( 'consent', async () => {
		const { address } = await api.xeroConsent( location.href.split( '#' )[ 0 ] ?? location.href );
		const safe = webAddress( address );
		if ( safe ) {
			location.assign( safe );
		}
	} );
	return <>
		<p className="tb-quiet">{ t( 'Xero asks you to sign in and to choose an organisation, then sends you back here.' ) }</p>
		{ problem && <ProblemNotice problem={ problem } /> }
		<Button kind="primary" busy={ busy !== '' } disabled={ ! config().can.configure } onClick={ go }>{ t( 'Sign in at Xero' ) }</Button>
	</>;
}

/** The step. */
export function XeroStep( { status, again }: { status: Status; again: () => void } ) {
	const [ way, setWay ] = useState<'consent' | 'custom'>( 'consent' );
	if ( status.xero.state === 'connected' ) {
		return <Chosen status={ status } again={ again } />;
	}
	const ways = [ [ 'consent', t( 'Sign in at Xero' ) ], [ 'custom', t( 'Custom connection' ) ] ] as const;
	return <>
		{ status.xero.state === 'needs_person' && <Notice kind="warning" title={ t( 'Xero has to be connected again.' ) }><p>{ status.xero.reason }</p></Notice> }
		<fieldset className="tb-choice"><legend>{ t( 'How shall Tillbook come into Xero?' ) }</legend>
			{ ways.map( ( [ name, text ] ) => <label key={ name }><input type="radio" name="tb-way" value={ name } checked={ way === name } onChange={ () => setWay( name ) } /> { text }</label> ) }</fieldset>
		{ way === 'consent' ? <Consent again={ again } /> : <Custom again={ again } /> }
	</>;
}
