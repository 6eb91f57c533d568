/** The document as Xero will have it, with what decided each line. */
import type { Document, DocumentLine, PaymentView, SummaryView } from 'tillbook/types';
import type { ComponentChildren } from 'preact';

import { amount, day, isZero, money } from '../lib/format';
import { t } from '../lib/i18n';
import { hashOf } from '../lib/route';
import { shared } from '../lib/state';
import { Badge, Card, Facts, Sha } from '../parts/ui';
import { exactnessWord } from '../parts/words';
import { trailOf } from '../settings/words';

type AnyDocument = Document | SummaryView;

/** A value, and what it was before the setting was tried. */
export function Was( { now, before, children }: { now: string; before: string | undefined; children?: ComponentChildren } ) {
	if ( before === undefined || before === now ) {
		return <>{ children ?? now }</>;
	}
	return <ins className="tb-changed">{ children ?? now }<span className="tb-was"> { t( 'was {value}', { value: before || t( 'nothing' ) } ) }</span></ins>;
}

function account( code: string ): string {
	const found = shared.get().context?.chart?.accounts?.find( ( one ) => one.Code === code );
	return found ? `${ code } ${ found.Name ?? '' }` : code;
}

function taxName( type: string ): string {
	const found = shared.get().context?.chart?.tax_rates?.find( ( one ) => one.TaxType === type );
	return found?.Name ?? type;
}

/** What a line's account or tax type was decided by, as a way to that setting. */
function Decided( { rule, link, children }: { rule: string; link: ( setting: string ) => string; children: ComponentChildren } ) {
	const path = shared.get().module?.schema.parse( rule );
	return path ? <a href={ link( rule ) } title={ trailOf( path ) } className="tb-decided">{ children }<span className="tb-sr"> ({ t( 'decided by {name}', { name: trailOf( path ) } ) })</span></a> : <>{ children }</>;
}

/** The lines of a document. */
export function XeroLines( { document, before, marked, onMark, link }: {
	document: AnyDocument; before?: AnyDocument | undefined; marked: string[]; onMark: ( keys: string[] ) => void; link: ( setting: string ) => string;
} ) {
	const keys = ( line: DocumentLine ) => line.source.map( ( one ) => `${ one.kind }:${ one.id }` );
	const old = ( at: number ) => ( before?.lines.length === document.lines.length ? before.lines[ at ] : undefined );
	return <div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ t( 'Lines of the document' ) }><table className="tb-table">
		<thead><tr><th scope="col">{ t( 'Description' ) }</th><th scope="col" className="tb-end tb-hide-s">{ t( 'Qty' ) }</th><th scope="col" className="tb-end tb-hide-s">{ t( 'Unit' ) }</th>
			<th scope="col" className="tb-hide-s">{ t( 'Account' ) }</th><th scope="col" className="tb-hide-s">{ t( 'Tax rate' ) }</th><th scope="col" className="tb-end">{ t( 'Tax' ) }</th><th scope="col" className="tb-end">{ t( 'Amount' ) }</th></tr></thead>
		<tbody>{ document.lines.map( ( line, at ) => <tr key={ at } className={ keys( line ).some( ( key ) => marked.includes( key ) ) ? 'is-marked' : undefined }
			onMouseEnter={ () => onMark( keys( line ) ) } onMouseLeave={ () => onMark( [] ) }>
			<td className="tb-name"><Was now={ line.description } before={ old( at )?.description } />
				{ line.item_code && <small className="tb-quiet"> { t( 'item {code}', { code: line.item_code } ) }</small> }
				{ ( line.tracking ?? [] ).map( ( one ) => <small key={ one.category } className="tb-quiet"> { one.category }: { one.option }</small> ) }
				<small className="tb-only-s tb-quiet">{ line.quantity } × { amount( line.unit_amount ) } · <Was now={ line.account_code } before={ old( at )?.account_code }><Decided rule={ line.rules.account } link={ link }>{ account( line.account_code ) }</Decided></Was> · <Decided rule={ line.rules.tax } link={ link }>{ taxName( line.tax_type ) }</Decided></small></td>
			<td className="tb-end tb-hide-s">{ line.quantity }</td>
			<td className="tb-end tb-hide-s"><Was now={ amount( line.unit_amount ) } before={ old( at ) && amount( old( at )?.unit_amount ) } /></td>
			<td className="tb-hide-s"><Was now={ line.account_code } before={ old( at )?.account_code }><Decided rule={ line.rules.account } link={ link }>{ account( line.account_code ) }</Decided></Was></td>
			<td className="tb-hide-s"><Was now={ line.tax_type } before={ old( at )?.tax_type }><Decided rule={ line.rules.tax } link={ link }>{ taxName( line.tax_type ) }</Decided></Was></td>
			<td className="tb-end"><Was now={ amount( line.tax_amount ) } before={ old( at ) && amount( old( at )?.tax_amount ) } />
				{ line.tax_amount_sent && <small className="tb-quiet" title={ t( 'Xero is told this tax, because it would round it a cent differently.' ) }> { t( 'stated' ) }</small> }</td>
			<td className="tb-end"><Was now={ amount( line.line_amount ) } before={ old( at ) && amount( old( at )?.line_amount ) } /></td></tr> ) }</tbody>
	</table></div>;
}

/** Sums, and what was needed to reach them. */
export function XeroTotals( { document, before, charged }: { document: AnyDocument; before?: AnyDocument | undefined; charged?: string | null | undefined } ) {
	const row = ( name: string, now: string, old: string | undefined, total = false ) => <tr className={ total ? 'tb-totals__total' : undefined }>
		<th scope="row">{ name }</th><td><Was now={ money( now, document.currency ) } before={ old && money( old, document.currency ) } /></td></tr>;
	return <>
		<table className="tb-totals"><tbody>
			{ row( t( 'Subtotal' ), document.sub_total, before?.sub_total ) }
			{ row( t( 'Tax' ), document.total_tax, before?.total_tax ) }
			{ row( t( 'Total in Xero' ), document.total, before?.total, true ) }
		</tbody></table>
		{ 'exactness' in document && <p className="tb-exact">
			<Badge tone="good">{ charged ? t( 'Equals the {amount} that the shop charged', { amount: money( charged, document.currency ) } ) : t( 'Balanced' ) }</Badge>{ ' ' }
			<span className="tb-quiet">{ exactnessWord( document.exactness ) }</span></p> }
		{ 'residue' in document && ( document.residue.tax_amount_lines > 0 || ! isZero( document.residue.rounding_line ) ) && <p className="tb-quiet">
			{ t( 'Lines with stated tax: {lines} (together {tax}); rounding line: {rounding} of at most {bound}.', {
				lines: document.residue.tax_amount_lines, tax: amount( document.residue.tax_amount ), rounding: amount( document.residue.rounding_line ), bound: amount( document.residue.bound ),
			} ) }</p> }
	</>;
}

/** The shop's tax beside Xero's, by set of rates. */
function TaxTable( { document }: { document: Document } ) {
	return document.tax.length === 0 ? null : <table className="tb-table tb-table--small"><caption>{ t( 'Tax by rate: shop and Xero' ) }</caption>
		<thead><tr><th scope="col">{ t( 'Tax rate' ) }</th><th scope="col" className="tb-end">{ t( 'Lines' ) }</th><th scope="col" className="tb-end">{ t( 'Shop' ) }</th><th scope="col" className="tb-end">{ t( 'Xero' ) }</th></tr></thead>
		<tbody>{ document.tax.map( ( one, at ) => <tr key={ at }><td>{ taxName( one.tax_type ) }</td><td className="tb-end">{ one.lines }</td>
			<td className="tb-end">{ amount( one.shop ) }</td><td className="tb-end">{ amount( one.xero ) }</td></tr> ) }</tbody></table>;
}

function PaymentText( { payment, currency, link }: { payment: PaymentView; currency: string; link: ( setting: string ) => string } ) {
	return <>{ money( payment.amount, currency ) }, { day( payment.date ) }, <Decided rule={ payment.rule } link={ link }>{ account( payment.account_code ) }</Decided></>;
}

/** The whole document. */
export function XeroSide( { document, before, charged, marked, onMark, link }: {
	document: Document; before?: Document | undefined; charged?: string | null | undefined; marked: string[]; onMark: ( keys: string[] ) => void; link: ( setting: string ) => string;
} ) {
	const isInvoice = document.kind === 'invoice';
	return <Card className="tb-side tb-side--xero" title={ isInvoice ? t( 'Invoice in Xero' ) : t( 'Credit note in Xero' ) }
		actions={ <Badge tone="info">{ document.status }</Badge> }>
		<Facts rows={ [
			[ t( 'Number' ), <strong><Was now={ document.number } before={ before?.number } /></strong> ],
			[ t( 'To' ), <Was now={ document.contact } before={ before?.contact } /> ],
			[ t( 'Date' ), <Was now={ day( document.date ) } before={ before && day( before.date ) } /> ],
			isInvoice && [ t( 'Due' ), <Was now={ day( document.due_date ) } before={ before && day( before.due_date ) } /> ],
			[ t( 'Reference' ), <Was now={ document.reference } before={ before?.reference } /> ],
			[ t( 'Amounts are' ), <Was now={ taxWord( document.line_amount_types ) } before={ before && taxWord( before.line_amount_types ) } /> ],
		] } />
		<XeroLines document={ document } before={ before } marked={ marked } onMark={ onMark } link={ link } />
		<XeroTotals document={ document } before={ before } charged={ charged } />
		<Facts rows={ [
			document.deposit ? [ t( 'Deposit' ), <PaymentText payment={ document.deposit } currency={ document.currency } link={ link } /> ] : false,
			[ isInvoice ? t( 'Payment' ) : t( 'Paid back' ), document.payment ? <PaymentText payment={ document.payment } currency={ document.currency } link={ link } />
				: document.awaits_payment ? t( 'Waits for an account' ) : t( 'None follows' ) ],
			document.fee ? [ t( 'Gateway fee' ), `${ money( document.fee.amount, document.fee.currency ) }, ${ account( document.fee.account_code ) }` ] : false,
		] } />
		<TaxTable document={ document } />
		<p className="tb-sha-line">{ t( 'SHA-256 of what will be sent' ) }: <Sha value={ document.sha256 } /></p>
		<details className="tb-details"><summary>{ t( 'The request itself, byte for byte' ) }</summary><pre tabIndex={ 0 }>{ pretty( document.body ) }</pre></details>
	</Card>;
}

/** Spread over lines to be read; what is sent has no spaces. */
function pretty( body: string ): string {
	try {
		return JSON.stringify( JSON.parse( body ), null, 2 );
	} catch {
		return body;
	}
}

const taxWord = ( types: string ) => ( { Inclusive: t( 'with tax' ), Exclusive: t( 'without tax' ), NoTax: t( 'without any tax' ) }[ types ] ?? types );

/** The way to a setting from a preview. */
export const settingLink = ( orders: string ) => ( setting: string ) => hashOf( 'preview', { orders, setting } );
