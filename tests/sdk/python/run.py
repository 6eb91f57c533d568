"""One run of xero-python against a practice Xero that `.ci/sdk` has started."""

from contacts import write_contacts, write_items
from door import enter, leave, refresh, repeat, stumble
from invoices import change_states, list_invoices, write_invoices
from ledger import annotate, credit_and_allocate, journal, move_money, pay_and_undo
from practice import conclude, control
from settings import read_settings


def run():
    strict = control("GET", "unknowns")["nothing_modified"] == "NotModified"
    xero = enter()
    api = xero.api
    read_settings(api)
    contact = write_contacts(api)
    write_items(api)
    invoice = write_invoices(api, contact)
    list_invoices(api, contact, strict)
    change_states(api)
    credit_and_allocate(api, contact, invoice)
    pay_and_undo(api, invoice)
    move_money(api, contact)
    journal(api)
    annotate(api, invoice)
    refresh(xero)
    repeat(api, contact)
    stumble(xero)
    leave(xero)
    conclude()


run()
