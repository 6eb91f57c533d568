/** Previews of many orders: row after row from the worker, with progress, and to be stopped. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import { asProblem, type Problem } from '../lib/api';
import { begin } from '../lib/core';
import { settingsNow, source } from '../lib/state';
import type { Choice, PreviewRow } from '../worker/protocol';

/** How often the page shows what has come, in milliseconds. */
const SHOW_EVERY = 120;

export interface Run {
	rows: PreviewRow[];
	done: number;
	total: number;
	going: boolean;
	stopped: boolean;
	problem: Problem | undefined;
	start: ( choice: Choice ) => void;
	stop: () => void;
}

const NOTHING = { rows: [] as PreviewRow[], done: 0, total: 0, going: false, stopped: false, problem: undefined as Problem | undefined };

/** One run at a time: a new one ends the one before. */
export function useRun(): Run {
	const [ state, setState ] = useState( NOTHING );
	const current = useRef<{ cancel: () => void; quiet: boolean }>();
	const stop = useCallback( () => current.current?.cancel(), [] );
	const start = useCallback( ( choice: Choice ) => {
		if ( current.current ) {
			current.current.quiet = true;
			current.current.cancel();
		}
		const rows: PreviewRow[] = [];
		const mine = { cancel: () => {}, quiet: false };
		let [ done, total ] = [ 0, choice.ids?.length ?? 0 ];
		let timer: ReturnType<typeof setTimeout> | undefined;
		const show = ( more: Partial<typeof NOTHING> = {} ) => {
			clearTimeout( timer );
			timer = undefined;
			if ( ! mine.quiet ) {
				setState( { ...NOTHING, going: true, rows: rows.slice(), done, total, ...more } );
			}
		};
		const task = begin( 'sweep', { choice, settings: settingsNow(), source: source() }, ( progress ) => {
			rows.push( ...progress.rows );
			( { done, total } = progress );
			timer ??= setTimeout( show, SHOW_EVERY );
		} );
		mine.cancel = task.cancel;
		current.current = mine;
		show();
		task.answer.then(
			( ended ) => {
				total = ended.total;
				show( { going: false } );
			},
			( error: unknown ) => {
				const problem = asProblem( error );
				const stopped = problem.code === 'cancelled';
				show( { going: false, stopped, problem: stopped ? undefined : problem } );
			}
		);
	}, [] );
	useEffect( () => () => {
		if ( current.current ) {
			current.current.quiet = true;
			current.current.cancel();
		}
	}, [] );
	return { ...state, start, stop };
}
