/** The last two steps: proposed settings with their guesses, and the switch. */
import type { Finding } from 'tillbook/types';
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { Status } from '../lib/api-types';
import { config } from '../lib/config';
import { moment } from '../lib/format';
import { known, n, spoken, t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { keep, refresh, settingsNow, shared, tryOut, draft } from '../lib/state';
import { useStore } from '../lib/store';
import { midnight } from '../lib/zone';
import { announce } from '../parts/announce';
import { Badge, Button, Dialog, Field, Loading, Notice, ProblemNotice } from '../parts/ui';
import { Findings } from '../preview/findings';
import { Editor } from '../settings/editor';
import { valueAt } from '../settings/path';
import { trailOf } from '../settings/words';

/** A guess with the setting beside it, ready to be put right. */
function Guess( { finding }: { finding: Finding } ) {
	const { module, context } = shared.get();
	const path = finding.field ? module?.schema.parse( finding.field ) : undefined;
	const info = module?.described.findings.find( ( one ) => one.code === finding.code );
	const message = finding.message.replace( /`/g, '' ).replace( /^./, ( letter ) => letter.toUpperCase() );
	return <li className="tb-guess">
		<div><Badge tone={ finding.severity === 'warning' ? 'warn' : 'info' }>{ t( 'Guess' ) }</Badge>
			{ spoken() === 'en' ? <p>{ message }.</p> : <><p>{ known( info?.meaning ?? '' ) }</p><p className="tb-quiet" lang="en">{ message }.</p></> }</div>
		{ module && path && <Editor path={ path } value={ valueAt( settingsNow(), path, module.schema ) } schema={ module.schema } context={ context } label={ labelOf( path ) } onChange={ tryOut } brief disabled={ ! config().can.configure } /> }
	</li>;
}

const labelOf = ( path: ( string | number )[] ) => {
	const name = path[ 1 ] === 'sets' && typeof path[ 2 ] === 'number' ? valueAt( settingsNow(), [ ...path.slice( 0, 3 ), 'name' ] ) : undefined;
	return name ? `${ trailOf( path.slice( 0, 2 ) ) } › ${ String( name ) }` : trailOf( path );
};

/** Settings that are proposed, each guess marked; once kept, the ways to them. */
export function SettingsStep( { isKept, again }: { isKept: boolean; again: () => void } ) {
	const { coming, problem, guesses, context } = useStore( shared );
	useStore( draft );
	const [ busy, setBusy ] = useState( false );
	const [ failed, setFailed ] = useState<Problem>();
	if ( isKept ) {
		return <p>{ t( 'Your settings are kept.' ) } <a href={ hashOf( 'map' ) }>{ t( 'Accounts and tax' ) }</a> · <a href={ hashOf( 'settings' ) }>{ t( 'All settings' ) }</a> · <a href={ hashOf( 'preview' ) }>{ t( 'Preview orders' ) }</a></p>;
	}
	if ( problem ) {
		return <ProblemNotice problem={ problem } again={ () => void refresh() } />;
	}
	if ( coming || ! context?.chart ) {
		return <Loading what={ t( 'Reading your chart of accounts from Xero…' ) } />;
	}
	const save = async () => {
		setBusy( true );
		setFailed( undefined );
		try {
			await keep( settingsNow() );
			announce( t( 'The settings are kept.' ) );
			again();
		} catch ( error ) {
			setFailed( asProblem( error ) );
		}
		setBusy( false );
	};
	return <>
		<p>{ t( 'These settings are proposed from your shop’s taxes and payment methods and from your chart of accounts in Xero.' ) } { n( '1 of them is a guess. Please look at it:', '{count} of them are guesses. Please look through them:', guesses.length ) }</p>
		<ul className="tb-guesses">{ guesses.map( ( finding, at ) => <Guess key={ `${ finding.field ?? '' }-${ at }` } finding={ finding } /> ) }</ul>
		{ failed && <><ProblemNotice problem={ failed } />{ failed.findings.length > 0 && <Findings findings={ failed.findings } /> }</> }
		<div className="tb-actions"><Button kind="primary" busy={ busy } disabled={ ! config().can.configure } onClick={ save }>{ t( 'Keep these settings' ) }</Button>
			<a href={ hashOf( 'preview' ) }>{ t( 'First see what they do to my orders' ) }</a></div>
	</>;
}

/** The switch, with from when on. */
export function SwitchOnStep( { status, again }: { status: Status; again: () => void } ) {
	const { context } = useStore( shared );
	const [ when, setWhen ] = useState<'now' | 'day'>( 'now' );
	const [ day, setDay ] = useState( () => new Date().toISOString().slice( 0, 10 ) );
	const [ asking, setAsking ] = useState( false );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	if ( status.active_since ) {
		return <p>{ t( 'Switched on. Orders are sent by themselves from {when} on.', { when: moment( status.active_since ) } ) }</p>;
	}
	const start = async () => {
		setBusy( true );
		setProblem( undefined );
		try {
			await api.activate( when === 'day' ? midnight( day, context?.shop.timezone ?? 'UTC' ) : undefined );
			announce( t( 'Switched on.' ) );
			again();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setAsking( false );
		setBusy( false );
	};
	return <>
		<Notice title={ t( 'Nothing has been sent, and nothing will be until you switch it on.' ) } />
		<p>{ t( 'Have a look first:' ) } <a href={ hashOf( 'preview' ) }>{ t( 'Preview orders' ) }</a></p>
		<fieldset className="tb-choice"><legend>{ t( 'Which orders are sent by themselves?' ) }</legend>
			<label><input type="radio" name="tb-when" checked={ when === 'now' } onChange={ () => setWhen( 'now' ) } /> { t( 'Orders made from now on' ) }</label>
			<label><input type="radio" name="tb-when" checked={ when === 'day' } onChange={ () => setWhen( 'day' ) } /> { t( 'Orders made from a day on' ) }</label></fieldset>
		{ when === 'day' && <Field label={ t( 'First day' ) } hint={ t( 'In the shop’s time zone. Older orders are sent only when somebody sends them by hand.' ) }>{ ( ids ) =>
			<input { ...ids } className="tb-input tb-input--date" type="date" value={ day } onInput={ ( event ) => event.currentTarget.value && setDay( event.currentTarget.value ) } /> }</Field> }
		{ problem && <ProblemNotice problem={ problem } /> }
		<Button kind="primary" disabled={ ! config().can.configure } onClick={ () => setAsking( true ) }>{ t( 'Switch on …' ) }</Button>
		{ asking && <Dialog title={ t( 'Switch on the automatic sync?' ) } onClose={ () => setAsking( false ) } actions={ <>
			<Button onClick={ () => setAsking( false ) }>{ t( 'Not yet' ) }</Button><Button kind="primary" busy={ busy } onClick={ start }>{ t( 'Switch on' ) }</Button></> }>
			<p>{ t( 'From then on, orders become invoices in {name} by themselves, exactly as the preview shows them. You can pause at any time.', { name: status.xero.organisation?.name ?? 'Xero' } ) }</p></Dialog> }
	</>;
}

