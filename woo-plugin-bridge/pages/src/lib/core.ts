/** The worker as the page sees it: one promise for each question, with progress and a way to stop. */
import { config } from './config';
import { Problem } from './api';
import type { Operation, Operations, Progress, Reply } from '../worker/protocol';

interface Waiting {
	resolve: ( value: unknown ) => void;
	reject: ( error: Problem ) => void;
	tell: ( ( progress: Progress ) => void ) | undefined;
}

/** A question on its way. */
export interface Task<Gives> {
	answer: Promise<Gives>;
	cancel: () => void;
}

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let last = 0;

function failAll( problem: Problem ): void {
	waiting.forEach( ( { reject } ) => reject( problem ) );
	waiting.clear();
	worker?.terminate();
	worker = undefined;
}

function start(): Worker {
	const made = new Worker( config().assets.worker, { type: 'module', name: 'tillbook' } );
	made.addEventListener( 'message', ( { data }: MessageEvent<Reply> ) => {
		const one = waiting.get( data.id );
		if ( ! one ) {
			return;
		}
		if ( 'progress' in data ) {
			one.tell?.( data.progress );
			return;
		}
		waiting.delete( data.id );
		if ( 'error' in data ) {
			one.reject( new Problem( data.error.code, data.error.message ) );
		} else {
			one.resolve( data.gives );
		}
	} );
	// A worker that cannot be read at all says so only here.
	made.addEventListener( 'error', ( event ) => failAll( new Problem( 'worker_failed', event.message || 'the worker does not start' ) ) );
	return made;
}

/** Asks the worker something; `tell` hears how far it is. */
export function begin<Name extends Operation>(
	operation: Name, takes: Operations[ Name ][ 'takes' ], tell?: ( progress: Progress ) => void
): Task<Operations[ Name ][ 'gives' ]> {
	worker ??= start();
	const own = worker;
	const id = ++last;
	const answer = new Promise<unknown>( ( resolve, reject ) => {
		waiting.set( id, { resolve, reject, tell } );
		own.postMessage( { id, operation, takes } );
	} ) as Promise<Operations[ Name ][ 'gives' ]>;
	return { answer, cancel: () => own.postMessage( { id, operation: 'cancel' } ) };
}

/** Asks the worker something short. */
export function ask<Name extends Operation>( operation: Name, takes: Operations[ Name ][ 'takes' ] ): Promise<Operations[ Name ][ 'gives' ]> {
	return begin( operation, takes ).answer;
}
