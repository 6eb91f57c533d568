/** Names of settings, in a shop owner's words. What each does is said by the core's own schema. */
import { known, t } from '../lib/i18n';
import { pathText, type Path } from './schema';

/** By path; `*` stands for a key or a place in a list. */
const names = (): Record<string, string> => ( {
	invoice: t( 'Invoices' ),
	'invoice.prefix': t( 'Invoice number prefix' ),
	'invoice.reference': t( 'Reference' ),
	'invoice.status': t( 'Status of new invoices' ),
	'invoice.date': t( 'Invoice date' ),
	'invoice.terms': t( 'Payment terms' ),
	'invoice.terms.days': t( 'Days until due' ),
	'invoice.terms.by_gateway': t( 'Days until due, by payment method' ),
	'invoice.terms.by_role': t( 'Days until due, by customer role' ),
	'invoice.link_to_order': t( 'Link to the order' ),
	'invoice.branding_theme': t( 'Branding theme' ),
	'invoice.currency_rate': t( 'Exchange rate' ),
	'invoice.locked': t( 'Days in a locked period' ),
	'invoice.zero_total': t( 'Orders of 0.00' ),
	contact: t( 'Contacts' ),
	'contact.mode': t( 'Contacts in Xero' ),
	'contact.name': t( 'Name of the one contact' ),
	'contact.number_prefix': t( 'Contact number prefix' ),
	'contact.name_template': t( 'Name of a customer' ),
	'contact.company_template': t( 'Name of a company' ),
	'contact.one_for_roles': t( 'Roles with the one contact' ),
	'contact.one_for_guests': t( 'Guests use the one contact' ),
	'contact.existing': t( 'Contacts that exist already' ),
	statuses: t( 'Order statuses' ),
	'statuses.*': t( 'Orders with this status' ),
	lines: t( 'Invoice lines' ),
	'lines.line_item': t( 'Description of a product' ),
	'lines.shipping': t( 'Description of shipping' ),
	'lines.fee': t( 'Description of a fee' ),
	'lines.discount': t( 'Description of a discount' ),
	'lines.tax': t( 'Description of a tax line' ),
	'lines.discounts': t( 'Discounts' ),
	'lines.item_codes': t( 'Item codes on lines' ),
	accounts: t( 'Accounts' ),
	'accounts.sales': t( 'Sales' ),
	'accounts.shipping': t( 'Shipping' ),
	'accounts.shipping_methods': t( 'Shipping, by method' ),
	'accounts.fees': t( 'Fees and surcharges' ),
	'accounts.discounts': t( 'Discounts' ),
	'accounts.rules': t( 'Exceptions from the sales account' ),
	'accounts.rules.product': t( 'By product' ),
	'accounts.rules.category': t( 'By category' ),
	'accounts.rules.product_type': t( 'By product type' ),
	'accounts.rules.tax_class': t( 'By tax class' ),
	'accounts.rules.country': t( 'By country' ),
	tracking: t( 'Tracking categories' ),
	'tracking.*': t( 'Tracking category' ),
	'tracking.*.category': t( 'Category in Xero' ),
	'tracking.*.option': t( 'Option for everything else' ),
	'tracking.*.rules': t( 'Options by rule' ),
	'tracking.*.rules.product': t( 'By product' ),
	'tracking.*.rules.category': t( 'By category' ),
	'tracking.*.rules.product_type': t( 'By product type' ),
	'tracking.*.rules.tax_class': t( 'By tax class' ),
	'tracking.*.rules.country': t( 'By country' ),
	tax: t( 'Tax' ),
	'tax.mode': t( 'How tax is posted' ),
	'tax.sets': t( 'Tax rates' ),
	'tax.sets.*': t( 'Set of tax rates' ),
	'tax.sets.*.rates': t( 'Ids of the rates' ),
	'tax.sets.*.name': t( 'Name' ),
	'tax.sets.*.tax_type': t( 'Xero tax rate' ),
	'tax.sets.*.line_account': t( 'Account of the tax line' ),
	'tax.untaxed': t( 'Lines without tax' ),
	'tax.untaxed.not_taxable': t( 'Not taxable' ),
	'tax.untaxed.exempt': t( 'Exempt customers' ),
	'tax.untaxed.zero_rate': t( 'Zero-rate class' ),
	'tax.untaxed.export': t( 'Goods sent abroad' ),
	'tax.untaxed.other': t( 'No rate applied' ),
	'tax.line_account': t( 'Account of tax lines' ),
	'tax.no_tax': t( 'Tax rate for “no tax”' ),
	fees: t( 'Special fees' ),
	'fees.*': t( 'Fee rule' ),
	'fees.*.name_contains': t( 'Name contains' ),
	'fees.*.meta_key': t( 'Meta key' ),
	'fees.*.meta_value': t( 'Meta value' ),
	'fees.*.negative': t( 'Only below zero' ),
	'fees.*.kind': t( 'What it is' ),
	'fees.*.account': t( 'Account' ),
	gift_cards: t( 'Gift cards' ),
	'gift_cards.account': t( 'Gift card liability account' ),
	'gift_cards.product_types': t( 'Product types that are gift cards' ),
	'gift_cards.coupon_kinds': t( 'Coupons that redeem gift cards' ),
	refunds: t( 'Refunds' ),
	'refunds.amount_only': t( 'Refunds of an amount' ),
	'refunds.account': t( 'Refunds account' ),
	'refunds.number_infix': t( 'Credit note number' ),
	'refunds.reference': t( 'Reference of credit notes' ),
	rounding: t( 'Rounding' ),
	'rounding.account': t( 'Rounding account' ),
	'rounding.cap': t( 'Largest rounding' ),
	items: t( 'Products' ),
	'items.unmapped': t( 'Products that are no item in Xero' ),
	'items.unsold': t( 'Products not sold yet' ),
	'items.code_template': t( 'Item code without SKU' ),
	payments: t( 'Payments' ),
	'payments.accounts': t( 'Accounts by payment method' ),
	'payments.accounts.*': t( 'Account of this payment method' ),
	'payments.other': t( 'All other payment methods' ),
	gateway_fees: t( 'Gateway fees' ),
	'gateway_fees.account': t( 'Account of gateway fees' ),
	'gateway_fees.tax_type': t( 'Tax rate of gateway fees' ),
	'gateway_fees.contact': t( 'Contact of gateway fees' ),
	changes: t( 'Later changes' ),
	'changes.paid': t( 'Paid documents whose order changes' ),
	summary: t( 'Summaries' ),
	'summary.modes': t( 'Single invoices or summaries' ),
	'summary.modes.*': t( 'From a day on' ),
	'summary.modes.*.from': t( 'From' ),
	'summary.modes.*.mode': t( 'Mode' ),
	'summary.individually': t( 'Orders that go singly all the same' ),
	'summary.individually.gateways': t( 'By payment method' ),
	'summary.individually.product_tags': t( 'By product tag' ),
	'summary.individually.roles': t( 'By customer role' ),
	'summary.individually.total_from': t( 'From this total on' ),
	'summary.payouts': t( 'Gateways that pay out' ),
	'summary.payouts.*': t( 'Gateway' ),
	'summary.payouts.*.methods': t( 'Payment methods' ),
	'summary.payouts.*.source': t( 'Where payouts are read' ),
	'summary.groups': t( 'Payment methods in one document' ),
	'summary.groups.*': t( 'Group' ),
	'summary.groups.*.methods': t( 'Payment methods' ),
	'summary.groups.*.name': t( 'Name of the group' ),
	'summary.zone': t( 'Time zone of the days' ),
	'summary.day': t( 'Day of an order' ),
	'summary.split_months': t( 'Divide payouts at month end' ),
	'summary.status': t( 'Status of summaries' ),
	'summary.contact': t( 'Contact of summaries' ),
	'summary.number_infix': t( 'Summary number' ),
	'summary.accounts': t( 'Accounts of summaries' ),
	'summary.accounts.refunds': t( 'Refunds' ),
	'summary.accounts.fees': t( 'Gateway fees' ),
	'summary.accounts.reserves': t( 'Reserves' ),
	'summary.accounts.chargebacks': t( 'Disputed charges' ),
	'summary.accounts.adjustments': t( 'Adjustments' ),
	'summary.accounts.transfers': t( 'Transfers' ),
	'summary.accounts.unmatched': t( 'What belongs to no order' ),
	sync: t( 'Automatic sync' ),
	'sync.orders': t( 'Orders' ),
	'sync.payments': t( 'Payments' ),
	'sync.refunds': t( 'Refunds' ),
	'sync.fees': t( 'Gateway fees' ),
	'sync.customers': t( 'Customers' ),
	'sync.products': t( 'Products' ),
	'sync.summaries': t( 'Summaries' ),
	'sync.stock': t( 'Stock' ),
	'sync.*.on': t( 'Sent by itself' ),
	'sync.*.from': t( 'From when' ),
} );

let cached: Record<string, string> | undefined;

/** All names, by path with stars. */
export function settingNames(): Record<string, string> {
	cached ??= names();
	return cached;
}

/** Parts of a setting in the order in which they stand above, which is that of a shop owner's questions. */
export function inOrder( root: string, parts: string[] ): string[] {
	const all = Object.keys( settingNames() );
	const place = ( part: string ) => {
		const at = all.indexOf( root ? `${ root }.${ part }` : part );
		return at < 0 ? all.length : at;
	};
	return [ ...parts ].sort( ( left, right ) => place( left ) - place( right ) );
}

const humanise = ( step: string ) => known( step.replace( /[_-]/g, ' ' ).replace( /^./, ( letter ) => letter.toUpperCase() ) );

/** A path with a star for each place in a list. */
export const patternOf = ( path: Path ) => path.map( ( step ) => ( typeof step === 'number' ? '*' : step ) ).join( '.' );

/** The patterns that a path fits, the closest first. */
function patternsOf( path: Path ): string[] {
	const exact = path.map( ( step ) => ( typeof step === 'number' ? '*' : step ) );
	const lastStar = [ ...exact.slice( 0, -1 ), '*' ];
	const inner = exact.map( ( step, at ) => ( at === 1 ? '*' : step ) );
	return [ exact, lastStar, inner ].map( ( steps ) => steps.join( '.' ) );
}

/** The name of one setting alone: for a key of a table, the key. */
export function nameOf( path: Path ): string {
	const own = settingNames()[ patternsOf( path )[ 0 ] ?? '' ];
	const inner = settingNames()[ patternsOf( path )[ 2 ] ?? '' ];
	const last = path.at( -1 );
	return own ?? inner ?? ( typeof last === 'number' ? String( last + 1 ) : isKey( path ) ? String( last ) : humanise( String( last ?? '' ) ) );
}

/** Whether the last step is a key of a table: a status, a gateway, a category. */
function isKey( path: Path ): boolean {
	return /^(statuses\.|payments\.accounts\.|accounts\.shipping_methods\.|invoice\.terms\.by_|accounts\.rules\.\w+\.|tracking\[\d+\]\.rules\.\w+\.)/.test( pathText( path ) )
		&& settingNames()[ pathText( path ) ] === undefined;
}

/** The whole way to a setting: `Accounts › Sales`. */
export function trailOf( path: Path ): string {
	return path.map( ( _, at ) => nameOf( path.slice( 0, at + 1 ) ) ).join( ' › ' );
}
