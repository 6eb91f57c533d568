/** Completeness of a month as a picture, with the same numbers as a table. */
import { useId } from 'preact/hooks';

import type { Completeness } from '../lib/api-types';
import { day } from '../lib/format';
import { formatCount, locale, t } from '../lib/i18n';

const KINDS = [ 'posted', 'pending', 'held', 'excluded' ] as const;
type Kind = ( typeof KINDS )[ number ];

const HEIGHT = 120;
const STEP = 20;
const BAR = 13;

const words = (): Record<Kind, string> => ( { posted: t( 'In Xero' ), pending: t( 'Waiting' ), held: t( 'Needs you' ), excluded: t( 'Left out' ) } );

/** A round number not below the largest bar. */
function topOf( most: number ): number {
	const size = 10 ** Math.floor( Math.log10( Math.max( most, 1 ) ) );
	return [ 1, 2, 5, 10 ].map( ( step ) => step * size ).find( ( top ) => top >= most ) ?? most;
}

function Bars( { days, label }: { days: Completeness[ 'days' ]; label: string } ) {
	const sums = days.map( ( one ) => KINDS.reduce( ( sum, kind ) => sum + one[ kind ], 0 ) );
	const top = topOf( Math.max( ...sums, 1 ) );
	const scale = ( count: number ) => ( count / top ) * HEIGHT;
	const width = days.length * STEP + 34;
	return <svg className="tb-chart" viewBox={ `0 0 ${ width } ${ HEIGHT + 30 }` } role="img" aria-label={ label } preserveAspectRatio="xMidYMid meet">
		{ [ 0, 0.5, 1 ].map( ( part ) => <g key={ part }>
			<line className="tb-chart__line" x1={ 30 } x2={ width } y1={ HEIGHT - HEIGHT * part + 8 } y2={ HEIGHT - HEIGHT * part + 8 } />
			{ ( top > 1 || part !== 0.5 ) && <text className="tb-chart__text" x={ 26 } y={ HEIGHT - HEIGHT * part + 12 } textAnchor="end">{ formatCount( Math.round( top * part ) ) }</text> }
		</g> ) }
		{ days.map( ( one, at ) => {
			let base = HEIGHT + 8;
			return <g key={ one.day }><title>{ `${ day( one.day ) }: ${ KINDS.filter( ( kind ) => one[ kind ] > 0 ).map( ( kind ) => `${ words()[ kind ] } ${ one[ kind ] }` ).join( ', ' ) || t( 'no orders' ) }` }</title>
				<rect className="tb-chart__day" x={ 32 + at * STEP } y={ 8 } width={ STEP } height={ HEIGHT } />
				{ KINDS.map( ( kind ) => {
					const size = scale( one[ kind ] );
					base -= size;
					return size > 0 && <rect key={ kind } className={ `tb-chart__bar tb-chart__bar--${ kind }` } x={ 32 + at * STEP + ( STEP - BAR ) / 2 } y={ base } width={ BAR } height={ size } />;
				} ) }
				{ ( at === 0 || ( at + 1 ) % 5 === 0 ) && <text className="tb-chart__text" x={ 32 + at * STEP + STEP / 2 } y={ HEIGHT + 24 } textAnchor="middle">{ at + 1 }</text> }
			</g>;
		} ) }
	</svg>;
}

/** Picture, legend and table. */
export function CompletenessChart( { data }: { data: Completeness } ) {
	const id = useId();
	const name = new Intl.DateTimeFormat( locale(), { month: 'long', year: 'numeric', timeZone: 'UTC' } ).format( new Date( `${ data.month }-01T00:00:00Z` ) );
	const all = KINDS.reduce( ( sum, kind ) => sum + data.totals[ kind ], 0 );
	const label = t( '{month}: of {all} orders and refunds {posted} are in Xero, {pending} wait, {held} need you, {excluded} are left out.', { month: name, all, ...data.totals } );
	const busy = data.days.filter( ( one ) => KINDS.some( ( kind ) => one[ kind ] > 0 ) );
	return <div>
		<p id={ id }>{ label }</p>
		{ all > 0 && <div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ t( 'Picture of the month' ) }><Bars days={ data.days } label={ label } /></div> }
		<ul className="tb-legend">{ KINDS.map( ( kind ) => <li key={ kind }><svg viewBox="0 0 12 12" aria-hidden="true"><rect className={ `tb-chart__bar--${ kind }` } width="12" height="12" rx="2" /></svg>
			{ words()[ kind ] } <strong>{ formatCount( data.totals[ kind ] ) }</strong></li> ) }</ul>
		{ busy.length > 0 && <details className="tb-details"><summary>{ t( 'The same as a table' ) }</summary>
			<div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ t( 'Orders by day' ) }><table className="tb-table tb-table--small"><thead><tr><th scope="col">{ t( 'Day' ) }</th>{ KINDS.map( ( kind ) => <th key={ kind } scope="col" className="tb-end">{ words()[ kind ] }</th> ) }</tr></thead>
				<tbody>{ busy.map( ( one ) => <tr key={ one.day }><th scope="row">{ day( one.day ) }</th>{ KINDS.map( ( kind ) => <td key={ kind } className="tb-end">{ formatCount( one[ kind ] ) }</td> ) }</tr> ) }</tbody></table></div></details> }
	</div>;
}
