// One run of xero-node against a practice Xero that `.ci/sdk` has started.
import { conclude, control } from './practice.mjs';
import { enter, leave, refresh, repeat, stumble } from './door.mjs';
import { readSettings } from './settings.mjs';
import { writeContacts, writeItems } from './contacts.mjs';
import { changeStates, listInvoices, writeInvoices } from './invoices.mjs';
import { annotate, creditAndAllocate, journal, moveMoney, payAndUndo } from './ledger.mjs';

const strict = (await control('GET', 'unknowns')).nothing_modified === 'NotModified';
const xero = await enter();
const api = xero.accountingApi;
await readSettings(api);
const contactID = await writeContacts(api);
await writeItems(api);
const invoiceID = await writeInvoices(api, contactID);
await listInvoices(api, contactID, strict);
await changeStates(api);
await creditAndAllocate(api, contactID, invoiceID);
await payAndUndo(api, invoiceID);
await moveMoney(api, contactID);
await journal(api);
await annotate(api, invoiceID);
await refresh(xero);
await repeat(api, contactID);
await stumble(xero);
await leave(xero);
conclude();
