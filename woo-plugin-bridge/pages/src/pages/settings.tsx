/** Settings: every choice there is, made from the core's own schema and checked by it while one writes. */
import { useEffect, useRef, useState } from 'preact/hooks';

import { config } from '../lib/config';
import { n, prose, t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { shared, tryOut } from '../lib/state';
import { useStore } from '../lib/store';
import { Badge, Card, Empty, Field, Notice } from '../parts/ui';
import { Findings } from '../preview/findings';
import { findingsAt } from '../settings/at';
import { useCheck } from '../settings/check';
import { Editor } from '../settings/editor';
import { SettingsFile } from '../settings/file';
import { valueAt } from '../settings/path';
import { kindOf, pathText, type Path, type SettingsSchema } from '../settings/schema';
import { SyncSwitches } from '../settings/sync';
import { inOrder, nameOf, settingNames, trailOf } from '../settings/words';

/** Groups in the order in which a shop owner meets them. */
const GROUPS: string[][] = [
	[ 'sync' ], [ 'invoice' ], [ 'contact' ], [ 'statuses' ], [ 'accounts', 'rounding' ], [ 'tax' ], [ 'payments', 'gateway_fees' ], [ 'refunds', 'changes' ],
	[ 'lines' ], [ 'items' ], [ 'fees', 'gift_cards' ], [ 'tracking' ], [ 'summary' ],
];

/** The settings of a group, one below the other. */
function fieldsOf( root: string, schema: SettingsSchema ): Path[] {
	const own = schema.at( [ root ] );
	return own && kindOf( own ) === 'object' ? inOrder( root, Object.keys( own.properties ?? {} ) ).map( ( name ) => [ root, name ] ) : [ [ root ] ];
}

/** Settings whose name or meaning holds a word. */
function found( word: string, schema: SettingsSchema ): Path[] {
	const wanted = word.toLowerCase();
	return Object.keys( settingNames() ).filter( ( name ) => name.includes( '.' ) && ! name.includes( '*' ) ).map( ( name ) => name.split( '.' ) )
		.filter( ( path ) => {
			const own = schema.at( path );
			return own && kindOf( own ) !== 'object' && `${ trailOf( path ) } ${ pathText( path ) } ${ prose( own.description ?? '' ) }`.toLowerCase().includes( wanted );
		} );
}

function Fields( { paths, trail }: { paths: Path[]; trail?: boolean } ) {
	const { module, context } = useStore( shared );
	const { findings, settings } = useCheck();
	return module ? <>{ paths.map( ( path ) => <div key={ pathText( path ) } data-setting={ pathText( path ) }>
		<Editor path={ path } value={ valueAt( settings, path, module.schema ) } schema={ module.schema } context={ context } onChange={ tryOut } disabled={ ! config().can.configure }
			findings={ findingsAt( findings, path ) } { ...( trail ? { label: trailOf( path ) } : {} ) } /></div> ) }</> : null;
}

/** Goes to the setting that was asked for, and marks it. */
function useAsked( asked: string | undefined ): void {
	const last = useRef( '' );
	useEffect( () => {
		if ( ! asked || last.current === asked ) {
			return;
		}
		last.current = asked;
		const parts = asked.split( /(?=[.[])/ );
		// The field itself, or the closest table that has it.
		for ( let length = parts.length; length > 0; length-- ) {
			const place = document.querySelector<HTMLElement>( `[data-setting="${ CSS.escape( parts.slice( 0, length ).join( '' ) ) }"]` );
			if ( place ) {
				place.classList.add( 'is-asked' );
				place.scrollIntoView( { block: 'center' } );
				place.querySelector<HTMLElement>( 'input, select, textarea, button' )?.focus( { preventScroll: true } );
				return;
			}
		}
	}, [ asked ] );
}

function Problems() {
	const { findings } = useCheck();
	const serious = findings.filter( ( one ) => one.severity !== 'info' );
	const errors = serious.filter( ( one ) => one.severity === 'error' ).length;
	if ( serious.length === 0 ) {
		return <Notice kind="success"><p>{ t( 'These settings fit your chart of accounts and your shop.' ) }</p></Notice>;
	}
	return <Card className="tb-card--tight" title={ <>{ t( 'To look at' ) } <Badge tone={ errors ? 'bad' : 'warn' }>{ n( '1 note', '{count} notes', serious.length ) }</Badge></> }>
		<details open={ serious.length < 4 } className="tb-details"><summary>{ errors ? n( '1 stops orders.', '{count} stop orders.', errors ) : t( 'None stops an order.' ) }</summary><Findings findings={ serious } /></details></Card>;
}

/** The page. */
export function SettingsPage( { asked }: { asked: Record<string, string> } ) {
	const { module, context } = useStore( shared );
	const { findings, settings } = useCheck();
	const [ word, setWord ] = useState( '' );
	useAsked( asked.setting );
	if ( ! module ) {
		return null;
	}
	const hits = word.trim() ? found( word.trim(), module.schema ) : [];
	const can = config().can.configure;
	const wanted = asked.group ?? asked.setting?.split( /[.[]/ )[ 0 ] ?? 'sync';
	const group = GROUPS.find( ( roots ) => roots.includes( wanted ) ) ?? [ 'sync' ];
	const marks = ( root: string ) => {
		const count = ( GROUPS.find( ( roots ) => roots[ 0 ] === root ) ?? [] ).flatMap( ( one ) => findingsAt( findings, [ one ] ) ).filter( ( one ) => one.severity === 'error' ).length;
		return count > 0 && <> <Badge tone="bad">{ count }<span className="tb-sr"> { t( 'to put right' ) }</span></Badge></>;
	};
	return <>
		{ ! can && <Notice><p>{ t( 'You may look at the settings, but not change them.' ) }</p></Notice> }
		{ context && ! context.settings && <Notice title={ t( 'Nothing is kept yet: these are proposed settings.' ) }><p><a href={ hashOf( 'connect' ) }>{ t( 'Look through the guesses in Connect' ) }</a></p></Notice> }
		<div className="tb-toolbar"><Field label={ t( 'Find a setting' ) }>{ ( ids ) => <input { ...ids } className="tb-input" type="search" value={ word } onInput={ ( event ) => setWord( event.currentTarget.value ) } /> }</Field><SettingsFile /></div>
		<Problems />
		{ word.trim() ? <Card title={ n( '1 setting', '{count} settings', hits.length ) }>{ hits.length ? <Fields paths={ hits } trail /> : <Empty title={ t( 'No setting is called so.' ) }>{ t( 'Try another word.' ) }</Empty> }</Card>
			: <div className="tb-with-index">
				<nav className="tb-index" aria-label={ t( 'Groups of settings' ) }><ul>{ GROUPS.map( ( [ root = '' ] ) => <li key={ root }>
					<a href={ hashOf( 'settings', { group: root } ) } aria-current={ root === group[ 0 ] ? 'true' : undefined }>{ nameOf( [ root ] ) }{ marks( root ) }</a></li> ) }</ul></nav>
				<Card key={ group[ 0 ] } title={ group.map( ( root ) => nameOf( [ root ] ) ).join( ', ' ) }>
					{ group[ 0 ] === 'sync' ? <SyncSwitches settings={ settings } findings={ findings } disabled={ ! can } />
						: group.map( ( root ) => <Fields key={ root } paths={ fieldsOf( root, module.schema ) } /> ) }
				</Card>
			</div> }
	</>;
}
