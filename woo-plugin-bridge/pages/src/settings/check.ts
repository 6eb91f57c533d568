/** Settings held against the chart by the core itself, while they are written. */
import type { Finding, Settings } from 'tillbook/types';
import { useEffect } from 'preact/hooks';

import { ask } from '../lib/core';
import { draft, settingsNow, shared } from '../lib/state';
import { store, useStore } from '../lib/store';

const checked = store<Finding[]>( [] );
let timer: ReturnType<typeof setTimeout> | undefined;
let round = 0;
let isWatching = false;

/** Asks the core, a moment after the last letter. */
function later(): void {
	clearTimeout( timer );
	timer = setTimeout( () => {
		const mine = ++round;
		const tell = ( findings: Finding[] ) => mine === round && checked.set( findings );
		void ask( 'check', { settings: settingsNow() } ).then( ( answer ) => tell( answer.findings ), ( error: unknown ) => tell( [ unreadable( error ) ] ) );
	}, 150 );
}

/** What is wrong with the settings as they are now written; one check for all that look. */
export function useCheck(): { findings: Finding[]; settings: Settings } {
	const { base } = useStore( shared );
	const tried = useStore( draft );
	const findings = useStore( checked );
	useEffect( () => {
		if ( ! isWatching ) {
			isWatching = true;
			draft.follow( later );
			shared.follow( ( { coming } ) => ! coming && later() );
			later();
		}
	}, [] );
	return { findings, settings: tried ?? base ?? {} };
}

/** Settings that the core cannot read at all. */
function unreadable( error: unknown ): Finding {
	const message = error instanceof Error ? error.message : String( error );
	return { code: 'settings.out_of_range', severity: 'error', object: { kind: 'settings', id: '' }, message, cure: '' };
}
