/** The worker: the module runs here, so that the page never stands still. */
import type { DescribeResponse, Settings, TakingOutcome } from 'tillbook/types';

import { zoneOf } from './lib/zone';
import * as engine from './worker/engine';
import type { Choice, Operation, Operations, Progress, Question, Reply, Source, SummaryAsk, Summed } from './worker/protocol';
import { PART, parts, readSales } from './worker/reader';

type Runner<Name extends Operation> = (
	takes: Operations[ Name ][ 'takes' ], signal: AbortSignal, tell: ( progress: Progress ) => void
) => Promise<Operations[ Name ][ 'gives' ]>;

/** Orders that are mapped before the worker looks whether it is to stop. */
const STEP = 25;

const running = new Map<number, AbortController>();
const send = ( reply: Reply ) => postMessage( reply );

/** Lets what waits be heard: a new wish, or the wish to stop. */
const pause = () => new Promise<void>( ( resolve ) => {
	const { port1, port2 } = new MessageChannel();
	port1.onmessage = () => {
		port1.close();
		resolve();
	};
	port2.postMessage( null );
} );

async function sweep(
	{ choice, settings, source }: Operations[ 'sweep' ][ 'takes' ], signal: AbortSignal, tell: ( progress: Progress ) => void
): Promise<{ done: number; total: number }> {
	let done = 0;
	let all = 0;
	for await ( const { ids, total } of ahead( choice, source, signal ) ) {
		all = total;
		for ( let at = 0; at < ids.length; at += STEP ) {
			const rows = engine.map( ids.slice( at, at + STEP ), settings ).sales.map( engine.rowOf );
			done += rows.length;
			tell( { rows, done, total } );
			await pause();
			signal.throwIfAborted();
		}
	}
	return { done, total: all };
}

/** Parts whose orders are read; the next part is read while this one is worked on. */
async function* ahead(
	choice: Choice, source: Source, signal: AbortSignal
): AsyncGenerator<{ ids: number[]; total: number }> {
	const all = parts( choice, source, signal );
	const next = async () => {
		const { value, done } = await all.next();
		if ( done ) {
			return undefined;
		}
		await readSales( value.ids, source, signal, choice.fresh );
		return value;
	};
	let coming = next();
	for ( let part = await coming; part; part = await coming ) {
		coming = next();
		// It is awaited in the next round; until then a failure of it is nobody's surprise.
		coming.catch( () => undefined );
		yield part;
	}
}

async function summarise(
	{ ask, settings, source }: { ask: SummaryAsk; settings: Settings; source: Source }, signal: AbortSignal, tell: ( progress: Progress ) => void
): Promise<Summed> {
	const zone = zoneOf( ask.zone, ask.from, ask.to );
	const found: TakingOutcome[] = [];
	let orders = 0;
	for await ( const { ids, total } of ahead( ask.choice, source, signal ) ) {
		for ( let at = 0; at < ids.length; at += PART ) {
			found.push( ...engine.takings( ids.slice( at, at + PART ), settings, zone ) );
			await pause();
			signal.throwIfAborted();
		}
		orders += ids.length;
		tell( { rows: [], done: orders, total } );
	}
	const response = engine.summarise( found, settings, { from: ask.from, to: ask.to, zone }, ask.payouts );
	const inside = ( day: string ) => day >= ask.from && day <= ask.to;
	const apart = found.filter( ( { taking } ) => taking.state !== 'ready' && inside( taking.day || taking.created || '' ) );
	return { response, apart, orders };
}

const runners: { [ Name in Operation ]: Runner<Name> } = {
	async load( { module } ) {
		const sha256 = await engine.load( module );
		const { core, contract } = engine.ask<DescribeResponse>( 'describe', '{}' );
		return { sha256, core, contract };
	},
	describe: async () => engine.ask( 'describe', '{}' ),
	async context( { text } ) {
		engine.takeContext( text );
		return null;
	},
	async show( { id, settings, source, again }, signal ) {
		await readSales( [ id ], source, signal, again );
		return engine.show( id, settings );
	},
	sweep,
	check: async ( { settings } ) => engine.check( settings ),
	propose: async () => engine.propose(),
	summarise,
};

async function answer( question: Exclude<Question, { operation: 'cancel' }> ): Promise<void> {
	const { id, operation, takes } = question;
	const control = new AbortController();
	running.set( id, control );
	try {
		const run = runners[ operation ] as Runner<Operation>;
		send( { id, gives: await run( takes, control.signal, ( progress ) => send( { id, progress } ) ) } );
	} catch ( error ) {
		const { code, message } = error as { code?: unknown; message?: string };
		const stable = control.signal.aborted ? 'cancelled' : typeof code === 'string' ? code : 'unexpected';
		send( { id, error: { code: stable, message: message ?? String( error ) } } );
	} finally {
		running.delete( id );
	}
}

addEventListener( 'message', ( { data }: MessageEvent<Question> ) => {
	if ( data.operation === 'cancel' ) {
		running.get( data.id )?.abort();
	} else {
		void answer( data );
	}
} );
