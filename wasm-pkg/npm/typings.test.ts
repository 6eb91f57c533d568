// Never run: `tsc` reads it. Each `@ts-expect-error` fails the check when the mistake is allowed.
import {
	call, checkSettings, completeness, describe, load, map, matchCustomers, plan, proposeSettings, readAnswer,
	readPayouts, sha256, summarise, takings,
} from 'tillbook';
import type { CoreError, MapRequest, MapResponse, Settings } from 'tillbook';

await load();
await load(new URL('https://shop.example/tillbook_bg.wasm'));
await load(new Uint8Array());
// @ts-expect-error a number is no place
await load(7);

const shop = { url: 'https://shop.example', currency: 'GBP' };
const settings: Settings = { invoice: { prefix: 'TEA-' }, statuses: { processing: 'invoice_paid' } };
const request: MapRequest = { contract: 1, shop, settings, chart: {}, sales: [] };
const response: MapResponse = map(request);
const total: string | undefined = response.sales[0]?.document?.total;

// @ts-expect-error settings are required
map({ contract: 1, shop, chart: {}, sales: [] });
// @ts-expect-error a field that does not exist
map({ ...request, seettings: settings });
// @ts-expect-error the contract is a number
checkSettings({ contract: '1', settings, chart: {} });
// @ts-expect-error not an action
const wrong: Settings = { statuses: { processing: 'post' } };
// @ts-expect-error left out is not undefined
const undefinedField: Settings = { invoice: undefined };
// @ts-expect-error a total is a decimal string
const sum: number = response.sales[0]?.document?.total;

switch (response.sales[0]?.outcome) {
  case 'post':
  case 'skip':
  case 'hold':
  case undefined:
    break;
  default:
    // Every outcome is named above, so nothing is left.
    response.sales[0]?.outcome satisfies never;
}

// What comes out has every setting, so it goes in again.
const proposed = proposeSettings({ contract: 1, shop, chart: {} });
const prefix: string = proposed.settings.invoice.prefix;
checkSettings({ contract: 1, settings: proposed.settings, chart: {} }).ok satisfies boolean;
map({ ...request, settings: describe().default_settings });

const planned = plan({ contract: 1, map: request, ledger: {} });
planned.rows[0]?.fate satisfies string | undefined;
const step = planned.waves[0]?.[0];
if (step !== undefined) readAnswer({ contract: 1, call: step, status: 200 }).results satisfies unknown[];
matchCustomers({ contract: 1, settings, sales: request.sales, contacts: [] }).customers satisfies unknown[];
// What one step gives, the next takes.
const brought = takings({ contract: 1, map: request }).takings.map((outcome) => outcome.taking);
const paid = readPayouts({ contract: 1, source: 'stripe', payouts: [], entries: [] });
const days = { contract: 1, shop, settings, chart: {}, from: '2026-11-01', to: '2026-11-02', ledger: {} };
const summed = summarise({ ...days, takings: brought, payouts: paid.payouts, entries: paid.entries, more: true });
summarise({ ...days, sums: summed.sums ?? [], posted: summed.members }).documents satisfies unknown[] | undefined;
completeness({ contract: 1, takings: brought, posted: summed.members }).totals satisfies unknown[];
call('map', JSON.stringify(request)) satisfies string;
sha256() satisfies string;
const code = (error: CoreError): string => error.code;
export { code, prefix, sum, total, undefinedField, wrong };
