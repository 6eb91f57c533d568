/** Accounts by kind of line, and the exceptions. */
import { config } from '../lib/config';
import { prose, t } from '../lib/i18n';
import { shared, tryOut } from '../lib/state';
import { useStore } from '../lib/store';
import { Card } from '../parts/ui';
import { useCheck } from '../settings/check';
import { Editor } from '../settings/editor';
import { valueAt } from '../settings/path';
import type { Path } from '../settings/schema';
import { nameOf, trailOf } from '../settings/words';
import { MapTable, type MapRow } from './map-table';

const KINDS = [ 'accounts.sales', 'accounts.shipping', 'accounts.fees', 'accounts.discounts', 'rounding.account', 'gift_cards.account', 'refunds.account', 'gateway_fees.account', 'tax.line_account' ];
/** These are needed by some shops only. */
const OPTIONAL = [ 'accounts.discounts', 'gift_cards.account', 'refunds.account', 'gateway_fees.account', 'tax.line_account' ];
const RULES = [ 'product', 'category', 'product_type', 'tax_class', 'country' ];

/** The view. */
export function AccountsMap() {
	const { module, context } = useStore( shared );
	const { settings } = useCheck();
	if ( ! module ) {
		return null;
	}
	const { schema } = module;
	const rows: MapRow[] = KINDS.map( ( text ) => text.split( '.' ) ).map( ( path ) => ( {
		name: path[ 0 ] === 'accounts' ? nameOf( path ) : trailOf( path ).split( ' › ' ).at( -1 ) ?? '', path,
		about: prose( schema.at( path )?.description ?? '' ), optional: OPTIONAL.includes( path.join( '.' ) ),
	} ) );
	const editor = ( path: Path ) => <Editor key={ path.join( '.' ) } path={ path } value={ valueAt( settings, path, schema ) } schema={ schema } context={ context } onChange={ tryOut } disabled={ ! config().can.configure } />;
	return <>
		<MapTable title={ t( 'Accounts' ) } shop={ t( 'In the shop' ) } ledger={ t( 'Account in Xero' ) } rows={ rows } />
		<Card title={ t( 'Exceptions' ) }>
			<p className="tb-quiet">{ t( 'The first kind of rule that matches counts, in this order: product, category, product type, tax class, country.' ) }</p>
			{ RULES.map( ( name ) => editor( [ 'accounts', 'rules', name ] ) ) }
			{ editor( [ 'accounts', 'shipping_methods' ] ) }
		</Card>
	</>;
}
