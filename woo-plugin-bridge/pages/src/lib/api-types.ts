/** Shapes of what plugin and host answer, beside those of the module. */
import type { Finding, Settings } from 'tillbook/types';

export type StateWord = 'waiting' | 'running' | 'held' | 'retrying' | 'done' | 'excluded';
export const STATES: StateWord[] = [ 'held', 'retrying', 'waiting', 'running', 'done', 'excluded' ];

export interface Organisation {
	id: string;
	name: string;
}

export interface Status {
	shop: string;
	url: string;
	state: 'active' | 'paused';
	reason: string;
	active_since: string | null;
	core_version: string;
	module_sha256: string;
	xero: { state: 'none' | 'connected' | 'needs_person'; organisation: Organisation | null; reason: string };
	settings: { state: 'none' | 'stored'; sha256: string | null };
	last_run: string | null;
	next_run: string | null;
	counts: Partial<Record<StateWord, number>>;
	paused_organisation: boolean;
	/** Only in wp-admin. */
	plugin?: {
		version: string;
		module_sha256: string;
		webhooks: { state: 'ok' | 'disabled' | 'missing'; detail: string };
		php_core: { kind: 'ffi' | 'php' | 'none'; sha256: string | null };
	};
}

/** `context`, as far as the pages read it; the worker has the whole text. */
export interface Context {
	core_version: string;
	module_sha256: string;
	shop: { currency?: string; timezone?: string; url?: string; default_country?: string; num_decimals?: number | string };
	settings: Settings | null;
	settings_sha256: string | null;
	chart: Chart | null;
	chart_read: string | null;
	tax_rates: TaxRate[];
	gateways: Gateway[];
	stale?: boolean;
}

export interface Account {
	Code?: string;
	Name?: string;
	Type?: string;
	Status?: string;
	CurrencyCode?: string;
	EnablePaymentsToAccount?: boolean;
}

export interface XeroTaxRate {
	TaxType?: string;
	Name?: string;
	EffectiveRate?: number | string;
	Status?: string;
	CanApplyToRevenue?: boolean;
}

export interface Chart {
	organisation?: { Name?: string; BaseCurrency?: string; CountryCode?: string };
	accounts?: Account[];
	tax_rates?: XeroTaxRate[];
	tracking_categories?: { Name?: string; Options?: { Name?: string }[] }[];
	branding_themes?: { BrandingThemeID?: string; Name?: string }[];
	currencies?: { Code?: string }[];
}

export interface TaxRate {
	id: number;
	country?: string;
	state?: string;
	rate?: string;
	name?: string;
	class?: string;
}

export interface Gateway {
	id: string;
	title?: string;
	method_title?: string;
	enabled?: boolean;
}

export interface OrderRow {
	id: number;
	number: string;
	date: string;
	status: string;
	total: string;
	currency: string;
	name: string;
}

export interface Orders {
	orders: OrderRow[];
	total: number;
}

export interface SettingsKept {
	sha256: string;
	findings: Finding[];
}

export interface Counts {
	counts: Partial<Record<StateWord, number>>;
}

export interface QueueObject {
	kind: string;
	id: string;
	state: StateWord;
	reason: string;
	attempts: number;
	run_after?: string | null;
	findings: Finding[];
}

export interface QueuePage {
	objects: QueueObject[];
	next?: string | null;
}

export interface Held {
	held: { kind: string; id: string; outcome: string; since: string; findings: Finding[] }[];
}

export interface History {
	history: { at: string; what: string; detail: string }[];
}

export interface ObjectState {
	kind: string;
	id: number | string;
	state: StateWord;
	finding: Finding | null;
	documents: { kind: string; number: string; xero_id: string; sha256: string; url?: string | null }[];
}

export interface Objects {
	objects: ObjectState[];
}

export interface Consent {
	address: string;
}

export interface PlanRow {
	fate: string;
	kind: string;
	id: string;
	order_id: number;
	number: string;
	amount?: string;
	currency?: string;
	reversal?: string;
	findings?: Finding[];
}

export interface PlanView {
	/** The plan's name: SHA-256 of all that would be sent. */
	plan: string;
	state: 'saved' | 'applying' | 'done' | 'stopped';
	made: string;
	calls: { place: number; state: string; status?: number | null }[];
	rows?: PlanRow[];
}

export interface Completeness {
	month: string;
	days: { day: string; posted: number; excluded: number; pending: number; held: number }[];
	totals: { posted: number; excluded: number; pending: number; held: number };
}

export interface LogPage {
	entries: { at: string; kind: string; id: string; what: string; detail: string }[];
	next: string | null;
}

export interface Match {
	key: string;
	name: string;
	/** E-mail address of a customer, SKU of a product. */
	detail: string;
	state: 'linked' | 'found' | 'suggested' | 'ambiguous' | 'none';
	xero_id: string | null;
	xero_name: string | null;
	suggestions: { xero_id: string; name: string; reason: string; score: number }[];
}

export interface MatchPage {
	matches: Match[];
	next: string | null;
	counts?: Partial<Record<Match[ 'state' ], number>>;
}
