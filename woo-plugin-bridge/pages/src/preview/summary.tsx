/** What the summary of some days or of a payout would be, reckoned in the browser. */
import type { Finding, SummaryView } from 'tillbook/types';
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import { begin } from '../lib/core';
import { day } from '../lib/format';
import { n, t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { settingsNow, shared, source } from '../lib/state';
import { Badge, Button, Card, Empty, Facts, Field, Meter, Notice, ProblemNotice, Sha } from '../parts/ui';
import type { Summed } from '../worker/protocol';
import { Findings } from './findings';
import { XeroLines, XeroTotals } from './xero-side';

/** Orders are paid some days after they were made; so far back they are looked at. */
const DAYS_BEFORE = 31;
const MANY = 10_000;

const shifted = ( date: string, days: number ) => new Date( Date.parse( `${ date }T00:00:00Z` ) + days * 86_400_000 ).toISOString().slice( 0, 10 );

function OneSummary( { view }: { view: SummaryView } ) {
	return <Card title={ `${ view.kind === 'invoice' ? t( 'Invoice' ) : t( 'Credit note' ) } ${ view.number }` } actions={ <Badge tone={ view.fate === 'hold' ? 'bad' : 'info' }>{ view.fate === 'hold' ? t( 'Needs you' ) : view.status }</Badge> }>
		<Facts rows={ [ [ t( 'To' ), view.contact ], [ t( 'Date' ), day( view.date ) ], [ t( 'Reference' ), view.reference ],
			[ t( 'Made of' ), n( '1 order, refund or entry', '{count} orders, refunds and entries', view.members ) ] ] } />
		<XeroLines document={ view } marked={ [] } onMark={ () => {} } link={ ( setting ) => hashOf( 'settings', { setting } ) } />
		<XeroTotals document={ view } />
		{ view.findings.length > 0 && <Findings findings={ view.findings } /> }
		<p className="tb-sha-line">{ t( 'SHA-256 of what would be sent' ) }: <Sha value={ view.sha256 } /></p>
	</Card>;
}

/** Orders of these days that are in no summary, each with its reason. */
function Apart( { summed }: { summed: Summed } ) {
	if ( summed.apart.length === 0 ) {
		return null;
	}
	return <Card title={ t( 'Not in these summaries' ) }><ul className="tb-plain">{ summed.apart.slice( 0, 200 ).map( ( { taking }, at ) =>
		<li key={ at }><a href={ hashOf( 'preview', { orders: String( taking.order_id ?? 0 ) } ) }>#{ taking.number }</a> – { taking.message || taking.state }</li> ) }</ul></Card>;
}

/** The form, the run, and the documents. */
export function SummaryPreview() {
	const { context, base } = shared.get();
	const [ today ] = useState( () => new Date().toISOString().slice( 0, 10 ) );
	const [ from, setFrom ] = useState( shifted( today, -7 ) );
	const [ to, setTo ] = useState( shifted( today, -1 ) );
	const [ state, setState ] = useState<{ going: boolean; done: number; total: number; summed?: Summed; problem?: Problem; cancel?: () => void }>( { going: false, done: 0, total: 0 } );
	const isUsed = ( base?.summary?.modes ?? [] ).some( ( row ) => row.mode === 'summary' );
	const run = async () => {
		setState( { going: true, done: 0, total: 0 } );
		try {
			// A host that cannot say what was paid out leaves the days' documents.
			const payouts = await api.payoutsText( from, to ).catch( () => '' );
			const kept = settingsNow();
			const settings = isUsed ? kept : { ...kept, summary: { ...kept.summary, modes: [ { from: '', mode: 'summary' as const } ] } };
			const zone = settings.summary?.zone || context?.shop.timezone || 'UTC';
			const choice = { from: shifted( from, -DAYS_BEFORE ), to: shifted( to, 1 ), limit: MANY, fresh: true };
			const task = begin( 'summarise', { ask: { from, to, zone, choice, payouts }, settings, source: source() },
				( { done, total } ) => setState( ( before ) => ( { ...before, done, total } ) ) );
			setState( ( before ) => ( { ...before, cancel: task.cancel } ) );
			const summed = await task.answer;
			setState( { going: false, done: summed.orders, total: summed.orders, summed } );
		} catch ( error ) {
			const problem = asProblem( error );
			setState( { going: false, done: 0, total: 0, ...( problem.code === 'cancelled' ? {} : { problem } ) } );
		}
	};
	const documents = state.summed?.response.documents ?? [];
	const loose: Finding[] = state.summed?.response.findings ?? [];
	return <>
		{ ! isUsed && <Notice><p>{ t( 'Summaries are not switched on. This shows what they would be: one document for each payout, one for each day and payment method.' ) }</p></Notice> }
		<form className="tb-toolbar" onSubmit={ ( event ) => {
			event.preventDefault();
			void run();
		} }>
			<Field label={ t( 'From' ) }>{ ( ids ) => <input { ...ids } className="tb-input" type="date" required value={ from } max={ to } onInput={ ( event ) => setFrom( event.currentTarget.value ) } /> }</Field>
			<Field label={ t( 'To' ) }>{ ( ids ) => <input { ...ids } className="tb-input" type="date" required value={ to } min={ from } max={ today } onInput={ ( event ) => setTo( event.currentTarget.value ) } /> }</Field>
			<Button type="submit" kind="primary" busy={ state.going }>{ t( 'Preview summaries' ) }</Button>
			{ state.going && <><Meter done={ state.done } total={ state.total } label={ t( '{done} of {total} orders', { done: state.done, total: state.total } ) } />
				<Button onClick={ state.cancel }>{ t( 'Stop' ) }</Button></> }
		</form>
		{ state.problem && <ProblemNotice problem={ state.problem } again={ run } /> }
		{ loose.length > 0 && <Card title={ t( 'Findings' ) }><Findings findings={ loose } /></Card> }
		<div className="tb-stack">{ documents.map( ( view ) => <OneSummary key={ view.key } view={ view } /> ) }</div>
		{ state.summed && documents.length === 0 && <Empty title={ t( 'Nothing to sum up in these days.' ) }>{ t( 'No order was paid in them, or all go singly.' ) }</Empty> }
		{ state.summed && <Apart summed={ state.summed } /> }
	</>;
}
