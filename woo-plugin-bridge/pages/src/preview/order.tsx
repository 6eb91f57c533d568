/** One order beside its documents, with the settings that made them. */
import type { Document } from 'tillbook/types';
import { useEffect, useRef, useState } from 'preact/hooks';

import { asProblem, type Problem } from '../lib/api';
import { orderLink } from '../lib/config';
import { ask } from '../lib/core';
import { money } from '../lib/format';
import { t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { draft, shared, source } from '../lib/state';
import { useStore } from '../lib/store';
import { announce } from '../parts/announce';
import { Badge, Card, Empty, Loading, Outside, ProblemNotice } from '../parts/ui';
import { outcomeWord } from '../parts/words';
import type { Shown } from '../worker/protocol';
import { Findings } from './findings';
import { ShopLines, ShopSide, linesOf, short } from './shop-side';
import { WhatIf } from './what-if';
import { XeroSide, settingLink } from './xero-side';

interface Both {
	shown: Shown;
	/** With the settings that are kept, while others are tried. */
	before: Shown | undefined;
}

/** The order's preview, anew with every setting that is tried. */
export function useShown( id: number ): { both: Both | undefined; problem: Problem | undefined; again: () => void } {
	const { base, context } = useStore( shared );
	const tried = useStore( draft );
	const [ state, setState ] = useState<{ id: number; both?: Both; problem?: Problem }>( { id } );
	const [ round, setRound ] = useState( 0 );
	const read = useRef( '' );
	useEffect( () => {
		if ( ! base ) {
			return;
		}
		let wanted = true;
		// The shop is asked once for each visit; what is tried goes by what was read.
		const again = read.current !== `${ id }/${ round }`;
		const show = ( settings: typeof base, fresh: boolean ) => ask( 'show', { id, settings, source: source(), again: fresh } );
		const run = async () => {
			const before = await show( base, again );
			read.current = `${ id }/${ round }`;
			const shown = tried ? await show( tried, false ) : before;
			return { shown, before: tried ? before : undefined };
		};
		run().then(
			( both ) => wanted && setState( { id, both } ),
			( error: unknown ) => wanted && setState( { id, problem: asProblem( error ) } )
		);
		return () => {
			wanted = false;
		};
	}, [ id, base, tried, round, context ] );
	const mine = state.id === id ? state : { id };
	return { both: mine.both, problem: mine.problem, again: () => setRound( ( before ) => before + 1 ) };
}

/** A refund beside its credit note. */
function Refund( { shown, before, at }: { shown: Shown; before: Shown | undefined; at: number } ) {
	const [ marked, mark ] = useState<string[]>( [] );
	const outcome = shown.outcome.refunds?.[ at ];
	const refund = shown.refunds.find( ( one ) => one.id === outcome?.refund_id ) ?? {};
	if ( ! outcome ) {
		return null;
	}
	const link = settingLink( String( shown.outcome.order_id ) );
	const lines = linesOf( refund );
	return <section className="tb-pair" aria-label={ t( 'Refund {id}', { id: outcome.refund_id ?? '' } ) }>
		<Card className="tb-side" title={ t( 'Refund in the shop' ) } actions={ <Badge tone={ outcomeWord( outcome.outcome ).tone }>{ outcomeWord( outcome.outcome ).text }</Badge> }>
			<p>{ t( 'Amount' ) }: <strong>{ money( short( String( refund.amount ?? '' ) ), shown.outcome.currency ) }</strong>{ refund.reason ? <> – { String( refund.reason ) }</> : null }</p>
			{ lines.length > 0 ? <ShopLines lines={ lines } marked={ marked } onMark={ mark } /> : <p className="tb-quiet">{ t( 'The refund names no lines.' ) }</p> }
			{ outcome.findings.length > 0 && <Findings findings={ outcome.findings } orders={ String( shown.outcome.order_id ) } /> }
		</Card>
		{ outcome.document ? <XeroSide document={ outcome.document } before={ before?.outcome.refunds?.[ at ]?.document ?? undefined } marked={ marked } onMark={ mark } link={ link } />
			: <NoDocument outcome={ outcome.outcome } /> }
	</section>;
}

/** Why there is nothing on Xero's side. */
function NoDocument( { outcome }: { outcome: string } ) {
	return <Card className="tb-side tb-side--xero" title={ t( 'In Xero' ) }>{ outcome === 'hold'
		? <Empty title={ t( 'Not sent until this is put right.' ) }>{ t( 'See what stops it, then open the setting or correct the order in the shop.' ) }</Empty>
		: <Empty title={ t( 'Nothing is sent for this.' ) }>{ t( 'The note above says why.' ) }</Empty> }</Card>;
}

/** What changed for a screen reader, in a sentence. */
function tellMove( now: Document | null | undefined, before: Document | null | undefined ): void {
	if ( now && before && now.sha256 !== before.sha256 ) {
		announce( t( 'The document has changed: total {total}, tax {tax}.', { total: now.total, tax: now.total_tax } ) );
	}
}

/** The view of one order. */
export function OrderPreview( { id, asked, position }: { id: number; asked: string | undefined; position?: { before?: number; after?: number } } ) {
	const { both, problem, again } = useShown( id );
	const [ marked, mark ] = useState<string[]>( [] );
	const last = useRef<Document | null | undefined>();
	useEffect( () => {
		tellMove( both?.shown.outcome.document, last.current );
		last.current = both?.shown.outcome.document;
	}, [ both ] );
	if ( problem ) {
		return <ProblemNotice problem={ problem } again={ again } />;
	}
	if ( ! both ) {
		return <Loading what={ t( 'Reading order {id}…', { id } ) } />;
	}
	const { shown, before } = both;
	const { outcome } = shown;
	const word = outcomeWord( outcome.outcome );
	const shop = orderLink( id );
	const go = ( to: number ) => hashOf( 'preview', { orders: String( to ) } );
	return <>
		<div className="tb-order-head">
			<h2 tabIndex={ -1 }>{ t( 'Order #{number}', { number: outcome.number ?? id } ) }{ outcome.document && <> <span aria-hidden="true">→</span> { outcome.document.number }</> }</h2>
			<Badge tone={ word.tone }>{ word.text }</Badge>
			<span className="tb-order-head__links">
				{ position?.before !== undefined && <a href={ go( position.before ) }>{ t( 'Previous' ) }</a> }
				{ position?.after !== undefined && <a href={ go( position.after ) }>{ t( 'Next' ) }</a> }
				{ shop && <Outside href={ shop }>{ t( 'Open in the shop' ) }</Outside> }
				<a href={ hashOf( 'queue', { kind: 'order', id: String( id ) } ) }>{ t( 'History' ) }</a>
			</span>
		</div>
		{ outcome.findings.length > 0 && <Card title={ t( 'Findings' ) } className="tb-card--tight"><Findings findings={ outcome.findings } status={ outcome.status } orders={ String( id ) } /></Card> }
		{ shown.findings.length > 0 && <Card title={ t( 'About the chart of accounts' ) } className="tb-card--tight"><Findings findings={ shown.findings } /></Card> }
		<div className="tb-with-panel">
			<div className="tb-pairs">
				<div className="tb-pair">
					<ShopSide order={ shown.order } marked={ marked } onMark={ mark } />
					{ outcome.document ? <XeroSide document={ outcome.document } before={ before?.outcome.document ?? undefined } charged={ outcome.charged }
						marked={ marked } onMark={ mark } link={ settingLink( String( id ) ) } /> : <NoDocument outcome={ outcome.outcome } /> }
				</div>
				{ ( outcome.refunds ?? [] ).map( ( refund, at ) => <Refund key={ refund.refund_id ?? at } shown={ shown } before={ before } at={ at } /> ) }
			</div>
			<WhatIf shown={ shown } asked={ asked } />
		</div>
	</>;
}
