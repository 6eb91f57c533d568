/** What the page asks the worker, and what the worker answers. */
import type {
	CheckResponse, DescribeResponse, Finding, ProposeResponse, SaleOutcome, Settings, SummariseResponse, TakingOutcome,
} from 'tillbook/types';

/** Where the orders are, and what a request for them must bear. */
export interface Source {
	base: string;
	headers: Record<string, string>;
}

/** Which orders are looked at: these, or what the shop finds. */
export interface Choice {
	ids?: number[];
	search?: string;
	status?: string;
	from?: string;
	to?: string;
	/** At most so many. */
	limit: number;
	/** Whether the shop is asked again for orders that were read before. */
	fresh: boolean;
}

/** One order in a list of previews. */
export interface PreviewRow {
	id: number;
	number: string;
	/** The day it was made, local to the shop. */
	date: string;
	/** Who bought. */
	name: string;
	status: string;
	outcome: 'post' | 'skip' | 'hold';
	charged: string;
	currency: string;
	document: string;
	total: string;
	exactness: string;
	sha256: string;
	refunds: number;
	errors: number;
	warnings: number;
	/** The code of the gravest finding; empty when there is none. */
	code: string;
}

/** One order as the shop has it and as Xero will. */
export interface Shown {
	outcome: SaleOutcome;
	order: Record<string, unknown>;
	refunds: Record<string, unknown>[];
	/** Findings that concern no order, such as a chart that cannot be read. */
	findings: Finding[];
}

/** What a summary preview is of. */
export interface SummaryAsk {
	from: string;
	to: string;
	/** Name of the zone whose midnights divide days. */
	zone: string;
	/** Which orders may fall into these days. */
	choice: Choice;
	/** `GET payouts` of these days, as text; empty where there are none. */
	payouts: string;
}

/** What a summary preview gives. */
export interface Summed {
	response: SummariseResponse;
	/** Orders and refunds of these days that are in no summary, with why. */
	apart: TakingOutcome[];
	orders: number;
}

/** What one run over many orders has brought so far. */
export interface Progress {
	rows: PreviewRow[];
	done: number;
	/** How many there are, once the shop has said so. */
	total: number;
}

/** Every operation: what it takes and what it gives. */
export interface Operations {
	load: { takes: { module: string }; gives: { sha256: string; core: string; contract: number } };
	describe: { takes: null; gives: DescribeResponse };
	context: { takes: { text: string }; gives: null };
	show: { takes: { id: number; settings: Settings; source: Source; again: boolean }; gives: Shown };
	sweep: { takes: { choice: Choice; settings: Settings; source: Source }; gives: { done: number; total: number } };
	check: { takes: { settings: Settings }; gives: CheckResponse };
	propose: { takes: null; gives: ProposeResponse };
	summarise: { takes: { ask: SummaryAsk; settings: Settings; source: Source }; gives: Summed };
}

export type Operation = keyof Operations;

/** A question to the worker. */
export type Question = { [ Name in Operation ]: { id: number; operation: Name; takes: Operations[ Name ][ 'takes' ] } }[ Operation ]
	| { id: number; operation: 'cancel' };

/** What comes back: the answer, an error, or how far it is. */
export type Reply =
	| { id: number; gives: unknown }
	| { id: number; error: { code: string; message: string } }
	| { id: number; progress: Progress };
