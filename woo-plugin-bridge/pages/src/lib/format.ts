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

/** A decimal text rounded half away from zero, as shops show prices. */
export function rounded( text: string | undefined, places: number ): string {
	const found = ( text ?? '' ).match( /^(-?)(\d+)(?:\.(\d*))?$/ );
	if ( ! found ) {
		return text ?? '';
	}
	const digits = ( found[ 3 ] ?? '' ).padEnd( places + 1, '0' );
	const kept = BigInt( `${ found[ 2 ] }${ digits.slice( 0, places ) }` ) + ( Number( digits[ places ] ) >= 5 ? 1n : 0n );
	const all = kept.toString().padStart( places + 1, '0' );
	const cut = all.length - places;
	return `${ found[ 1 ] === '-' && kept > 0n ? '-' : '' }${ all.slice( 0, cut ) }${ places ? `.${ all.slice( cut ) }` : '' }`;
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
