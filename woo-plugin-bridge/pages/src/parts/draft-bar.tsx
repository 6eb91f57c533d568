/** What is being tried out, on every page, until it is kept or discarded. */
import { useEffect, useRef, useState } from 'preact/hooks';

import { asProblem, type Problem } from '../lib/api';
import { config } from '../lib/config';
import { n, t } from '../lib/i18n';
import { changes, draft, keep, refresh, shared } from '../lib/state';
import { useStore } from '../lib/store';
import { valueName } from '../settings/choices';
import { trailOf } from '../settings/words';
import { Findings } from '../preview/findings';
import { announce } from './announce';
import { Button, ProblemNotice } from './ui';

/** At most so many changes are named. */
const NAMED = 6;

/** The bar; nothing while nothing is tried. */
export function DraftBar() {
	const tried = useStore( draft );
	const { context } = useStore( shared );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	const bar = useRef<HTMLElement>( null );
	useEffect( () => {
		const warn = ( event: BeforeUnloadEvent ) => draft.get() && event.preventDefault();
		addEventListener( 'beforeunload', warn );
		return () => removeEventListener( 'beforeunload', warn );
	}, [] );
	useEffect( () => setProblem( undefined ), [ tried ] );
	if ( ! tried ) {
		return null;
	}
	const all = changes();
	const store = async () => {
		setBusy( true );
		try {
			await keep();
			announce( t( 'The settings are kept.' ) );
			document.querySelector<HTMLElement>( '.tb-main h1' )?.focus();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	const isChanged = problem?.code === 'changed_meanwhile';
	return <section className="tb-draft" aria-label={ t( 'Settings being tried out' ) } ref={ bar }>
		<div className="tb-draft__text">
			<p><strong>{ n( 'You are trying out 1 change.', 'You are trying out {count} changes.', all.length ) }</strong> { t( 'Nothing is kept yet.' ) }</p>
			<ul>{ all.slice( 0, NAMED ).map( ( { path, text, before, after } ) => <li key={ text }>
				{ trailOf( path ) }: <del>{ valueName( path, before, context ) }</del> <span aria-hidden="true">→</span> <ins>{ valueName( path, after, context ) }</ins></li> ) }
				{ all.length > NAMED && <li>{ n( 'and 1 more', 'and {count} more', all.length - NAMED ) }</li> }</ul>
		</div>
		<div className="tb-actions">
			{ config().can.configure ? <Button kind="primary" busy={ busy } onClick={ store }>{ t( 'Keep' ) }</Button>
				: <span className="tb-quiet">{ t( 'You may try settings out, but not keep them.' ) }</span> }
			<Button onClick={ () => {
				draft.set( undefined );
				announce( t( 'Discarded: the settings are as they were.' ) );
			} }>{ t( 'Discard' ) }</Button>
		</div>
		{ problem && <div className="tb-draft__problem"><ProblemNotice problem={ problem } again={ isChanged ? () => {
			draft.set( undefined );
			void refresh();
		} : undefined } />{ problem.findings.length > 0 && <Findings findings={ problem.findings } /> }</div> }
	</section>;
}
