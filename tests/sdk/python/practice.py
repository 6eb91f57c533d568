"""xero-python, unmodified, turned to the practice Xero; and the facts it finds there."""

import json
import os
import sys
import time
import urllib.request
from datetime import datetime

from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.exceptions import HTTPStatusException
from xero_python.identity import IdentityApi

PLACE = json.loads(os.environ["PRACTICE_XERO"])
BASE = PLACE["base_url"]
NZ, GB, US = PLACE["tenants"]

TokenApi.client_credentials_token_url = BASE + "/connect/token"
TokenApi.refresh_token_url = BASE + "/connect/token"
TokenApi.revoke_token_url = BASE + "/connect/revocation"


def _stay(event, details):
    if event == "socket.connect" and details[1][0] != "127.0.0.1":
        raise RuntimeError(f"would leave this machine: {details[1]}")


sys.addaudithook(_stay)


class Client:
    """A client of the app, with the token it holds and the APIs it reaches."""

    def __init__(self, secret=PLACE["client_secret"]):
        # Every Configuration is a copy of the first one, its token included.
        configuration = Configuration()
        configuration.oauth2_token = OAuth2Token(PLACE["client_id"], secret)
        self.token = {}
        self.http = ApiClient(
            configuration,
            oauth2_token_getter=lambda: self.token,
            oauth2_token_saver=self.save,
        )
        self.api = AccountingApi(self.http, base_url=BASE + "/api.xro/2.0")
        self.identity = IdentityApi(self.http, base_url=BASE)

    def save(self, token):
        """Keeps a token; the SDK calls this after each exchange."""
        token.setdefault("expires_at", time.time() + (token.get("expires_in") or 0))
        token["scope"] = token.get("scope") or ["offline_access"]
        self.token = {name: token[name] for name in token if name != "id_token"}

    def refresh(self, refresh_token):
        """Exchanges a refresh token and returns the next one."""
        self.token = {
            "access_token": "none yet",
            "refresh_token": refresh_token,
            "scope": ["offline_access"],
            "expires_in": 0,
            "expires_at": 0,
            "token_type": "Bearer",
        }
        self.http.configuration.oauth2_token.update_token(**self.token)
        self.http.refresh_oauth2_token()
        return self.token["refresh_token"]


def control(method, path, body=None):
    """Asks the control endpoint; the answer's JSON, or None."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/practice/{path}", data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer) if answer.status == 200 else None


def advance(seconds):
    """Moves the practice clock on and says what time it is there then."""
    now = control("POST", "clock", {"advance_secs": seconds})["now"]
    return datetime.fromisoformat(now[:19])


def refusal(call, *arguments, **options):
    """The exception of a call that must be refused."""
    try:
        answer = call(*arguments, **options)
    except HTTPStatusException as error:
        return error
    raise AssertionError(f"was not refused: {answer}")


def body_of(error):
    """The body of a refusal: JSON where it is JSON, else text."""
    text = (error.body or b"").decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


def reason(error):
    """`400 text of the first element's first error`, or whatever else says why."""
    body = body_of(error)
    if isinstance(body, dict):
        errors = (body.get("Elements") or [{}])[0].get("ValidationErrors") or [{}]
        body = (
            errors[0].get("Message")
            or body.get("Message")
            or body.get("Detail")
            or body.get("error")
        )
    return f"{error.http_resp.status} {body}".strip()


def verdict(element):
    """`OK`, or `ERROR` with the element's own texts."""
    texts = element.validation_errors or getattr(element, "warnings", None) or []
    return " | ".join([element.status_attribute_string, *(one.message for one in texts)])


def money(amount):
    """An amount at two decimals."""
    return f"{amount:.2f}"


def day(value):
    """A day as YYYY-MM-DD."""
    return value.isoformat()[:10]


def same(found, expected, what):
    """Fails unless both are equal."""
    if found != expected:
        raise AssertionError(f"{what}: found {found!r}, expected {expected!r}")


def _read_facts():
    facts = {}
    for path in os.environ["FACTS"].split(":"):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    name, _, text = line.rstrip("\n").partition(": ")
                    facts[name] = text
    return facts


EXPECTED = _read_facts()
FOUND = {}


def fact(name, value):
    """States a fact; fails at once when the list of facts says something else."""
    same(str(value), EXPECTED.get(name), f'fact "{name}"')
    same(name in FOUND, False, f'fact "{name}" stated before')
    FOUND[name] = str(value)


def conclude():
    """Prints every fact; fails when one of the list was never stated."""
    same(sorted(set(EXPECTED) - set(FOUND)), [], "facts not stated")
    for name, text in FOUND.items():
        print(f"{name}: {text}")
