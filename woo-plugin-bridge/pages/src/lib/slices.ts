/**
 * JSON cut into its parts as text. What the shop said goes to the core byte for byte: a number such
 * as `12.30` or one of 17 digits would not survive being parsed here and written again.
 */

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const isSpace = ( code: number ) => code === 32 || code === 10 || code === 13 || code === 9;
const isOpen = ( code: number ) => code === 123 || code === 91;
const isClose = ( code: number ) => code === 125 || code === 93;

function skipSpace( text: string, at: number ): number {
	while ( isSpace( text.charCodeAt( at ) ) ) {
		at++;
	}
	return at;
}

/** The place after the string that begins at `at`. */
function endOfString( text: string, at: number ): number {
	for ( let i = at + 1; i < text.length; i++ ) {
		const code = text.charCodeAt( i );
		if ( code === BACKSLASH ) {
			i++;
		} else if ( code === QUOTE ) {
			return i + 1;
		}
	}
	throw new SyntaxError( 'a string in the answer does not end' );
}

/** The place after the value that begins at `at`. */
function endOfValue( text: string, at: number ): number {
	const first = text.charCodeAt( at );
	if ( first === QUOTE ) {
		return endOfString( text, at );
	}
	let depth = 0;
	for ( let i = at; i < text.length; i++ ) {
		const code = text.charCodeAt( i );
		if ( code === QUOTE ) {
			i = endOfString( text, i ) - 1;
		} else if ( isOpen( code ) ) {
			depth++;
		} else if ( isClose( code ) ) {
			depth--;
			if ( depth <= 0 ) {
				return depth === 0 ? i + 1 : i;
			}
		} else if ( depth === 0 && ( code === COMMA || isSpace( code ) ) ) {
			return i;
		}
	}
	if ( depth > 0 ) {
		throw new SyntaxError( 'the answer ends too early' );
	}
	return text.length;
}

/** The members of a JSON object, each as the text that it is. */
export function memberTexts( text: string ): Record<string, string> {
	const members: Record<string, string> = {};
	let at = skipSpace( text, 0 );
	if ( text[ at ] !== '{' ) {
		throw new SyntaxError( 'the answer is no object' );
	}
	at = skipSpace( text, at + 1 );
	while ( text.charCodeAt( at ) === QUOTE ) {
		const end = endOfString( text, at );
		const name = JSON.parse( text.slice( at, end ) ) as string;
		at = skipSpace( text, end );
		if ( text.charCodeAt( at ) !== COLON ) {
			throw new SyntaxError( 'the answer is no JSON' );
		}
		at = skipSpace( text, at + 1 );
		const valueEnd = endOfValue( text, at );
		members[ name ] = text.slice( at, valueEnd );
		at = skipSpace( text, valueEnd );
		at = text.charCodeAt( at ) === COMMA ? skipSpace( text, at + 1 ) : at;
	}
	return members;
}

/** The elements of a JSON array, each as the text that it is. */
export function elementTexts( text: string ): string[] {
	const elements: string[] = [];
	let at = skipSpace( text, 0 );
	if ( text[ at ] !== '[' ) {
		throw new SyntaxError( 'the answer is no list' );
	}
	at = skipSpace( text, at + 1 );
	while ( at < text.length && text[ at ] !== ']' ) {
		const end = endOfValue( text, at );
		elements.push( text.slice( at, end ) );
		at = skipSpace( text, end );
		at = text.charCodeAt( at ) === COMMA ? skipSpace( text, at + 1 ) : at;
	}
	return elements;
}
