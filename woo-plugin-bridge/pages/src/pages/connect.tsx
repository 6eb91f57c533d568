/** Connect: from nothing to switched on, in five steps, each of which can be come back to. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import type { Status } from '../lib/api-types';
import { config } from '../lib/config';
import { t } from '../lib/i18n';
import { useLoad } from '../lib/load';
import { readStatus, refresh } from '../lib/state';
import { Badge, Loading, Notice, ProblemNotice } from '../parts/ui';
import { HostStep, WebhookStep } from './connect-host';
import { SettingsStep, SwitchOnStep } from './connect-last';
import { XeroStep } from './connect-xero';

type Progress = 'done' | 'now' | 'later';

/** One step of the wizard. One that is to come says so and shows nothing yet. */
function Step( { number, title, progress, children }: { number: number; title: string; progress: Progress; children: ComponentChildren } ) {
	const words = { done: t( 'Done' ), now: t( 'Now' ), later: t( 'Later' ) };
	return <li className={ `tb-step tb-step--${ progress }` } aria-current={ progress === 'now' ? 'step' : undefined }>
		<h2><span className="tb-step__number" aria-hidden="true">{ progress === 'done' ? '✓' : number }</span> { title } <Badge tone={ progress === 'done' ? 'good' : progress === 'now' ? 'info' : 'calm' }>{ words[ progress ] }</Badge></h2>
		{ progress !== 'later' && <div className="tb-step__body">{ children }</div> }
	</li>;
}

/** What Xero's page sent the reader back with. */
function Returned() {
	const [ said ] = useState( () => new URLSearchParams( location.search ).get( 'tillbook_xero' ) );
	useEffect( () => {
		if ( said ) {
			const address = new URL( location.href );
			address.searchParams.delete( 'tillbook_xero' );
			history.replaceState( history.state, '', address );
		}
	}, [ said ] );
	return said === 'connected' ? <Notice kind="success" title={ t( 'Xero is connected.' ) } />
		: said ? <Notice kind="warning" title={ t( 'Xero was not connected.' ) }><p>{ t( 'Nobody gave leave on Xero’s page. You can try again.' ) }</p></Notice> : null;
}

function Steps( { status, again }: { status: Status | undefined; again: () => void } ) {
	const isHost = config().where === 'host';
	const paired = status !== undefined;
	const webhooks = ! status?.plugin || status.plugin.webhooks.state === 'ok';
	const xero = status?.xero.state === 'connected';
	const settings = status?.settings.state === 'stored';
	const on = Boolean( status?.active_since );
	const all = [ paired, paired && webhooks, xero, settings, on ];
	const first = all.indexOf( false );
	const progress = ( at: number ): Progress => ( all[ at ] ? 'done' : at === first ? 'now' : 'later' );
	return <>
		{ ! on && <Notice title={ t( 'Nothing has been sent, and nothing will be until you switch it on.' ) }><p>{ t( 'Until then you can look at everything: which invoice each order would become, to the cent.' ) }</p></Notice> }
		{ on && <Notice kind="success" title={ t( 'Everything is connected and switched on.' ) } /> }
		<ol className="tb-steps">
			<Step number={ 1 } title={ isHost ? t( 'The shop' ) : t( 'The host' ) } progress={ progress( 0 ) }><HostStep status={ status } again={ again } /></Step>
			<Step number={ 2 } title={ t( 'Keys and webhooks' ) } progress={ progress( 1 ) }><WebhookStep status={ status } again={ again } /></Step>
			<Step number={ 3 } title={ t( 'Xero' ) } progress={ progress( 2 ) }>{ status && <XeroStep status={ status } again={ again } /> }</Step>
			<Step number={ 4 } title={ t( 'Settings' ) } progress={ progress( 3 ) }><SettingsStep isKept={ settings } again={ again } /></Step>
			<Step number={ 5 } title={ t( 'Switch on' ) } progress={ progress( 4 ) }>{ status && <SwitchOnStep status={ status } again={ again } /> }</Step>
		</ol>
	</>;
}

/** The page. */
export function ConnectPage( _: { asked: Record<string, string> } ) {
	const { value, problem, coming, again } = useLoad( readStatus, [] );
	const isNew = problem?.code === 'not_paired' || problem?.code === 'not_connected';
	const renew = () => {
		again();
		void refresh();
	};
	return <>
		<Returned />
		{ ! config().can.configure && <Notice kind="warning"><p>{ t( 'Only somebody who may configure the shop can connect it. You can look.' ) }</p></Notice> }
		{ problem && ! isNew && <ProblemNotice problem={ problem } again={ again } /> }
		{ value || isNew ? <Steps status={ isNew ? undefined : value } again={ renew } /> : coming && <Loading what={ t( 'Looking how things stand…' ) } /> }
	</>;
}
