/** Sets of tax rates to Xero's tax types; sets that can meet and have no row come first. */
import type { Finding } from 'tillbook/types';

import type { TaxRate } from '../lib/api-types';
import { prose, t } from '../lib/i18n';
import { settingsNow, shared, tryOut } from '../lib/state';
import { useStore } from '../lib/store';
import { useCheck } from '../settings/check';
import { valueAt } from '../settings/path';
import { nameOf } from '../settings/words';
import { MapTable, type MapRow } from './map-table';

interface TaxSet {
	rates?: number[];
	name?: string;
	tax_type?: string;
	line_account?: string;
}

const sameRates = ( left: number[], right: number[] ) => [ ...left ].sort().join() === [ ...right ].sort().join();

/** A rate as the shop's list of taxes has it. */
function rateText( id: number, rates: TaxRate[] ): string {
	const rate = rates.find( ( one ) => one.id === id );
	return rate ? [ rate.name, `${ Number( rate.rate ?? 0 ) } %`, rate.country, rate.state ].filter( Boolean ).join( ' ' ) : t( 'rate {id}', { id } );
}

/** Rows for sets that the check names and the settings do not. */
export function missingSets( findings: Finding[], sets: TaxSet[] ): { rates: number[]; name: string }[] {
	return findings.filter( ( one ) => one.code === 'tax.set_unmapped' )
		.map( ( one ) => ( { rates: one.object.id.split( /\D+/ ).filter( Boolean ).map( Number ), name: one.message.match( /chosen for (.+)$/ )?.[ 1 ] ?? '' } ) )
		.filter( ( one ) => one.rates.length > 0 && ! sets.some( ( set ) => sameRates( set.rates ?? [], one.rates ) ) );
}

/** The view. */
export function TaxMap() {
	const { module, context } = useStore( shared );
	const { settings, findings } = useCheck();
	if ( ! module ) {
		return null;
	}
	const sets = ( valueAt( settings, [ 'tax', 'sets' ], module.schema ) ?? [] ) as TaxSet[];
	const rates = context?.tax_rates ?? [];
	const fresh: MapRow[] = missingSets( findings, sets ).map( ( one, at ) => ( {
		name: one.name || one.rates.map( ( id ) => rateText( id, rates ) ).join( ' + ' ), path: [ 'tax', 'sets', sets.length + at, 'tax_type' ],
		put: ( value ) => tryOut( [ 'tax', 'sets' ], [ ...( valueAt( settingsNow(), [ 'tax', 'sets' ], module.schema ) as TaxSet[] ), { ...one, tax_type: value } ] ),
	} ) );
	const rows: MapRow[] = sets.map( ( set, at ) => ( {
		name: set.name || ( set.rates ?? [] ).map( ( id ) => rateText( id, rates ) ).join( ' + ' ),
		path: [ 'tax', 'sets', at, 'tax_type' ], optional: Boolean( set.line_account ),
		empty: set.line_account ? t( 'As a line of its own, to account {code}', { code: set.line_account } ) : undefined,
	} ) );
	const untaxed: MapRow[] = [ 'not_taxable', 'exempt', 'zero_rate', 'export', 'other' ].map( ( name ) => ( {
		name: nameOf( [ 'tax', 'untaxed', name ] ), about: prose( module.schema.at( [ 'tax', 'untaxed', name ] )?.description ?? '' ), path: [ 'tax', 'untaxed', name ],
	} ) );
	return <>
		<MapTable title={ t( 'Tax rates' ) } shop={ t( 'Tax rates on an order’s line' ) } ledger={ t( 'Tax rate in Xero' ) } rows={ [ ...fresh, ...rows ] }
			about={ t( 'The set of rates that stands on a line decides. Sets of several rates stand for taxes that are charged together.' ) } />
		<MapTable title={ t( 'Lines without tax' ) } shop={ t( 'Why there is none' ) } ledger={ t( 'Tax rate in Xero' ) } rows={ untaxed } about={ t( 'Ask your accountant: these decide where sales without tax stand in your tax return.' ) } />
	</>;
}
