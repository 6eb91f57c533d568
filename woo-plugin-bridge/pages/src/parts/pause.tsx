/** Pause with a reason, and go on. */
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import { t } from '../lib/i18n';
import { announce } from './announce';
import { Button, Dialog, Field, ProblemNotice } from './ui';

/** Asks for a reason in words before something is done. */
export function ReasonDialog( { title, about, action, onClose, onDone }: {
	title: string; about: string; action: string; onClose: () => void; onDone: ( reason: string ) => Promise<void>;
} ) {
	const [ reason, setReason ] = useState( '' );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	const run = async () => {
		setBusy( true );
		try {
			await onDone( reason.trim() );
			onClose();
		} catch ( error ) {
			setProblem( asProblem( error ) );
			setBusy( false );
		}
	};
	return <Dialog title={ title } onClose={ onClose } actions={ <>
		<Button onClick={ onClose }>{ t( 'Cancel' ) }</Button>
		<Button kind="primary" busy={ busy } disabled={ reason.trim() === '' } onClick={ run }>{ action }</Button></> }>
		<p>{ about }</p>
		<Field label={ t( 'Reason' ) } hint={ t( 'It is shown wherever the effect is seen.' ) }>{ ( ids ) =>
			<input { ...ids } className="tb-input" type="text" maxLength={ 500 } value={ reason } onInput={ ( event ) => setReason( event.currentTarget.value ) } /> }</Field>
		{ problem && <ProblemNotice problem={ problem } /> }
	</Dialog>;
}

/** Stops and starts the work for this shop. */
export function PauseButton( { paused, done }: { paused: boolean; done: () => void } ) {
	const [ asking, setAsking ] = useState( false );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	const resume = async () => {
		setBusy( true );
		setProblem( undefined );
		try {
			await api.resume();
			announce( t( 'It goes on.' ) );
			done();
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	return <>
		{ problem && <span className="tb-field__error">{ problem.message }</span> }
		<Button small busy={ busy } onClick={ paused ? resume : () => setAsking( true ) }>{ paused ? t( 'Go on' ) : t( 'Pause' ) }</Button>
		{ asking && <ReasonDialog title={ t( 'Pause the sync?' ) } action={ t( 'Pause' ) } onClose={ () => setAsking( false ) }
			about={ t( 'What is on its way is finished first. Orders are kept and sent when it goes on.' ) }
			onDone={ async ( reason ) => {
				await api.pause( reason );
				announce( t( 'Paused.' ) );
				done();
			} } /> }
	</>;
}
