/** A table in which each row is a thing of the shop and its counterpart in Xero is chosen. */
import type { ComponentChildren } from 'preact';

import { config } from '../lib/config';
import { n, t } from '../lib/i18n';
import { shared, tryOut } from '../lib/state';
import { useStore } from '../lib/store';
import { Badge, Card } from '../parts/ui';
import { findingsAt } from '../settings/at';
import { useCheck } from '../settings/check';
import { optionsFor } from '../settings/choices';
import { Choose, Editor } from '../settings/editor';
import { valueAt } from '../settings/path';
import { pathText, type Path } from '../settings/schema';

/** A row: what it is called, and the setting that says what it becomes. */
export interface MapRow {
	name: string;
	about?: ComponentChildren;
	path: Path;
	/** What is put where the row is not there yet. */
	put?: ( value: string ) => void;
	/** It may stay empty. */
	optional?: boolean;
	/** What it is when it is empty. */
	empty?: string | undefined;
}

/** Only the list to choose from; the row's name is its label. */
export function Cell( { row, label }: { row: MapRow; label: string } ) {
	const { module, context } = useStore( shared );
	const { findings, settings } = useCheck();
	const options = optionsFor( row.path, context );
	const value = String( valueAt( settings, row.path, module?.schema ) ?? '' );
	const wrong = findingsAt( findings, row.path ).filter( ( one ) => one.severity !== 'info' );
	const disabled = ! config().can.configure;
	if ( ! module ) {
		return null;
	}
	return <>
		{ options ? <Choose ids={ { 'aria-label': label, ...( wrong.length ? { 'aria-invalid': true } : {} ) } } options={ options } value={ value } disabled={ disabled }
			empty={ row.empty ?? ( row.optional ? t( '— none —' ) : t( '— not chosen —' ) ) } onChange={ ( next ) => ( row.put ? row.put( next ) : tryOut( row.path, next ) ) } />
			: <Editor path={ row.path } value={ value } schema={ module.schema } context={ context } onChange={ tryOut } label={ label } brief disabled={ disabled } /> }
		{ wrong.map( ( one, at ) => <p key={ at } className="tb-field__error">{ one.message.replace( /`/g, '' ) }</p> ) }
	</>;
}

/** Rows that are not chosen yet, before the others. */
function sorted( rows: MapRow[], isMissing: ( row: MapRow ) => boolean ): MapRow[] {
	return [ ...rows.filter( isMissing ), ...rows.filter( ( row ) => ! isMissing( row ) ) ];
}

/** The table. */
export function MapTable( { title, shop, ledger, rows, about }: { title: string; shop: string; ledger: string; rows: MapRow[]; about?: ComponentChildren } ) {
	const { module, base } = useStore( shared );
	const { findings } = useCheck();
	// By what is kept, so that a row does not jump away while somebody chooses.
	const isMissing = ( row: MapRow ) => ! row.optional && ( valueAt( base ?? {}, row.path, module?.schema ) ?? '' ) === '';
	const missing = rows.filter( isMissing ).length;
	return <Card title={ <>{ title } { missing > 0 && <Badge tone="bad">{ n( '1 missing', '{count} missing', missing ) }</Badge> }</> }>
		{ about && <p className="tb-quiet">{ about }</p> }
		<div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ title }><table className="tb-table tb-table--map"><thead><tr><th scope="col">{ shop }</th><th scope="col">{ ledger }</th></tr></thead>
			<tbody>{ sorted( rows, isMissing ).map( ( row ) => <tr key={ pathText( row.path ) } className={ isMissing( row ) || findingsAt( findings, row.path ).some( ( one ) => one.severity === 'error' ) ? 'is-missing' : undefined }>
				<th scope="row">{ row.name }{ row.about && <span className="tb-quiet tb-block">{ row.about }</span> }</th>
				<td><Cell row={ row } label={ `${ row.name }: ${ ledger }` } /></td></tr> ) }</tbody></table></div>
	</Card>;
}
