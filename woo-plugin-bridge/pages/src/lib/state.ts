/** What all pages share: the context, the module that runs, and settings that are being tried. */
import type { DescribeResponse, Finding, Settings } from 'tillbook/types';

import { changesBetween, isSame, withValue, type Change } from '../settings/path';
import { SettingsSchema, type Path } from '../settings/schema';
import { api, asProblem, headers, type Problem } from './api';
import type { Context, Status } from './api-types';
import { config } from './config';
import { ask } from './core';
import { store } from './store';

/** The module as it was loaded, with what it says of itself. */
export interface Module {
	sha256: string;
	core: string;
	described: DescribeResponse;
	schema: SettingsSchema;
}

export interface Shared {
	coming: boolean;
	problem: Problem | undefined;
	module: Module | undefined;
	context: Context | undefined;
	/** Settings that are kept; proposed ones while there are none. */
	base: Settings | undefined;
	/** What was guessed, while there are no settings. */
	guesses: Finding[];
}

export const shared = store<Shared>( {
	coming: true, problem: undefined, module: undefined, context: undefined, base: undefined, guesses: [],
} );

/** Settings that are being tried out; undefined when none are. */
export const draft = store<Settings | undefined>( undefined );

/** The last status that was read. */
export const status = store<Status | undefined>( undefined );

/** Where orders are read, for the worker. */
export const source = () => ( { base: config().base, headers: headers() } );

/** The settings that previews go by. */
export const settingsNow = () => draft.get() ?? shared.get().base ?? {};

async function loadModule(): Promise<Module> {
	const { sha256, core } = await ask( 'load', { module: new URL( config().assets.module, document.baseURI ).href } );
	const described = await ask( 'describe', null );
	return { sha256, core, described, schema: new SettingsSchema( described.schemas ) };
}

/** Loads module and context side by side; again whenever the host's facts have changed. */
export async function refresh(): Promise<void> {
	shared.set( { ...shared.get(), coming: true, problem: undefined } );
	try {
		const [ module, text ] = await Promise.all( [ shared.get().module ?? loadModule(), api.contextText() ] );
		await ask( 'context', { text } );
		const context = JSON.parse( text ) as Context;
		const proposed = context.settings || ! context.chart ? undefined : await ask( 'propose', null );
		shared.set( {
			coming: false, problem: undefined, module, context,
			base: context.settings ?? proposed?.settings ?? module.described.default_settings,
			guesses: proposed?.findings ?? [],
		} );
	} catch ( error ) {
		shared.set( { ...shared.get(), coming: false, problem: asProblem( error ) } );
	}
}

let refreshing: Promise<void> | undefined;

/** Loads what is shared, once. */
export function ensure(): Promise<void> {
	refreshing ??= refresh();
	return refreshing;
}

/** Reads the status anew. */
export async function readStatus(): Promise<Status> {
	const read = await api.status();
	status.set( read );
	return read;
}

/** Tries a setting out: previews follow at once, nothing is kept. */
export function tryOut( path: Path, value: unknown ): void {
	const { module, base } = shared.get();
	if ( module && base ) {
		const next = withValue( settingsNow(), path, value, module.schema );
		draft.set( isSame( next, base ) ? undefined : next );
	}
}

/** What is being tried out. */
export function changes(): Change[] {
	const { module, base } = shared.get();
	const tried = draft.get();
	return module && base && tried ? changesBetween( base, tried, module.schema ) : [];
}

/** Keeps the settings that are being tried, or those given; what the host found is returned. */
export async function keep( settings: Settings = settingsNow() ): Promise<Finding[]> {
	const { findings } = await api.putSettings( settings, shared.get().context?.settings_sha256 ?? null );
	// In this order nothing goes back to the old settings in between.
	await refresh();
	draft.set( undefined );
	return findings;
}
