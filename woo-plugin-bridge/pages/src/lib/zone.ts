/** A time zone's offsets over a range of days: the core has no table of zones, the browser has. */

export interface Zone {
	offset_seconds: number;
	transitions: { at: number; offset_seconds: number }[];
}

const DAY = 86_400;

/** Seconds east of UTC at a moment, given in seconds since 1970. */
function offsetAt( format: Intl.DateTimeFormat, at: number ): number {
	const parts: Record<string, number> = {};
	for ( const { type, value } of format.formatToParts( at * 1000 ) ) {
		parts[ type ] = Number( value );
	}
	const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
	return Date.UTC( year, month - 1, day, hour, minute, second ) / 1000 - at;
}

/** The moment at which the offset changes between two moments that differ in it. */
function changeBetween( format: Intl.DateTimeFormat, from: number, to: number ): number {
	const before = offsetAt( format, from );
	let [ low, high ] = [ from, to ];
	while ( high - low > 1 ) {
		const middle = Math.floor( ( low + high ) / 2 );
		[ low, high ] = offsetAt( format, middle ) === before ? [ middle, high ] : [ low, middle ];
	}
	return high;
}

/** A WordPress offset such as `+05:30` or `UTC+2`, in seconds; undefined for the name of a zone. */
function fixedOffset( name: string ): number | undefined {
	const found = name.match( /^(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$/ );
	if ( ! found ) {
		return name === '' || name === 'UTC' ? 0 : undefined;
	}
	const seconds = Number( found[ 2 ] ) * 3600 + Number( found[ 3 ] ?? 0 ) * 60;
	return found[ 1 ] === '-' ? -seconds : seconds;
}

/** The offsets of a zone from the first day to the last, with two months on either side. */
export function zoneOf( name: string, from: string, to: string ): Zone {
	const fixed = fixedOffset( name );
	if ( fixed !== undefined ) {
		return { offset_seconds: fixed, transitions: [] };
	}
	const format = new Intl.DateTimeFormat( 'en-GB', {
		timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
		hour: 'numeric', minute: 'numeric', second: 'numeric',
	} );
	const begin = Date.parse( `${ from }T00:00:00Z` ) / 1000 - 62 * DAY;
	const end = Date.parse( `${ to }T00:00:00Z` ) / 1000 + 62 * DAY;
	const zone: Zone = { offset_seconds: offsetAt( format, begin ), transitions: [] };
	let before = zone.offset_seconds;
	for ( let at = begin; at < end; at += DAY ) {
		const after = offsetAt( format, at + DAY );
		if ( after !== before ) {
			zone.transitions.push( { at: changeBetween( format, at, at + DAY ), offset_seconds: after } );
			before = after;
		}
	}
	return zone;
}

/** The moment at which a day begins in a zone, in UTC: `2026-11-27T13:00:00Z`. */
export function midnight( date: string, name: string ): string {
	const utc = Date.parse( `${ date }T00:00:00Z` ) / 1000;
	const { offset_seconds: first, transitions } = zoneOf( name, date, date );
	const offsetBefore = ( at: number ) => transitions.filter( ( one ) => one.at <= at ).at( -1 )?.offset_seconds ?? first;
	// Twice: the offset that counts is that of the moment itself.
	const guess = utc - offsetBefore( utc );
	return new Date( ( utc - offsetBefore( guess ) ) * 1000 ).toISOString().replace( '.000Z', 'Z' );
}
