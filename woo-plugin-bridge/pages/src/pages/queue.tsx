/** Queue: every object with its state, live; one object's history; try again, leave out, take in. */
import { useEffect, useRef, useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import { STATES, type QueueObject } from '../lib/api-types';
import { config, orderLink } from '../lib/config';
import { moment } from '../lib/format';
import { formatCount, t } from '../lib/i18n';
import { useEvery, useLoad } from '../lib/load';
import { hashOf } from '../lib/route';
import { readStatus } from '../lib/state';
import { announce } from '../parts/announce';
import { PauseButton, ReasonDialog } from '../parts/pause';
import { Badge, Button, Card, Empty, Field, Loading, Outside, ProblemNotice } from '../parts/ui';
import { eventWord, kindWord, stateWord } from '../parts/words';
import { Findings } from '../preview/findings';

const REFRESH_SECS = 5;
const MANY = 100;

/** What can be done with one object. */
function Actions( { object, done }: { object: QueueObject; done: () => void } ) {
	const [ busy, setBusy ] = useState( '' );
	const [ asking, setAsking ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	if ( ! config().can.operate ) {
		return null;
	}
	const name = `${ kindWord( object.kind ) } ${ object.id }`;
	const act = ( what: 'retry' | 'include' | 'push', said: string ) => async () => {
		setBusy( what );
		setProblem( undefined );
		try {
			await api.act( object.kind, object.id, what );
			announce( said );
			done();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( '' );
	};
	return <span className="tb-actions">
		{ object.state === 'excluded'
			? <Button small busy={ busy === 'include' } about={ name } onClick={ act( 'include', t( '{name} is taken in again.', { name } ) ) }>{ t( 'Take in again' ) }</Button>
			: <>
				{ object.state !== 'running' && <Button small busy={ busy === 'retry' } about={ name } onClick={ act( 'retry', t( '{name} is looked at again.', { name } ) ) }>{ object.state === 'done' ? t( 'Look again' ) : t( 'Try again' ) }</Button> }
				<Button small kind="plain" about={ name } onClick={ () => setAsking( true ) }>{ t( 'Leave out' ) }</Button></> }
		{ problem && <span className="tb-field__error" role="alert">{ problem.message }</span> }
		{ asking && <ReasonDialog title={ t( 'Leave {name} out?', { name } ) } action={ t( 'Leave out' ) } onClose={ () => setAsking( false ) }
			about={ t( 'Nothing of it is sent or changed from now on. What stands in Xero stays.' ) }
			onDone={ async ( reason ) => {
				await api.exclude( object.kind, object.id, reason );
				announce( t( '{name} is left out.', { name } ) );
				done();
			} } /> }
	</span>;
}

/** Everything that happened to one object. */
function History( { kind, id }: { kind: string; id: string } ) {
	const found = useLoad( () => api.history( kind, id ), [ kind, id ] );
	const state = useLoad( () => api.queue( { id, limit: 10 } ), [ kind, id ] );
	const heading = useRef<HTMLDivElement>( null );
	useEffect( () => heading.current?.querySelector( 'h2' )?.scrollIntoView( { block: 'nearest' } ), [ kind, id ] );
	useEvery( REFRESH_SECS, found.again );
	const object = state.value?.objects.find( ( one ) => one.kind === kind );
	const shop = kind === 'order' ? orderLink( id ) : undefined;
	return <div ref={ heading }><Card title={ t( 'History of {name}', { name: `${ kindWord( kind ) } ${ id }` } ) } actions={ <a href={ hashOf( 'queue' ) }>{ t( 'Close' ) }</a> }>
		<p className="tb-links">{ kind === 'order' && <a href={ hashOf( 'preview', { orders: id } ) }>{ t( 'Preview' ) }</a> }{ shop && <Outside href={ shop }>{ t( 'Open in the shop' ) }</Outside> }</p>
		{ object && <p><Badge tone={ stateWord( object.state ).tone }>{ stateWord( object.state ).text }</Badge> { object.reason }</p> }
		{ object && object.findings.length > 0 && <Findings findings={ object.findings.map( ( one ) => ( { ...one, object: one.object ?? { kind, id } } ) ) } /> }
		{ found.problem && <ProblemNotice problem={ found.problem } again={ found.again } /> }
		{ found.value && ( found.value.history.length === 0 ? <p className="tb-quiet">{ t( 'It was never seen.' ) }</p>
			: <ol className="tb-timeline">{ found.value.history.map( ( one, at ) => <li key={ at }><time dateTime={ one.at }>{ moment( one.at ) }</time> <strong>{ eventWord( one.what ) }</strong> { one.detail }</li> ) }</ol> ) }
	</Card></div>;
}

function Rows( { objects, done }: { objects: QueueObject[]; done: () => void } ) {
	return <div className="tb-scroll tb-scroll--list" role="group" tabIndex={ 0 } aria-label={ t( 'Objects in the queue' ) }><table className="tb-table tb-table--list">
		<thead><tr><th scope="col">{ t( 'What' ) }</th><th scope="col">{ t( 'State' ) }</th><th scope="col" className="tb-hide-s">{ t( 'Why' ) }</th><th scope="col" className="tb-hide-m">{ t( 'Next try' ) }</th><th scope="col">{ t( 'Actions' ) }</th></tr></thead>
		<tbody>{ objects.map( ( object ) => <tr key={ `${ object.kind }/${ object.id }` }>
			<th scope="row"><a href={ hashOf( 'queue', { kind: object.kind, id: object.id } ) }>{ kindWord( object.kind ) } { object.id }</a></th>
			<td><Badge tone={ stateWord( object.state ).tone }>{ stateWord( object.state ).text }</Badge></td>
			<td className="tb-hide-s tb-wrap">{ object.findings[ 0 ]?.message.replace( /`/g, '' ) ?? object.reason }{ object.attempts > 1 && <span className="tb-quiet"> { t( '({count} tries)', { count: object.attempts } ) }</span> }</td>
			<td className="tb-hide-m">{ moment( object.run_after ) }</td>
			<td><Actions object={ object } done={ done } /></td></tr> ) }</tbody></table></div>;
}

/** The page. */
export function QueuePage( { asked }: { asked: Record<string, string> } ) {
	const [ search, setSearch ] = useState( '' );
	const [ limit, setLimit ] = useState( MANY );
	const wanted = asked.state ?? '';
	const counts = useLoad( api.counts, [] );
	const status = useLoad( readStatus, [] );
	const page = useLoad( () => api.queue( { state: wanted, id: search.trim(), limit } ), [ wanted, search, limit ] );
	const again = () => {
		counts.again();
		page.again();
	};
	useEvery( REFRESH_SECS, again );
	const objects = page.value?.objects ?? [];
	if ( page.problem && ! page.value ) {
		return <ProblemNotice problem={ page.problem } again={ again } />;
	}
	const sum = STATES.reduce( ( total, state ) => total + ( counts.value?.counts[ state ] ?? 0 ), 0 );
	return <>
		{ page.problem && <ProblemNotice problem={ page.problem } again={ again } /> }
		{ asked.kind && asked.id && <History kind={ asked.kind } id={ asked.id } /> }
		<div className="tb-bar">
			<nav className="tb-filter" aria-label={ t( 'Show' ) }>{ [ '', ...STATES ].map( ( state ) => <a key={ state } href={ hashOf( 'queue', state ? { state } : {} ) } aria-current={ wanted === state ? 'true' : undefined }>
				{ state ? stateWord( state ).text : t( 'All' ) } <span className="tb-count">({ formatCount( state ? counts.value?.counts[ state as 'held' ] ?? 0 : sum ) })</span></a> ) }</nav>
			<div className="tb-actions">
				<Field label={ <span className="tb-sr">{ t( 'Find by id' ) }</span> }>{ ( ids ) => <input { ...ids } className="tb-input tb-input--short" type="search" inputMode="numeric" placeholder={ t( 'Id' ) } value={ search }
					onInput={ ( event ) => setSearch( event.currentTarget.value ) } /> }</Field>
				{ config().can.operate && status.value && <PauseButton paused={ status.value.state === 'paused' } done={ status.again } /> }
			</div>
		</div>
		{ objects.length > 0 ? <Rows objects={ objects } done={ again } /> : page.value ? <Card><Empty title={ wanted ? t( 'Nothing is in this state.' ) : t( 'The queue is empty.' ) }>
			{ t( 'Orders appear here as soon as they change in the shop.' ) }</Empty></Card> : <Loading what={ t( 'Reading the queue…' ) } /> }
		{ page.value?.next && limit < 500 && <p><Button onClick={ () => setLimit( 500 ) }>{ t( 'Show more' ) }</Button></p> }
	</>;
}
