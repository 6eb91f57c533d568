/** Findings for people: what it is, what would cure it, and the way to the setting. */
import type { Finding } from 'tillbook/types';

import { prose, spoken, t } from '../lib/i18n';
import { hashOf, route } from '../lib/route';
import { shared } from '../lib/state';
import { Badge } from '../parts/ui';
import type { Path, SettingsSchema } from '../settings/schema';
import { pathText } from '../settings/schema';
import { trailOf } from '../settings/words';

/** The settings that a finding speaks of: where it stands, and what its cure names. */
export function settingsOf( finding: Finding, schema: SettingsSchema, status?: string | null ): Path[] {
	if ( finding.code === 'order.status_unknown' && status ) {
		return [ [ 'statuses', status ] ];
	}
	if ( finding.code === 'payment.gateway_unmapped' ) {
		return [ [ 'payments', 'accounts', finding.object.id ] ];
	}
	const named = [ ...finding.cure.matchAll( /`([^`]+)`/g ) ].map( ( found ) => found[ 1 ] ?? '' );
	const isOfOrder = /^(order|line_item|refund|fee_line|shipping_line)$/.test( finding.object.kind );
	const places = [ ...( finding.field && ! isOfOrder ? [ finding.field ] : [] ), ...named ];
	const paths = places.map( ( place ) => schema.parse( place ) ).filter( ( path ) => path !== undefined );
	// Of `accounts` and `accounts.sales` only the closer one helps.
	return paths.filter( ( path, at ) => ! paths.some( ( other, index ) => index !== at
		&& ( pathText( other ).startsWith( `${ pathText( path ) }.` ) || ( pathText( other ) === pathText( path ) && index < at ) ) ) );
}

const tones = { error: 'bad', warning: 'warn', info: 'calm' } as const;
const words = () => ( { error: t( 'Stops it' ), warning: t( 'To know' ), info: t( 'For interest' ) } );

/** One finding. The core speaks English; in other languages its meaning goes first. */
export function FindingItem( { finding, status, orders }: { finding: Finding; status?: string | null | undefined; orders?: string } ) {
	const { module } = shared.get();
	const meaning = module?.described.findings.find( ( one ) => one.code === finding.code )?.meaning;
	const paths = module ? settingsOf( finding, module.schema, status ) : [];
	const link = ( path: Path ) => ( orders
		? hashOf( 'preview', { ...route.get().asked, orders, setting: pathText( path ) } )
		: hashOf( 'settings', { setting: pathText( path ) } ) );
	const sentence = finding.message.replace( /^./, ( letter ) => letter.toUpperCase() ).replace( /([^.])$/, '$1.' ).replace( /`([^`]*)`/g, '“$1”' );
	return <li className={ `tb-finding tb-finding--${ finding.severity }` }>
		<Badge tone={ tones[ finding.severity ] }>{ words()[ finding.severity ] }</Badge>
		<div>
			{ spoken() !== 'en' && meaning && <p className="tb-finding__message">{ prose( meaning ) }</p> }
			<p className={ spoken() === 'en' ? 'tb-finding__message' : 'tb-quiet' } lang="en">{ sentence }</p>
			<p className="tb-quiet">{ prose( finding.cure ) }</p>
			{ paths.length > 0 && <p className="tb-finding__links">{ paths.map( ( path ) =>
				<a key={ pathText( path ) } href={ link( path ) }>{ t( 'Open the setting: {name}', { name: trailOf( path ) } ) }</a> ) }</p> }
			<p className="tb-code"><code>{ finding.code }</code></p>
		</div>
	</li>;
}

/** All findings, gravest first, as they come. */
export function Findings( { findings, status, orders }: { findings: Finding[]; status?: string | null | undefined; orders?: string } ) {
	return <ul className="tb-findings">{ findings.map( ( finding, at ) =>
		<FindingItem key={ at } finding={ finding } status={ status } { ...( orders ? { orders } : {} ) } /> ) }</ul>;
}
