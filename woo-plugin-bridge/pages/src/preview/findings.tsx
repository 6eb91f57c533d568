/** Findings for people: what it is, what would cure it, and the way to the setting. */
import type { Finding } from '../lib/api-types';
import { config } from '../lib/config';
import { known, spoken, t } from '../lib/i18n';
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
	if ( finding.code === 'payment.gateway_unmapped' && finding.object ) {
		return [ [ 'payments', 'accounts', finding.object.id ] ];
	}
	const named = [ ...finding.cure.matchAll( /`([^`]+)`/g ) ].map( ( found ) => found[ 1 ] ?? '' );
	const isOfOrder = /^(order|line_item|refund|fee_line|shipping_line)$/.test( finding.object?.kind ?? '' );
	const places = [ ...( finding.field && ! isOfOrder ? [ finding.field ] : [] ), ...named ];
	const paths = places.map( ( place ) => schema.parse( place ) ).filter( ( path ) => path !== undefined );
	// Of `accounts` and `accounts.sales` only the closer one helps.
	return paths.filter( ( path, at ) => ! paths.some( ( other, index ) => index !== at
		&& ( pathText( other ).startsWith( `${ pathText( path ) }.` ) || ( pathText( other ) === pathText( path ) && index < at ) ) ) );
}

const tones = { error: 'bad', warning: 'warn', info: 'calm' } as const;
const words = () => ( { error: t( 'Stops it' ), warning: t( 'To know' ), info: t( 'For interest' ) } );

/** Names of settings in a sentence become what the pages call them; other marked words are quoted. */
export function inWords( text: string, schema: SettingsSchema | undefined ): string {
	return text.replace( /`([^`]*)`/g, ( _, marked: string ) => {
		const path = schema?.parse( marked );
		return `“${ path ? trailOf( path ) : marked }”`;
	} );
}

/** One finding. The core speaks English; in other languages its meaning goes first. */
export function FindingItem( { finding, status, orders, away }: {
	finding: Finding; status?: string | null | undefined; orders?: string;
	/** Shown where there are no pages: links go to those of the plugin, where it says where they are. */
	away?: boolean;
} ) {
	const { module } = shared.get();
	const meaning = module?.described.findings.find( ( one ) => one.code === finding.code )?.meaning;
	const paths = module && ! ( away && config().links.app === undefined ) ? settingsOf( finding, module.schema, status ) : [];
	const link = ( path: Path ) => ( orders
		? hashOf( 'preview', { ...route.get().asked, orders, setting: pathText( path ) } )
		: `${ away ? config().links.app ?? '' : '' }${ hashOf( 'settings', { setting: pathText( path ) } ) }` );
	const sentence = finding.message.replace( /^./, ( letter ) => letter.toUpperCase() ).replace( /([^.])$/, '$1.' );
	return <li className={ `tb-finding tb-finding--${ finding.severity }` }>
		<Badge tone={ tones[ finding.severity ] }>{ words()[ finding.severity ] }</Badge>
		<div>
			{ spoken() !== 'en' && meaning && <p className="tb-finding__message">{ inWords( known( meaning ), module?.schema ) }</p> }
			<p className={ spoken() === 'en' ? 'tb-finding__message' : 'tb-quiet' } lang="en">{ inWords( sentence, module?.schema ) }</p>
			<p className="tb-quiet">{ inWords( known( finding.cure ), module?.schema ) }</p>
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
