/** Words in the reader's language: English stands in the code, others in dictionaries by the English text. */
import { config } from './config';

type Dictionary = Record<string, string>;
type Values = Record<string, string | number>;

/** Languages that there is a dictionary for. */
const LANGUAGES = [ 'de' ];

let dictionary: Dictionary = {};
let language = 'en';

const fill = ( text: string, values?: Values ) =>
	values ? text.replace( /\{(\w+)\}/g, ( whole, name: string ) => String( values[ name ] ?? whole ) ) : text;

/** Loads the dictionary of the configured locale; without one the pages speak English. */
export async function loadWords(): Promise<void> {
	const wanted = config().locale.slice( 0, 2 ).toLowerCase();
	if ( ! LANGUAGES.includes( wanted ) ) {
		return;
	}
	try {
		const address = new URL( `lang/${ wanted }.json`, new URL( config().assets.worker, document.baseURI ) );
		address.searchParams.set( 'ver', config().version );
		const response = await fetch( address );
		if ( response.ok ) {
			dictionary = await response.json();
			language = wanted;
		}
	} catch {
		// English is better than nothing.
	}
}

/** The language that is spoken, for `lang`. */
export const spoken = () => language;

/** The locale for dates and numbers. */
export const locale = () => config().locale.replace( '_', '-' );

/** Text in the reader's language, with `{names}` filled in. */
export function t( text: string, values?: Values ): string {
	return fill( dictionary[ text ] ?? text, values );
}

/** Text that goes by a number, which is `{count}` in it. */
export function n( one: string, many: string, count: number, values?: Values ): string {
	return t( count === 1 ? one : many, { count: formatCount( count ), ...values } );
}

/** Text that is not known beforehand, such as the core's own: translated where the dictionary has it. */
export function known( text: string ): string {
	return dictionary[ text.replace( /\s+/g, ' ' ).trim() ] ?? text.replace( /\s+/g, ' ' ).trim();
}

/** The core's own words for people: the marks around names of settings are for programmers. */
export function prose( text: string ): string {
	return known( text ).replace( /`/g, '' );
}

/** A count with the locale's separators. */
export function formatCount( count: number ): string {
	return new Intl.NumberFormat( locale() ).format( count );
}
