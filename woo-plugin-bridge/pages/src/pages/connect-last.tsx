/** The last two steps: proposed settings with their guesses, and the switch. */
import type { Finding } from 'tillbook/types';
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { Status } from '../lib/api-types';
import { config } from '../lib/config';
import { moment } from '../lib/format';
import { n, prose, spoken, t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { keep, refresh, settingsNow, shared, tryOut, draft } from '../lib/state';
import { useStore } from '../lib/store';
import { midnight } from '../lib/zone';
import { announce } from '../parts/announce';
import { Badge, Button, Dialog, Field, Loading, Notice, ProblemNotice } from '../parts/ui';
import { Findings } from '../preview/findings';
import { Editor } from '../settings/editor';
import { valueAt } from '../settings/path';
import type { Path, SettingsSchema } from '../settings/schema';
import { nameOf, trailOf } from '../settings/words';

/** More guesses than these on one subject are folded up. */
const FOLDED_FROM = 12;

const rootOf = ( finding: Finding ) => ( finding.field ?? '' ).split( /[.[]/ )[ 0 ] ?? '';

/** A set of tax rates goes to a tax type, or to an account where Xero has no such tax. */
function settingOf( field: string, schema: SettingsSchema ): Path | undefined {
	const path = schema.parse( field );
	if ( path?.length === 3 && path[ 0 ] === 'tax' && path[ 1 ] === 'sets' ) {
		const set = valueAt( settingsNow(), path ) as { line_account?: string; tax_type?: string } | undefined;
		return [ ...path, set?.line_account && ! set.tax_type ? 'line_account' : 'tax_type' ];
	}
	return path;
}

const labelOf = ( path: Path ) => {
	const name = path[ 1 ] === 'sets' && typeof path[ 2 ] === 'number' ? valueAt( settingsNow(), [ ...path.slice( 0, 3 ), 'name' ] ) : undefined;
	return name ? String( name ) : trailOf( path );
};

/** A guess with the setting beside it, ready to be put right. */
function Guess( { finding }: { finding: Finding } ) {
	const { module, context } = shared.get();
	const path = module && finding.field ? settingOf( finding.field, module.schema ) : undefined;
	const info = module?.described.findings.find( ( one ) => one.code === finding.code );
	const message = finding.message.replace( /`/g, '' ).replace( /^./, ( letter ) => letter.toUpperCase() );
	return <li className="tb-guess">
		<div><Badge tone={ finding.severity === 'warning' ? 'warn' : 'info' }>{ t( 'Guess' ) }</Badge>
			<p>{ path && <strong>{ labelOf( path ) }</strong> }{ spoken() !== 'en' && <span>{ prose( info?.meaning ?? '' ) }</span> }<span className="tb-quiet" lang="en">{ message }.</span></p></div>
		{ module && path && <Editor path={ path } value={ valueAt( settingsNow(), path, module.schema ) } schema={ module.schema } context={ context } label={ <span className="tb-sr">{ labelOf( path ) }</span> } onChange={ tryOut } brief disabled={ ! config().can.configure } /> }
	</li>;
}

/** Guesses about one part of the settings; long parts are folded up. */
function Guesses( { root, findings }: { root: string; findings: Finding[] } ) {
	const list = <ul className="tb-guesses">{ findings.map( ( finding, at ) => <Guess key={ `${ finding.field ?? '' }-${ at }` } finding={ finding } /> ) }</ul>;
	return findings.length > FOLDED_FROM ? <details className="tb-details"><summary>{ nameOf( [ root ] ) } ({ n( '1 guess', '{count} guesses', findings.length ) })</summary>{ list }</details>
		: <><h3>{ nameOf( [ root ] ) }</h3>{ list }</>;
}

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
	const roots = [ ...new Set( guesses.map( rootOf ) ) ];
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
		{ roots.map( ( root ) => <Guesses key={ root } root={ root } findings={ guesses.filter( ( one ) => rootOf( one ) === root ) } /> ) }
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

