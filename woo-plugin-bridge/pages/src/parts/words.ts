/** Words for the states and kinds of things. */
import { known, t } from '../lib/i18n';
import type { Tone } from './ui';

type Word = { text: string; tone: Tone };

/** What is to become of an order. */
export function outcomeWord( outcome: string ): Word {
	switch ( outcome ) {
		case 'post':
			return { text: t( 'Ready for Xero' ), tone: 'good' };
		case 'hold':
			return { text: t( 'Needs you' ), tone: 'bad' };
		default:
			return { text: t( 'Nothing to send' ), tone: 'calm' };
	}
}

/** Where an object stands in the queue. */
export function stateWord( state: string ): Word {
	switch ( state ) {
		case 'done':
			return { text: t( 'In Xero' ), tone: 'good' };
		case 'held':
			return { text: t( 'Needs you' ), tone: 'bad' };
		case 'retrying':
			return { text: t( 'Tries again' ), tone: 'warn' };
		case 'running':
			return { text: t( 'Being sent' ), tone: 'info' };
		case 'excluded':
			return { text: t( 'Left out' ), tone: 'calm' };
		default:
			return { text: t( 'Waiting' ), tone: 'info' };
	}
}

/** How a document came to equal its order. */
export function exactnessWord( exactness: string ): string {
	switch ( exactness ) {
		case 'exact':
			return t( 'Exact: Xero’s own arithmetic gives the order’s total and tax.' );
		case 'tax_amount':
			return t( 'Exact, with the tax of some lines stated, because Xero would round it a cent differently.' );
		case 'rounding_line':
			return t( 'Exact, with a rounding line, because the shop’s own total differs from its lines.' );
		default:
			return '';
	}
}

/** WooCommerce's own statuses in its own words. */
export function statusWord( status: string ): Word {
	const words: Record<string, Word> = {
		pending: { text: t( 'Pending payment' ), tone: 'calm' },
		processing: { text: t( 'Processing' ), tone: 'good' },
		'on-hold': { text: t( 'On hold' ), tone: 'warn' },
		completed: { text: t( 'Completed' ), tone: 'info' },
		cancelled: { text: t( 'Cancelled' ), tone: 'calm' },
		refunded: { text: t( 'Refunded' ), tone: 'calm' },
		failed: { text: t( 'Failed' ), tone: 'bad' },
		trash: { text: t( 'Trash' ), tone: 'calm' },
		'checkout-draft': { text: t( 'Draft' ), tone: 'calm' },
		'auto-draft': { text: t( 'New order' ), tone: 'calm' },
	};
	return words[ status ] ?? { text: known( status ), tone: 'calm' };
}

/** Kinds of objects. */
export function kindWord( kind: string ): string {
	const words: Record<string, string> = {
		order: t( 'Order' ), refund: t( 'Refund' ), product: t( 'Product' ), customer: t( 'Customer' ), summary: t( 'Summary' ),
		invoice: t( 'Invoice' ), credit_note: t( 'Credit note' ), settings: t( 'Settings' ), shop: t( 'Shop' ),
	};
	return words[ kind ] ?? known( kind );
}

/** What happened to an object, as the host's history names it. */
export function eventWord( what: string ): string {
	const words: Record<string, string> = {
		seen: t( 'Seen' ), planned: t( 'Planned' ), sent: t( 'Sent' ), answered: t( 'Answered' ), returned: t( 'Put back' ), settled: t( 'Settled' ),
		held: t( 'Held' ), retried: t( 'Tried again' ), excluded: t( 'Left out' ), included: t( 'Taken in again' ), pushed: t( 'Sent by hand' ),
		paused: t( 'Paused' ), resumed: t( 'Gone on' ), activated: t( 'Switched on' ), settings: t( 'Settings changed' ), paired: t( 'Paired' ),
	};
	return words[ what ] ?? known( what.replace( /_/g, ' ' ).replace( /^./, ( letter ) => letter.toUpperCase() ) );
}

/** What a plan does with a document. */
export function fateWord( fate: string ): Word {
	const words: Record<string, Word> = {
		create: { text: t( 'Is made' ), tone: 'good' },
		adopt: { text: t( 'Is in Xero already' ), tone: 'good' },
		update: { text: t( 'Is changed' ), tone: 'info' },
		withdraw: { text: t( 'Is taken back' ), tone: 'warn' },
		settle: { text: t( 'Payments only' ), tone: 'info' },
		same: { text: t( 'Stays as it is' ), tone: 'calm' },
		skip: { text: t( 'Needs none' ), tone: 'calm' },
		hold: { text: t( 'Needs you' ), tone: 'bad' },
	};
	return words[ fate ] ?? { text: known( fate ), tone: 'calm' };
}

/** How something that is sent can be reversed. */
export function reversalWord( reversal: string ): string {
	const words: Record<string, string> = {
		delete: t( 'by deleting it' ), void: t( 'by voiding it' ), unlink: t( 'by voiding it, once payments and allocations are removed' ),
		again: t( 'by doing it again' ), update: t( 'by changing it back' ), archive: t( 'by archiving it' ), never: t( 'not at all' ),
	};
	return words[ reversal ] ?? known( reversal );
}
