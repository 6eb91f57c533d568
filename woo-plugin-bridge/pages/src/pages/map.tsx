/** Map: what in the shop is what in Xero. What is missing comes first. */
import { t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { AccountsMap } from './map-accounts';
import { Matching } from './map-matching';
import { PaymentsMap, StatusMap } from './map-payments';
import { TaxMap } from './map-tax';

/** The parts, by what stands in the address. */
export function MapPage( { asked }: { asked: Record<string, string> } ) {
	const views = [
		[ 'accounts', t( 'Accounts' ) ], [ 'tax', t( 'Tax' ) ], [ 'payments', t( 'Payments' ) ], [ 'statuses', t( 'Statuses' ) ],
		[ 'customers', t( 'Customers' ) ], [ 'products', t( 'Products' ) ],
	] as const;
	const view = views.find( ( [ name ] ) => name === asked.view )?.[ 0 ] ?? 'accounts';
	return <>
		<nav className="tb-views" aria-label={ t( 'What to map' ) }>{ views.map( ( [ name, text ] ) =>
			<a key={ name } href={ hashOf( 'map', { view: name } ) } aria-current={ name === view ? 'true' : undefined }>{ text }</a> ) }</nav>
		{ view === 'accounts' && <AccountsMap /> }
		{ view === 'tax' && <TaxMap /> }
		{ view === 'payments' && <PaymentsMap /> }
		{ view === 'statuses' && <StatusMap /> }
		{ ( view === 'customers' || view === 'products' ) && <Matching key={ view } kind={ view } /> }
	</>;
}
