// Invoices: batches with good and bad elements, totals, lists, states.
import { advance, day, fact, money, reason, refusal, same, tenants, verdict } from './practice.mjs';

const { nz, gb, us } = tenants;
const NIL = '00000000-0000-0000-0000-000000000000';

const line = (unitAmount, more = {}) => ({
  description: 'A line',
  quantity: 1,
  unitAmount,
  accountCode: '200',
  ...more,
});

function invoice(contactID, invoiceNumber, lineItems, more = {}) {
  const days = { date: '2026-11-20', dueDate: '2026-12-20' };
  return {
    type: 'ACCREC',
    status: 'AUTHORISED',
    contact: { contactID },
    invoiceNumber,
    lineItems,
    ...days,
    ...more,
  };
}

const amounts = (one) =>
  [one.subTotal, one.totalTax, one.total, one.amountDue].map(money).join(' ');

export async function writeInvoices(api, contactID) {
  const bad = { status: 'AUTHORISED', type: 'ACCREC', contact: { contactID } };
  const invoices = [
    invoice(
      contactID,
      'WC-100',
      [25.06, 25.61, 25.63].map((unit) => line(unit)),
      { reference: 'Order 100' },
    ),
    invoice(contactID, 'WC-101', [line(10, { accountCode: '999' })]),
    { ...bad, invoiceNumber: 'WC-102', lineItems: [line(10)] },
    invoice(contactID, 'WC-103', [line(10)], { currencyCode: 'AUD' }),
    invoice(contactID, 'WC-104', []),
    invoice(contactID, 'WC-105', [line(10, { taxType: 'INPUT9' })]),
  ];
  const put = (await api.createInvoices(nz, { invoices }, false, 4)).body.invoices;
  fact('invoices put', put.map(verdict).join(' / '));
  same(
    put.map((one) => one.hasErrors),
    [false, true, true, true, true, true],
    'hasErrors',
  );
  same(
    put.slice(1).every((one) => one.invoiceID === NIL),
    true,
    'ids of the refused',
  );
  const [good] = put;
  fact('totals of 25.06, 25.61, 25.63 at 15 %', amounts(good));
  same(
    good.lineItems.map((one) => money(one.taxAmount)),
    ['3.76', '3.84', '3.84'],
    'line taxes',
  );
  same(good.lineItems[0].taxType, 'OUTPUT2', 'tax type of the account');
  const whole = await refusal(api.createInvoices(nz, { invoices: [invoices[1]] }));
  fact('invoice refused as a whole', reason(whole));
  fact(
    'number put twice',
    verdict((await api.createInvoices(nz, { invoices: [invoices[0]] }, false)).body.invoices[0]),
  );
  const again = {
    invoices: [{ invoiceNumber: 'WC-100', type: 'ACCREC', reference: 'Order 100, shipped' }],
  };
  const [updated] = (await api.updateOrCreateInvoices(nz, again, false, 4)).body.invoices;
  same(
    [updated.invoiceID, updated.statusAttributeString],
    [good.invoiceID, 'OK'],
    'POST finds the number',
  );
  const [read] = (await api.getInvoice(nz, 'WC-100')).body.invoices;
  fact(
    'invoice by number',
    [read.reference, read.status, read.contact.name, day(read.dueDate)].join(', '),
  );
  same(read.invoiceID, good.invoiceID, 'invoice id');
  same(read.lineItems.length, 3, 'lines are kept when none are sent');
  await writeFourDecimals(api, contactID);
  await writeElsewhere(api);
  return good.invoiceID;
}

async function writeFourDecimals(api, contactID) {
  const lines = [
    line(3.3333, { quantity: 3 }),
    line(undefined, { itemCode: 'TEE', accountCode: undefined }),
  ];
  const sent = {
    invoices: [
      invoice(contactID, 'WC-110', lines),
      invoice(contactID, 'WC-111', [line(24.15)], { lineAmountTypes: 'Inclusive' }),
    ],
  };
  const [fine, inclusive] = (await api.updateOrCreateInvoices(nz, sent, false, 4)).body.invoices;
  fact(
    'lines at four decimals',
    fine.lineItems
      .map((one) => `${one.quantity} x ${one.unitAmount} = ${money(one.lineAmount)}`)
      .join(', '),
  );
  fact('totals including tax', amounts(inclusive));
  const [coarse] = (await api.getInvoice(nz, fine.invoiceID)).body.invoices;
  same(coarse.lineItems[0].unitAmount, 3.33, 'unit amount read without unitdp');
}

/** Other organisations: their own rates, and nothing of each other. */
async function writeElsewhere(api) {
  const contact = { name: 'Ada Lovelace' };
  const [british] = (
    await api.createInvoices(
      gb,
      { invoices: [{ ...invoice(undefined, 'WC-100', [line(33.33)]), contact }] },
      false,
    )
  ).body.invoices;
  fact('totals of 33.33 at 20 %', amounts(british));
  const lines = [
    invoice(undefined, 'WC-1', [line(100.32)]),
    invoice(undefined, 'WC-2', [line(6187.5)], { lineAmountTypes: 'Inclusive' }),
  ];
  const american = (
    await api.createInvoices(us, { invoices: lines.map((one) => ({ ...one, contact })) }, false)
  ).body.invoices;
  fact(
    'tax at 4.00 + 4.25 %, excluding and including',
    american.map((one) => money(one.totalTax)).join(' '),
  );
  fact(
    'invoice of another organisation',
    reason(await refusal(api.getInvoice(nz, british.invoiceID))),
  );
  const stranger = '11111111-1111-4111-8111-111111111111';
  fact('organisation that is not connected', reason(await refusal(api.getOrganisations(stranger))));
}

export async function listInvoices(api, contactID, strict) {
  const invoices = [1, 2, 3, 4].map((n) =>
    invoice(contactID, `WC-12${n}`, [line(n)], { status: 'DRAFT' }),
  );
  await api.createInvoices(nz, { invoices }, false);
  const list = (more) =>
    api.getInvoices(
      nz,
      more.since,
      more.where,
      more.order,
      undefined,
      more.numbers,
      undefined,
      more.statuses,
      more.page,
      undefined,
      undefined,
      4,
      more.summary,
      more.size,
    );
  const pages = await Promise.all([1, 2, 3].map((page) => list({ page, size: 3 })));
  const { page, pageSize, pageCount, itemCount } = pages[1].body.pagination;
  fact('page 2', `page ${page}, size ${pageSize}, of ${pageCount}, ${itemCount} invoices`);
  const numbers = pages.flatMap((one) => one.body.invoices.map((row) => row.invoiceNumber));
  fact('numbers over all pages', numbers.sort().join(' '));
  same(pages[0].body.invoices[0].lineItems.length > 0, true, 'a page has lines');
  const plain = (await list({})).body;
  same(
    [plain.pagination, plain.invoices[0].lineItems?.length ?? 0],
    [undefined, 0],
    'no page, no lines',
  );
  const some = (await list({ numbers: ['WC-111', 'WC-100', 'WC-999'] })).body.invoices;
  fact(
    'by numbers',
    some
      .map((one) => one.invoiceNumber)
      .sort()
      .join(' '),
  );
  const drafts = (await list({ statuses: ['DRAFT'], order: 'UpdatedDateUTC DESC', summary: true }))
    .body.invoices;
  same([drafts.length, drafts[0].lineItems?.length ?? 0], [4, 0], 'drafts');
  fact(
    'by reference',
    (await list({ where: 'Reference=="order 100, SHIPPED"' })).body.invoices[0].invoiceNumber,
  );
  const since = await advance(10);
  await advance(10);
  await api.updateInvoice(nz, drafts[0].invoiceID, { invoices: [{ reference: 'Later' }] });
  const changed = (await list({ since })).body.invoices;
  same(
    changed.map((one) => one.invoiceID),
    [drafts[0].invoiceID],
    'modified since',
  );
  fact('modified since', changed.map((one) => one.reference).join(' '));
  const future = list({ since: new Date(since.getTime() + 3600_000) });
  fact(
    'modified since later',
    strict ? reason(await refusal(future)) : (await future).body.invoices.length,
  );
}

export async function changeStates(api) {
  const update = async (invoiceID, more) =>
    (await api.updateOrCreateInvoices(nz, { invoices: [{ invoiceID, ...more }] }, false)).body
      .invoices[0];
  const [{ invoiceID }] = (await api.getInvoice(nz, 'WC-111')).body.invoices;
  const refused = await update(invoiceID, { status: 'DELETED' });
  fact('delete what is authorised', `${refused.status}, ${verdict(refused)}`);
  same(
    [refused.invoiceID, refused.invoiceNumber, refused.amountDue],
    [invoiceID, undefined, undefined],
    'refused element',
  );
  const voided = await update(invoiceID, { status: 'VOIDED' });
  same(voided.statusAttributeString, 'OK', 'void');
  const [later] = (await api.getInvoice(nz, invoiceID)).body.invoices;
  fact(
    'void, in the answer and later',
    [voided, later].map((one) => `${one.status} ${money(one.amountDue)}`).join(', '),
  );
  fact('change what is void', verdict(await update(invoiceID, { status: 'AUTHORISED' })));
  const [draft] = (await api.getInvoice(nz, 'WC-124')).body.invoices;
  fact('delete a draft', (await update(draft.invoiceID, { status: 'DELETED' })).status);
}
