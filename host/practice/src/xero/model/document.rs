//! Invoices, credit notes and bank transactions: one shape, three kinds.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::arithmetic::{Discount, LineAmountTypes, Totals};
use super::shelf::Record;

/// The type of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentType {
    /// A sales invoice.
    AccRec,
    /// A bill.
    AccPay,
    /// A credit note for a customer.
    AccRecCredit,
    /// A credit note from a supplier.
    AccPayCredit,
    /// Money received.
    Receive,
    /// Money spent.
    Spend,
    /// The receiving side of a bank transfer.
    ReceiveTransfer,
    /// The spending side of a bank transfer.
    SpendTransfer,
}

/// The kind of a document: the collection it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// `Invoices`.
    Invoice,
    /// `CreditNotes`.
    CreditNote,
    /// `BankTransactions`.
    BankTransaction,
}

impl DocumentType {
    const ALL: [Self; 8] = [
        Self::AccRec,
        Self::AccPay,
        Self::AccRecCredit,
        Self::AccPayCredit,
        Self::Receive,
        Self::Spend,
        Self::ReceiveTransfer,
        Self::SpendTransfer,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccRec => "ACCREC",
            Self::AccPay => "ACCPAY",
            Self::AccRecCredit => "ACCRECCREDIT",
            Self::AccPayCredit => "ACCPAYCREDIT",
            Self::Receive => "RECEIVE",
            Self::Spend => "SPEND",
            Self::ReceiveTransfer => "RECEIVE-TRANSFER",
            Self::SpendTransfer => "SPEND-TRANSFER",
        }
    }

    /// The collection it is in.
    #[must_use]
    pub const fn kind(self) -> DocumentKind {
        match self {
            Self::AccRec | Self::AccPay => DocumentKind::Invoice,
            Self::AccRecCredit | Self::AccPayCredit => DocumentKind::CreditNote,
            _ => DocumentKind::BankTransaction,
        }
    }

    /// Whether it is on the customers' side.
    #[must_use]
    pub const fn is_sale(self) -> bool {
        matches!(self, Self::AccRec | Self::AccRecCredit | Self::Receive | Self::ReceiveTransfer)
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(text))
    }
}

/// The status of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not yet approved.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Approved: it counts.
    Authorised,
    /// Nothing is due any more.
    Paid,
    /// Taken back after approval.
    Voided,
    /// Taken back before approval; for bank transactions, at any time.
    Deleted,
}

impl Status {
    const ALL: [Self; 6] =
        [Self::Draft, Self::Submitted, Self::Authorised, Self::Paid, Self::Voided, Self::Deleted];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::Authorised => "AUTHORISED",
            Self::Paid => "PAID",
            Self::Voided => "VOIDED",
            Self::Deleted => "DELETED",
        }
    }

    /// Whether nothing can change it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Voided | Self::Deleted)
    }

    /// Whether it counts in the books.
    #[must_use]
    pub const fn is_approved(self) -> bool {
        matches!(self, Self::Authorised | Self::Paid)
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(text))
    }
}

/// One line of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `LineItemID`.
    pub id: Uuid,
    /// `ItemCode` of the item named.
    pub item_code: String,
    /// `Description`.
    pub description: String,
    /// `Quantity`; none on a line that is only a description.
    pub quantity: Option<Decimal>,
    /// `UnitAmount`, rounded as it was on the way in.
    pub unit_amount: Option<Decimal>,
    /// `TaxType`; empty when there is none.
    pub tax_type: String,
    /// `TaxAmount`.
    pub tax_amount: Decimal,
    /// `LineAmount`.
    pub line_amount: Decimal,
    /// `AccountCode`; empty when there is none.
    pub account_code: String,
    /// `AccountID`.
    pub account_id: Option<Uuid>,
    /// The discount.
    pub discount: Option<Discount>,
    /// (category, option) by their ids.
    pub tracking: Vec<(Uuid, Uuid)>,
}

impl Line {
    /// Whether it is only a description.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        self.quantity.is_none() && self.unit_amount.is_none()
    }
}

/// A part of a credit note used on an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// `AllocationID`.
    pub id: Uuid,
    /// The invoice.
    pub invoice: Uuid,
    /// The amount, in the documents' currency.
    pub amount: Decimal,
    /// The later date of the two documents.
    pub date: NaiveDate,
}

/// An invoice, credit note or bank transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `InvoiceID`, `CreditNoteID` or `BankTransactionID`.
    pub id: Uuid,
    /// `Type`.
    pub document_type: DocumentType,
    /// `InvoiceNumber` or `CreditNoteNumber`.
    pub number: String,
    /// `Reference`.
    pub reference: String,
    /// `Status`.
    pub status: Status,
    /// The contact's id; none for transfers.
    pub contact: Option<Uuid>,
    /// `Date`.
    pub date: NaiveDate,
    /// `DueDate` of an invoice.
    pub due_date: Option<NaiveDate>,
    /// `ExpectedPaymentDate` of a sales invoice.
    pub expected_payment_date: Option<NaiveDate>,
    /// `LineAmountTypes`.
    pub line_amount_types: LineAmountTypes,
    /// The lines.
    pub lines: Vec<Line>,
    /// The sums.
    pub totals: Totals,
    /// `CurrencyCode`.
    pub currency: String,
    /// `CurrencyRate`: units of the currency for one of the base currency.
    pub currency_rate: Decimal,
    /// `Url`.
    pub url: String,
    /// `BrandingThemeID` of a sales document.
    pub branding_theme: Option<Uuid>,
    /// `SentToContact`.
    pub sent_to_contact: bool,
    /// The bank account of a bank transaction.
    pub bank_account: Option<Uuid>,
    /// `IsReconciled` of a bank transaction.
    pub is_reconciled: bool,
    /// Sum of payments that are not deleted.
    pub paid: Decimal,
    /// Sum of credit allocated to an invoice, or of a credit note's allocations.
    pub credited: Decimal,
    /// A credit note's allocations.
    pub allocations: Vec<Allocation>,
    /// Date of what settled it.
    pub fully_paid_on: Option<NaiveDate>,
    /// `UpdatedDateUTC`.
    pub updated: DateTime<Utc>,
}

impl Document {
    /// `AmountDue` of an invoice, `RemainingCredit` of a credit note.
    #[must_use]
    pub fn outstanding(&self) -> Decimal {
        if self.status.is_final() {
            Decimal::ZERO
        } else {
            self.totals.total - self.paid - self.credited
        }
    }

    /// Whether a payment or credit is on it.
    #[must_use]
    pub fn is_settled_in_part(&self) -> bool {
        !self.paid.is_zero() || !self.credited.is_zero()
    }
}

impl Record for Document {
    fn id(&self) -> Uuid {
        self.id
    }
}
