/** Customers and products: who and what they are in Xero. Suggestions are confirmed by a person, one or many at once. */
import { useState } from 'preact/hooks';

import { api, asProblem, Problem } from '../lib/api';
import type { Match } from '../lib/api-types';
import { config } from '../lib/config';
import { readCsv, writeCsv } from '../lib/csv';
import { n, t } from '../lib/i18n';
import { useLoad } from '../lib/load';
import { announce } from '../parts/announce';
import { Button, Card, Empty, Field, Loading, ProblemNotice } from '../parts/ui';
import { FileButton, saveFile } from '../settings/file';
import { MatchRows } from './map-match-rows';

type Kind = 'customers' | 'products';

const PAGE = 100;
/** A file of more rows is sent in parts. */
const PART = 200;
const COLUMNS = [ 'key', 'name', 'detail', 'state', 'xero_id', 'xero_name' ];

/** The whole list, page by page. */
async function all( kind: Kind, search: string, state: string ): Promise<Match[]> {
	const found: Match[] = [];
	let after: string | null | undefined;
	do {
		const page = await api.matching( kind, { search, state, limit: PAGE, ...( after ? { after } : {} ) } );
		found.push( ...page.matches );
		after = page.next;
	} while ( after );
	return found;
}

/** The links that a file says; a wrong head is a problem that names what is wanted. */
export function linksOf( text: string ): { key: string; xero_id: string | null }[] {
	const [ head = [], ...rows ] = readCsv( text );
	const key = head.findIndex( ( name ) => name.trim().toLowerCase() === 'key' );
	const id = head.findIndex( ( name ) => name.trim().toLowerCase() === 'xero_id' );
	if ( key < 0 || id < 0 ) {
		throw new Problem( 'bad_file', t( 'The file needs the columns key and xero_id.' ) );
	}
	return rows.map( ( row ) => ( { key: row[ key ]?.trim() ?? '', xero_id: row[ id ]?.trim() ?? '' } ) ).filter( ( one ) => one.key !== '' && one.xero_id !== '' );
}

/** Those that need a person before the others. */
const RANK = [ 'ambiguous', 'suggested', 'none', 'found', 'linked' ];

/** The view of one kind. */
export function Matching( { kind }: { kind: Kind } ) {
	const [ search, setSearch ] = useState( '' );
	const [ state, setState ] = useState( '' );
	const [ asked, setAsked ] = useState( { search: '', state: '' } );
	const [ chosen, setChosen ] = useState<Record<string, string>>( {} );
	const [ busy, setBusy ] = useState( '' );
	const [ problem, setProblem ] = useState<Problem>();
	const page = useLoad( () => api.matching( kind, { ...asked, limit: PAGE } ), [ asked ] );
	const rows = [ ...( page.value?.matches ?? [] ) ].sort( ( left, right ) => RANK.indexOf( left.state ) - RANK.indexOf( right.state ) );
	const work = ( name: string, run: () => Promise<void> ) => async () => {
		setBusy( name );
		setProblem( undefined );
		try {
			await run();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( '' );
	};
	const keep = ( matches: { key: string; xero_id: string | null }[] ) => async () => {
		for ( let at = 0; at < matches.length; at += PART ) {
			await api.match( kind, matches.slice( at, at + PART ) );
		}
		announce( n( '1 is confirmed.', '{count} are confirmed.', matches.length ) );
		setChosen( {} );
		page.again();
	};
	const ready = Object.entries( chosen ).map( ( [ key, id ] ) => ( { key, xero_id: id } ) );
	const can = config().can.configure;
	const title = kind === 'customers' ? t( 'Customers and contacts' ) : t( 'Products and items' );
	return <Card title={ title } actions={ <>
		<Button small busy={ busy === 'out' } onClick={ work( 'out', async () => {
			const found = await all( kind, asked.search, asked.state );
			saveFile( `tillbook-${ kind }.csv`, 'text/csv', writeCsv( [ COLUMNS, ...found.map( ( one ) => [ one.key, one.name, one.detail, one.state, one.xero_id ?? '', one.xero_name ?? '' ] ) ] ) );
		} ) }>{ t( 'Export as CSV' ) }</Button>
		{ can && <FileButton accept=".csv,text/csv" onText={ ( text ) => void work( 'in', async () => keep( linksOf( text ) )() )() }>{ t( 'Import CSV' ) }</FileButton> }
	</> }>
		<form className="tb-toolbar" role="search" onSubmit={ ( event ) => {
			event.preventDefault();
			setAsked( { search, state } );
		} }>
			<Field label={ t( 'Search' ) }>{ ( ids ) => <input { ...ids } className="tb-input" type="search" value={ search } onInput={ ( event ) => setSearch( event.currentTarget.value ) } /> }</Field>
			<Field label={ t( 'Show' ) }>{ ( ids ) => <select { ...ids } className="tb-input" value={ state } onChange={ ( event ) => {
				setState( event.currentTarget.value );
				setAsked( { search, state: event.currentTarget.value } );
			} }><option value="">{ t( 'All' ) }</option><option value="ambiguous">{ t( 'Several could be it' ) }</option><option value="suggested">{ t( 'With suggestions' ) }</option>
				<option value="none">{ t( 'Nothing found' ) }</option><option value="found">{ t( 'Found' ) }</option><option value="linked">{ t( 'Confirmed' ) }</option></select> }</Field>
			<Button type="submit">{ t( 'Search' ) }</Button>
		</form>
		{ problem && <ProblemNotice problem={ problem } /> }
		{ page.problem && <ProblemNotice problem={ page.problem } again={ page.again } /> }
		{ can && <div className="tb-actions">
			<Button small disabled={ ! rows.some( ( row ) => row.state === 'suggested' && row.suggestions.length > 0 ) } onClick={ () => setChosen( { ...chosen,
				...Object.fromEntries( rows.filter( ( row ) => row.state === 'suggested' ).flatMap( ( row ) => ( row.suggestions[ 0 ] ? [ [ row.key, row.suggestions[ 0 ].xero_id ] ] : [] ) ) ) } ) }>{ t( 'Choose every best suggestion' ) }</Button>
			<Button kind="primary" small busy={ busy === 'keep' } disabled={ ready.length === 0 } onClick={ work( 'keep', keep( ready ) ) }>{ n( 'Confirm 1', 'Confirm {count}', ready.length ) }</Button>
		</div> }
		{ rows.length > 0 ? <MatchRows kind={ kind } rows={ rows } chosen={ chosen } can={ can } onChoose={ ( key, id ) => {
			const { [ key ]: _, ...others } = chosen;
			setChosen( id === '' ? others : { ...others, [ key ]: id } );
		} } onTakeAway={ ( key ) => void work( 'away', keep( [ { key, xero_id: null } ] ) )() } />
			: page.value ? <Empty title={ t( 'Nobody and nothing here.' ) }>{ kind === 'customers' ? t( 'Customers appear once they have bought something.' ) : t( 'Products appear once the shop has some.' ) }</Empty>
				: ! page.problem && <Loading what={ t( 'Comparing the shop with Xero…' ) } /> }
		{ page.value?.next && <p className="tb-quiet">{ t( 'There are more: search, or export the whole list.' ) }</p> }
	</Card>;
}
