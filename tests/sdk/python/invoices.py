"""Invoices: batches with good and bad elements, totals, lists, states."""

from datetime import date, timedelta

from practice import GB, NZ, US, advance, day, fact, money, reason, refusal, same, verdict
from xero_python.accounting import (
    Contact,
    CurrencyCode,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
)

NIL = "00000000-0000-0000-0000-000000000000"


def line(unit_amount, **more):
    values = {"description": "A line", "quantity": 1, "account_code": "200", **more}
    return LineItem(unit_amount=unit_amount, **values)


def invoice(contact_id, number, lines, **more):
    values = {"date": date(2026, 11, 20), "due_date": date(2026, 12, 20), "status": "AUTHORISED"}
    values.update(more)
    if contact_id is not None:
        values["contact"] = Contact(contact_id=contact_id)
    return Invoice(type="ACCREC", invoice_number=number, line_items=lines, **values)


def amounts(one):
    return " ".join(map(money, [one.sub_total, one.total_tax, one.total, one.amount_due]))


def write_invoices(api, contact):
    def put(*rows, **more):
        return api.create_invoices(NZ, Invoices(invoices=list(rows)), **more).invoices

    lines = [line(unit) for unit in (25.06, 25.61, 25.63)]
    first = invoice(contact, "WC-100", lines, reference="Order 100")
    wrong_account = invoice(contact, "WC-101", [line(10, account_code="999")])
    rows = put(
        first,
        wrong_account,
        invoice(contact, "WC-102", [line(10)], date=None, due_date=None),
        invoice(contact, "WC-103", [line(10)], currency_code=CurrencyCode.AUD),
        invoice(contact, "WC-104", []),
        invoice(contact, "WC-105", [line(10, tax_type="INPUT9")]),
        summarize_errors=False,
        unitdp=4,
    )
    fact("invoices put", " / ".join(map(verdict, rows)))
    same([one.has_errors for one in rows], [False] + [True] * 5, "has_errors")
    same({one.invoice_id for one in rows[1:]}, {NIL}, "ids of the refused")
    good = rows[0]
    fact("totals of 25.06, 25.61, 25.63 at 15 %", amounts(good))
    same([money(one.tax_amount) for one in good.line_items], ["3.76", "3.84", "3.84"], "line taxes")
    same(good.line_items[0].tax_type, "OUTPUT2", "tax type of the account")
    whole = refusal(api.create_invoices, NZ, Invoices(invoices=[wrong_account]))
    fact("invoice refused as a whole", reason(whole))
    fact("number put twice", verdict(put(first, summarize_errors=False)[0]))
    again = Invoices(
        invoices=[Invoice(invoice_number="WC-100", type="ACCREC", reference="Order 100, shipped")]
    )
    updated = api.update_or_create_invoices(NZ, again, summarize_errors=False, unitdp=4).invoices[0]
    told = [updated.invoice_id, updated.status_attribute_string]
    same(told, [good.invoice_id, "OK"], "POST finds the number")
    read = api.get_invoice(NZ, "WC-100").invoices[0]
    fact(
        "invoice by number",
        ", ".join([read.reference, read.status, read.contact.name, day(read.due_date)]),
    )
    same(read.invoice_id, good.invoice_id, "invoice id")
    same(len(read.line_items), 3, "lines are kept when none are sent")
    write_four_decimals(api, contact)
    write_elsewhere(api)
    return good.invoice_id


def write_four_decimals(api, contact):
    lines = [line(3.3333, quantity=3), line(None, item_code="TEE", account_code=None)]
    including = LineAmountTypes.INCLUSIVE
    sent = Invoices(
        invoices=[
            invoice(contact, "WC-110", lines),
            invoice(contact, "WC-111", [line(24.15)], line_amount_types=including),
        ]
    )
    fine, inclusive = api.update_or_create_invoices(
        NZ, sent, summarize_errors=False, unitdp=4
    ).invoices
    shown = [
        f"{float(one.quantity):g} x {float(one.unit_amount):g} = {money(one.line_amount)}"
        for one in fine.line_items
    ]
    fact("lines at four decimals", ", ".join(shown))
    fact("totals including tax", amounts(inclusive))
    coarse = api.get_invoice(NZ, fine.invoice_id).invoices[0]
    same(f"{float(coarse.line_items[0].unit_amount):g}", "3.33", "unit amount read without unitdp")


def write_elsewhere(api):
    """Other organisations: their own rates, and nothing of each other."""
    ada = Contact(name="Ada Lovelace")
    sent = Invoices(invoices=[invoice(None, "WC-100", [line(33.33)], contact=ada)])
    british = api.create_invoices(GB, sent, summarize_errors=False).invoices[0]
    fact("totals of 33.33 at 20 %", amounts(british))
    including = LineAmountTypes.INCLUSIVE
    sent = Invoices(
        invoices=[
            invoice(None, "WC-1", [line(100.32)], contact=ada),
            invoice(None, "WC-2", [line(6187.5)], contact=ada, line_amount_types=including),
        ]
    )
    american = api.create_invoices(US, sent, summarize_errors=False).invoices
    taxes = " ".join(money(one.total_tax) for one in american)
    fact("tax at 4.00 + 4.25 %, excluding and including", taxes)
    fact(
        "invoice of another organisation", reason(refusal(api.get_invoice, NZ, british.invoice_id))
    )
    stranger = "11111111-1111-4111-8111-111111111111"
    fact("organisation that is not connected", reason(refusal(api.get_organisations, stranger)))


def list_invoices(api, contact, strict):
    rows = [invoice(contact, f"WC-12{n}", [line(n)], status="DRAFT") for n in (1, 2, 3, 4)]
    api.create_invoices(NZ, Invoices(invoices=rows), summarize_errors=False)

    def listed(**more):
        return api.get_invoices(NZ, unitdp=4, **more)

    pages = [listed(page=page, page_size=3) for page in (1, 2, 3)]
    told = pages[1].pagination
    fact(
        "page 2",
        f"page {told.page}, size {told.page_size}, of {told.page_count}, {told.item_count} invoices",
    )
    numbers = [row.invoice_number for one in pages for row in one.invoices]
    fact("numbers over all pages", " ".join(sorted(numbers)))
    same(len(pages[0].invoices[0].line_items) > 0, True, "a page has lines")
    plain = listed()
    same([plain.pagination, plain.invoices[0].line_items or []], [None, []], "no page, no lines")
    some = listed(invoice_numbers=["WC-111", "WC-100", "WC-999"]).invoices
    fact("by numbers", " ".join(sorted(one.invoice_number for one in some)))
    drafts = listed(statuses=["DRAFT"], order="UpdatedDateUTC DESC", summary_only=True).invoices
    same([len(drafts), drafts[0].line_items or []], [4, []], "drafts")
    named = listed(where='Reference=="order 100, SHIPPED"').invoices
    fact("by reference", named[0].invoice_number)
    since = advance(10)
    advance(10)
    api.update_invoice(NZ, drafts[0].invoice_id, Invoices(invoices=[Invoice(reference="Later")]))
    changed = listed(if_modified_since=since).invoices
    same([one.invoice_id for one in changed], [drafts[0].invoice_id], "modified since")
    fact("modified since", " ".join(one.reference for one in changed))
    later = {"if_modified_since": since + timedelta(hours=1)}
    fact(
        "modified since later",
        reason(refusal(listed, **later)) if strict else len(listed(**later).invoices),
    )


def change_states(api):
    def update(invoice_id, **more):
        sent = Invoices(invoices=[Invoice(invoice_id=invoice_id, **more)])
        return api.update_or_create_invoices(NZ, sent, summarize_errors=False).invoices[0]

    invoice_id = api.get_invoice(NZ, "WC-111").invoices[0].invoice_id
    refused = update(invoice_id, status="DELETED")
    fact("delete what is authorised", f"{refused.status}, {verdict(refused)}")
    told = [refused.invoice_id, refused.invoice_number, refused.amount_due]
    same(told, [invoice_id, None, None], "refused element")
    voided = update(invoice_id, status="VOIDED")
    same(voided.status_attribute_string, "OK", "void")
    later = api.get_invoice(NZ, invoice_id).invoices[0]
    shown = [f"{one.status} {money(one.amount_due)}" for one in (voided, later)]
    fact("void, in the answer and later", ", ".join(shown))
    fact("change what is void", verdict(update(invoice_id, status="AUTHORISED")))
    draft = api.get_invoice(NZ, "WC-124").invoices[0]
    fact("delete a draft", update(draft.invoice_id, status="DELETED").status)
