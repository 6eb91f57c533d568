/** Payment methods, by currency, to bank and clearing accounts; statuses to what becomes of orders. */
import { config } from '../lib/config';
import { t } from '../lib/i18n';
import { shared, tryOut } from '../lib/state';
import { useStore } from '../lib/store';
import { Card, Notice } from '../parts/ui';
import { statusWord } from '../parts/words';
import { useCheck } from '../settings/check';
import { Editor } from '../settings/editor';
import { valueAt } from '../settings/path';
import { Cell, MapTable } from './map-table';

/** More columns than these help nobody; the settings take any currency. */
const CURRENCIES_MAX = 4;

/** Gateways down, currencies across. */
export function PaymentsMap() {
	const { module, context } = useStore( shared );
	const { settings } = useCheck();
	if ( ! module ) {
		return null;
	}
	const table = ( valueAt( settings, [ 'payments', 'accounts' ], module.schema ) ?? {} ) as Record<string, string>;
	const listed = ( context?.gateways ?? [] ).map( ( one ) => ( { id: one.id, name: one.title || one.method_title || one.id, enabled: one.enabled !== false } ) );
	const others = Object.keys( table ).map( ( key ) => key.split( '/' )[ 0 ] ?? '' ).filter( ( id ) => ! listed.some( ( one ) => one.id === id ) );
	const gateways = [ ...listed, ...[ ...new Set( others ) ].map( ( id ) => ( { id, name: id, enabled: true } ) ) ];
	const isMissing = ( id: string ) => ! ( ( shared.get().base?.payments?.accounts ?? {} ) as Record<string, string> )[ id ];
	gateways.sort( ( left, right ) => Number( isMissing( right.id ) ) - Number( isMissing( left.id ) ) || Number( right.enabled ) - Number( left.enabled ) );
	const own = context?.shop.currency ?? '';
	const used = Object.keys( table ).map( ( key ) => key.split( '/' )[ 1 ] ).filter( Boolean ) as string[];
	const offered = ( context?.chart?.currencies ?? [] ).map( ( one ) => one.Code ?? '' ).filter( ( code ) => code && code !== own );
	const currencies = [ ...new Set( [ ...used, ...offered ] ) ].slice( 0, CURRENCIES_MAX );
	return <>
		<Card title={ t( 'Payment methods' ) }>
			<p className="tb-quiet">{ t( 'A payment goes to the account of its payment method and currency; without one for the currency, to the method’s own.' ) }</p>
			{ gateways.length === 0 ? <Notice><p>{ t( 'The shop has no payment methods yet.' ) }</p></Notice>
				: <div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ t( 'Payment methods' ) }><table className="tb-table tb-table--map"><thead><tr><th scope="col">{ t( 'Payment method' ) }</th><th scope="col">{ t( 'Account in Xero' ) }</th>
					{ currencies.map( ( code ) => <th key={ code } scope="col">{ t( 'In {currency}', { currency: code } ) }</th> ) }</tr></thead>
				<tbody>{ gateways.map( ( one ) => <tr key={ one.id } className={ one.enabled && ! table[ one.id ] && ! valueAt( settings, [ 'payments', 'other' ] ) ? 'is-missing' : undefined }>
					<th scope="row">{ one.name }{ ! one.enabled && <span className="tb-quiet"> { t( '(switched off in the shop)' ) }</span> }</th>
					{ [ one.id, ...currencies.map( ( code ) => `${ one.id }/${ code }` ) ].map( ( key ) => <td key={ key }><Cell label={ key.includes( '/' ) ? t( '{name} in {currency}', { name: one.name, currency: key.split( '/' )[ 1 ] ?? '' } ) : one.name }
						row={ { name: one.name, path: [ 'payments', 'accounts', key ], optional: key.includes( '/' ), put: ( value ) => tryOut( [ 'payments', 'accounts', key ], value || undefined ) } } /></td> ) }</tr> ) }</tbody></table></div> }
		</Card>
		<MapTable title={ t( 'All others' ) } shop={ t( 'In the shop' ) } ledger={ t( 'Account in Xero' ) } rows={ [ { name: t( 'Payment methods without an account of their own' ), path: [ 'payments', 'other' ], optional: true,
			about: t( 'Empty: their payments wait, the invoices do not.' ) } ] } />
	</>;
}

/** What becomes of orders, by status. */
export function StatusMap() {
	const { module, context } = useStore( shared );
	const { settings } = useCheck();
	if ( ! module ) {
		return null;
	}
	const table = ( valueAt( settings, [ 'statuses' ], module.schema ) ?? {} ) as Record<string, string>;
	return <Card title={ t( 'Order statuses' ) }>
		<p className="tb-quiet">{ t( 'An order whose status has no row waits until there is one.' ) }</p>
		<div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ t( 'Order statuses' ) }><table className="tb-table tb-table--map"><thead><tr><th scope="col">{ t( 'Status in the shop' ) }</th><th scope="col">{ t( 'What becomes of the order' ) }</th></tr></thead>
			<tbody>{ Object.keys( table ).map( ( status ) => <tr key={ status }><th scope="row">{ statusWord( status ).text } <code className="tb-quiet">{ status }</code></th>
				<td><Editor path={ [ 'statuses', status ] } value={ table[ status ] } schema={ module.schema } context={ context } onChange={ tryOut } label={ <span className="tb-sr">{ statusWord( status ).text }</span> } brief disabled={ ! config().can.configure } /></td></tr> ) }</tbody></table></div>
		<p><a href="#/settings?setting=statuses">{ t( 'Add a status' ) }</a></p>
	</Card>;
}
