//! Documents as they will stand in Xero.

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    json::strict::choice,
    money::{Currency, Money, round_half_up},
};

use super::arithmetic::{self, LineAmountTypes, LineInput, LineTotals, Totals};

choice! {
    /// What a document is.
    DocumentKind {
        Invoice "A sales invoice, `ACCREC`, of an order.",
        CreditNote "A credit note to a customer, `ACCRECCREDIT`, of a refund.",
    }
}

impl DocumentKind {
    /// The kind's word in replies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
        }
    }

    /// WooCommerce's word for what it is the document of.
    #[must_use]
    pub const fn object(self) -> &'static str {
        match self {
            Self::Invoice => "order",
            Self::CreditNote => "refund",
        }
    }
}

/// A sales invoice or a credit note, ready to be written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Which of the two.
    pub kind: DocumentKind,
    /// `InvoiceNumber` or `CreditNoteNumber`, at most 255 printable ASCII characters.
    pub number: String,
    /// `Reference`, at most 255 characters.
    pub reference: String,
    /// The contact it is made out to.
    pub contact: Contact,
    /// `Date`
    pub date: Date,
    /// `DueDate`; a credit note has none to send.
    pub due_date: Date,
    /// `AUTHORISED`, `DRAFT` or `SUBMITTED`.
    pub status: &'static str,
    /// `LineAmountTypes`
    pub line_amount_types: LineAmountTypes,
    /// `CurrencyCode`
    pub currency: Currency,
    /// `CurrencyRate`, units of the currency per one of the base; Xero's own for the day if absent.
    pub currency_rate: Option<Decimal>,
    /// `Url`: the order's page.
    pub url: Option<String>,
    /// `BrandingThemeID`
    pub branding_theme_id: Option<String>,
    /// `LineItems`
    pub lines: Vec<LineItem>,
}

/// Who an invoice is made out to, as far as the request names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// `ContactID`, where the contact is in Xero already: then nothing else is sent.
    pub id: Option<String>,
    /// `ContactNumber`, our stable key, where each customer is a contact.
    pub number: Option<String>,
    /// `Name`, at most 255 characters.
    pub name: String,
    /// `EmailAddress`
    pub email: Option<String>,
}

/// One line of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineItem {
    /// `Description`, at most 4,000 characters.
    pub description: String,
    /// `Quantity`, at most four decimals.
    pub quantity: Decimal,
    /// `UnitAmount`, at most four decimals.
    pub unit_amount: Decimal,
    /// `ItemCode`
    pub item_code: Option<String>,
    /// `AccountCode`
    pub account_code: String,
    /// `TaxType`
    pub tax_type: String,
    /// Effective rate of the tax type, a fraction.
    pub rate: Decimal,
    /// `TaxAmount`, where the line states it.
    pub tax_amount: Option<Decimal>,
    /// `Tracking`: category and option, at most two.
    pub tracking: Vec<(String, String)>,
}

impl LineItem {
    /// The line as Xero will reckon it.
    #[must_use]
    pub fn totals(&self, types: LineAmountTypes) -> LineTotals {
        let input = LineInput {
            quantity: round_half_up(self.quantity, arithmetic::UNIT_DIGITS),
            unit_amount: self.unit_amount,
            rate: self.rate,
            tax_amount: self.tax_amount,
        };
        arithmetic::line(types, &input)
    }
}

impl Invoice {
    /// The invoice as Xero will total it.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let types = self.line_amount_types;
        arithmetic::totals(types, self.lines.iter().map(|line| line.totals(types)))
    }

    /// What is due by Xero's arithmetic, in the invoice's currency.
    #[must_use]
    pub fn total(&self) -> Money {
        Money::new(self.totals().total, self.currency)
    }
}
