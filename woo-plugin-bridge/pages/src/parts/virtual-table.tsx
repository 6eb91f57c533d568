/** A table of any length: only the rows that can be seen are in the page, and it says how many there are. */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface Column<Row> {
	name: string;
	title: string;
	cell: ( row: Row ) => ComponentChildren;
	/** Aligned to the end, as amounts are. */
	end?: boolean;
	/** Left out where there is little room: `m` below a tablet's width, `s` on a telephone. */
	hide?: 's' | 'm';
}

/** Rows above and below those that can be seen. */
const SPARE = 12;

/** Its rows are of one height, which is measured. */
export function VirtualTable<Row>( { label, columns, rows, keyOf, onOpen, selected }: {
	label: string;
	columns: Column<Row>[];
	rows: Row[];
	keyOf: ( row: Row ) => string | number;
	onOpen?: ( row: Row ) => void;
	selected?: string | number | undefined;
} ) {
	const scroller = useRef<HTMLDivElement>( null );
	const [ height, setHeight ] = useState( 41 );
	const [ view, setView ] = useState( { top: 0, size: 640 } );
	const waiting = useRef( 0 );
	const look = () => {
		const { scrollTop, clientHeight } = scroller.current ?? { scrollTop: 0, clientHeight: 640 };
		setView( ( before ) => ( before.top === scrollTop && before.size === clientHeight ? before : { top: scrollTop, size: clientHeight } ) );
	};
	const later = () => {
		cancelAnimationFrame( waiting.current );
		waiting.current = requestAnimationFrame( look );
	};
	useLayoutEffect( look, [ rows.length ] );
	useLayoutEffect( () => {
		const row = scroller.current?.querySelector( 'tbody tr[aria-rowindex]' );
		const measured = row ? Math.round( row.getBoundingClientRect().height ) : 0;
		if ( measured > 0 && measured !== height ) {
			setHeight( measured );
		}
	} );
	useEffect( () => {
		const element = scroller.current;
		if ( ! element ) {
			return;
		}
		const watch = new ResizeObserver( later );
		watch.observe( element );
		return () => {
			watch.disconnect();
			cancelAnimationFrame( waiting.current );
		};
	}, [] );
	const first = Math.max( 0, Math.floor( view.top / height ) - SPARE );
	const end = Math.min( rows.length, Math.ceil( ( view.top + view.size ) / height ) + SPARE );
	const space = ( count: number ) => count > 0
		&& <tr aria-hidden="true" className="tb-space"><td colSpan={ columns.length } style={ { height: `${ count * height }px` } } /></tr>;
	const classOf = ( column: Column<Row> ) => [ column.end && 'tb-end', column.hide && `tb-hide-${ column.hide }` ].filter( Boolean ).join( ' ' );
	return <div className="tb-scroll tb-scroll--list tb-scroll--tall" ref={ scroller } onScroll={ later } tabIndex={ 0 } role="group" aria-label={ label }>
		<table className="tb-table tb-table--list" aria-rowcount={ rows.length + 1 }>
			<thead><tr aria-rowindex={ 1 }>{ columns.map( ( column ) => <th key={ column.name } scope="col" className={ classOf( column ) }>{ column.title }</th> ) }</tr></thead>
			<tbody>
				{ space( first ) }
				{ rows.slice( first, end ).map( ( row, at ) => {
					const key = keyOf( row );
					return <tr
						key={ key } aria-rowindex={ first + at + 2 } className={ key === selected ? 'is-selected' : undefined }
						{ ...( onOpen ? { onClick: ( event: MouseEvent ) => {
							// A link or a box inside does its own work.
							if ( ! ( event.target as Element ).closest( 'a, button, input, label' ) ) {
								onOpen( row );
							}
						} } : {} ) }
					>{ columns.map( ( column ) => <td key={ column.name } className={ classOf( column ) }>{ column.cell( row ) }</td> ) }</tr>;
				} ) }
				{ space( rows.length - end ) }
			</tbody>
		</table>
	</div>;
}
