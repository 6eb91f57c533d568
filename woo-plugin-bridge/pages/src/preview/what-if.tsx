/** Settings tried on an order: the document moves at once, and nothing is kept before somebody says so. */
import type { Finding, Settings } from 'tillbook/types';
import { useEffect, useRef, useState } from 'preact/hooks';

import { t } from '../lib/i18n';
import { changes, draft, settingsNow, shared, tryOut } from '../lib/state';
import { useStore } from '../lib/store';
import { Card, Field } from '../parts/ui';
import { Editor } from '../settings/editor';
import { valueAt } from '../settings/path';
import { pathText, type Path, type SettingsSchema } from '../settings/schema';
import { settingNames, trailOf } from '../settings/words';
import type { Shown } from '../worker/protocol';
import { settingsOf } from './findings';

/** Always worth a try. */
const USUAL = [ 'invoice.date', 'contact.mode', 'lines.discounts', 'invoice.status' ];

/** The settings that made this document, those that would cure its findings first. */
export function settingsBehind( { outcome, order }: Shown, schema: SettingsSchema ): Path[] {
	const documents = [ outcome.document, ...( outcome.refunds ?? [] ).map( ( refund ) => refund.document ) ].filter( ( one ) => one !== null && one !== undefined );
	const findings = [ ...outcome.findings, ...( outcome.refunds ?? [] ).flatMap( ( refund ) => refund.findings ) ];
	const cures = findings.filter( ( one ) => one.severity !== 'info' ).flatMap( ( one ) => settingsOf( one, schema, outcome.status ) );
	const rules = documents.flatMap( ( one ) => [
		...one.lines.flatMap( ( line ) => [ line.rules.account, line.rules.tax ] ), one.payment?.rule ?? '', one.deposit?.rule ?? '',
	] );
	const decided = rules.filter( Boolean ).map( ( rule ) => schema.parse( rule ) ).filter( ( path ) => path !== undefined );
	const status: Path[] = typeof order.status === 'string' ? [ [ 'statuses', order.status ] ] : [];
	const all = [ ...cures, ...decided, ...USUAL.map( ( text ) => text.split( '.' ) ), ...status ];
	return all.filter( ( path, at ) => all.findIndex( ( other ) => pathText( other ) === pathText( path ) ) === at );
}

/** The set of rates that no row names yet, as a row to be completed. */
function seedFor( finding: Finding | undefined ): { rates: number[]; name: string } | undefined {
	const rates = finding?.object.id.split( /\D+/ ).filter( Boolean ).map( Number ) ?? [];
	const name = finding?.message.match( /chosen for (.+)$/ )?.[ 1 ] ?? '';
	return rates.length > 0 ? { rates, name } : undefined;
}

/** A set of tax rates without a row gets one as soon as a tax type is chosen. */
function NewTaxSet( { finding }: { finding: Finding } ) {
	const { module, context } = shared.get();
	const seed = seedFor( finding );
	if ( ! module || ! seed ) {
		return null;
	}
	const sets = ( valueAt( settingsNow(), [ 'tax', 'sets' ], module.schema ) ?? [] ) as { rates?: number[] }[];
	const found = sets.findIndex( ( set ) => [ ...( set.rates ?? [] ) ].sort().join() === [ ...seed.rates ].sort().join() );
	const at = found < 0 ? sets.length : found;
	return <Editor path={ [ 'tax', 'sets', at, 'tax_type' ] } value={ valueAt( settingsNow(), [ 'tax', 'sets', at, 'tax_type' ] ) } schema={ module.schema } context={ context }
		label={ t( 'Xero tax rate for {name}', { name: seed.name } ) } brief
		onChange={ ( _, value ) => tryOut( [ 'tax', 'sets', at ], { ...seed, ...( sets[ at ] as object | undefined ), tax_type: value } ) } />;
}

/** A tax set's own name beside "tax rate". */
function labelFor( path: Path, settings: Settings ): string | undefined {
	if ( path[ 0 ] === 'tax' && path[ 1 ] === 'sets' && typeof path[ 2 ] === 'number' ) {
		const name = valueAt( settings, [ 'tax', 'sets', path[ 2 ], 'name' ] );
		return name ? t( 'Xero tax rate for {name}', { name: String( name ) } ) : undefined;
	}
	return path.length > 1 ? trailOf( path ) : undefined;
}

/** The panel: what decided this document, each ready to be changed, and any other setting besides. */
export function WhatIf( { shown, asked }: { shown: Shown; asked: string | undefined } ) {
	const { module, context } = useStore( shared );
	useStore( draft );
	const [ more, setMore ] = useState<string[]>( [] );
	const panel = useRef<HTMLDivElement>( null );
	useEffect( () => {
		if ( asked ) {
			setMore( ( before ) => ( before.includes( asked ) ? before : [ asked, ...before ] ) );
		}
	}, [ asked ] );
	useEffect( () => {
		const wanted = asked && panel.current?.querySelector<HTMLElement>( `[data-setting="${ CSS.escape( asked ) }"] :is(input, select, textarea)` );
		if ( wanted ) {
			wanted.focus();
			wanted.scrollIntoView( { block: 'center' } );
		}
	}, [ asked, more ] );
	if ( ! module ) {
		return null;
	}
	const { schema } = module;
	const unmapped = shown.outcome.findings.filter( ( one ) => one.code === 'tax.set_unmapped' );
	const extra = [ ...more, ...changes().map( ( change ) => change.text ) ].map( ( text ) => schema.parse( text ) ).filter( ( path ) => path !== undefined );
	const all = [ ...extra, ...settingsBehind( shown, schema ) ].filter( ( path ) => ! ( unmapped.length > 0 && pathText( path ) === 'tax.sets' ) );
	const paths = all.filter( ( path, at ) => all.findIndex( ( other ) => pathText( other ) === pathText( path ) ) === at );
	const others = Object.keys( settingNames() ).filter( ( name ) => name.includes( '.' ) && ! name.includes( '*' ) && schema.at( name.split( '.' ) )?.properties === undefined );
	return <Card title={ t( 'What if …' ) } className="tb-whatif">
		<p className="tb-quiet">{ t( 'Change a setting here and see the document move at once. Nothing is kept, and nothing is sent.' ) }</p>
		<div ref={ panel }>
			{ unmapped.map( ( finding, at ) => <NewTaxSet key={ at } finding={ finding } /> ) }
			{ paths.map( ( path ) => <div key={ pathText( path ) } data-setting={ pathText( path ) }>
				<Editor path={ path } value={ valueAt( settingsNow(), path, schema ) } schema={ schema } context={ context } label={ labelFor( path, settingsNow() ) } onChange={ tryOut } brief />
			</div> ) }
		</div>
		<Field label={ t( 'Another setting' ) }>{ ( ids ) => <select { ...ids } className="tb-input" value="" onChange={ ( event ) => {
			const { value } = event.currentTarget;
			if ( value ) {
				setMore( ( before ) => [ value, ...before.filter( ( one ) => one !== value ) ] );
			}
		} }><option value="">{ t( '— choose —' ) }</option>{ others.map( ( name ) => <option key={ name } value={ name }>{ trailOf( name.split( '.' ) ) }</option> ) }</select> }</Field>
	</Card>;
}
