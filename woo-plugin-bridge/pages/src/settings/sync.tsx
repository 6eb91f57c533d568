/** The switches of the automatic sync: what is sent by itself, and from when. */
import type { Finding } from 'tillbook/types';

import { prose, t } from '../lib/i18n';
import { shared, tryOut } from '../lib/state';
import { Field } from '../parts/ui';
import { findingsAt } from './at';
import { valueAt } from './path';
import type { Settings } from 'tillbook/types';
import { nameOf } from './words';

/** Stock cannot be switched on yet. */
const ALL = [ 'orders', 'refunds', 'payments', 'fees', 'customers', 'products', 'summaries' ];

/** A UTC moment of the settings as a date field has it; other texts are shown as they are. */
const asField = ( text: string ) => ( /^\d{4}-\d\d-\d\d$/.test( text ) ? `${ text }T00:00` : text.replace( /^(\d{4}-\d\d-\d\dT\d\d:\d\d).*$/, '$1' ) );

/** One row each: a switch and a first moment. */
export function SyncSwitches( { settings, findings, disabled }: { settings: Settings; findings: Finding[]; disabled: boolean } ) {
	const { module } = shared.get();
	if ( ! module ) {
		return null;
	}
	const { schema } = module;
	return <div className="tb-switches">{ ALL.map( ( name ) => {
		const on = Boolean( valueAt( settings, [ 'sync', name, 'on' ], schema ) ?? true );
		const from = String( valueAt( settings, [ 'sync', name, 'from' ], schema ) ?? '' );
		const wrong = findingsAt( findings, [ 'sync', name ] );
		const about = schema.at( [ 'sync', name ] )?.description ?? '';
		return <div className="tb-switches__row" key={ name } data-setting={ `sync.${ name }.on` }>
			<Field label={ nameOf( [ 'sync', name ] ) } hint={ prose( about ) } error={ wrong.length > 0 && wrong.map( ( one ) => one.message ).join( ' ' ) }>{ ( ids ) =>
				<span className="tb-switch"><input { ...ids } type="checkbox" role="switch" checked={ on } disabled={ disabled }
					onChange={ ( event ) => tryOut( [ 'sync', name, 'on' ], event.currentTarget.checked ) } /><span aria-hidden="true">{ on ? t( 'on' ) : t( 'off' ) }</span></span> }</Field>
			<Field label={ <>{ t( 'From when (UTC)' ) }<span className="tb-sr"> – { nameOf( [ 'sync', name ] ) }</span></> } hint={ from === '' ? t( 'From the beginning.' ) : undefined }>{ ( ids ) =>
				<input { ...ids } className="tb-input" type="datetime-local" value={ asField( from ) } disabled={ disabled || ! on }
					onInput={ ( event ) => tryOut( [ 'sync', name, 'from' ], event.currentTarget.value ? `${ event.currentTarget.value.slice( 0, 16 ) }:00` : '' ) } /> }</Field>
		</div>;
	} ) }</div>;
}
