/** What a setting can be, where Xero or the shop has a list of it. */
import type { Account, Context } from '../lib/api-types';
import { known, t } from '../lib/i18n';
import { statusWord } from '../parts/words';
import type { Path } from './schema';
import { pathText } from './schema';

export interface Option {
	value: string;
	text: string;
	group?: string;
}

const ACCOUNT = /^(accounts\.(sales|shipping|fees|discounts|shipping_methods\..+|rules\.\w+\..+)|fees\[\d+\]\.account|gift_cards\.account|refunds\.account|rounding\.account|tax\.line_account|tax\.sets\[\d+\]\.line_account|gateway_fees\.account|summary\.accounts\.\w+)$/;
const BANK = /^payments\.(other|accounts\..+)$/;
const TAX_TYPE = /^(tax\.sets\[\d+\]\.tax_type|tax\.untaxed\.\w+|tax\.no_tax|gateway_fees\.tax_type)$/;

const isBank = ( account: Account ) => account.Type === 'BANK' || account.EnablePaymentsToAccount === true;

function accounts( context: Context | undefined, fits: ( account: Account ) => boolean ): Option[] {
	return ( context?.chart?.accounts ?? [] )
		.filter( ( account ) => account.Code && account.Status !== 'ARCHIVED' && fits( account ) )
		.map( ( { Code = '', Name = '', Type = '' } ) => ( { value: Code, text: `${ Code } ${ Name }`, group: accountKind( Type ) } ) )
		.sort( ( left, right ) => left.value.localeCompare( right.value, undefined, { numeric: true } ) );
}

/** Xero's kinds of accounts in words. */
function accountKind( type: string ): string {
	const words: Record<string, string> = {
		BANK: t( 'Bank' ), REVENUE: t( 'Revenue' ), SALES: t( 'Sales' ), OTHERINCOME: t( 'Other income' ), EXPENSE: t( 'Expense' ),
		OVERHEADS: t( 'Overheads' ), DIRECTCOSTS: t( 'Direct costs' ), CURRLIAB: t( 'Current liability' ), LIABILITY: t( 'Liability' ),
		TERMLIAB: t( 'Non-current liability' ), CURRENT: t( 'Current asset' ), EQUITY: t( 'Equity' ), FIXED: t( 'Fixed asset' ),
	};
	return words[ type ] ?? known( type );
}

/** The list that a setting is chosen from; undefined where anything may be written. */
export function optionsFor( path: Path, context: Context | undefined ): Option[] | undefined {
	const text = pathText( path );
	if ( ACCOUNT.test( text ) ) {
		return accounts( context, ( account ) => account.Type !== 'BANK' );
	}
	if ( BANK.test( text ) ) {
		return accounts( context, isBank );
	}
	if ( TAX_TYPE.test( text ) ) {
		return ( context?.chart?.tax_rates ?? [] ).filter( ( rate ) => rate.TaxType && rate.Status !== 'DELETED' && rate.Status !== 'ARCHIVED' )
			.map( ( { TaxType = '', Name = '', EffectiveRate } ) => ( { value: TaxType, text: `${ Name } · ${ EffectiveRate ?? '?' } % (${ TaxType })` } ) );
	}
	if ( text === 'invoice.branding_theme' ) {
		return ( context?.chart?.branding_themes ?? [] ).map( ( { Name = '' } ) => ( { value: Name, text: Name } ) );
	}
	if ( /^tracking\[\d+\]\.category$/.test( text ) ) {
		return ( context?.chart?.tracking_categories ?? [] ).map( ( { Name = '' } ) => ( { value: Name, text: Name } ) );
	}
	return undefined;
}

/** Keys that a table of settings may have and people can choose from. */
export function keysFor( path: Path, context: Context | undefined ): Option[] | undefined {
	const text = pathText( path );
	if ( text === 'payments.accounts' || text === 'invoice.terms.by_gateway' ) {
		const gateways = context?.gateways ?? [];
		const plain = gateways.map( ( { id, title, method_title: method } ) => ( { value: id, text: `${ title || method || id } (${ id })` } ) );
		const own = context?.shop.currency;
		const others = text === 'payments.accounts'
			? ( context?.chart?.currencies ?? [] ).map( ( { Code = '' } ) => Code ).filter( ( code ) => code && code !== own ) : [];
		return [ ...plain, ...gateways.flatMap( ( { id, title } ) => others.map( ( code ) => ( { value: `${ id }/${ code }`, text: `${ title || id } · ${ code }` } ) ) ) ];
	}
	if ( text === 'statuses' ) {
		return [ 'pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed', 'trash', 'checkout-draft' ]
			.map( ( status ) => ( { value: status, text: statusWord( status ).text } ) );
	}
	return undefined;
}

/** A key of a table as people know it. */
export function keyName( path: Path, key: string, context: Context | undefined ): string {
	const found = keysFor( path, context )?.find( ( one ) => one.value === key );
	return found?.text ?? key;
}

/** A value as people know it, for sentences such as "200 Sales". */
export function valueName( path: Path, value: unknown, context: Context | undefined ): string {
	if ( value === undefined || value === '' || value === null ) {
		return t( 'nothing' );
	}
	if ( typeof value === 'boolean' ) {
		return value ? t( 'on' ) : t( 'off' );
	}
	if ( typeof value === 'object' ) {
		const count = Array.isArray( value ) ? value.length : Object.keys( value ).length;
		return count === 1 ? t( '1 row' ) : t( '{count} rows', { count } );
	}
	const option = optionsFor( path, context )?.find( ( one ) => one.value === String( value ) );
	return option?.text ?? String( value );
}
