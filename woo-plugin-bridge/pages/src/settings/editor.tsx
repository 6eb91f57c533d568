/** One setting as a field of its own, made from the core's schema. */
import type { Finding } from 'tillbook/types';
import type { ComponentChildren } from 'preact';

import type { Context } from '../lib/api-types';
import { prose, t } from '../lib/i18n';
import { Field } from '../parts/ui';
import { optionsFor, type Option } from './choices';
import { kindOf, type Path, type Schema, type SettingsSchema } from './schema';
import { ListEditor, MapEditor, ObjectList } from './collections';
import { inOrder, nameOf, patternOf } from './words';

export interface EditorProps {
	path: Path;
	value: unknown;
	schema: SettingsSchema;
	context: Context | undefined;
	onChange: ( path: Path, value: unknown ) => void;
	/** The name, where it is not the setting's own. */
	label?: ComponentChildren;
	/** What is wrong with it. */
	findings?: Finding[];
	disabled?: boolean | undefined;
	/** Without the sentence that explains it. */
	brief?: boolean;
}

/** A list to choose from; a value that is not in it is shown all the same. */
export function Choose( { options, value, onChange, disabled, empty, ids }: {
	options: Option[]; value: string; onChange: ( value: string ) => void; disabled?: boolean | undefined; empty?: string; ids: object;
} ) {
	const groups = [ ...new Set( options.map( ( option ) => option.group ) ) ];
	const isStrange = value !== '' && ! options.some( ( option ) => option.value === value );
	const list = ( group: string | undefined ) => options.filter( ( option ) => option.group === group )
		.map( ( option ) => <option key={ option.value } value={ option.value }>{ option.text }</option> );
	return <select { ...ids } className="tb-input" value={ value } disabled={ disabled } onChange={ ( event ) => onChange( event.currentTarget.value ) }>
		{ empty !== undefined && <option value="">{ empty }</option> }
		{ isStrange && <option value={ value }>{ t( '{value} (not in Xero)', { value } ) }</option> }
		{ groups.map( ( group ) => ( group ? <optgroup key={ group } label={ group }>{ list( group ) }</optgroup> : list( group ) ) ) }
	</select>;
}

function choices( schema: Schema ): Option[] {
	return ( schema.oneOf ?? [] ).map( ( one ) => ( { value: one.const ?? '', text: prose( one.description ?? one.const ?? '' ).replace( /\.$/, '' ) } ) );
}

/** The editor for any setting: a choice, a text, a switch, a table. */
export function Editor( props: EditorProps ) {
	const { path, value, schema, context, onChange, disabled, findings = [], brief } = props;
	const own = schema.at( path );
	if ( ! own ) {
		return null;
	}
	const kind = kindOf( own );
	const label = props.label ?? nameOf( path );
	const about = brief || ! own.description || prose( own.description ) === `${ nameOf( path ) }.` ? undefined : prose( own.description );
	const error = findings.length > 0 ? <>{ findings.map( ( one, at ) => <span key={ at }>{ one.message.replace( /`/g, '' ) } </span> ) }</> : undefined;
	const put = ( next: unknown ) => onChange( path, next );
	if ( kind === 'map' ) {
		return <MapEditor { ...props } label={ label } about={ about } error={ error } />;
	}
	if ( kind === 'list' ) {
		const inner = own.items ? schema.resolve( own.items ) : {};
		return kindOf( inner ) === 'object'
			? <ObjectList { ...props } label={ label } about={ about } error={ error } />
			: <ListEditor { ...props } label={ label } about={ about } error={ error } isNumber={ kindOf( inner ) === 'number' } />;
	}
	if ( kind === 'object' ) {
		return <fieldset className="tb-group"><legend>{ label }</legend>{ about && <p className="tb-field__hint">{ about }</p> }
			{ inOrder( patternOf( path ), Object.keys( own.properties ?? {} ) ).map( ( name ) =>
				<Editor { ...props } key={ name } path={ [ ...path, name ] } label={ undefined } value={ ( value as Record<string, unknown> | undefined )?.[ name ] } /> ) }
		</fieldset>;
	}
	if ( kind === 'switch' ) {
		return <Field label={ label } hint={ about } error={ error }>{ ( ids ) =>
			<span className="tb-switch"><input { ...ids } type="checkbox" role="switch" disabled={ disabled } checked={ Boolean( value ?? own.default ) }
				onChange={ ( event ) => put( event.currentTarget.checked ) } /></span> }</Field>;
	}
	const options = kind === 'choice' ? choices( own ) : optionsFor( path, context );
	const text = String( value ?? own.default ?? '' );
	return <Field label={ label } hint={ about } error={ error }>{ ( ids ) => {
		if ( options ) {
			return <Choose ids={ ids } options={ options } value={ text } disabled={ disabled } onChange={ put }
				{ ...( kind === 'choice' ? {} : { empty: t( '— not chosen —' ) } ) } />;
		}
		return kind === 'number'
			? <input { ...ids } className="tb-input tb-input--short" type="number" min={ own.minimum } max={ own.maximum } step={ 1 } disabled={ disabled }
				value={ text } onInput={ ( event ) => Number.isInteger( event.currentTarget.valueAsNumber ) && put( event.currentTarget.valueAsNumber ) } />
			: <input { ...ids } className="tb-input" type="text" autoComplete="off" spellcheck={ false } disabled={ disabled }
				value={ text } onInput={ ( event ) => put( event.currentTarget.value ) } />;
	} }</Field>;
}
