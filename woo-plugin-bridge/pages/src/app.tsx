/** The frame around all pages: where one is, what is being tried, and the page itself. */
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { asProblem, type Problem } from './lib/api';
import { PAGES, config, type Page } from './lib/config';
import { spoken, t } from './lib/i18n';
import { followAddress, hashOf, route } from './lib/route';
import { ensure, refresh, shared } from './lib/state';
import { useStore } from './lib/store';
import { moment } from './lib/format';
import { announce, Announcer } from './parts/announce';
import { DraftBar } from './parts/draft-bar';
import { Loading, Notice, ProblemNotice, Sha } from './parts/ui';
import { ConnectPage } from './pages/connect';
import { LogPage } from './pages/log';
import { MapPage } from './pages/map';
import { OverviewPage } from './pages/overview';
import { PlanPage } from './pages/plan';
import { QueuePage } from './pages/queue';
import { SettingsPage } from './pages/settings';
import { PreviewPage } from './preview/page';

const title = ( page: Page ) => ( {
	overview: t( 'Overview' ), connect: t( 'Connect' ), preview: t( 'Preview' ), map: t( 'Map' ),
	queue: t( 'Queue' ), plan: t( 'Plan' ), log: t( 'Log' ), settings: t( 'Settings' ),
} )[ page ];

/** Pages that can do nothing without module and context. */
const NEED_CONTEXT: Page[] = [ 'preview', 'map', 'settings' ];

/** A fault in one page must not take the others with it. */
class Guard extends Component<{ children: ComponentChildren }, { problem?: Problem }> {
	override state: { problem?: Problem } = {};

	static override getDerivedStateFromError( error: unknown ) {
		return { problem: asProblem( error ) };
	}

	override render() {
		return this.state.problem ? <ProblemNotice problem={ this.state.problem } again={ () => this.setState( {} as never, () => location.reload() ) } /> : this.props.children;
	}
}

function Content( { page, asked }: { page: Page; asked: Record<string, string> } ) {
	const { coming, problem, module, context } = useStore( shared );
	if ( NEED_CONTEXT.includes( page ) && ( ! module || ! context ) ) {
		return problem && ! coming ? <ProblemNotice problem={ problem } again={ () => void refresh() } /> : <Loading what={ t( 'Loading the accounting module and your settings…' ) } />;
	}
	switch ( page ) {
		case 'overview':
			return <OverviewPage />;
		case 'connect':
			return <ConnectPage asked={ asked } />;
		case 'preview':
			return <PreviewPage asked={ asked } />;
		case 'map':
			return <MapPage asked={ asked } />;
		case 'queue':
			return <QueuePage asked={ asked } />;
		case 'plan':
			return <PlanPage asked={ asked } />;
		case 'log':
			return <LogPage />;
		case 'settings':
			return <SettingsPage asked={ asked } />;
	}
}

/** What previews go by, when that is not as new as it could be. */
function ContextNotice() {
	const { context, module } = useStore( shared );
	if ( context?.stale ) {
		return <Notice kind="warning" title={ t( 'The host does not answer, so this is what was read last.' ) }>
			<p>{ t( 'Previews work all the same. Chart of accounts read {when}.', { when: moment( context.chart_read ) || t( 'earlier' ) } ) }</p></Notice>;
	}
	if ( context && module && context.module_sha256 && context.module_sha256 !== module.sha256 ) {
		return <Notice kind="warning" title={ t( 'This page and the host use different versions of the accounting module.' ) }>
			<p>{ t( 'A preview may differ from what is sent. Update the plugin or the host, then reload this page.' ) }</p></Notice>;
	}
	return context && ! context.chart ? <Notice title={ t( 'Xero is not connected yet.' ) }>
		<p>{ t( 'Until it is, no account can be chosen and no invoice previewed.' ) } <a href={ hashOf( 'connect' ) }>{ t( 'Open Connect' ) }</a></p></Notice> : null;
}

/** Which module this is: the very file that decides on the host. */
function Foot() {
	const { module } = useStore( shared );
	return <footer className="tb-foot">{ module && <>{ t( 'Accounting module {version}', { version: module.core } ) } · <Sha value={ module.sha256 } label={ t( 'SHA-256 of the module' ) } /></> }</footer>;
}

/** The whole application. */
export function App() {
	const { page, asked } = useStore( route );
	const heading = useRef<HTMLHeadingElement>( null );
	const last = useRef( page );
	useEffect( followAddress, [] );
	useEffect( () => void ensure(), [] );
	useEffect( () => {
		if ( last.current !== page ) {
			last.current = page;
			heading.current?.focus();
			announce( title( page ) );
		}
	}, [ page ] );
	const isHost = config().where === 'host';
	return <div className={ `tb-app tb-app--${ config().where }` } lang={ spoken() }>
		{ isHost && <a className="tb-skip" href="#tb-main" onClick={ ( event ) => {
			event.preventDefault();
			heading.current?.focus();
		} }>{ t( 'Skip to content' ) }</a> }
		<header className="tb-head">
			<p className="tb-brand" aria-hidden="true">Tillbook</p>
			<nav className="tb-tabs" aria-label="Tillbook">{ PAGES.map( ( one ) =>
				<a key={ one } href={ hashOf( one ) } aria-current={ one === page ? 'page' : undefined }>{ title( one ) }</a> ) }</nav>
		</header>
		<main className="tb-main" id="tb-main">
			<h1 ref={ heading } tabIndex={ -1 }>{ title( page ) }</h1>
			{ page !== 'connect' && <ContextNotice /> }
			<DraftBar />
			<Guard key={ page }><Content page={ page } asked={ asked } /></Guard>
		</main>
		<Foot />
		<Announcer />
	</div>;
}
