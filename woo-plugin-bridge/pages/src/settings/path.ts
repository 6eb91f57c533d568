/** Reading, writing and comparing settings by path. Nothing is changed in place. */
import type { Settings } from 'tillbook/types';
import { pathText, type Path, type SettingsSchema, type Step } from './schema';

type Tree = Record<string, unknown> | unknown[];

const isTree = ( value: unknown ): value is Tree => typeof value === 'object' && value !== null;

const child = ( value: unknown, step: Step ): unknown =>
	isTree( value ) ? ( value as Record<Step, unknown> )[ step ] : undefined;

/** What stands at a path; the schema's default where nothing does. */
export function valueAt( settings: Settings, path: Path, schema?: SettingsSchema ): unknown {
	let value: unknown = settings;
	for ( const step of path ) {
		value = child( value, step );
	}
	return value === undefined ? schema?.at( path )?.default : value;
}

/** The settings with another value at a path; `undefined` takes it out. */
export function withValue( settings: Settings, path: Path, value: unknown, schema: SettingsSchema ): Settings {
	const put = ( tree: unknown, rest: Path, walked: Path ): unknown => {
		const [ step, ...more ] = rest;
		if ( step === undefined ) {
			return value;
		}
		// A place that is not written yet has its default: changing one row must not lose the others.
		const here = tree === undefined ? schema.at( walked )?.default : tree;
		const inner = put( child( here, step ), more, [ ...walked, step ] );
		if ( typeof step === 'number' ) {
			const list = Array.isArray( here ) ? [ ...here ] : [];
			if ( inner === undefined ) {
				list.splice( step, 1 );
			} else {
				list[ step ] = inner;
			}
			return list;
		}
		const { [ step ]: _, ...others } = ( isTree( here ) ? here : {} ) as Record<string, unknown>;
		return inner === undefined ? others : { ...( here as Record<string, unknown> ), [ step ]: inner };
	};
	return put( settings, path, [] ) as Settings;
}

/** One thing that is set otherwise. */
export interface Change {
	path: Path;
	text: string;
	before: unknown;
	after: unknown;
}

/** Two values are the same whatever the order of their members. */
export function isSame( left: unknown, right: unknown ): boolean {
	if ( ! isTree( left ) || ! isTree( right ) ) {
		return left === right;
	}
	const names = new Set( [ ...Object.keys( left ), ...Object.keys( right ) ] );
	return Array.isArray( left ) === Array.isArray( right )
		&& [ ...names ].every( ( name ) => isSame( child( left, name ), child( right, name ) ) );
}

/** What is set otherwise, as finely as people would say it: lists as a whole where rows came or went. */
export function changesBetween( before: Settings, after: Settings, schema: SettingsSchema ): Change[] {
	const found: Change[] = [];
	const walk = ( path: Path, left: unknown, right: unknown ): void => {
		const filled = ( value: unknown ) => ( value === undefined ? schema.at( path )?.default : value );
		const [ old, now ] = [ filled( left ), filled( right ) ];
		if ( isSame( old, now ) ) {
			return;
		}
		const bothLists = Array.isArray( old ) && Array.isArray( now ) && old.length === now.length && old.some( isTree );
		if ( bothLists ) {
			now.forEach( ( one, at ) => walk( [ ...path, at ], old[ at ], one ) );
		} else if ( isTree( old ) && isTree( now ) && ! Array.isArray( old ) && ! Array.isArray( now ) ) {
			for ( const name of new Set( [ ...Object.keys( old ), ...Object.keys( now ) ] ) ) {
				walk( [ ...path, name ], old[ name ], now[ name ] );
			}
		} else {
			found.push( { path, text: pathText( path ), before: old, after: now } );
		}
	};
	walk( [], before, after );
	return found;
}
