/** Amounts and moments for people. Amounts are texts from end to end: no float ever holds one. */
import { locale, t } from './i18n';

const separators = new Map<string, { group: string; decimal: string }>();

function separatorsOf( name: string ): { group: string; decimal: string } {
	let found = separators.get( name );
	if ( ! found ) {
		const parts = new Intl.NumberFormat( name, { numberingSystem: 'latn' } ).formatToParts( 1_234_567.5 );
		const of = ( type: string ) => parts.find( ( part ) => part.type === type )?.value ?? '';
		found = { group: of( 'group' ), decimal: of( 'decimal' ) || '.' };
		separators.set( name, found );
	}
	return found;
}

/** A decimal text with the locale's separators: `1234.5` becomes `1,234.5`. Other texts stay as they are. */
export function amount( text: string | null | undefined, name = locale() ): string {
	const found = ( text ?? '' ).match( /^(-?)(\d+)(?:\.(\d+))?$/ );
	if ( ! found ) {
		return text ?? '';
	}
	const { group, decimal } = separatorsOf( name );
	const whole = ( found[ 2 ] ?? '' ).replace( /\B(?=(\d{3})+$)/g, group );
	return `${ found[ 1 ] === '-' ? '−' : '' }${ whole }${ found[ 3 ] ? decimal + found[ 3 ] : '' }`;
}

/** An amount with its currency. */
export function money( text: string | null | undefined, currency: string | null | undefined ): string {
	return text ? `${ amount( text ) }\u00a0${ currency ?? '' }`.trim() : '';
}

/** Whether a decimal text is zero. */
export const isZero = ( text: string | null | undefined ) => ! text || /^-?0*(\.0*)?$/.test( text );

/** One decimal text less another, exactly. */
export function difference( left: string, right: string ): string {
	const places = Math.max( ...[ left, right ].map( ( text ) => ( text.split( '.' )[ 1 ] ?? '' ).length ) );
	const digits = ( text: string ) => {
		const [ whole = '0', part = '' ] = text.split( '.' );
		return BigInt( whole + part.padEnd( places, '0' ) );
	};
	const result = digits( left ) - digits( right );
	const text = ( result < 0n ? -result : result ).toString().padStart( places + 1, '0' );
	const cut = text.length - places;
	return `${ result < 0n ? '-' : '' }${ text.slice( 0, cut ) }${ places ? `.${ text.slice( cut ) }` : '' }`;
}

/** A moment of the host or the shop; one without a zone counts as it stands. */
export function moment( text: string | null | undefined ): string {
	if ( ! text ) {
		return '';
	}
	const at = new Date( text );
	return Number.isNaN( at.getTime() ) ? text
		: new Intl.DateTimeFormat( locale(), { dateStyle: 'medium', timeStyle: 'short' } ).format( at );
}

/** A day, `2026-11-22`. */
export function day( text: string | null | undefined ): string {
	const at = new Date( `${ ( text ?? '' ).slice( 0, 10 ) }T00:00:00Z` );
	return Number.isNaN( at.getTime() ) ? text ?? ''
		: new Intl.DateTimeFormat( locale(), { dateStyle: 'medium', timeZone: 'UTC' } ).format( at );
}

/** How long ago, or how long until: "3 minutes ago". */
export function ago( text: string | null | undefined, now = Date.now() ): string {
	const seconds = text ? ( Date.parse( text ) - now ) / 1000 : Number.NaN;
	if ( Number.isNaN( seconds ) ) {
		return t( 'never' );
	}
	const format = new Intl.RelativeTimeFormat( locale(), { numeric: 'auto' } );
	const units = [ [ 'day', 86_400 ], [ 'hour', 3_600 ], [ 'minute', 60 ] ] as const;
	for ( const [ unit, size ] of units ) {
		if ( Math.abs( seconds ) >= size ) {
			return format.format( Math.trunc( seconds / size ), unit );
		}
	}
	return seconds > 0 ? t( 'in less than a minute' ) : t( 'just now' );
}
