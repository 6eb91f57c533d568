//! Documents as they stand in Xero, read from its own answers.
//!
//! Read leniently: recorded answers differ from the published schema in keys, letter case of
//! words and decimals (reference: Xero, section 3.0).

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    json::{
        Fields, FromFields, Json, Raw, bounded, lenient_text as text, objects as each, raw_object,
    },
};

use super::{document::DocumentKind, wire::sha256};

/// An invoice or a credit note as Xero has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which of the two.
    pub kind: DocumentKind,
    /// `InvoiceID` or `CreditNoteID`.
    pub id: String,
    /// `InvoiceNumber` or `CreditNoteNumber`.
    pub number: String,
    /// `Reference`.
    pub reference: String,
    /// `Status`.
    pub status: String,
    /// `Total`.
    pub total: Decimal,
    /// `AmountDue` or `RemainingCredit`.
    pub due: Decimal,
    /// `Date`.
    pub date: Option<Date>,
    /// `CurrencyCode`.
    pub currency: String,
    /// `LineAmountTypes`.
    pub line_amount_types: String,
    /// Payments of an invoice, or of a credit note to the customer.
    pub payments: Vec<StandingPayment>,
    /// Of a credit note: where its credit is used. Of an invoice: the credit notes used on it.
    pub allocations: Vec<StandingAllocation>,
    /// The lines.
    pub lines: Vec<StandingLine>,
    /// SHA-256 of all that a person could edit: it changes when somebody does.
    pub sha256: String,
}

/// A payment on a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingPayment {
    /// `PaymentID`.
    pub id: String,
    /// `Amount`, in the document's currency.
    pub amount: Decimal,
    /// `Date`.
    pub date: Option<Date>,
    /// `Reference`.
    pub reference: String,
}

/// Credit that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingAllocation {
    /// `AllocationID`; empty as seen from an invoice.
    pub id: String,
    /// The document on the other side.
    pub other: String,
    /// `Amount` or `AppliedAmount`.
    pub amount: Decimal,
}

/// One line, as far as it decides whether a document can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingLine {
    /// `LineItemID`.
    pub id: String,
    /// `Quantity`.
    pub quantity: Decimal,
    /// `UnitAmount`.
    pub unit_amount: Decimal,
    /// `TaxType`.
    pub tax_type: String,
    /// `TaxAmount`.
    pub tax_amount: Decimal,
    /// `ItemCode`.
    pub item_code: String,
    /// `AccountCode`.
    pub account_code: String,
    /// `Description`.
    pub description: String,
}

/// Money spent from a bank account, as Xero has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingSpend {
    /// `BankTransactionID`.
    pub id: String,
    /// Whether it counts: not deleted.
    pub live: bool,
    /// `Total`.
    pub total: Decimal,
    /// `Description` of its first line.
    pub description: String,
}

impl StandingSpend {
    /// Reads one element of `BankTransactions`; `None` when it has no id.
    pub(crate) fn read(json: &Json<'_>) -> Option<Self> {
        let raw = RawSpend::from_fields(Fields::of(json)?);
        let id = text(raw.id).into_owned();
        let line = each::<RawLine<'_>>(raw.lines).next();
        (!id.is_empty()).then(|| Self {
            id,
            live: text(raw.status) != "DELETED",
            total: amount(raw.total),
            description: line.map(|line| text(line.description).into_owned()).unwrap_or_default(),
        })
    }
}

raw_object!(RawSpend {
    id "BankTransactionID", status "Status", total "Total", lines "LineItems",
});
raw_object!(RawDocument {
    invoice_id "InvoiceID", credit_note_id "CreditNoteID", invoice_number "InvoiceNumber",
    credit_note_number "CreditNoteNumber", reference "Reference", status "Status", total "Total",
    due "AmountDue", remaining "RemainingCredit", date "Date", due_date "DueDate",
    payments "Payments", allocations "Allocations", credit_notes "CreditNotes",
    lines "LineItems", contact "Contact", currency "CurrencyCode", types "LineAmountTypes",
});
raw_object!(RawPayment { id "PaymentID", amount "Amount", date "Date", reference "Reference" });
raw_object!(RawAllocation { id "AllocationID", amount "Amount", invoice "Invoice" });
raw_object!(RawApplied { id "CreditNoteID", amount "AppliedAmount" });
raw_object!(RawLine {
    id "LineItemID", description "Description", quantity "Quantity", unit_amount "UnitAmount",
    tax_type "TaxType", tax_amount "TaxAmount", account "AccountCode", item "ItemCode",
    tracking "Tracking",
});
raw_object!(RawNamed { contact_id "ContactID", invoice_id "InvoiceID" });
raw_object!(RawTracking { name "Name", option "Option" });

fn amount(raw: Raw<'_>) -> Decimal {
    bounded(&text(raw)).unwrap_or_default()
}

fn named(raw: Raw<'_>) -> Option<RawNamed<'_>> {
    raw.and_then(Fields::of).map(RawNamed::from_fields)
}

impl Standing {
    /// Reads one element of `Invoices` or `CreditNotes`; `None` when it is no document with an id.
    pub(crate) fn read(kind: DocumentKind, json: &Json<'_>) -> Option<Self> {
        let raw = RawDocument::from_fields(Fields::of(json)?);
        let is_invoice = kind == DocumentKind::Invoice;
        let own = |invoice, note| text(if is_invoice { invoice } else { note }).into_owned();
        let id = own(raw.invoice_id, raw.credit_note_id);
        if id.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            return None;
        }
        let payment = |raw: RawPayment<'_>| StandingPayment {
            id: text(raw.id).into_owned(),
            amount: amount(raw.amount),
            date: Date::parse_xero(&text(raw.date)).ok(),
            reference: text(raw.reference).into_owned(),
        };
        let allocations = if is_invoice {
            each::<RawApplied<'_>>(raw.credit_notes).map(|raw| applied(&raw)).collect()
        } else {
            each::<RawAllocation<'_>>(raw.allocations).map(|raw| allocation(&raw)).collect()
        };
        Some(Self {
            kind,
            id,
            number: own(raw.invoice_number, raw.credit_note_number),
            reference: text(raw.reference).into_owned(),
            status: text(raw.status).into_owned(),
            total: amount(raw.total),
            due: amount(if is_invoice { raw.due } else { raw.remaining }),
            date: Date::parse_xero(&text(raw.date)).ok(),
            currency: text(raw.currency).into_owned(),
            line_amount_types: text(raw.types).into_owned(),
            payments: each::<RawPayment<'_>>(raw.payments).map(payment).collect(),
            allocations,
            lines: each::<RawLine<'_>>(raw.lines).map(|line| read_line(&line)).collect(),
            sha256: fingerprint(&raw),
        })
    }

    /// Whether it counts: neither voided nor deleted.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.status != "VOIDED" && self.status != "DELETED"
    }

    /// Whether money or credit hangs on it.
    #[must_use]
    pub fn is_settled_in_part(&self) -> bool {
        !self.payments.is_empty() || !self.allocations.is_empty()
    }
}

fn applied(raw: &RawApplied<'_>) -> StandingAllocation {
    let other = text(raw.id).into_owned();
    StandingAllocation { id: String::new(), other, amount: amount(raw.amount) }
}

fn allocation(raw: &RawAllocation<'_>) -> StandingAllocation {
    let invoice = named(raw.invoice).map(|invoice| text(invoice.invoice_id).into_owned());
    StandingAllocation {
        id: text(raw.id).into_owned(),
        other: invoice.unwrap_or_default(),
        amount: amount(raw.amount),
    }
}

fn read_line(raw: &RawLine<'_>) -> StandingLine {
    StandingLine {
        id: text(raw.id).into_owned(),
        quantity: amount(raw.quantity),
        unit_amount: amount(raw.unit_amount),
        tax_type: text(raw.tax_type).into_owned(),
        tax_amount: amount(raw.tax_amount),
        item_code: text(raw.item).into_owned(),
        account_code: text(raw.account).into_owned(),
        description: text(raw.description).into_owned(),
    }
}

/// All that a person could edit, in one canonical text. What payments and credit change by
/// themselves is left out: status, amounts due, the moment of the last change.
fn fingerprint(raw: &RawDocument<'_>) -> String {
    let day = |raw| Date::parse_xero(&text(raw)).map(|day| format!("{day}")).unwrap_or_default();
    let contact = named(raw.contact).map(|contact| text(contact.contact_id)).unwrap_or_default();
    let mut all = format!(
        "{}\n{}\n{}\n{}\n{contact}\n{}\n{}\n",
        text(raw.invoice_number),
        text(raw.reference),
        day(raw.date),
        day(raw.due_date),
        text(raw.currency),
        text(raw.types),
    );
    for line in each::<RawLine<'_>>(raw.lines) {
        let numbers = [line.quantity, line.unit_amount, line.tax_amount];
        for number in numbers {
            all.push_str(&amount(number).normalize().to_string());
            all.push(' ');
        }
        for word in [line.tax_type, line.account, line.item, line.description] {
            all.push_str(&text(word));
            all.push('\t');
        }
        for tracking in each::<RawTracking<'_>>(line.tracking) {
            for word in [text(tracking.name), text(tracking.option)] {
                all.push_str(&word);
                all.push('\t');
            }
        }
        all.push('\n');
    }
    sha256(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = r#"{"InvoiceID":"5a1c1b3e-0000-0000-0000-000000000001",
        "InvoiceNumber":"WEB-1","Reference":"r","Status":"PAID","Total":115.0000,"AmountDue":0,
        "Date":"\/Date(1789344000000+0000)\/","Contact":{"ContactID":"c"},"CurrencyCode":"GBP",
        "Payments":[{"PaymentID":"p","Amount":115.00}],
        "LineItems":[{"LineItemID":"l","Quantity":1.0000,"UnitAmount":100.0000,"TaxAmount":15.00}]}"#;

    fn read(text: &str) -> Option<Standing> {
        Standing::read(DocumentKind::Invoice, &Json::parse(text).unwrap())
    }

    #[test]
    fn an_invoice_is_read_with_its_payments() {
        let standing = read(LISTED).unwrap();
        assert_eq!(standing.total, Decimal::from(115));
        assert_eq!(standing.payments.len(), 1);
        assert!(standing.is_live() && standing.is_settled_in_part());
    }

    #[test]
    fn the_fingerprint_sees_edits_and_nothing_else() {
        let before = read(LISTED).unwrap().sha256;
        for (from, to) in
            [("PAID", "AUTHORISED"), ("100.0000", "100"), ("\"AmountDue\":0", "\"AmountDue\":115")]
        {
            assert_eq!(read(&LISTED.replace(from, to)).unwrap().sha256, before, "{to}");
        }
        for (from, to) in [("100.0000", "101"), ("\"c\"", "\"d\""), ("\"r\"", "\"s\"")] {
            assert_ne!(read(&LISTED.replace(from, to)).unwrap().sha256, before, "{to}");
        }
    }

    #[test]
    fn what_has_no_id_is_no_document() {
        assert_eq!(read(r#"{"InvoiceID":"00000000-0000-0000-0000-000000000000"}"#), None);
        assert_eq!(read("[]"), None);
    }
}
