/** Log: what happened, newest first. */
import { useState } from 'preact/hooks';

import { api, asProblem, type Problem } from '../lib/api';
import type { LogPage as Page } from '../lib/api-types';
import { moment } from '../lib/format';
import { t } from '../lib/i18n';
import { useLoad } from '../lib/load';
import { hashOf } from '../lib/route';
import { Button, Card, Empty, Loading, ProblemNotice } from '../parts/ui';
import { eventWord, kindWord } from '../parts/words';

/** The page. */
export function LogPage() {
	const first = useLoad( () => api.log(), [] );
	const [ older, setOlder ] = useState<Page[]>( [] );
	const [ busy, setBusy ] = useState( false );
	const [ problem, setProblem ] = useState<Problem>();
	if ( first.problem && ! first.value ) {
		return <ProblemNotice problem={ first.problem } again={ first.again } />;
	}
	if ( ! first.value ) {
		return <Loading what={ t( 'Reading the log…' ) } />;
	}
	const pages = [ first.value, ...older ];
	const entries = pages.flatMap( ( page ) => page.entries );
	const next = pages.at( -1 )?.next;
	const more = async () => {
		setBusy( true );
		setProblem( undefined );
		try {
			setOlder( [ ...older, await api.log( next ?? undefined ) ] );
		} catch ( error ) {
			setProblem( asProblem( error ) );
		}
		setBusy( false );
	};
	if ( entries.length === 0 ) {
		return <Card><Empty title={ t( 'Nothing has happened yet.' ) }>{ t( 'Everything that is seen, planned, sent and answered is written down here.' ) }</Empty></Card>;
	}
	return <>
		<div className="tb-bar"><span /><Button small onClick={ () => {
			setOlder( [] );
			first.again();
		} } busy={ first.coming }>{ t( 'Refresh' ) }</Button></div>
		<div className="tb-scroll tb-scroll--list" role="group" tabIndex={ 0 } aria-label={ t( 'Log' ) }><table className="tb-table tb-table--list">
			<thead><tr><th scope="col">{ t( 'When' ) }</th><th scope="col">{ t( 'What' ) }</th><th scope="col">{ t( 'Happened' ) }</th><th scope="col">{ t( 'Detail' ) }</th></tr></thead>
			<tbody>{ entries.map( ( entry, at ) => <tr key={ at }>
				<td className="tb-nowrap"><time dateTime={ entry.at }>{ moment( entry.at ) }</time></td>
				<td>{ [ 'order', 'product', 'customer' ].includes( entry.kind ) ? <a href={ hashOf( 'queue', { kind: entry.kind, id: entry.id } ) }>{ kindWord( entry.kind ) } { entry.id }</a> : `${ kindWord( entry.kind ) } ${ entry.id }` }</td>
				<td>{ eventWord( entry.what ) }</td><td className="tb-wrap">{ entry.detail }</td></tr> ) }</tbody></table></div>
		{ problem && <ProblemNotice problem={ problem } again={ more } /> }
		{ next && <p><Button busy={ busy } onClick={ more }>{ t( 'Older entries' ) }</Button></p> }
	</>;
}
