// Contacts and items: good and bad in one batch, found again by number, name or code.
import { fact, reason, refusal, same, tenants, verdict } from './practice.mjs';

const { nz } = tenants;
const NIL = '00000000-0000-0000-0000-000000000000';

export async function writeContacts(api) {
  const ada = { name: 'Ada Lovelace', contactNumber: 'WC-1', emailAddress: 'ada@example.test' };
  const [created] = (await api.createContacts(nz, { contacts: [ada] })).body.contacts;
  fact('contact', [created.name, created.contactNumber, created.contactStatus].join(', '));
  same([created.addresses.length, created.phones.length], [2, 4], 'addresses and phones');
  same(created.statusAttributeString, undefined, 'no verdict without the parameter');
  const twice = { contacts: [{ name: 'ADA lovelace' }] };
  const refused = await refusal(api.createContacts(nz, twice));
  fact('contact twice', reason(refused));
  same([refused.body.ErrorNumber, refused.body.Type], [10, 'ValidationException'], 'exception');
  const batch = {
    contacts: [
      ...twice.contacts,
      { name: 'Grace Hopper', emailAddress: 'no address' },
      { name: 'Grace Hopper' },
    ],
  };
  const { contacts } = (await api.createContacts(nz, batch, false)).body;
  fact('contacts one by one', contacts.map(verdict).join(' / '));
  same(
    contacts.map((one) => one.contactID === NIL),
    [true, true, false],
    'ids of the refused',
  );
  same(
    contacts.map((one) => one.hasValidationErrors),
    [true, true, false],
    'hasValidationErrors',
  );
  // POST finds a contact by its number and keeps what is left out.
  const changed = { contacts: [{ contactNumber: 'WC-1', name: 'Ada King' }] };
  const [kept] = (await api.updateOrCreateContacts(nz, changed, false)).body.contacts;
  same(kept.contactID, created.contactID, 'contact found by number');
  fact('contact renamed', [kept.name, kept.emailAddress].join(', '));
  const { body } = await api.getContacts(
    nz,
    undefined,
    'Name=="ada king"',
    undefined,
    undefined,
    1,
  );
  same(
    body.contacts.map((one) => one.contactID),
    [created.contactID],
    'where without regard to case',
  );
  return created.contactID;
}

export async function writeItems(api) {
  const tee = {
    code: 'TEE',
    name: 'T-shirt',
    salesDetails: { unitPrice: 25.0612, accountCode: '200' },
  };
  const [item] = (await api.createItems(nz, { items: [tee] }, false, 4)).body.items;
  same(item.statusAttributeString, 'OK', 'item');
  const fine = (await api.getItem(nz, 'TEE', 4)).body.items[0];
  const coarse = (await api.getItem(nz, item.itemID)).body.items[0];
  fact(
    'item price with and without unitdp=4',
    `${fine.salesDetails.unitPrice} ${coarse.salesDetails.unitPrice}`,
  );
  fact('item twice', reason(await refusal(api.createItems(nz, { items: [tee] }))));
}
