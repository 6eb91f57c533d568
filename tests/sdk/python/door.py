"""Who may call and how often: tokens, connections, limits, idempotency keys, what goes wrong."""

import base64
import json
import sys
import time

from practice import (
    GB,
    NZ,
    PLACE,
    US,
    Client,
    advance,
    body_of,
    control,
    fact,
    reason,
    refusal,
    same,
    verdict,
)
from xero_python.accounting import Contact, Contacts, Invoice, Invoices, LineItem


def enter():
    """By the app's own credentials, then as a user who has consented."""
    xero = Client()
    xero.http.get_client_credentials_token()
    token = xero.token
    middle = token["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    told = [claims["client_id"], token.get("refresh_token")]
    same(told, [PLACE["client_id"], None], "token by credentials")
    fact("access token", f"{token['token_type']}, {token['expires_in']} s")
    connections = xero.identity.get_connections()
    shown = sorted(f"{one.tenant_name} {one.tenant_type}" for one in connections)
    fact("connections", ", ".join(shown))
    same(sorted(one.tenant_id for one in connections), sorted([NZ, GB, US]), "tenants")
    same([one for one in connections if one.id == one.tenant_id], [], "a connection is no tenant")
    named = xero.api.get_organisations(NZ).organisations[0].name
    fact("organisation by the app's own credentials", named)
    fact("wrong secret", reason(refusal(Client("wrong").refresh, "x")))
    consented = Client()
    consented.refresh(PLACE["refresh_token"])
    return consented


def refresh(xero):
    """Refresh tokens: rotation, the grace of 30 minutes, expiry of the access token."""
    first = PLACE["refresh_token"]
    second = xero.token["refresh_token"]
    third = xero.refresh(second)
    same(len({first, second, third}), 3, "three refresh tokens")
    Client().refresh(second)
    fact("old refresh token at once", "works")
    xero.api.get_organisations(NZ)
    advance(1801)
    expired = reason(refusal(xero.api.get_organisations, NZ))
    fact("access token after 1801 s", expired.partition(" token expired at ")[0])
    # The SDK refreshes by itself as soon as its own clock says that the token has expired.
    xero.token["expires_at"] = time.time() - 1
    organisations = xero.api.get_organisations(NZ).organisations
    same(xero.token["refresh_token"] == third, False, "rotated again")
    fact("after the refresh", len(organisations))
    fact("old refresh token after 30 minutes", reason(refusal(Client().refresh, first)))


def repeat(api, contact):
    """The same key again, with another request, after an error, and when it is forgotten."""

    def put(key, number):
        once = LineItem(description="Once", quantity=1, unit_amount=1, account_code="200")
        ada = Contact(contact_id=contact)
        one = Invoice(type="ACCREC", contact=ada, invoice_number=number, line_items=[once])
        more = {"summarize_errors": False, "unitdp": 4, "idempotency_key": key}
        return api.create_invoices(NZ, Invoices(invoices=[one]), **more).invoices[0]

    first, second = put("key-1", "WC-130"), put("key-1", "WC-130")
    told = [second.invoice_id, second.status_attribute_string]
    same(told, [first.invoice_id, "OK"], "replay")
    calls = control("GET", "log")["calls"]
    fact("key used again", len([one for one in calls if one["replayed"]]))
    fact("key with another request", reason(refusal(put, "key-1", "WC-131")))
    wrong = Contacts(contacts=[Contact(name="")])

    def post():
        return api.create_contacts(NZ, wrong, summarize_errors=True, idempotency_key="key-2")

    error, same_error = refusal(post), refusal(post)
    same(body_of(same_error), body_of(error), "an error is replayed")
    fact("error under a key", reason(same_error))
    advance(361)
    fact("key after six minutes", verdict(put("key-1", "WC-130")))


def stumble(xero):
    """What is not there, too much, or broken."""
    api = xero.api

    def post():
        late = Contacts(contacts=[Contact(name="After the limit")])
        return api.update_or_create_contacts(NZ, late, summarize_errors=False).contacts[0]

    def strike(fault, **more):
        control("POST", "faults", {"fault": fault, "path_prefix": "/api.xro/", **more})

    nowhere = refusal(api.get_invoice, NZ, "11111111-1111-4111-8111-111111111111")
    fact("not found", reason(nowhere))
    limit = {"kind": "rate_limit", "problem": "minute", "retry_after_secs": 26}
    strike(limit, method="POST")
    headers = (limited := refusal(post)).headers
    told = [headers["retry-after"], headers["x-rate-limit-problem"]]
    fact("too many", " ".join([str(limited.http_resp.status), *told]))
    fact("after the limit", verdict(post()))
    # GET is another matter: urllib3 waits for as long as it is told to, and asks again.
    strike({**limit, "retry_after_secs": 1}, method="GET")
    before = time.monotonic()
    same(len(api.get_organisations(NZ).organisations), 1, "GET after a limit")
    same(time.monotonic() - before >= 1, True, "Retry-After was obeyed")
    same([one["status"] for one in control("GET", "log")["calls"][-2:]], [429, 200], "two calls")
    strike({"kind": "unavailable"})
    fact("unavailable", refusal(api.get_organisations, NZ).http_resp.status)
    strike({"kind": "server_error", "committed": True}, method="PUT")
    sent = Contacts(contacts=[Contact(name="Saved all the same")])
    fact("server error", refusal(api.create_contacts, NZ, sent).http_resp.status)
    fact("what it had done", reason(refusal(api.create_contacts, NZ, sent)))
    control("POST", "tokens/expire")
    same(refusal(api.get_organisations, NZ).http_resp.status, 401, "expired")
    xero.http.refresh_oauth2_token()
    _, status, headers = api.get_organisations(NZ, _return_http_data_only=False)
    same(status, 200, "status")
    for limit in ("day", "min", "appmin"):
        same(headers[f"x-{limit}limit-remaining"].isdigit(), True, f"limit {limit}")
    same(len(headers["xero-correlation-id"]), 36, "correlation id")


def leave(xero):
    """Disconnects one organisation, then everything."""
    one = next(each for each in xero.identity.get_connections() if each.tenant_id == US)
    xero.identity.delete_connection(one.id)
    fact("connections after one is gone", len(xero.identity.get_connections()))
    fact("organisation after it is gone", reason(refusal(xero.api.get_organisations, US)))
    held = dict(xero.token)
    xero.http.revoke_oauth2_token()
    xero.token = held
    fact("after revocation", reason(refusal(xero.api.get_organisations, NZ)))
    calls = control("GET", "log")["calls"]
    unknown = [str(one["status"]) for one in calls if one["status"] in (404, 405, 501)]
    fact("answers for what is not there", " ".join(unknown))
    print(f"{len(calls)} calls", file=sys.stderr)
