/** Plan: see everything that would be sent, document by document; then send exactly that. */
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { PlanRow, PlanView } from '../lib/api-types';
import { config } from '../lib/config';
import { money } from '../lib/format';
import { n, t } from '../lib/i18n';
import { useEvery, useLoad } from '../lib/load';
import { hashOf } from '../lib/route';
import { announce } from '../parts/announce';
import { Badge, Button, Card, Dialog, Empty, Field, Loading, Notice, ProblemNotice, Sha } from '../parts/ui';
import { fateWord, kindWord, reversalWord } from '../parts/words';
import { Findings } from '../preview/findings';

const FATES = [ 'create', 'adopt', 'update', 'withdraw', 'settle', 'hold', 'skip', 'same' ];
const SENT = [ 'create', 'update', 'withdraw', 'settle' ];

/** How many documents of each fate. */
function Sums( { rows }: { rows: PlanRow[] } ) {
	return <ul className="tb-numbers">{ FATES.map( ( fate ) => [ fate, rows.filter( ( row ) => row.fate === fate ).length ] as const ).filter( ( [ , count ] ) => count > 0 )
		.map( ( [ fate, count ] ) => <li key={ fate }><strong>{ count }</strong> <Badge tone={ fateWord( fate ).tone }>{ fateWord( fate ).text }</Badge></li> ) }</ul>;
}

function Rows( { rows }: { rows: PlanRow[] } ) {
	return <div className="tb-scroll tb-scroll--list" role="group" tabIndex={ 0 } aria-label={ t( 'Documents of the plan' ) }><table className="tb-table tb-table--list">
		<thead><tr><th scope="col">{ t( 'Document' ) }</th><th scope="col" className="tb-hide-s">{ t( 'Of' ) }</th><th scope="col">{ t( 'What happens' ) }</th><th scope="col" className="tb-end">{ t( 'Amount' ) }</th><th scope="col" className="tb-hide-m">{ t( 'Can be reversed' ) }</th></tr></thead>
		<tbody>{ rows.map( ( row, at ) => <tr key={ at }><th scope="row">{ row.number || '–' }</th>
			<td className="tb-hide-s">{ row.order_id ? <a href={ hashOf( 'preview', { orders: String( row.order_id ) } ) }>{ kindWord( row.kind ) } { row.id }</a> : `${ kindWord( row.kind ) } ${ row.id }` }</td>
			<td className="tb-wrap"><Badge tone={ fateWord( row.fate ).tone }>{ fateWord( row.fate ).text }</Badge>{ row.findings && row.findings.length > 0 && <Findings findings={ row.findings } /> }</td>
			<td className="tb-end">{ money( row.amount, row.currency ) }</td>
			<td className="tb-hide-m tb-wrap">{ SENT.includes( row.fate ) && row.reversal ? reversalWord( row.reversal ) : '' }</td></tr> ) }</tbody></table></div>;
}

/** Review, then apply. */
function Review( { given }: { given: PlanView } ) {
	const [ following, setFollowing ] = useState( false );
	const now = useLoad( following ? () => api.plan( given.plan ) : null, [ following ] );
	const [ asking, setAsking ] = useState( false );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	const plan = { ...given, ...now.value };
	const rows = plan.rows ?? given.rows;
	useEvery( 3, () => following && plan.state !== 'done' && plan.state !== 'stopped' && now.again() );
	const sending = rows?.filter( ( row ) => SENT.includes( row.fate ) ).length ?? plan.calls.length;
	const apply = async () => {
		setBusy( true );
		try {
			await api.applyPlan( plan.plan );
			announce( t( 'The plan is being carried out.' ) );
			setFollowing( true );
			setAsking( false );
		} catch ( error ) {
			setProblem( asProblem( error ) );
			setAsking( false );
		}
		setBusy( false );
	};
	return <>
		<Card title={ t( 'The plan' ) } actions={ <Sha value={ plan.plan } label={ t( 'Name of the plan' ) } /> }>
			{ rows && <Sums rows={ rows } /> }
			{ ! rows && <p>{ n( 'The plan has 1 call.', 'The plan has {count} calls.', plan.calls.length ) }</p> }
			{ problem && <ProblemNotice problem={ problem } /> }
			{ plan.state === 'done' && <Notice kind="success" title={ t( 'Carried out.' ) }><p><a href={ hashOf( 'queue' ) }>{ t( 'See it in the queue' ) }</a></p></Notice> }
			{ plan.state === 'stopped' && <Notice kind="warning" title={ t( 'Stopped.' ) }><p>{ t( 'Something has changed since. Make the plan anew.' ) }</p></Notice> }
			{ ( following && plan.state !== 'done' && plan.state !== 'stopped' ) && <Loading what={ t( 'It is being carried out…' ) } /> }
			{ ! following && plan.state === 'saved' && <p className="tb-actions">{ sending === 0 ? <span>{ t( 'There is nothing to send: Xero is as it should be.' ) }</span>
				: config().can.operate ? <Button kind="primary" onClick={ () => setAsking( true ) }>{ n( 'Send 1 document …', 'Send {count} documents …', sending ) }</Button> : null }
			<span className="tb-quiet">{ t( 'Exactly this is sent, or nothing: when something has changed since, the plan is refused.' ) }</span></p> }
		</Card>
		{ rows && rows.length > 0 && <Rows rows={ rows } /> }
		{ asking && <Dialog title={ n( 'Send 1 document to Xero?', 'Send {count} documents to Xero?', sending ) } onClose={ () => setAsking( false ) } actions={ <>
			<Button onClick={ () => setAsking( false ) }>{ t( 'Cancel' ) }</Button><Button kind="primary" busy={ busy } onClick={ apply }>{ t( 'Send now' ) }</Button></> }>
			<p>{ t( 'They are made, changed or taken back in Xero as the list shows. How each can be reversed stands beside it.' ) }</p></Dialog> }
	</>;
}

/** The page. */
export function PlanPage( { asked }: { asked: Record<string, string> } ) {
	const [ orders, setOrders ] = useState( asked.orders ?? '' );
	const [ undo, setUndo ] = useState( false );
	const [ state, setState ] = useState<{ busy: boolean; plan?: PlanView; problem?: Problem }>( { busy: false } );
	const ids = orders.split( /[\s,;#]+/ ).filter( Boolean );
	const wrong = ids.some( ( id ) => ! /^\d{1,15}$/.test( id ) );
	const make = async () => {
		setState( { busy: true } );
		try {
			const plan = await api.makePlan( { ...( ids.length ? { orders: ids.map( Number ) } : {} ), ...( undo ? { undo } : {} ) } );
			setState( { busy: false, plan } );
			announce( t( 'The plan is made.' ) );
		} catch ( error ) {
			setState( { busy: false, problem: asProblem( error ) } );
		}
	};
	const can = config().can.operate;
	return <>
		<Card><form className="tb-form" onSubmit={ ( event ) => {
			event.preventDefault();
			if ( ! wrong && ! ( undo && ids.length === 0 ) ) {
				void make();
			}
		} }>
			<p>{ t( 'A plan shows everything that would be sent now. Making one sends nothing.' ) }</p>
			<Field label={ t( 'Orders' ) } hint={ t( 'Ids with commas between them. Leave it empty for everything that has changed.' ) } error={ wrong && t( 'Only ids, which are whole numbers.' ) }>{ ( ids_ ) =>
				<input { ...ids_ } className="tb-input" type="text" inputMode="numeric" value={ orders } onInput={ ( event ) => setOrders( event.currentTarget.value ) } /> }</Field>
			<Field label={ t( 'Take back' ) } hint={ t( 'Plans to take back what was posted for these orders; it is not made again by itself.' ) } error={ undo && ids.length === 0 && t( 'Say which orders.' ) }>{ ( ids_ ) =>
				<span className="tb-switch"><input { ...ids_ } type="checkbox" role="switch" checked={ undo } onChange={ ( event ) => setUndo( event.currentTarget.checked ) } /></span> }</Field>
			<div className="tb-actions"><Button type="submit" kind="primary" busy={ state.busy } disabled={ ! can }>{ t( 'Make a plan' ) }</Button>{ ! can && <span className="tb-quiet">{ t( 'You may look, but not send.' ) }</span> }</div>
		</form></Card>
		{ state.busy && <Loading what={ t( 'Reading orders and Xero, and planning…' ) } /> }
		{ state.problem && <ProblemNotice problem={ state.problem } again={ make } /> }
		{ state.plan ? <Review key={ state.plan.plan } given={ state.plan } /> : ! state.busy && ! state.problem && <Card><Empty title={ t( 'No plan yet.' ) }>{ t( 'Make one to see what would happen.' ) }</Empty></Card> }
	</>;
}
