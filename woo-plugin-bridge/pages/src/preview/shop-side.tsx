/** The order as the shop has it. */
import { amount, day, money, rounded } from '../lib/format';
import { t } from '../lib/i18n';
import { shared } from '../lib/state';
import { Card, Facts } from '../parts/ui';
import { statusWord } from '../parts/words';

interface Line {
	id?: number;
	name?: string;
	method_title?: string;
	quantity?: number;
	total?: string;
	total_tax?: string;
	meta_data?: { display_key?: string; display_value?: string; key?: string }[];
}

interface Order {
	status?: string;
	currency?: string;
	date_created?: string;
	date_paid?: string | null;
	total?: string;
	total_tax?: string;
	prices_include_tax?: boolean;
	payment_method_title?: string;
	payment_method?: string;
	customer_id?: number;
	billing?: Record<string, string>;
	line_items?: Line[];
	shipping_lines?: Line[];
	fee_lines?: Line[];
	coupon_lines?: { code?: string; discount?: string }[];
	tax_lines?: { label?: string; rate_percent?: number; tax_total?: string; shipping_tax_total?: string }[];
}

/** As the shop shows it: it keeps six decimals, and shows as many as are set. */
export const short = ( text: string | undefined ) => rounded( text, Math.min( 6, Number( shared.get().context?.shop.num_decimals ?? 2 ) ) );

/** An amount as the shop shows it; what it keeps besides is said where one points. */
function Shown( { text }: { text: string | undefined } ) {
	const exact = ( text ?? '' ).replace( /(\.\d\d\d*?)0+$/, '$1' );
	return <span title={ exact === short( text ) ? undefined : t( 'exactly {amount}', { amount: exact } ) }>{ amount( short( text ) ) }</span>;
}

/** One line of an order or refund, named as its kind and id. */
export interface NamedLine {
	key: string;
	line: Line;
}

/** All lines of an order, in the order in which an invoice has them. */
export function linesOf( order: Record<string, unknown> ): NamedLine[] {
	const { line_items: items = [], shipping_lines: shipping = [], fee_lines: fees = [] } = order as Order;
	return [ [ 'line_item', items ] as const, [ 'shipping_line', shipping ] as const, [ 'fee_line', fees ] as const ]
		.flatMap( ( [ kind, lines ] ) => lines.map( ( line ) => ( { key: `${ kind }:${ line.id ?? '' }`, line } ) ) );
}

/** A line's own choices, such as size and colour. */
function Choices( { line }: { line: Line } ) {
	const shown = ( line.meta_data ?? [] ).filter( ( meta ) => ! meta.key?.startsWith( '_' ) && typeof meta.display_value === 'string' && meta.key !== 'Items' );
	return shown.length ? <small className="tb-quiet"> { shown.map( ( meta ) => `${ meta.display_key }: ${ meta.display_value }` ).join( ', ' ) }</small> : null;
}

/** Lines with their amounts. The line that belongs to one of the document's is marked. */
export function ShopLines( { lines, marked, onMark }: { lines: NamedLine[]; marked: string[]; onMark: ( keys: string[] ) => void } ) {
	return <div className="tb-scroll" role="group" tabIndex={ 0 } aria-label={ t( 'Lines of the order' ) }><table className="tb-table">
		<thead><tr><th scope="col">{ t( 'Item' ) }</th><th scope="col" className="tb-end">{ t( 'Qty' ) }</th>
			<th scope="col" className="tb-end">{ t( 'Net' ) }</th><th scope="col" className="tb-end">{ t( 'Tax' ) }</th></tr></thead>
		<tbody>{ lines.map( ( { key, line } ) => <tr key={ key } className={ marked.includes( key ) ? 'is-marked' : undefined }
			onMouseEnter={ () => onMark( [ key ] ) } onMouseLeave={ () => onMark( [] ) }>
			<td className="tb-name">{ line.name ?? line.method_title }<Choices line={ line } /></td>
			<td className="tb-end">{ line.quantity ?? 1 }</td>
			<td className="tb-end"><Shown text={ line.total } /></td>
			<td className="tb-end"><Shown text={ line.total_tax } /></td></tr> ) }</tbody>
	</table></div>;
}

/** The whole order. */
export function ShopSide( { order: given, marked, onMark }: { order: Record<string, unknown>; marked: string[]; onMark: ( keys: string[] ) => void } ) {
	const order = given as Order;
	const { billing = {}, currency = '' } = order;
	const name = [ billing.first_name, billing.last_name ].filter( Boolean ).join( ' ' );
	return <Card title={ t( 'Order in the shop' ) } className="tb-side">
		<Facts rows={ [
			[ t( 'Customer' ), [ name || billing.email || t( 'Guest' ), billing.company ].filter( Boolean ).join( ', ' ) ],
			[ t( 'Date' ), day( order.date_created ) ],
			[ t( 'Status' ), statusWord( order.status ?? '' ).text ],
			[ t( 'Payment' ), `${ order.payment_method_title || order.payment_method || t( 'none' ) }${ order.date_paid ? `, ${ t( 'paid {day}', { day: day( order.date_paid ) } ) }` : `, ${ t( 'not paid' ) }` }` ],
			[ t( 'Prices entered' ), order.prices_include_tax ? t( 'with tax' ) : t( 'without tax' ) ],
		] } />
		<ShopLines lines={ linesOf( given ) } marked={ marked } onMark={ onMark } />
		<table className="tb-totals"><tbody>
			{ ( order.coupon_lines ?? [] ).map( ( coupon, at ) => <tr key={ `coupon-${ at }` } className="tb-quiet"><th scope="row">{ t( 'Coupon {code} (in the prices above)', { code: coupon.code ?? '' } ) }</th>
				<td>{ amount( short( coupon.discount ) ) }</td></tr> ) }
			{ ( order.tax_lines ?? [] ).map( ( tax, at ) => <tr key={ `tax-${ at }` }><th scope="row">{ tax.label } { tax.rate_percent ?? '' } %</th>
				<td>{ amount( short( tax.tax_total ) ) }{ Number( tax.shipping_tax_total ) ? ` + ${ amount( short( tax.shipping_tax_total ) ) }` : '' }</td></tr> ) }
			<tr className="tb-totals__total"><th scope="row">{ t( 'Total charged' ) }</th><td>{ money( short( order.total ), currency ) }</td></tr>
		</tbody></table>
	</Card>;
}
