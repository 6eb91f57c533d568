/** The box on the order's screen: where the order stands, what Xero has or will get, and what stops it. */
import { useEffect, useState } from 'preact/hooks';

import { api, asProblem } from './lib/api';
import type { ObjectState } from './lib/api-types';
import { config, webAddress } from './lib/config';
import { money } from './lib/format';
import { spoken, t } from './lib/i18n';
import { useLoad } from './lib/load';
import { hashOf } from './lib/route';
import { ensure, refresh, shared } from './lib/state';
import { useStore } from './lib/store';
import { announce, Announcer } from './parts/announce';
import { Badge, Button, Facts, Loading, Notice, Outside, ProblemNotice, Sha } from './parts/ui';
import { kindWord, outcomeWord, stateWord } from './parts/words';
import { FindingItem } from './preview/findings';
import { useShown } from './preview/order';

/** The pages' own address, as the plugin gives it; in the box there are no pages of their own. */
const page = ( hash: string ) => `${ ( config() as { links: { app?: string } } ).links.app ?? '' }${ hash }`;

/** Where it stands, and the documents that Xero has. */
function State( { state }: { state: ObjectState } ) {
	const word = stateWord( state.state );
	return <>
		<p><Badge tone={ word.tone }>{ word.text }</Badge></p>
		{ state.documents.map( ( document ) => {
			const address = webAddress( document.url );
			return <p key={ document.number }>{ kindWord( document.kind ) } { address ? <Outside href={ address }>{ document.number }</Outside> : document.number }</p>;
		} ) }
		{ state.finding && <ul className="tb-findings"><FindingItem finding={ state.finding } /></ul> }
	</>;
}

/** The preview in short, reckoned here. */
function Preview( { id, sent }: { id: number; sent: ObjectState | undefined } ) {
	const { both, problem, again } = useShown( id );
	if ( problem ) {
		return <ProblemNotice problem={ problem } again={ again } />;
	}
	if ( ! both ) {
		return <Loading what={ t( 'Working out the preview…' ) } />;
	}
	const { outcome } = both.shown;
	const { document } = outcome;
	const same = document && sent?.documents.some( ( one ) => one.sha256 === document.sha256 );
	const word = outcomeWord( outcome.outcome );
	const serious = outcome.findings.filter( ( one ) => one.severity !== 'info' );
	return <>
		<h3>{ t( 'Preview' ) }</h3>
		{ same ? <p><Badge tone="good">{ t( 'Exactly what Xero has' ) }</Badge></p> : <p><Badge tone={ word.tone }>{ word.text }</Badge></p> }
		{ document && <Facts rows={ [
			[ kindWord( document.kind ), document.number ],
			[ t( 'To' ), document.contact ],
			[ t( 'Tax' ), money( document.total_tax, document.currency ) ],
			[ t( 'Total' ), <strong>{ money( document.total, document.currency ) }</strong> ],
			[ 'SHA-256', <Sha value={ document.sha256 } /> ],
		] } /> }
		{ serious.length > 0 && <ul className="tb-findings">{ serious.map( ( one, at ) => <FindingItem key={ at } finding={ one } status={ outcome.status } /> ) }</ul> }
	</>;
}

/** The whole box. */
export function OrderBox( { id }: { id: number } ) {
	const { coming, problem, module } = useStore( shared );
	const states = useLoad( id ? () => api.objects( 'order', [ id ] ) : null, [ id ] );
	const [ busy, setBusy ] = useState( false );
	const [ failed, setFailed ] = useState<ReturnType<typeof asProblem>>();
	useEffect( () => void ensure(), [] );
	const state = states.value?.objects[ 0 ];
	const sync = async () => {
		setBusy( true );
		setFailed( undefined );
		try {
			await api.act( 'order', String( id ), 'push' );
			announce( t( 'The order is on its way.' ) );
			states.again();
		} catch ( error ) {
			setFailed( asProblem( error ) );
		}
		setBusy( false );
	};
	return <div className="tb-app tb-app--box" lang={ spoken() }>
		{ ! id && <Notice><p>{ t( 'Save the order first; then its invoice can be seen here.' ) }</p></Notice> }
		{ id > 0 && <>
			{ state && <State state={ state } /> }
			{ states.problem && <p className="tb-quiet">{ t( 'The host does not answer, so it cannot be said where the order stands.' ) }</p> }
			{ module ? <Preview id={ id } sent={ state } /> : coming ? <Loading what={ t( 'Loading…' ) } />
				: problem && <ProblemNotice problem={ problem } again={ () => void refresh() } /> }
			{ failed && <ProblemNotice problem={ failed } /> }
			<div className="tb-actions">
				{ config().can.operate && <Button kind="primary" busy={ busy } onClick={ sync }>{ t( 'Sync now' ) }</Button> }
				<a className="tb-button tb-button--secondary" href={ page( hashOf( 'preview', { orders: String( id ) } ) ) }>{ t( 'Whole preview' ) }</a>
			</div>
		</> }
		<Announcer />
	</div>;
}
