/** Something that is asked for: coming, there, or failed, and asked for again. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import { asProblem, type Problem } from './api';

export interface Loaded<Value> {
	value: Value | undefined;
	problem: Problem | undefined;
	coming: boolean;
	again: () => void;
}

/** Asks when the keys change; an older answer never replaces a newer one. `null` asks for nothing. */
export function useLoad<Value>( ask: ( () => Promise<Value> ) | null, keys: unknown[] ): Loaded<Value> {
	const [ state, setState ] = useState<{ value?: Value; problem?: Problem; coming: boolean }>( { coming: ask !== null } );
	const [ round, setRound ] = useState( 0 );
	const latest = useRef( 0 );
	useEffect( () => {
		if ( ask === null ) {
			return;
		}
		const mine = ++latest.current;
		setState( ( before ) => ( { ...before, coming: true } ) );
		ask().then(
			( value ) => mine === latest.current && setState( { value, coming: false } ),
			( error: unknown ) => mine === latest.current
				&& setState( ( before ) => ( { ...before, problem: asProblem( error ), coming: false } ) )
		);
	}, [ ...keys, round ] );
	const again = useCallback( () => setRound( ( before ) => before + 1 ), [] );
	return { value: state.value, problem: state.problem, coming: state.coming, again };
}

/** Runs something every so many seconds while the page is looked at. */
export function useEvery( seconds: number, run: () => void ): void {
	const latest = useRef( run );
	latest.current = run;
	useEffect( () => {
		const timer = setInterval( () => {
			if ( document.visibilityState === 'visible' ) {
				latest.current();
			}
		}, seconds * 1000 );
		return () => clearInterval( timer );
	}, [ seconds ] );
}
