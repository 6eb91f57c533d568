"""Contacts and items: good and bad in one batch, found again by number, name or code."""

from practice import NZ, body_of, fact, reason, refusal, same, verdict
from xero_python.accounting import Contact, Contacts, Item, Items, Purchase

NIL = "00000000-0000-0000-0000-000000000000"


def write_contacts(api):
    ada = Contact(name="Ada Lovelace", contact_number="WC-1", email_address="ada@example.test")
    created = api.create_contacts(NZ, Contacts(contacts=[ada])).contacts[0]
    fact("contact", ", ".join([created.name, created.contact_number, created.contact_status]))
    same([len(created.addresses), len(created.phones)], [2, 4], "addresses and phones")
    same(created.status_attribute_string, None, "no verdict without the parameter")
    twice = Contact(name="ADA lovelace")
    refused = refusal(api.create_contacts, NZ, Contacts(contacts=[twice]))
    fact("contact twice", reason(refused))
    told = body_of(refused)
    same([told["ErrorNumber"], told["Type"]], [10, "ValidationException"], "exception")
    grace = Contact(name="Grace Hopper", email_address="no address")
    batch = Contacts(contacts=[twice, grace, Contact(name="Grace Hopper")])
    contacts = api.create_contacts(NZ, batch, summarize_errors=False).contacts
    fact("contacts one by one", " / ".join(map(verdict, contacts)))
    same([one.contact_id == NIL for one in contacts], [True, True, False], "ids of the refused")
    flags = [one.has_validation_errors for one in contacts]
    same(flags, [True, True, False], "has_validation_errors")
    # POST finds a contact by its number and keeps what is left out.
    changed = Contacts(contacts=[Contact(contact_number="WC-1", name="Ada King")])
    kept = api.update_or_create_contacts(NZ, changed, summarize_errors=False).contacts[0]
    same(kept.contact_id, created.contact_id, "contact found by number")
    fact("contact renamed", ", ".join([kept.name, kept.email_address]))
    listed = api.get_contacts(NZ, where='Name=="ada king"', page=1).contacts
    same([one.contact_id for one in listed], [created.contact_id], "where without regard to case")
    return created.contact_id


def write_items(api):
    price = Purchase(unit_price=25.0612, account_code="200")
    tee = Items(items=[Item(code="TEE", name="T-shirt", sales_details=price)])
    item = api.create_items(NZ, tee, summarize_errors=False, unitdp=4).items[0]
    same(item.status_attribute_string, "OK", "item")
    fine = api.get_item(NZ, "TEE", unitdp=4).items[0].sales_details.unit_price
    coarse = api.get_item(NZ, item.item_id).items[0].sales_details.unit_price
    fact("item price with and without unitdp=4", f"{float(fine):g} {float(coarse):g}")
    fact("item twice", reason(refusal(api.create_items, NZ, tee)))
