// What moves money: credit notes and their allocation, payments, bank, journals; and notes.
import { day, fact, money, reason, refusal, same, tenants, verdict } from './practice.mjs';

const { nz } = tenants;

/** `AUTHORISED due 82.74, paid 0.00, credited 5.00` */
async function standing(api, invoiceID) {
  const [one] = (await api.getInvoice(nz, invoiceID)).body.invoices;
  const paid = `paid ${money(one.amountPaid)}, credited ${money(one.amountCredited)}`;
  return `${one.status}: due ${money(one.amountDue)}, ${paid}`;
}

export async function creditAndAllocate(api, contactID, invoiceID) {
  const note = {
    type: 'ACCRECCREDIT',
    status: 'AUTHORISED',
    contact: { contactID },
    creditNoteNumber: 'WC-100-R1',
    date: '2026-11-21',
    lineAmountTypes: 'Inclusive',
    lineItems: [{ description: 'Returned', quantity: 1, unitAmount: 11.5, accountCode: '210' }],
  };
  const [credit] = (await api.createCreditNotes(nz, { creditNotes: [note] }, false, 4)).body
    .creditNotes;
  fact(
    'credit note',
    `${verdict(credit)}, ${[credit.totalTax, credit.total, credit.remainingCredit].map(money).join(' ')}`,
  );
  const allocate = (amount) =>
    api.createCreditNoteAllocation(nz, credit.creditNoteID, {
      allocations: [{ amount, invoice: { invoiceID } }],
    });
  fact('allocation beyond the credit', reason(await refusal(allocate(11.51))));
  const [allocation] = (await allocate(5)).body.allocations;
  fact('allocation', `${money(allocation.amount)} on ${day(allocation.date)}`);
  fact('invoice with a credit', await standing(api, invoiceID));
  const read = async () => (await api.getCreditNote(nz, credit.creditNoteID)).body.creditNotes[0];
  const used = await read();
  fact('credit that is left', money(used.remainingCredit));
  same(
    used.allocations.map((one) => one.invoice.invoiceID),
    [invoiceID],
    'allocations',
  );
  const { allocationID } = used.allocations[0];
  const deletion = (await api.deleteCreditNoteAllocations(nz, credit.creditNoteID, allocationID))
    .body;
  fact('allocation deleted', `${deletion.isDeleted}`);
  same(money((await read()).remainingCredit), '11.50', 'credit after the deletion');
  const refund = {
    creditNote: { creditNoteID: credit.creditNoteID },
    account: { code: '090' },
    amount: 11.5,
    date: '2026-11-21',
  };
  const [paid] = (await api.createPayment(nz, refund)).body.payments;
  fact('refund in cash', `${paid.paymentType}, ${(await read()).status}`);
}

export async function payAndUndo(api, invoiceID) {
  const payment = (amount, more = {}) => ({
    invoice: { invoiceID },
    account: { code: '092' },
    amount,
    date: '2026-11-21',
    ...more,
  });
  fact('payment beyond what is due', reason(await refusal(api.createPayment(nz, payment(87.75)))));
  fact(
    'payment to an account that takes none',
    reason(await refusal(api.createPayment(nz, payment(1, { account: { code: '200' } })))),
  );
  const [paid] = (await api.createPayment(nz, payment(87.74, { reference: 'pi_1' }))).body.payments;
  const { paymentType, status, reference, invoice } = paid;
  fact(
    'payment',
    [paymentType, status, reference, money(paid.amount), money(invoice.amountDue)].join(', '),
  );
  fact('invoice when paid', await standing(api, invoiceID));
  const voiding = { invoices: [{ invoiceID, status: 'VOIDED' }] };
  fact(
    'void what is paid',
    verdict((await api.updateOrCreateInvoices(nz, voiding, false)).body.invoices[0]),
  );
  const [deleted] = (await api.deletePayment(nz, paid.paymentID, { status: 'DELETED' })).body
    .payments;
  const [still] = (await api.getPayment(nz, paid.paymentID)).body.payments;
  fact('payment deleted', [deleted.status, still.status].join(', '));
  fact('invoice after that', await standing(api, invoiceID));
  const early = { payments: [payment(1, { date: '2026-11-19' })] };
  fact(
    'payment before its invoice',
    verdict((await api.createPayments(nz, early, false)).body.payments[0]),
  );
}

export async function moveMoney(api, contactID) {
  const received = (more = {}) => ({
    type: 'RECEIVE',
    contact: { contactID },
    bankAccount: { code: '092' },
    date: '2026-11-21',
    lineItems: [{ description: 'Tip', quantity: 1, unitAmount: 23, accountCode: '260', ...more }],
  });
  const batch = { bankTransactions: [received(), received({ taxAmount: 2.99 })] };
  const { bankTransactions } = (await api.createBankTransactions(nz, batch, false)).body;
  fact('bank transactions', bankTransactions.map(verdict).join(' / '));
  const [one] = bankTransactions;
  fact(
    'bank transaction totals',
    [one.lineAmountTypes, money(one.subTotal), money(one.totalTax), money(one.total)].join(' '),
  );
  const { bankAccount } = (await api.getBankTransaction(nz, one.bankTransactionID)).body
    .bankTransactions[0];
  same(bankAccount.name, 'Stripe', 'bank account');
  const transfer = {
    fromBankAccount: { code: '092' },
    toBankAccount: { code: '090' },
    amount: 20.01,
    date: '2026-11-21',
  };
  const [moved] = (await api.createBankTransfer(nz, { bankTransfers: [transfer] })).body
    .bankTransfers;
  fact(
    'bank transfer',
    [moved.fromBankAccount.name, moved.toBankAccount.name, money(moved.amount)].join(', '),
  );
}

export async function journal(api) {
  const entry = (debit, credit) => ({
    narration: 'Stripe fees',
    date: '2026-11-21',
    status: 'POSTED',
    journalLines: [
      { lineAmount: debit, accountCode: '405', description: 'Fees' },
      {
        lineAmount: -credit,
        accountCode: '855',
        tracking: [{ name: 'Channel', option: 'Web shop' }],
      },
    ],
  });
  const batch = { manualJournals: [entry(3.21, 3.21), entry(100, 10)] };
  const { manualJournals } = (await api.createManualJournals(nz, batch, false)).body;
  fact('manual journals', manualJournals.map(verdict).join(' / '));
  const [read] = (await api.getManualJournal(nz, manualJournals[0].manualJournalID)).body
    .manualJournals;
  const lines = read.journalLines.map((one) => `${one.accountCode} ${money(one.lineAmount)}`);
  fact('manual journal', [read.status, read.narration, ...lines].join(', '));
  same(read.journalLines[1].tracking[0].option, 'Web shop', 'tracking of a journal line');
}

export async function annotate(api, invoiceID) {
  const note = { historyRecords: [{ details: 'Synced from order 100' }] };
  const [written] = (await api.createInvoiceHistory(nz, invoiceID, note)).body.historyRecords;
  same(written.details, 'Synced from order 100', 'note');
  const { historyRecords } = (await api.getInvoiceHistory(nz, invoiceID)).body;
  same(
    historyRecords.every((one) => one.dateUTC instanceof Date),
    true,
    'dates of the history',
  );
  fact('history', historyRecords.map((one) => one.changes).join(', '));
  fact('note', historyRecords.find((one) => one.changes === 'Note').details);
}
