/** Settings as a file: taken along, looked over by an accountant, brought back. */
import type { Settings } from 'tillbook/types';
import { useRef, useState } from 'preact/hooks';

import { asProblem, Problem } from '../lib/api';
import { config } from '../lib/config';
import { ask } from '../lib/core';
import { t } from '../lib/i18n';
import { draft, settingsNow, shared } from '../lib/state';
import { announce } from '../parts/announce';
import { Button, ProblemNotice } from '../parts/ui';
import { isSame } from './path';

/** Hands the reader a file. */
export function saveFile( name: string, type: string, text: string ): void {
	const address = URL.createObjectURL( new Blob( [ text ], { type } ) );
	const link = Object.assign( document.createElement( 'a' ), { href: address, download: name } );
	link.click();
	setTimeout( () => URL.revokeObjectURL( address ), 10_000 );
}

/** A button that asks for a file and reads it. */
export function FileButton( { children, accept, onText, disabled }: { children: string; accept: string; onText: ( text: string ) => void; disabled?: boolean } ) {
	const input = useRef<HTMLInputElement>( null );
	return <>
		<input ref={ input } type="file" accept={ accept } hidden aria-label={ children } onChange={ ( event ) => {
			const file = event.currentTarget.files?.[ 0 ];
			event.currentTarget.value = '';
			void file?.text().then( onText );
		} } />
		<Button small disabled={ disabled } onClick={ () => input.current?.click() }>{ children }</Button>
	</>;
}

/** Export and import. What is imported is tried out first, and kept only when somebody says so. */
export function SettingsFile() {
	const [ problem, setProblem ] = useState<Problem>();
	const read = async ( text: string ) => {
		setProblem( undefined );
		try {
			const settings = JSON.parse( text ) as Settings;
			// The core reads them strictly: a misspelt name is refused here already.
			await ask( 'check', { settings } );
			draft.set( isSame( settings, shared.get().base ) ? undefined : settings );
			announce( t( 'The file is read. Look through it, then keep or discard it.' ) );
		} catch ( error ) {
			const { message } = asProblem( error );
			setProblem( new Problem( 'settings_refused', message ) );
		}
	};
	return <>
		<div className="tb-actions">
			<Button small onClick={ () => saveFile( `tillbook-settings-${ config().shop || 'shop' }.json`, 'application/json', `${ JSON.stringify( settingsNow(), null, 2 ) }\n` ) }>{ t( 'Export as a file' ) }</Button>
			<FileButton accept=".json,application/json" onText={ read }>{ t( 'Import a file' ) }</FileButton>
		</div>
		{ problem && <ProblemNotice problem={ problem } /> }
	</>;
}
