/** Rows of customers or products, each with what it is in Xero or could be. */
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { Match } from '../lib/api-types';
import { t } from '../lib/i18n';
import { Badge, Button, Field, type Tone } from '../parts/ui';

type Kind = 'customers' | 'products';
type Found = { xero_id: string; name: string; detail: string };

const words = (): Record<Match[ 'state' ], [ string, Tone ]> => ( {
	linked: [ t( 'Confirmed' ), 'good' ], found: [ t( 'Found' ), 'good' ], suggested: [ t( 'Suggestion' ), 'info' ],
	ambiguous: [ t( 'Several could be it' ), 'bad' ], none: [ t( 'Nothing found' ), 'calm' ],
} );

/** Looks in Xero by name. */
function Search( { kind, name, onFound }: { kind: Kind; name: string; onFound: ( found: Found[] ) => void } ) {
	const [ word, setWord ] = useState( '' );
	const [ busy, setBusy ] = useState( false );
	const [ said, setSaid ] = useState( '' );
	const [ problem, setProblem ] = useState<Problem>();
	const look = async () => {
		setBusy( true );
		setProblem( undefined );
		try {
			const { found } = await api.ledger( kind, word.trim() );
			onFound( found );
			setSaid( found.length ? t( '{count} found: choose one above.', { count: found.length } ) : t( 'Xero has nothing of that name.' ) );
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	return <form className="tb-row" onSubmit={ ( event ) => {
		event.preventDefault();
		void look();
	} }>
		<Field label={ t( 'Search Xero for {name}', { name } ) } error={ problem?.message } hint={ <span role="status">{ said }</span> }>{ ( ids ) => <input { ...ids } className="tb-input" type="search" required value={ word } onInput={ ( event ) => setWord( event.currentTarget.value ) } /> }</Field>
		<Button small type="submit" busy={ busy }>{ t( 'Search' ) }</Button>
	</form>;
}

function Row( { kind, row, value, can, onChoose, onTakeAway }: { kind: Kind; row: Match; value: string; can: boolean; onChoose: ( id: string ) => void; onTakeAway: () => void } ) {
	const [ searching, setSearching ] = useState( false );
	const [ more, setMore ] = useState<Found[]>( [] );
	const [ text, tone ] = words()[ row.state ];
	const isSettled = row.state === 'linked' || row.state === 'found';
	const best = row.suggestions[ 0 ];
	return <tr className={ row.state === 'ambiguous' ? 'is-missing' : undefined }>
		<th scope="row">{ row.name || row.key }<span className="tb-quiet tb-block">{ row.detail }</span></th>
		<td><Badge tone={ tone }>{ text }</Badge></td>
		<td>
			{ isSettled && more.length === 0 ? <span>{ row.xero_name }</span>
				: can ? <select className="tb-input" aria-label={ t( '{name} in Xero', { name: row.name || row.key } ) } value={ value } onChange={ ( event ) => onChoose( event.currentTarget.value ) }>
					<option value="">{ t( '— not chosen —' ) }</option>
					{ row.suggestions.map( ( one ) => <option key={ one.xero_id } value={ one.xero_id }>{ one.name } · { one.score } %</option> ) }
					{ more.map( ( one ) => <option key={ one.xero_id } value={ one.xero_id }>{ one.name }{ one.detail ? ` · ${ one.detail }` : '' }</option> ) }</select> : <span>{ best?.name }</span> }
			{ ! isSettled && best && <span className="tb-quiet tb-block">{ best.name }: { best.reason }</span> }
			{ searching && <Search kind={ kind } name={ row.name || row.key } onFound={ setMore } /> }
		</td>
		<td>{ can && <span className="tb-actions">
			<Button small kind="plain" expanded={ searching } about={ row.name || row.key } onClick={ () => setSearching( ! searching ) }>{ t( 'Search' ) }</Button>
			{ row.state === 'linked' && <Button small kind="plain" about={ row.name || row.key } onClick={ onTakeAway }>{ t( 'Take away' ) }</Button> }</span> }</td>
	</tr>;
}

/** The table. */
export function MatchRows( { kind, rows, chosen, can, onChoose, onTakeAway }: {
	kind: Kind; rows: Match[]; chosen: Record<string, string>; can: boolean; onChoose: ( key: string, id: string ) => void; onTakeAway: ( key: string ) => void;
} ) {
	return <div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ kind === 'customers' ? t( 'Customers and contacts' ) : t( 'Products and items' ) }><table className="tb-table tb-table--map">
		<thead><tr><th scope="col">{ t( 'In the shop' ) }</th><th scope="col">{ t( 'State' ) }</th><th scope="col">{ t( 'In Xero' ) }</th><th scope="col">{ t( 'Actions' ) }</th></tr></thead>
		<tbody>{ rows.map( ( row ) => <Row key={ row.key } kind={ kind } row={ row } value={ chosen[ row.key ] ?? '' } can={ can } onChoose={ ( id ) => onChoose( row.key, id ) } onTakeAway={ () => onTakeAway( row.key ) } /> ) }</tbody></table></div>;
}
