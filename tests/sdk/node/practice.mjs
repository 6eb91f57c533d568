// xero-node, unmodified, turned to the practice Xero; and the facts it finds there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';

const require = createRequire(import.meta.url);
const { XeroClient } = require('xero-node');
// The very copies that xero-node has loaded: an `import` of axios would be another one.
const inside = createRequire(require.resolve('xero-node'));
const axios = inside('axios');
const { Issuer } = inside('openid-client');

export const place = JSON.parse(process.env.PRACTICE_XERO);
const base = place.base_url;
const [nz, gb, us] = place.tenants;
export const tenants = { nz, gb, us };

axios.interceptors.request.use((config) => {
  config.url = config.url.replace(/^https:\/\/(api|identity)\.xero\.com/, base);
  if (!config.url.startsWith(`${base}/`))
    throw new Error(`would leave this machine: ${config.url}`);
  return config;
});

/** A client of the app, without a token. */
export function client(scopes = []) {
  const { client_id, client_secret } = place;
  const xero = new XeroClient({
    clientId: client_id,
    clientSecret: client_secret,
    grantType: 'client_credentials',
    redirectUris: ['http://localhost/callback'],
    scopes,
    state: 'state-1',
  });
  xero.accountingApi.basePath = `${base}/api.xro/2.0`;
  // Discovery would ask Xero itself where these are.
  const provider = new Issuer({
    issuer: base,
    authorization_endpoint: `${base}/identity/connect/authorize`,
    token_endpoint: `${base}/connect/token`,
    revocation_endpoint: `${base}/connect/revocation`,
  });
  const redirect_uris = ['http://localhost/callback'];
  xero.openIdClient = new provider.Client({ client_id, client_secret, redirect_uris });
  return xero;
}

/** Asks the control endpoint; the answer's JSON, or null. */
export async function control(method, path, body) {
  const answer = await fetch(`${base}/practice/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`control ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** Moves the practice clock on and says what time it is there then. */
export async function advance(seconds) {
  return new Date((await control('POST', 'clock', { advance_secs: seconds })).now);
}

/** The refusal of a call that must be refused: status, body, headers. */
export async function refusal(promise) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    // The API rejects with JSON text, the identity service with an error of axios or openid-client.
    const told = typeof error === 'string' ? JSON.parse(error) : error;
    const { response } = told;
    if (!response) throw error;
    const body = told.body ?? response.data ?? response.body ?? '';
    return { status: response.statusCode ?? response.status, body, headers: response.headers };
  }
  throw new Error(`was not refused: ${JSON.stringify(answer.body ?? answer)}`);
}

/** `400 text of the first element's first error`, or whatever else says why. */
export function reason({ status, body }) {
  const element = body?.Elements?.[0]?.ValidationErrors?.[0]?.Message;
  const told = element ?? body?.Message ?? body?.Detail ?? body?.error ?? body;
  return `${status} ${told}`.trim();
}

/** `OK`, or `ERROR` with the element's own texts. */
export function verdict(element) {
  const texts = (element.validationErrors ?? element.warnings ?? []).map((one) => one.message);
  return [element.statusAttributeString, ...texts].join(' | ');
}

/** An amount at two decimals. */
export const money = (amount) => Number(amount).toFixed(2);

/** A day as YYYY-MM-DD, whichever type the SDK has given it. */
export const day = (value) => new Date(value).toISOString().slice(0, 10);

/** Fails unless both are equal. */
export function same(found, expected, what) {
  if (!isDeepStrictEqual(found, expected)) {
    throw new Error(
      `${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`,
    );
  }
}

/** `name: value` of each line; a later file goes before an earlier one. */
function readFacts(files) {
  const lines = files.split(':').flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const stated = lines.filter((line) => line.trim() && !line.startsWith('#'));
  return new Map(
    stated.map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
}

const expected = readFacts(process.env.FACTS);
const found = new Map();

/** States a fact; fails at once when the list of facts says something else. */
export function fact(name, value) {
  same(String(value), expected.get(name), `fact "${name}"`);
  same(found.has(name), false, `fact "${name}" stated before`);
  found.set(name, String(value));
}

/** Prints every fact; fails when one of the list was never stated. */
export function conclude() {
  same(
    [...expected.keys()].filter((name) => !found.has(name)),
    [],
    'facts not stated',
  );
  for (const [name, text] of found) console.log(`${name}: ${text}`);
}
