/** A value that components can follow. */
import { useEffect, useState } from 'preact/hooks';

export interface Store<Value> {
	get(): Value;
	set( value: Value ): void;
	follow( tell: ( value: Value ) => void ): () => void;
}

/** Makes one. */
export function store<Value>( value: Value ): Store<Value> {
	const followers = new Set<( value: Value ) => void>();
	let held = value;
	return {
		get: () => held,
		set( next ) {
			held = next;
			followers.forEach( ( tell ) => tell( next ) );
		},
		follow( tell ) {
			followers.add( tell );
			return () => followers.delete( tell );
		},
	};
}

/** The value now, and again whenever it changes. */
export function useStore<Value>( from: Store<Value> ): Value {
	const [ value, show ] = useState( () => from.get() );
	useEffect( () => {
		show( () => from.get() );
		return from.follow( ( next ) => show( () => next ) );
	}, [ from ] );
	return value;
}
