// Who may call and how often: tokens, connections, limits, idempotency keys, what goes wrong.
import {
  advance,
  client,
  control,
  fact,
  place,
  reason,
  refusal,
  same,
  tenants,
  verdict,
} from './practice.mjs';

const { client_id, client_secret } = place;
const { nz } = tenants;

/** By the app's own credentials, then as a user who has consented. */
export async function enter() {
  const xero = client([
    'accounting.settings',
    'accounting.contacts',
    'accounting.invoices',
    'accounting.payments',
    'accounting.banktransactions',
    'accounting.manualjournals',
  ]);
  const token = await xero.getClientCredentialsToken();
  const claims = JSON.parse(Buffer.from(token.access_token.split('.')[1], 'base64url'));
  same([claims.client_id, token.refresh_token], [client_id, undefined], 'token by credentials');
  fact('access token', `${token.token_type}, ${token.expires_in} s`);
  const connections = await xero.updateTenants(false);
  fact(
    'connections',
    connections
      .map((one) => `${one.tenantName} ${one.tenantType}`)
      .sort()
      .join(', '),
  );
  same(connections.map((one) => one.tenantId).sort(), Object.values(tenants).sort(), 'tenants');
  same(
    connections.every((one) => one.id !== one.tenantId),
    true,
    'a connection is not its tenant',
  );
  const named = (await xero.accountingApi.getOrganisations(nz)).body.organisations[0].name;
  fact("organisation by the app's own credentials", named);
  fact(
    'wrong secret',
    reason(await refusal(client().refreshWithRefreshToken(client_id, 'wrong', 'x'))),
  );
  const narrow = client(['accounting.contacts']);
  await narrow.getClientCredentialsToken();
  const { status } = await refusal(narrow.accountingApi.getOrganisations(nz));
  same([401, 403].includes(status), true, 'status without the scope');
  await consent();
  const consented = client();
  await consented.refreshWithRefreshToken(client_id, client_secret, place.refresh_token);
  return consented;
}

/** The way through the browser, which the practice Xero answers at once. */
async function consent() {
  const xero = client(['offline_access', 'accounting.settings']);
  const { headers } = await fetch(await xero.buildConsentUrl(), { redirect: 'manual' });
  const back = headers.get('location');
  same(new URL(back).searchParams.get('state'), 'state-1', 'state');
  const token = await xero.apiCallback(back);
  same(
    token.scope.split(' ').sort(),
    ['accounting.settings', 'offline_access'],
    'scopes consented',
  );
  same(token.refresh_token.length > 0, true, 'refresh token of a consent');
  same((await xero.accountingApi.getOrganisations(nz)).body.organisations.length, 1, 'consented');
  same(reason(await refusal(xero.apiCallback(back))), '400 invalid_grant', 'a code works once');
}

/** Refresh tokens: rotation, the grace of 30 minutes, expiry of the access token. */
export async function refresh(xero) {
  const first = place.refresh_token;
  const second = xero.readTokenSet().refresh_token;
  const third = (await xero.refreshToken()).refresh_token;
  same(new Set([first, second, third]).size, 3, 'three refresh tokens');
  const again = await client().refreshWithRefreshToken(client_id, client_secret, second);
  fact('old refresh token at once', again.access_token ? 'works' : 'does not work');
  await xero.accountingApi.getOrganisations(nz);
  await advance(1801);
  const expired = await refusal(xero.accountingApi.getOrganisations(nz));
  fact('access token after 1801 s', reason(expired).replace(/ token expired at .*/, ''));
  const fourth = (await xero.refreshToken()).refresh_token;
  same(fourth === third, false, 'rotated again');
  fact(
    'after the refresh',
    (await xero.accountingApi.getOrganisations(nz)).body.organisations.length,
  );
  fact(
    'old refresh token after 30 minutes',
    reason(await refusal(client().refreshWithRefreshToken(client_id, client_secret, first))),
  );
}

/** The same key again, with another request, after an error, and when it is forgotten. */
export async function repeat(api, contactID) {
  const body = (invoiceNumber) => ({
    invoices: [
      {
        type: 'ACCREC',
        contact: { contactID },
        invoiceNumber,
        lineItems: [{ description: 'Once', quantity: 1, unitAmount: 1, accountCode: '200' }],
      },
    ],
  });
  const put = async (key, number) =>
    (await api.createInvoices(nz, body(number), false, 4, key)).body.invoices[0];
  const [first, second] = [await put('key-1', 'WC-130'), await put('key-1', 'WC-130')];
  same([second.invoiceID, second.statusAttributeString], [first.invoiceID, 'OK'], 'replay');
  const { calls } = await control('GET', 'log');
  fact('key used again', calls.filter((one) => one.replayed).length);
  fact('key with another request', reason(await refusal(put('key-1', 'WC-131'))));
  const wrong = { contacts: [{ name: '' }] };
  const [error, same_error] = [
    await refusal(api.createContacts(nz, wrong, true, 'key-2')),
    await refusal(api.createContacts(nz, wrong, true, 'key-2')),
  ];
  same(same_error.body, error.body, 'an error is replayed');
  fact('error under a key', reason(same_error));
  await advance(361);
  fact('key after six minutes', verdict(await put('key-1', 'WC-130')));
}

/** What is not there, too much, or broken. */
export async function stumble(xero) {
  const api = xero.accountingApi;
  const post = () =>
    api.updateOrCreateContacts(nz, { contacts: [{ name: 'After the limit' }] }, false);
  const nowhere = await refusal(api.getInvoice(nz, '11111111-1111-4111-8111-111111111111'));
  fact('not found', reason(nowhere));
  const strike = (fault, more = {}) =>
    control('POST', 'faults', { fault, path_prefix: '/api.xro/', ...more });
  await strike({ kind: 'rate_limit', problem: 'minute', retry_after_secs: 26 }, { method: 'POST' });
  const limited = await refusal(post());
  const { headers } = limited;
  fact(
    'too many',
    [limited.status, headers['retry-after'], headers['x-rate-limit-problem']].join(' '),
  );
  fact('after the limit', verdict((await post()).body.contacts[0]));
  await strike({ kind: 'unavailable' });
  fact('unavailable', (await refusal(api.getOrganisations(nz))).status);
  await strike({ kind: 'server_error', committed: true }, { method: 'PUT' });
  const sent = { contacts: [{ name: 'Saved all the same' }] };
  fact('server error', (await refusal(api.createContacts(nz, sent))).status);
  fact('what it had done', reason(await refusal(api.createContacts(nz, sent))));
  await control('POST', 'tokens/expire');
  same((await refusal(api.getOrganisations(nz))).status, 401, 'expired');
  await xero.refreshToken();
  const { response } = await api.getOrganisations(nz);
  same(
    [
      'x-daylimit-remaining',
      'x-minlimit-remaining',
      'x-appminlimit-remaining',
      'xero-correlation-id',
    ].every((name) => response.headers[name]),
    true,
    'headers',
  );
}

/** Disconnects one organisation, then everything. */
export async function leave(xero) {
  const [one] = (await xero.updateTenants(false)).filter((each) => each.tenantId === tenants.us);
  await xero.disconnect(one.id);
  const left = await xero.updateTenants(false);
  fact('connections after one is gone', left.length);
  fact(
    'organisation after it is gone',
    reason(await refusal(xero.accountingApi.getOrganisations(tenants.us))),
  );
  await xero.revokeToken();
  fact('after revocation', reason(await refusal(xero.accountingApi.getOrganisations(nz))));
  const { calls } = await control('GET', 'log');
  const unknown = calls.map((call) => call.status).filter((one) => [404, 405, 501].includes(one));
  fact('answers for what is not there', unknown.join(' '));
  console.error(`${calls.length} calls`);
}
