/** Settings that are tables or lists: rows to add and to take away. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { t } from '../lib/i18n';
import { announce } from '../parts/announce';
import { Button, Field } from '../parts/ui';
import { keyName, keysFor } from './choices';
import { findingsAt } from './at';
import { Choose, Editor, type EditorProps } from './editor';
import { kindOf } from './schema';
import { inOrder, patternOf } from './words';

type Props = EditorProps & { label: ComponentChildren; about?: ComponentChildren; error?: ComponentChildren };

/** A table by key: a status, a payment method, a category. */
export function MapEditor( props: Props ) {
	const { path, value, schema, context, onChange, label, about, error, disabled, findings = [] } = props;
	const own = schema.at( path );
	const table = ( value ?? own?.default ?? {} ) as Record<string, unknown>;
	const inner = own && typeof own.additionalProperties === 'object' ? schema.resolve( own.additionalProperties ) : {};
	const offered = keysFor( path, context )?.filter( ( option ) => ! ( option.value in table ) );
	const [ key, setKey ] = useState( '' );
	const first = inner.oneOf?.[ 0 ]?.const ?? ( kindOf( inner ) === 'number' ? 0 : '' );
	const add = () => {
		if ( key.trim() !== '' && ! ( key.trim() in table ) ) {
			onChange( [ ...path, key.trim() ], first );
			setKey( '' );
			announce( t( 'Row added.' ) );
		}
	};
	return <fieldset className="tb-group"><legend>{ label }</legend>
		{ about && <p className="tb-field__hint">{ about }</p> }
		{ error && <p className="tb-field__error">{ error }</p> }
		<div className="tb-rows">{ Object.keys( table ).map( ( name ) => <div className="tb-row" key={ name }>
			<Editor { ...props } path={ [ ...path, name ] } value={ table[ name ] } label={ keyName( path, name, context ) } brief
				findings={ findings.filter( ( one ) => one.field?.endsWith( `.${ name }` ) ) } />
			<Button kind="plain" small disabled={ disabled } about={ keyName( path, name, context ) }
				onClick={ () => onChange( [ ...path, name ], undefined ) }>{ t( 'Remove' ) }</Button>
		</div> ) }</div>
		{ ! disabled && <div className="tb-row tb-row--add">
			<Field label={ t( 'Add a row for' ) }>{ ( ids ) => ( offered
				? <Choose ids={ ids } options={ offered } value={ key } onChange={ setKey } empty={ t( '— choose —' ) } />
				: <input { ...ids } className="tb-input" type="text" value={ key } onInput={ ( event ) => setKey( event.currentTarget.value ) } /> ) }</Field>
			<Button small disabled={ key.trim() === '' } onClick={ add }>{ t( 'Add' ) }</Button>
		</div> }
	</fieldset>;
}

/** A list of words or numbers, one a line. */
export function ListEditor( { path, value, schema, onChange, label, about, error, disabled, isNumber }: Props & { isNumber: boolean } ) {
	const list = ( value ?? schema.at( path )?.default ?? [] ) as ( string | number )[];
	const [ text, setText ] = useState( list.join( '\n' ) );
	const write = ( next: string ) => {
		setText( next );
		const words = next.split( /[\n,]/ ).map( ( word ) => word.trim() ).filter( Boolean );
		onChange( path, isNumber ? words.map( Number ).filter( Number.isInteger ) : words );
	};
	// What was set from elsewhere is shown; what is being written is left alone.
	const written = text.split( /[\n,]/ ).map( ( word ) => word.trim() ).filter( Boolean ).join( '\n' );
	return <Field label={ label } error={ error } hint={ <>{ about } { t( 'One a line.' ) }</> }>{ ( ids ) =>
		<textarea { ...ids } className="tb-input" rows={ Math.min( 6, Math.max( 2, list.length ) ) } disabled={ disabled }
			value={ written === list.join( '\n' ) ? text : list.join( '\n' ) } onInput={ ( event ) => write( event.currentTarget.value ) } /> }</Field>;
}

/** Longer lists come folded up. */
const OPEN_UP_TO = 2;

/** What a row is called: its own name, or the first thing that it says. */
const titleOf = ( row: Record<string, unknown> ) => String( row.name || Object.values( row ).find( ( one ) => typeof one === 'string' && one !== '' ) || '' );

/** A list of rows with fields of their own. */
export function ObjectList( props: Props ) {
	const { path, value, schema, onChange, label, about, error, disabled, findings = [] } = props;
	const rows = ( value ?? schema.at( path )?.default ?? [] ) as Record<string, unknown>[];
	const inner = schema.at( [ ...path, 0 ] );
	const fresh = () => Object.fromEntries( Object.entries( inner?.properties ?? {} )
		.map( ( [ name, one ] ) => [ name, schema.resolve( one ).default ] ).filter( ( [ , given ] ) => given !== undefined ) );
	return <fieldset className="tb-group"><legend>{ label }</legend>
		{ about && <p className="tb-field__hint">{ about }</p> }
		{ error && <p className="tb-field__error">{ error }</p> }
		{ rows.map( ( row, at ) => <details className="tb-box" key={ at } open={ rows.length <= OPEN_UP_TO || findingsAt( findings, [ ...path, at ] ).length > 0 }>
			<summary>{ titleOf( row ) || t( 'Row {number}', { number: at + 1 } ) }</summary>
			{ inOrder( patternOf( [ ...path, at ] ), Object.keys( inner?.properties ?? {} ) ).map( ( name ) =>
				<Editor { ...props } key={ name } path={ [ ...path, at, name ] } label={ undefined } value={ row[ name ] } brief findings={ findingsAt( findings, [ ...path, at, name ] ) } /> ) }
			{ ! disabled && <Button kind="plain" small about={ titleOf( row ) || t( 'Row {number}', { number: at + 1 } ) }
				onClick={ () => onChange( [ ...path, at ], undefined ) }>{ t( 'Remove' ) }</Button> }
		</details> ) }
		{ ! disabled && <Button small onClick={ () => {
			onChange( [ ...path, rows.length ], fresh() );
			announce( t( 'Row added.' ) );
		} }>{ t( 'Add a row' ) }</Button> }
	</fieldset>;
}
