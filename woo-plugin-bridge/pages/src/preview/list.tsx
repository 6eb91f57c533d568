/** The orders to choose from, each with what would become of it. */
import { useEffect, useState } from 'preact/hooks';

import { day, money } from '../lib/format';
import { n, prose, t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { draft, shared } from '../lib/state';
import { useStore } from '../lib/store';
import { announce } from '../parts/announce';
import { Badge, Button, Empty, Field, Meter, ProblemNotice } from '../parts/ui';
import { VirtualTable, type Column } from '../parts/virtual-table';
import { outcomeWord, statusWord } from '../parts/words';
import type { Choice, PreviewRow } from '../worker/protocol';
import { useRun } from './run';

/** What is looked at before somebody asks for all. */
const FEW = 50;
/** The most that one run looks at. */
const MANY = 10_000;
/** Up to so many are worked out again by themselves when a setting is tried. */
const AT_ONCE = 500;

const STATUSES = [ 'processing', 'completed', 'on-hold', 'pending', 'refunded', 'cancelled', 'failed' ];

/** The gravest finding of an order, in a few words. */
function Why( { row }: { row: PreviewRow } ) {
	const finding = shared.get().module?.described.findings.find( ( one ) => one.code === row.code );
	return finding && row.errors + row.warnings > 0 ? <span className="tb-why">{ prose( finding.meaning ) }</span> : null;
}

const columns = (): Column<PreviewRow>[] => [
	{ name: 'order', title: t( 'Order' ), cell: ( row ) => <a href={ hashOf( 'preview', { orders: String( row.id ) } ) }><strong>#{ row.number }</strong>{ ' ' }{ row.name }</a> },
	{ name: 'date', title: t( 'Date' ), cell: ( row ) => day( row.date ), hide: 'm' },
	{ name: 'status', title: t( 'Status' ), cell: ( row ) => <Badge tone={ statusWord( row.status ).tone }>{ statusWord( row.status ).text }</Badge>, hide: 's' },
	{ name: 'charged', title: t( 'Total in the shop' ), cell: ( row ) => money( row.charged, row.currency ), end: true, hide: 's' },
	{ name: 'document', title: t( 'In Xero' ), cell: ( row ) => row.document || '–', hide: 'm' },
	{ name: 'total', title: t( 'Total in Xero' ), cell: ( row ) => ( row.total ? money( row.total, row.currency ) : '–' ), end: true, hide: 'm' },
	{ name: 'outcome', title: t( 'Preview' ), cell: ( row ) => <><Badge tone={ outcomeWord( row.outcome ).tone }>{ outcomeWord( row.outcome ).text }</Badge> <Why row={ row } /></> },
];

/** Filters by what would become of the orders, with how many there are of each. */
function OutcomeFilter( { rows, value, onChange }: { rows: PreviewRow[]; value: string; onChange: ( value: string ) => void } ) {
	const kinds = [ '', 'hold', 'post', 'skip' ];
	return <div className="tb-filter" role="group" aria-label={ t( 'Show' ) }>{ kinds.map( ( kind ) => {
		const count = kind ? rows.filter( ( row ) => row.outcome === kind ).length : rows.length;
		return <Button key={ kind } kind="plain" pressed={ value === kind } onClick={ () => onChange( kind ) }>
			{ kind ? outcomeWord( kind ).text : t( 'All' ) } <span className="tb-count">({ count })</span></Button>;
	} ) }</div>;
}

/** Search, the list, and the run over everything that was found. */
export function OrderList( { ids }: { ids: number[] | undefined } ) {
	const [ search, setSearch ] = useState( '' );
	const [ status, setStatus ] = useState( '' );
	const [ wanted, setWanted ] = useState( '' );
	const [ choice, setChoice ] = useState<Choice>( { limit: FEW, fresh: true, ...( ids ? { ids } : {} ) } );
	const run = useRun();
	const tried = useStore( draft );
	const [ worked, setWorked ] = useState( tried );
	useEffect( () => {
		setWorked( draft.get() );
		run.start( choice );
	}, [ choice ] );
	const isBehind = worked !== tried && ! run.going;
	const workAgain = () => setChoice( { ...choice, ids: run.rows.map( ( row ) => row.id ), limit: MANY, fresh: false } );
	useEffect( () => {
		if ( isBehind && run.rows.length <= AT_ONCE && run.rows.length > 0 ) {
			const timer = setTimeout( workAgain, 300 );
			return () => clearTimeout( timer );
		}
		return undefined;
	}, [ tried, run.going ] );
	useEffect( () => {
		if ( ! run.going && run.done > 0 ) {
			const held = run.rows.filter( ( row ) => row.outcome === 'hold' ).length;
			announce( `${ n( '1 order previewed.', '{count} orders previewed.', run.done ) } ${ n( '1 needs you.', '{count} need you.', held ) }` );
		}
	}, [ run.going ] );
	const look = ( limit: number ) => setChoice( { search, status, limit, fresh: limit === FEW } );
	const rows = wanted ? run.rows.filter( ( row ) => row.outcome === wanted ) : run.rows;
	return <>
		<form className="tb-toolbar" role="search" onSubmit={ ( event ) => {
			event.preventDefault();
			look( FEW );
		} }>
			<Field label={ t( 'Search orders' ) }>{ ( at ) => <input { ...at } className="tb-input" type="search" placeholder={ t( 'Number, name or e-mail' ) }
				value={ search } onInput={ ( event ) => setSearch( event.currentTarget.value ) } /> }</Field>
			<Field label={ t( 'Status' ) }>{ ( at ) => <select { ...at } className="tb-input" value={ status } onChange={ ( event ) => setStatus( event.currentTarget.value ) }>
				<option value="">{ t( 'Any status' ) }</option>
				{ STATUSES.map( ( one ) => <option key={ one } value={ one }>{ statusWord( one ).text }</option> ) }</select> }</Field>
			<Button type="submit">{ t( 'Search' ) }</Button>
		</form>
		{ run.problem && <ProblemNotice problem={ run.problem } again={ () => setChoice( { ...choice } ) } /> }
		<div className="tb-bar">
			<OutcomeFilter rows={ run.rows } value={ wanted } onChange={ setWanted } />
			<div className="tb-actions">
				{ run.going && <><Meter done={ run.done } total={ run.total } label={ run.total
					? t( '{done} of {total} orders', { done: run.done, total: run.total } ) : t( 'Reading orders…' ) } />
				<Button small onClick={ run.stop }>{ t( 'Stop' ) }</Button></> }
				{ ! run.going && ! choice.ids && run.done >= choice.limit && choice.limit === FEW &&
					<Button onClick={ () => look( MANY ) }>{ t( 'Preview all that were found' ) }</Button> }
				{ isBehind && run.rows.length > AT_ONCE && <Button kind="primary" onClick={ workAgain }>{ t( 'Work out again with these settings' ) }</Button> }
				{ run.stopped && <span className="tb-quiet">{ t( 'Stopped after {count} orders.', { count: run.done } ) }</span> }
			</div>
		</div>
		{ rows.length > 0 && <VirtualTable label={ t( 'Orders and their previews' ) } columns={ columns() } rows={ rows } keyOf={ ( row ) => row.id }
			onOpen={ ( row ) => {
				location.hash = hashOf( 'preview', { orders: String( row.id ) } );
			} } /> }
		{ rows.length === 0 && ! run.going && ! run.problem && ( run.rows.length > 0
			? <Empty title={ t( 'None of these orders.' ) }>{ t( 'Choose “All” to see the others.' ) }</Empty>
			: <Empty title={ t( 'No orders were found.' ) }>{ search || status ? t( 'Try another word or any status.' ) : t( 'As soon as the shop has an order, its invoice can be seen here.' ) }</Empty> ) }
	</>;
}
