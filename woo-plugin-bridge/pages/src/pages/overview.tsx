/** Overview: is it connected, does it run, what waits and why, is the month complete. */
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { Held, Status } from '../lib/api-types';
import { config, webAddress } from '../lib/config';
import { ago, moment } from '../lib/format';
import { formatCount, n, prose, t } from '../lib/i18n';
import { useEvery, useLoad } from '../lib/load';
import { hashOf } from '../lib/route';
import { readStatus, shared } from '../lib/state';
import { useStore } from '../lib/store';
import { announce } from '../parts/announce';
import { PauseButton } from '../parts/pause';
import { Badge, Button, ButtonLink, Card, Empty, Facts, Field, Loading, Notice, Outside, ProblemNotice } from '../parts/ui';
import { stateWord } from '../parts/words';
import { valueAt } from '../settings/path';
import { pathText } from '../settings/schema';
import { nameOf, trailOf } from '../settings/words';
import { settingsOf } from '../preview/findings';
import { CompletenessChart } from './chart';

const REFRESH_SECS = 20;
/** Kinds that can be sent by themselves. */
const SWITCHES = [ 'orders', 'refunds', 'payments', 'fees', 'customers', 'products', 'summaries' ];

/** Shop, host and Xero, each with what is wrong. */
function Connection( { status, again }: { status: Status; again: () => void } ) {
	const { module } = useStore( shared );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	const { xero, plugin } = status;
	const mend = async () => {
		setBusy( true );
		try {
			await api.mendWebhooks();
			announce( t( 'The webhooks are mended.' ) );
			again();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	const url = webAddress( status.url );
	return <Card title={ t( 'Connection' ) }>
		{ problem && <ProblemNotice problem={ problem } /> }
		<Facts rows={ [
			[ t( 'Shop' ), url ? <Outside href={ url }>{ url.replace( /^https?:\/\//, '' ) }</Outside> : status.url ],
			[ t( 'Xero' ), <>{ xero.organisation?.name ?? '' } <Badge tone={ xero.state === 'connected' ? 'good' : xero.state === 'none' ? 'calm' : 'bad' }>{
				xero.state === 'connected' ? t( 'Connected' ) : xero.state === 'none' ? t( 'Not connected' ) : t( 'Needs you' ) }</Badge></> ],
			[ t( 'Accounting module' ), <>{ status.core_version } { module && ( module.sha256 === status.module_sha256
				? <Badge tone="good">{ t( 'Same here and on the host' ) }</Badge> : <Badge tone="warn">{ t( 'Differs from this page’s' ) }</Badge> ) }</> ],
			plugin && [ t( 'Webhooks' ), <Badge tone={ plugin.webhooks.state === 'ok' ? 'good' : 'bad' }>{
				plugin.webhooks.state === 'ok' ? t( 'Working' ) : plugin.webhooks.state === 'disabled' ? t( 'Switched off by WooCommerce' ) : t( 'Missing' ) }</Badge> ],
			plugin && [ t( 'In PHP' ), { ffi: t( 'fast, by FFI' ), php: t( 'translated to PHP' ), none: t( 'not available' ) }[ plugin.php_core.kind ] ],
		] } />
		{ xero.state !== 'connected' && <Notice kind={ xero.state === 'none' ? 'info' : 'warning' } title={ xero.state === 'none' ? t( 'Xero is not connected yet.' ) : t( 'Xero has to be connected again.' ) }
			actions={ config().can.configure && <ButtonLink href={ hashOf( 'connect' ) }>{ t( 'Open Connect' ) }</ButtonLink> }>{ xero.reason && <p>{ xero.reason }</p> }</Notice> }
		{ plugin && plugin.webhooks.state !== 'ok' && <Notice kind="warning" title={ t( 'Changes in the shop reach the host later than they could.' ) }
			actions={ config().can.configure && <Button busy={ busy } onClick={ mend }>{ t( 'Mend webhooks' ) }</Button> }><p>{ plugin.webhooks.detail || t( 'The regular look through the shop finds them all the same.' ) }</p></Notice> }
	</Card>;
}

/** Whether anything is sent by itself, and what. */
function Switches( { status, again }: { status: Status; again: () => void } ) {
	const { base, module } = useStore( shared );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	const sync = base && module ? SWITCHES.map( ( name ) => [ name, valueAt( base, [ 'sync', name, 'on' ], module.schema ) !== false ] as const ) : [];
	const isOn = status.active_since !== null;
	const now = async () => {
		setBusy( true );
		setProblem( undefined );
		try {
			await api.sync();
			announce( t( 'The next run begins at once.' ) );
			again();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	const can = config().can;
	return <Card title={ t( 'Automatic sync' ) } actions={ <>
		{ isOn && can.operate && <Button small busy={ busy } onClick={ now }>{ t( 'Sync now' ) }</Button> }
		{ isOn && can.operate && <PauseButton paused={ status.state === 'paused' } done={ again } /> }
	</> }>
		{ problem && <ProblemNotice problem={ problem } /> }
		{ ! isOn ? <Notice title={ t( 'Not switched on: nothing has been sent, and nothing will be until you switch it on.' ) }
			actions={ can.configure && <ButtonLink kind="primary" href={ hashOf( 'connect' ) }>{ t( 'Go on with Connect' ) }</ButtonLink> } />
			: status.state === 'paused' ? <Notice kind="warning" title={ t( 'Paused.' ) }><p>{ status.reason }</p></Notice>
				: status.paused_organisation ? <Notice kind="warning" title={ t( 'The whole Xero organisation is paused.' ) } /> : null }
		<Facts rows={ [
			isOn && [ t( 'Switched on since' ), moment( status.active_since ) ],
			[ t( 'Last run' ), status.last_run ? <time dateTime={ status.last_run } title={ moment( status.last_run ) }>{ ago( status.last_run ) }</time> : t( 'never' ) ],
			[ t( 'Next run' ), status.next_run && status.state === 'active' ? <time dateTime={ status.next_run } title={ moment( status.next_run ) }>{ ago( status.next_run ) }</time> : t( 'not planned' ) ],
		] } />
		{ sync.length > 0 && <ul className="tb-chips">{ sync.map( ( [ name, on ] ) => <li key={ name }>
			<a href={ hashOf( 'settings', { setting: `sync.${ name }.on` } ) }>{ nameOf( [ 'sync', name ] ) }</a> <Badge tone={ on ? 'good' : 'calm' }>{ on ? t( 'on' ) : t( 'off' ) }</Badge></li> ) }</ul> }
	</Card>;
}

/** What a person has to look at, by reason. */
function Held( { held }: { held: Held[ 'held' ] } ) {
	const { module } = shared.get();
	const groups = new Map<string, Held[ 'held' ]>();
	for ( const one of held ) {
		const code = one.findings[ 0 ]?.code ?? one.outcome;
		groups.set( code, [ ...( groups.get( code ) ?? [] ), one ] );
	}
	return <ul className="tb-plain">{ [ ...groups ].map( ( [ code, ones ] ) => {
		const info = module?.described.findings.find( ( one ) => one.code === code );
		const finding = ones[ 0 ]?.findings[ 0 ];
		const path = module && finding ? settingsOf( { ...finding, object: finding.object ?? { kind: 'order', id: '' } }, module.schema )[ 0 ] : undefined;
		const orders = ones.filter( ( one ) => one.kind === 'order' ).map( ( one ) => one.id );
		return <li key={ code }>
			<strong>{ n( '1 needs you', '{count} need you', ones.length ) }</strong>: { info ? prose( info.meaning ) : finding?.message ?? code }
			<span className="tb-links">{ orders.length > 0 && <a href={ hashOf( 'preview', { orders: orders.join() } ) }>{ t( 'Preview them' ) }</a> }
				{ path && <a href={ hashOf( 'settings', { setting: pathText( path ) } ) }>{ t( 'Open the setting: {name}', { name: trailOf( path ) } ) }</a> }</span>
		</li>;
	} ) }</ul>;
}

function Waiting( { status }: { status: Status } ) {
	const held = useLoad( ( status.counts.held ?? 0 ) > 0 ? () => api.held( 200 ) : null, [ status.counts.held ] );
	const states = [ 'held', 'retrying', 'waiting', 'running', 'done', 'excluded' ] as const;
	const isEmpty = states.every( ( state ) => ! status.counts[ state ] );
	return <Card title={ t( 'What waits, and why' ) } actions={ <a href={ hashOf( 'queue' ) }>{ t( 'Open the queue' ) }</a> }>
		{ isEmpty ? <Empty title={ t( 'Nothing is in the queue yet.' ) }>{ t( 'Once it is switched on, every new order can be followed here.' ) }</Empty>
			: <ul className="tb-numbers">{ states.map( ( state ) => <li key={ state }><a href={ hashOf( 'queue', { state } ) }><strong>{ formatCount( status.counts[ state ] ?? 0 ) }</strong>{ ' ' }{ stateWord( state ).text }</a></li> ) }</ul> }
		{ held.problem && <ProblemNotice problem={ held.problem } again={ held.again } /> }
		{ held.value && <Held held={ held.value.held } /> }
	</Card>;
}

function Month() {
	const [ month, setMonth ] = useState( () => new Date().toISOString().slice( 0, 7 ) );
	const found = useLoad( () => api.completeness( month ), [ month ] );
	return <Card title={ t( 'Is the month complete?' ) } actions={ <Field label={ <span className="tb-sr">{ t( 'Month' ) }</span> }>{ ( ids ) =>
		<input { ...ids } className="tb-input" type="month" value={ month } onInput={ ( event ) => event.currentTarget.value && setMonth( event.currentTarget.value ) } /> }</Field> }>
		{ found.problem ? <ProblemNotice problem={ found.problem } again={ found.again } /> : found.value ? <CompletenessChart data={ found.value } /> : <Loading what={ t( 'Counting…' ) } /> }
	</Card>;
}

/** The page. */
export function OverviewPage() {
	const { value, problem, again } = useLoad( readStatus, [] );
	useEvery( REFRESH_SECS, again );
	if ( problem?.code === 'not_paired' || problem?.code === 'not_connected' ) {
		return <Card><Empty title={ t( 'Welcome. Let us connect your shop.' ) } action={ <ButtonLink kind="primary" href={ hashOf( 'connect' ) }>{ t( 'Connect' ) }</ButtonLink> }>
			{ t( 'It takes a few minutes. Nothing is sent before you have seen what it would be, and said so.' ) }</Empty></Card>;
	}
	if ( problem && ! value ) {
		return <ProblemNotice problem={ problem } again={ again } />;
	}
	return value ? <>
		{ problem && <ProblemNotice problem={ problem } again={ again } /> }
		<div className="tb-columns"><Switches status={ value } again={ again } /><Connection status={ value } again={ again } /></div>
		<Waiting status={ value } />
		<Month />
	</> : <Loading what={ t( 'Looking how things stand…' ) } />;
}
