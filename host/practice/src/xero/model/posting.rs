//! Payments, bank transfers, manual journals and notes on a document's history.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::arithmetic::LineAmountTypes;
use super::shelf::Record;

/// A payment on an invoice or a cash refund of a credit note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// `PaymentID`.
    pub id: Uuid,
    /// The invoice or credit note.
    pub document: Uuid,
    /// Whether `document` is a credit note.
    pub is_refund: bool,
    /// `PaymentType`, for example `ACCRECPAYMENT`.
    pub payment_type: String,
    /// The account it went to or came from.
    pub account: Uuid,
    /// `Date`.
    pub date: NaiveDate,
    /// `Amount` in the document's currency.
    pub amount: Decimal,
    /// `CurrencyRate`.
    pub currency_rate: Decimal,
    /// `Reference`.
    pub reference: String,
    /// `IsReconciled`.
    pub is_reconciled: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// `UpdatedDateUTC`.
    pub updated: DateTime<Utc>,
}

/// Money moved between two bank accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankTransfer {
    /// `BankTransferID`.
    pub id: Uuid,
    /// The account it came from.
    pub from_account: Uuid,
    /// The account it went to.
    pub to_account: Uuid,
    /// The two bank transactions: spending, receiving.
    pub transactions: (Uuid, Uuid),
    /// `Amount`.
    pub amount: Decimal,
    /// `Date`.
    pub date: NaiveDate,
    /// `Reference`.
    pub reference: String,
    /// `CreatedDateUTC`.
    pub created: DateTime<Utc>,
}

/// One line of a manual journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// `Description`.
    pub description: String,
    /// Debit positive, credit negative.
    pub line_amount: Decimal,
    /// `TaxType`.
    pub tax_type: String,
    /// `TaxAmount`.
    pub tax_amount: Decimal,
    /// `AccountCode`.
    pub account_code: String,
    /// `AccountID`.
    pub account_id: Uuid,
    /// (category, option) by their ids.
    pub tracking: Vec<(Uuid, Uuid)>,
}

/// A manual journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualJournal {
    /// `ManualJournalID`.
    pub id: Uuid,
    /// `Narration`.
    pub narration: String,
    /// `Date`.
    pub date: NaiveDate,
    /// `DRAFT`, `POSTED`, `VOIDED` or `DELETED`.
    pub status: String,
    /// `LineAmountTypes`.
    pub line_amount_types: LineAmountTypes,
    /// `Url`.
    pub url: String,
    /// `ShowOnCashBasisReports`.
    pub show_on_cash_basis: bool,
    /// The lines.
    pub lines: Vec<JournalLine>,
    /// `UpdatedDateUTC`.
    pub updated: DateTime<Utc>,
}

/// A note on the history of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryNote {
    /// The record it is on.
    pub subject: Uuid,
    /// `Changes`, for example `Note`.
    pub changes: String,
    /// `Details`.
    pub details: String,
    /// When it was written.
    pub at: DateTime<Utc>,
}

impl Record for Payment {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Record for BankTransfer {
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Record for ManualJournal {
    fn id(&self) -> Uuid {
        self.id
    }
}
