"""What moves money: credit notes and their allocation, payments, bank, journals; and notes."""

from datetime import date, datetime

from practice import NZ, day, fact, money, reason, refusal, same, verdict
from xero_python.accounting import (
    Account,
    Allocation,
    Allocations,
    BankTransaction,
    BankTransactions,
    BankTransfer,
    BankTransfers,
    Contact,
    CreditNote,
    CreditNotes,
    HistoryRecord,
    HistoryRecords,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    ManualJournal,
    ManualJournalLine,
    ManualJournals,
    Payment,
    PaymentDelete,
    Payments,
    TrackingCategory,
)

DAY = date(2026, 11, 21)


def standing(api, invoice_id):
    """`AUTHORISED: due 82.74, paid 0.00, credited 5.00`"""
    one = api.get_invoice(NZ, invoice_id).invoices[0]
    paid, credited = money(one.amount_paid), money(one.amount_credited)
    return f"{one.status}: due {money(one.amount_due)}, paid {paid}, credited {credited}"


def credit_and_allocate(api, contact, invoice_id):
    returned = LineItem(description="Returned", quantity=1, unit_amount=11.5, account_code="210")
    note = CreditNote(
        type="ACCRECCREDIT",
        status="AUTHORISED",
        contact=Contact(contact_id=contact),
        credit_note_number="WC-100-R1",
        date=DAY,
        line_amount_types=LineAmountTypes.INCLUSIVE,
        line_items=[returned],
    )
    written = api.create_credit_notes(
        NZ, CreditNotes(credit_notes=[note]), summarize_errors=False, unitdp=4
    )
    credit = written.credit_notes[0]
    figures = " ".join(map(money, [credit.total_tax, credit.total, credit.remaining_credit]))
    fact("credit note", f"{verdict(credit)}, {figures}")
    key = credit.credit_note_id

    def parts(amount):
        one = Allocation(amount=amount, invoice=Invoice(invoice_id=invoice_id), date=DAY)
        return Allocations(allocations=[one])

    refused = refusal(api.create_credit_note_allocation, NZ, key, parts(11.51))
    fact("allocation beyond the credit", reason(refused))
    allocation = api.create_credit_note_allocation(NZ, key, parts(5)).allocations[0]
    fact("allocation", f"{money(allocation.amount)} on {day(allocation.date)}")
    fact("invoice with a credit", standing(api, invoice_id))

    def read():
        return api.get_credit_note(NZ, key).credit_notes[0]

    used = read()
    fact("credit that is left", money(used.remaining_credit))
    same([one.invoice.invoice_id for one in used.allocations], [invoice_id], "allocations")
    deleted = api.delete_credit_note_allocations(NZ, key, used.allocations[0].allocation_id)
    fact("allocation deleted", str(deleted.is_deleted).lower())
    same(money(read().remaining_credit), "11.50", "credit after the deletion")
    refund = Payment(
        credit_note=CreditNote(credit_note_id=key),
        account=Account(code="090"),
        amount=11.5,
        date=DAY,
    )
    paid = api.create_payment(NZ, refund).payments[0]
    fact("refund in cash", f"{paid.payment_type}, {read().status}")


def pay_and_undo(api, invoice_id):
    def payment(amount, account="092", on=DAY, **more):
        return Payment(
            invoice=Invoice(invoice_id=invoice_id),
            account=Account(code=account),
            amount=amount,
            date=on,
            **more,
        )

    fact("payment beyond what is due", reason(refusal(api.create_payment, NZ, payment(87.75))))
    refused = refusal(api.create_payment, NZ, payment(1, account="200"))
    fact("payment to an account that takes none", reason(refused))
    paid = api.create_payment(NZ, payment(87.74, reference="pi_1")).payments[0]
    figures = [money(paid.amount), money(paid.invoice.amount_due)]
    fact("payment", ", ".join([paid.payment_type, paid.status, paid.reference, *figures]))
    fact("invoice when paid", standing(api, invoice_id))
    voiding = Invoices(invoices=[Invoice(invoice_id=invoice_id, status="VOIDED")])
    refused = api.update_or_create_invoices(NZ, voiding, summarize_errors=False).invoices[0]
    fact("void what is paid", verdict(refused))
    deletion = PaymentDelete(status="DELETED")
    deleted = api.delete_payment(NZ, paid.payment_id, deletion).payments[0]
    still = api.get_payment(NZ, paid.payment_id).payments[0]
    fact("payment deleted", ", ".join([deleted.status, still.status]))
    fact("invoice after that", standing(api, invoice_id))
    early = Payments(payments=[payment(1, on=date(2026, 11, 19))])
    warned = api.create_payments(NZ, early, summarize_errors=False).payments[0]
    fact("payment before its invoice", verdict(warned))


def move_money(api, contact):
    def received(**more):
        tip = LineItem(description="Tip", quantity=1, unit_amount=23, account_code="260", **more)
        return BankTransaction(
            type="RECEIVE",
            contact=Contact(contact_id=contact),
            bank_account=Account(code="092"),
            date=DAY,
            line_items=[tip],
        )

    batch = BankTransactions(bank_transactions=[received(), received(tax_amount=2.99)])
    rows = api.create_bank_transactions(NZ, batch, summarize_errors=False).bank_transactions
    fact("bank transactions", " / ".join(map(verdict, rows)))
    one = rows[0]
    figures = map(money, [one.sub_total, one.total_tax, one.total])
    fact("bank transaction totals", " ".join([one.line_amount_types.value, *figures]))
    read = api.get_bank_transaction(NZ, one.bank_transaction_id).bank_transactions[0]
    same(read.bank_account.name, "Stripe", "bank account")
    stripe, bank = Account(code="092"), Account(code="090")
    transfer = BankTransfer(from_bank_account=stripe, to_bank_account=bank, amount=20.01, date=DAY)
    moved = api.create_bank_transfer(NZ, BankTransfers(bank_transfers=[transfer])).bank_transfers[0]
    named = [moved.from_bank_account.name, moved.to_bank_account.name, money(moved.amount)]
    fact("bank transfer", ", ".join(named))


def journal(api):
    def entry(debit, credit):
        tracking = [TrackingCategory(name="Channel", option="Web shop")]
        lines = [
            ManualJournalLine(line_amount=debit, account_code="405", description="Fees"),
            ManualJournalLine(line_amount=-credit, account_code="855", tracking=tracking),
        ]
        return ManualJournal(
            narration="Stripe fees", date=DAY, status="POSTED", journal_lines=lines
        )

    batch = ManualJournals(manual_journals=[entry(3.21, 3.21), entry(100, 10)])
    rows = api.create_manual_journals(NZ, batch, summarize_errors=False).manual_journals
    fact("manual journals", " / ".join(map(verdict, rows)))
    read = api.get_manual_journal(NZ, rows[0].manual_journal_id).manual_journals[0]
    lines = [f"{one.account_code} {money(one.line_amount)}" for one in read.journal_lines]
    fact("manual journal", ", ".join([read.status, read.narration, *lines]))
    same(read.journal_lines[1].tracking[0].option, "Web shop", "tracking of a journal line")


def annotate(api, invoice_id):
    note = HistoryRecords(history_records=[HistoryRecord(details="Synced from order 100")])
    written = api.create_invoice_history(NZ, invoice_id, note).history_records[0]
    same(written.details, "Synced from order 100", "note")
    records = api.get_invoice_history(NZ, invoice_id).history_records
    same({type(one.date_utc) for one in records}, {datetime}, "dates of the history")
    fact("history", ", ".join(one.changes for one in records))
    fact("note", next(one.details for one in records if one.changes == "Note"))
