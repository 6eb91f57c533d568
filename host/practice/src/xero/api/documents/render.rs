//! How invoices, credit notes and bank transactions are answered; the order of keys is recorded.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::super::arithmetic::Discount;
use super::super::super::clock::{day_stamp, day_text, stamp, stamp_text};
use super::super::super::json::{Fields, Json};
use super::super::super::model::document::{Document, DocumentKind, DocumentType, Line};
use super::super::super::model::organisation::Organisation;
use super::super::contacts::render as contacts;
use super::super::{Context, fields};

/// Where a document is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum View {
    /// Alone, read.
    One,
    /// On a page.
    Listed,
    /// In a list without pages: no lines.
    Short,
    /// `summaryOnly`.
    Summary,
    /// The answer to a write.
    Written,
}

/// A document as it stands.
pub(in super::super) fn document(
    organisation: &Organisation,
    context: &Context,
    document: &Document,
    view: View,
) -> Fields {
    let sheet = Sheet { organisation, context, document, view };
    match document.document_type.kind() {
        DocumentKind::Invoice => sheet.invoice(),
        DocumentKind::CreditNote => sheet.credit_note(),
        DocumentKind::BankTransaction => sheet.bank_transaction(),
    }
}

/// A refused document: what was sent, with what it would have come to.
pub(super) fn refused(
    organisation: &Organisation,
    context: &Context,
    document: &Document,
    sent: &Json,
) -> Fields {
    let sheet = Sheet { organisation, context, document, view: View::Written };
    let kind = document.document_type.kind();
    let contact = sent.get("Contact").map(|one| contacts::echo(one, None));
    let mut out = Fields::default();
    match kind {
        DocumentKind::Invoice => {
            out.put("Type", document.document_type.name()).put("InvoiceID", document.id);
            out.put_some("InvoiceNumber", fields::text(sent, "InvoiceNumber"));
        }
        DocumentKind::CreditNote => {
            out.put("CreditNoteID", document.id);
            out.put_some("CreditNoteNumber", fields::text(sent, "CreditNoteNumber"));
            out.put("ID", document.id).put("Type", document.document_type.name());
        }
        DocumentKind::BankTransaction => {
            let account = sheet.bank_account(true);
            out.put_some("BankAccount", account).put("Type", document.document_type.name());
        }
    }
    out.put_some("Reference", fields::text(sent, "Reference"))
        .put_some("Url", fields::text(sent, "Url"));
    if kind == DocumentKind::Invoice {
        for list in ["Payments", "CreditNotes", "Prepayments", "Overpayments"] {
            out.put(list, Vec::new());
        }
        out.put("IsDiscounted", sheet.is_discounted());
    }
    if kind == DocumentKind::BankTransaction {
        out.put("IsReconciled", document.is_reconciled);
    } else {
        out.put("HasErrors", true);
    }
    out.put_some("Contact", contact);
    sheet.put_dates(&mut out);
    sheet.put_body(&mut out);
    out.put("CurrencyCode", document.currency.as_str());
    out
}

struct Sheet<'a> {
    organisation: &'a Organisation,
    context: &'a Context,
    document: &'a Document,
    view: View,
}

impl Sheet<'_> {
    fn invoice(&self) -> Fields {
        let document = self.document;
        let sale = document.document_type == DocumentType::AccRec;
        let read = self.view != View::Written;
        let summary = self.view == View::Summary;
        let mut out = Fields::default();
        out.put("Type", document.document_type.name())
            .put("InvoiceID", document.id)
            .put("InvoiceNumber", document.number.as_str())
            .put("Reference", document.reference.as_str())
            .put_text("Url", &document.url);
        if read && !summary {
            out.put("Payments", self.payments()).put("CreditNotes", self.credits());
        }
        if !summary {
            out.put("Prepayments", Vec::new()).put("Overpayments", Vec::new());
        }
        out.put("AmountDue", Json::money(self.due())).put("AmountPaid", Json::money(document.paid));
        if read {
            out.put("AmountCredited", Json::money(document.credited));
        }
        if sale || !read {
            out.put("SentToContact", document.sent_to_contact);
        }
        out.put("CurrencyRate", Json::fixed(document.currency_rate, 10))
            .put("IsDiscounted", self.is_discounted());
        if !summary {
            out.put("HasAttachments", false);
        }
        out.put("HasErrors", false);
        if matches!(self.view, View::One | View::Written) {
            out.put("Attachments", Vec::new()).put("InvoicePaymentServices", Vec::new());
        }
        out.put_some("Contact", self.contact());
        self.put_dates(&mut out);
        self.put_body(&mut out);
        self.put_end(&mut out);
        out
    }

    fn credit_note(&self) -> Fields {
        let document = self.document;
        let read = self.view != View::Written;
        let mut out = Fields::default();
        out.put("CreditNoteID", document.id)
            .put("CreditNoteNumber", document.number.as_str())
            .put("Payments", self.payments())
            .put("ID", document.id)
            .put("HasErrors", false)
            .put("CurrencyRate", Json::fixed(document.currency_rate, 10))
            .put("Type", document.document_type.name())
            .put("Reference", document.reference.as_str());
        if document.document_type.is_sale() || document.sent_to_contact {
            out.put("SentToContact", document.sent_to_contact);
        }
        out.put("RemainingCredit", Json::money(self.due())).put("Allocations", self.allocations());
        if read {
            out.put("HasAttachments", false);
        }
        out.put_some("Contact", self.contact());
        self.put_dates(&mut out);
        self.put_body(&mut out);
        self.put_end(&mut out);
        out
    }

    fn bank_transaction(&self) -> Fields {
        let document = self.document;
        let mut out = Fields::default();
        out.put("BankTransactionID", document.id)
            .put_some("BankAccount", self.bank_account(false))
            .put("Type", document.document_type.name())
            .put("Reference", document.reference.as_str())
            .put_text("Url", &document.url)
            .put("IsReconciled", document.is_reconciled)
            .put("CurrencyRate", Json::fixed(document.currency_rate, 10));
        if self.view != View::Written {
            out.put("HasAttachments", false);
        }
        out.put_some("Contact", self.contact());
        self.put_dates(&mut out);
        self.put_body(&mut out);
        self.put_end(&mut out);
        out
    }

    /// What is due; the answer to a voiding still shows the old amount.
    fn due(&self) -> Decimal {
        let document = self.document;
        if self.view == View::Written {
            document.totals.total - document.paid - document.credited
        } else {
            document.outstanding()
        }
    }

    fn is_discounted(&self) -> bool {
        self.document.lines.iter().any(|line| line.discount.is_some())
    }

    fn contact(&self) -> Option<Fields> {
        let contact = self.organisation.contacts.get(self.document.contact?)?;
        let invoice = self.document.document_type.kind() == DocumentKind::Invoice;
        Some(match self.view {
            View::One | View::Written if invoice => {
                contacts::contact(contact, contacts::View::Written)
            }
            View::One | View::Written => contacts::contact(contact, contacts::View::Lean),
            _ => contacts::short(contact),
        })
    }

    fn bank_account(&self, refused: bool) -> Option<Fields> {
        let account = self.organisation.accounts.get(self.document.bank_account?)?;
        let mut out = Fields::default();
        out.put("AccountID", account.id).put_text("Code", &account.code);
        if refused {
            out.put("ValidationErrors", Vec::new());
        } else {
            out.put("Name", account.name.as_str());
        }
        Some(out)
    }

    fn put_dates(&self, out: &mut Fields) {
        let document = self.document;
        out.put("DateString", day_text(document.date)).put("Date", day_stamp(document.date));
        if let Some(due) = document.due_date {
            out.put("DueDateString", day_text(due)).put("DueDate", day_stamp(due));
        }
        out.put_some("ExpectedPaymentDate", document.expected_payment_date.map(day_stamp))
            .put_some("BrandingThemeID", document.branding_theme);
    }

    /// Status, lines and sums.
    fn put_body(&self, out: &mut Fields) {
        let document = self.document;
        out.put("Status", document.status.name())
            .put("LineAmountTypes", document.line_amount_types.name());
        match self.view {
            View::Summary => {}
            View::Short => {
                out.put("LineItems", Vec::new());
            }
            View::One | View::Listed | View::Written => {
                let lines = document.lines.iter().map(|line| self.line(line)).collect::<Vec<_>>();
                out.put("LineItems", lines);
            }
        }
        out.put("SubTotal", Json::money(document.totals.sub_total))
            .put("TotalTax", Json::money(document.totals.total_tax))
            .put("Total", Json::money(document.totals.total));
    }

    fn put_end(&self, out: &mut Fields) {
        let document = self.document;
        out.put("UpdatedDateUTC", stamp(document.updated))
            .put("UpdatedDateUTCString", stamp_text(document.updated))
            .put("CurrencyCode", document.currency.as_str())
            .put_some("FullyPaidOnDate", document.fully_paid_on.map(day_stamp));
    }

    fn line(&self, line: &Line) -> Json {
        let mut out = Fields::default();
        out.put_text("ItemCode", &line.item_code).put("Description", line.description.as_str());
        if !line.is_text() {
            let places = self.context.unit_places;
            out.put_some("UnitAmount", line.unit_amount.map(|unit| Json::fixed(unit, places)))
                .put_text("TaxType", &line.tax_type)
                .put("TaxAmount", Json::money(line.tax_amount))
                .put("LineAmount", Json::money(line.line_amount))
                .put_text("AccountCode", &line.account_code)
                .put_some("Item", self.item(line));
        }
        out.put("Tracking", tracking(self.organisation, &line.tracking));
        if let (Some(quantity), false) = (line.quantity, line.is_text()) {
            out.put("Quantity", Json::fixed(quantity, 4));
        }
        match line.discount {
            Some(Discount::Rate(rate)) => {
                out.put("DiscountRate", Json::money(rate)).put("DiscountEnteredAsPercent", true);
            }
            Some(Discount::Amount(amount)) => {
                out.put("DiscountAmount", Json::money(amount))
                    .put("DiscountEnteredAsPercent", false);
            }
            None => {}
        }
        if !line.id.is_nil() {
            out.put("LineItemID", line.id);
        }
        out.put_some("AccountID", line.account_id);
        if self.view == View::Written {
            out.put("ValidationErrors", Vec::new());
        }
        out.into()
    }

    fn item(&self, line: &Line) -> Option<Fields> {
        if line.item_code.is_empty() || self.view == View::Listed {
            return None;
        }
        let item = self.organisation.item_by_code(&line.item_code)?;
        let mut out = Fields::default();
        out.put("ItemID", item.id).put("Name", item.name.as_str()).put("Code", item.code.as_str());
        Some(out)
    }

    fn payments(&self) -> Vec<Json> {
        let document = self.document;
        self.organisation
            .payments
            .iter()
            .filter(|one| one.document == document.id && !one.deleted)
            .map(|one| {
                let mut out = Fields::default();
                out.put("PaymentID", one.id)
                    .put("Date", day_stamp(one.date))
                    .put("Amount", Json::money(one.amount))
                    .put("Reference", one.reference.as_str())
                    .put("CurrencyRate", Json::fixed(one.currency_rate, 10))
                    .put("HasAccount", false)
                    .put("HasValidationErrors", false);
                out.into()
            })
            .collect()
    }

    /// The credit notes used on an invoice.
    fn credits(&self) -> Vec<Json> {
        if self.document.credited.is_zero() {
            return Vec::new();
        }
        let mut list = Vec::new();
        for note in &self.organisation.credit_notes {
            let used = note.allocations.iter().filter(|one| one.invoice == self.document.id);
            let used: Decimal = used.map(|one| one.amount).sum();
            if used.is_zero() {
                continue;
            }
            let mut out = Fields::default();
            out.put("CreditNoteID", note.id)
                .put("CreditNoteNumber", note.number.as_str())
                .put("ID", note.id)
                .put("HasErrors", false)
                .put("AppliedAmount", Json::money(used))
                .put("DateString", day_text(note.date))
                .put("Date", day_stamp(note.date))
                .put("LineItems", Vec::new())
                .put("Total", Json::money(note.totals.total));
            list.push(out.into());
        }
        list
    }

    fn allocations(&self) -> Vec<Json> {
        self.document
            .allocations
            .iter()
            .map(|one| {
                let number = self.organisation.invoices.get(one.invoice);
                let mut invoice = Fields::default();
                invoice
                    .put("InvoiceID", one.invoice)
                    .put("InvoiceNumber", number.map(|one| one.number.as_str()).unwrap_or_default())
                    .put("LineItems", Vec::new());
                let mut out = Fields::default();
                out.put("AllocationID", one.id)
                    .put("Amount", Json::money(one.amount))
                    .put("Date", day_stamp(one.date))
                    .put("Invoice", invoice);
                out.into()
            })
            .collect()
    }
}

/// The tracking of a line.
pub(in super::super) fn tracking(organisation: &Organisation, list: &[(Uuid, Uuid)]) -> Vec<Json> {
    list.iter()
        .filter_map(|(category, option)| {
            let category = organisation.tracking.iter().find(|one| one.id == *category)?;
            let option = category.options.iter().find(|one| one.id == *option)?;
            let mut out = Fields::default();
            out.put("Name", category.name.as_str())
                .put("Option", option.name.as_str())
                .put("TrackingCategoryID", category.id)
                .put("TrackingOptionID", option.id)
                .put("Options", Vec::new());
            Some(out.into())
        })
        .collect()
}
