/** Tables as files for a spreadsheet, and back. */

/** Letters with which a spreadsheet would begin a formula: a name from the shop must not become one. */
const FORMULA = /^[=+\-@\t\r]/;

const cell = ( text: string ) => {
	const safe = FORMULA.test( text ) ? `'${ text }` : text;
	return /[",\n\r]/.test( safe ) ? `"${ safe.replaceAll( '"', '""' ) }"` : safe;
};

/** Rows as text; the byte order mark is for spreadsheets that guess. */
export function writeCsv( rows: string[][] ): string {
	return `\ufeff${ rows.map( ( row ) => row.map( cell ).join() ).join( '\r\n' ) }\r\n`;
}

/** Text as rows: quoted cells, commas or semicolons, any line ends. */
export function readCsv( text: string ): string[][] {
	const plain = text.replace( /^\ufeff/, '' );
	const head = plain.split( /\r?\n/, 1 )[ 0 ] ?? '';
	const comma = head.includes( ';' ) && ! head.includes( ',' ) ? ';' : ',';
	const rows: string[][] = [];
	let row: string[] = [];
	let value = '';
	let quoted = false;
	const endCell = () => {
		row.push( value.replace( /^'(?=[=+\-@])/, '' ) );
		value = '';
	};
	const endRow = () => {
		endCell();
		if ( row.some( ( one ) => one !== '' ) ) {
			rows.push( row );
		}
		row = [];
	};
	for ( let at = 0; at < plain.length; at++ ) {
		const letter = plain[ at ];
		if ( quoted ) {
			if ( letter === '"' && plain[ at + 1 ] === '"' ) {
				value += '"';
				at++;
			} else if ( letter === '"' ) {
				quoted = false;
			} else {
				value += letter;
			}
		} else if ( letter === '"' && value === '' ) {
			quoted = true;
		} else if ( letter === comma ) {
			endCell();
		} else if ( letter === '\n' ) {
			endRow();
		} else if ( letter !== '\r' ) {
			value += letter;
		}
	}
	endRow();
	return rows;
}
