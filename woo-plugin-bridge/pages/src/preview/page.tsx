/** Preview: single orders, several, or what summaries would be. */
import { t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { OrderList } from './list';
import { OrderPreview } from './order';
import { SummaryPreview } from './summary';

/** Which part of it is asked for stands in the address. */
export function PreviewPage( { asked }: { asked: Record<string, string> } ) {
	const ids = ( asked.orders ?? '' ).split( ',' ).map( Number ).filter( ( id ) => Number.isSafeInteger( id ) && id > 0 );
	const only = ids.length === 1 ? ids[ 0 ] : undefined;
	const isSummary = asked.view === 'summary';
	return <>
		<nav className="tb-views" aria-label={ t( 'Kinds of preview' ) }>
			<a href={ hashOf( 'preview' ) } aria-current={ isSummary || only !== undefined ? undefined : 'true' }>{ only !== undefined ? t( '← All orders' ) : t( 'Orders' ) }</a>
			<a href={ hashOf( 'preview', { view: 'summary' } ) } aria-current={ isSummary ? 'true' : undefined }>{ t( 'Summaries' ) }</a>
		</nav>
		{ isSummary ? <SummaryPreview /> : only !== undefined ? <OrderPreview key={ only } id={ only } asked={ asked.setting } />
			: <OrderList key={ asked.orders ?? '' } ids={ ids.length > 0 ? ids : undefined } /> }
	</>;
}
