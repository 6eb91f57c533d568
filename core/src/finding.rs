//! Findings: the one language in which the core says what stops or bends a posting.
//!
//! Codes are stable: pages, logs and alerts quote them, `FINDINGS.md` lists each with its cure.

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::sorted::sorted_by;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The document is not sent.
    Error,
    /// The document is sent; a person should know.
    Warning,
    /// For whoever wants to understand the document.
    Info,
}

/// What a finding is about: a kind of object and its id in the shop, in Xero or in the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject {
    /// `order`, `line_item`, `shipping_line`, `fee_line`, `tax_rate`, `payment_gateway`,
    /// `settings`, `account`, `tax_type`, …
    pub kind: String,
    /// The id or code of the object, as text; empty when it has none.
    pub id: String,
}

/// One thing that stops or bends a posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The stable code, such as `tax.set_unmapped`.
    pub code: String,
    /// Whether the document is sent all the same.
    pub severity: Severity,
    /// The object concerned.
    pub object: Subject,
    /// Where in the object or in the settings, as a path such as `line_items[2].total`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The amount concerned, a decimal in the document's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// A sentence for a shop owner.
    pub message: String,
    /// What would cure it.
    pub cure: String,
}

macro_rules! codes {
    ($($variant:ident $code:literal $severity:ident $meaning:literal $cure:literal;)+) => {
        /// Every code that the core can give.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $meaning] $variant,)+ }

        impl Code {
            /// Every code, in the order of `FINDINGS.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable text of the code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// How much it weighs.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// What it means, one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// What cures it, one sentence.
            #[must_use]
            pub const fn cure(self) -> &'static str {
                match self { $(Self::$variant => $cure,)+ }
            }
        }
    };
}

codes! {
    InputNotJson "input.not_json" Error
        "The order is not JSON that can be read."
        "Send the order again, whole, as WooCommerce's REST API gives it.";
    InputMissing "input.missing" Error
        "A field that every order has is missing."
        "Read the order from the shop again; a plugin may be removing fields.";
    InputWrongType "input.wrong_type" Error
        "A field holds another kind of value than WooCommerce gives."
        "Look which plugin writes this field, or read the order again.";
    InputNotAnAmount "input.not_an_amount" Error
        "A field that should hold an amount holds something else."
        "Correct the amount in the shop.";
    InputTooLarge "input.too_large" Error
        "An amount or quantity is larger than Xero can take."
        "Correct the amount in the shop, or post the order by hand.";
    InputNotADate "input.not_a_date" Error
        "A field that should hold a date holds something else."
        "Correct the date in the shop.";
    InputNotACurrency "input.not_a_currency" Error
        "The order's currency is not a three-letter code."
        "Correct the order's currency in the shop.";
    InputTooManyLines "input.too_many_lines" Error
        "The order has more lines than one invoice may have here."
        "Split the order in the shop, or post it by hand.";
    InputDuplicate "input.duplicate" Error
        "The same order stands twice in one request."
        "Send each order once.";
    OrderStatusUnknown "order.status_unknown" Error
        "The order's status has no row in the status table."
        "Add a row for this status to the settings (`statuses`).";
    OrderNotPosted "order.not_posted" Info
        "Orders of this status are not posted."
        "Nothing to do; change the row of this status in `statuses` if they should be.";
    OrderZeroSkipped "order.zero_skipped" Info
        "The order comes to 0.00 and such orders are skipped."
        "Nothing to do; set `invoice.zero_total` to `post` to post them.";
    OrderUnpaid "order.unpaid" Info
        "The order is not paid, so it waits for the summary of the day on which it is."
        "Nothing to do; an order that was paid outside the shop needs the status that says so.";
    OrderInSummary "order.in_summary" Info
        "The order is or will be in a summary, so it has no document of its own."
        "Nothing to do; `summary.modes` and `summary.individually` say which orders go where.";
    OrderBeforeStart "order.before_start" Info
        "The order was made before the moment from which orders are sent by themselves."
        "Nothing to do; push the order to send it all the same, or set `sync.orders.from` back.";
    OrderSwitchedOff "order.switched_off" Info
        "Orders are switched off, so nothing of this one is sent or changed."
        "Nothing to do; push the order to send it all the same, or switch them on (`sync.orders.on`).";
    OrderExcluded "order.excluded" Info
        "A person took the order out, for the reason that the message gives: nothing of it is sent or changed."
        "Nothing to do; include the order again to have it sent.";
    OrderNegative "order.negative" Error
        "The order's total is below zero, which no invoice can be."
        "Correct the order in the shop, or post a credit note by hand.";
    OrderEmpty "order.empty" Error
        "The order has no lines to invoice."
        "Correct the order in the shop.";
    OrderRefunded "order.refunded" Warning
        "The order names refunds that were not handed in, so there are no credit notes for them."
        "Read the order's refunds from the shop too (`GET /orders/{id}/refunds`).";
    RefundZero "refund.zero" Info
        "The refund gives no money back, so there is nothing to credit."
        "Nothing to do.";
    RefundSpread "refund.spread" Info
        "The refund says no lines, or less than its amount, so the rest is spread over the order's lines in proportion."
        "Refund by line in WooCommerce, or choose `refunds.amount_only` `line`.";
    RefundExceeds "refund.exceeds" Error
        "The refunds come to more than the order."
        "Look at the order's refunds in the shop; credit the rest by hand if it was really paid out.";
    RefundOfHeld "refund.of_held" Error
        "The refund waits because its order is held."
        "Cure the order's own findings.";
    RefundBeforeStart "refund.before_start" Info
        "The refund was made before the moment from which refunds are sent by themselves."
        "Nothing to do; push the order to send it all the same, or set `sync.refunds.from` back.";
    RefundSwitchedOff "refund.switched_off" Info
        "Refunds are switched off, so no credit note is made, changed, used or taken back."
        "Nothing to do, or switch them on (`sync.refunds.on`).";
    NumberPrefixMissing "number.prefix_missing" Error
        "There is no prefix for invoice numbers."
        "Choose a prefix of your own for each shop (`invoice.prefix`), such as `WEB-`.";
    NumberInvalid "number.invalid" Error
        "The invoice number is longer than 255 characters or not plain ASCII."
        "Change the prefix or the shop's numbering plugin.";
    TextShortened "text.shortened" Info
        "A text was longer than Xero's field and has been cut."
        "Nothing to do, or shorten the template.";
    TemplateUnknownField "template.unknown_field" Error
        "A template names a field that does not exist."
        "Use one of the fields that the message lists.";
    DateFallback "date.fallback" Warning
        "The order lacks the date that invoices are to bear, so the day it was made is used."
        "Nothing to do, or choose another `invoice.date`.";
    DateLocked "date.locked" Error
        "The invoice's date lies in a period that is locked in Xero."
        "Open the period in Xero, set `invoice.locked` to `next_open_day`, or post by hand in an open period.";
    CurrencyNotEnabled "currency.not_enabled" Error
        "The order's currency is not enabled in the Xero organisation."
        "Add the currency in Xero (Settings, Currencies), then try again.";
    CurrencyRounded "currency.rounded" Warning
        "The shop keeps more than two decimals; Xero keeps two, so amounts were rounded half-up."
        "Nothing to do; show prices with two decimals in WooCommerce to avoid it.";
    TaxSetUnmapped "tax.set_unmapped" Error
        "No Xero tax type is chosen for this set of WooCommerce tax rates."
        "Choose a tax type for the set in `tax.sets`.";
    TaxUntaxedUnmapped "tax.untaxed_unmapped" Error
        "No Xero tax type is chosen for lines that bear no tax for this reason."
        "Choose a tax type in `tax.untaxed`.";
    TaxTypeUnknown "tax.type_unknown" Error
        "The Xero organisation has no active tax rate of this type."
        "Choose another tax type, or make the rate in Xero.";
    TaxTypeNotForSales "tax.type_not_for_sales" Error
        "Xero does not allow this tax type on this kind of account."
        "Choose a tax type for sales.";
    TaxRateDiffers "tax.rate_differs" Warning
        "The mapped tax type has another rate than the shop charged."
        "Map the set of rates to a tax type of the same percentage.";
    TaxLineAccountMissing "tax.line_account_missing" Error
        "Tax is to be posted as a line of its own, but no account is chosen for it."
        "Choose a liability account in `tax.line_account` or for the set.";
    TaxDiffers "tax.differs" Error
        "Xero's arithmetic cannot reach the tax that the shop charged within one cent a line."
        "Check that the rates are mapped to tax types of the same percentage; an order whose tax was edited by hand needs `tax.mode` `line`.";
    TaxFeeSplit "tax.fee_split" Info
        "WooCommerce taxed a negative fee in parts, as the order's goods are taxed; the invoice shows the parts."
        "Nothing to do.";
    AccountUnmapped "account.unmapped" Error
        "No account is chosen for this kind of line."
        "Choose an account in `accounts`.";
    AccountUnknown "account.unknown" Error
        "The Xero organisation has no account with this code."
        "Choose another account, or make it in Xero.";
    AccountArchived "account.archived" Error
        "The account is archived in Xero."
        "Choose another account, or restore it in Xero.";
    AccountNotForLines "account.not_for_lines" Error
        "Xero does not take invoice lines on this kind of account."
        "Choose a revenue or liability account.";
    TrackingUnknown "tracking.unknown" Warning
        "The tracking category or option does not exist in Xero, so the line goes without it."
        "Make the option in Xero, or change `tracking`.";
    BrandingUnknown "branding.unknown" Warning
        "The branding theme does not exist in Xero, so the invoice takes the standard one."
        "Choose another `invoice.branding_theme`.";
    BalanceTaxAmount "balance.tax_amount" Info
        "Xero would reckon the tax of some lines a cent differently, so the invoice states it."
        "Nothing to do.";
    BalanceRoundingLine "balance.rounding_line" Warning
        "The shop's own total differs from its lines, so the invoice has a rounding line."
        "Nothing to do.";
    BalanceRoundingAccountMissing "balance.rounding_account_missing" Error
        "A rounding line is needed, but there is no account for it."
        "Choose an account in `rounding.account`.";
    BalanceOutOfBalance "balance.out_of_balance" Error
        "The lines do not add up to what the shop charged, and the difference is too large to round."
        "Look at the order in the shop: its total and its lines disagree. Raise `rounding.cap` only if you know why.";
    ContactNameless "contact.nameless" Warning
        "The customer has no name, so the invoice bears the e-mail address or the word Guest."
        "Nothing to do, or complete the customer in the shop.";
    ContactAmbiguous "contact.ambiguous" Error
        "Several contacts in Xero could be this customer."
        "Confirm which one it is, or merge them in Xero.";
    ContactArchived "contact.archived" Error
        "The customer's contact is archived in Xero, which takes no invoice for it."
        "Restore the contact in Xero.";
    GatewayUnmapped "payment.gateway_unmapped" Warning
        "No bank or clearing account is chosen for this payment gateway."
        "Choose an account in `payments.accounts`.";
    GatewayAccountWrong "payment.account_wrong" Error
        "Payments cannot be posted to this account."
        "Choose a bank account, or enable payments to the account in Xero.";
    PaymentNotDue "payment.not_due" Warning
        "What is due in Xero is not what the shop took or gave back, so nothing is paid."
        "Look who paid or credited the document in Xero; settle the rest by hand.";
    ItemUnmapped "item.unmapped" Error
        "The order holds a product that is no item in Xero."
        "Make the item in Xero with the product's SKU as its code, or set `items.unmapped` to `post` or `create`.";
    FeeAccountWrong "fee.account_wrong" Warning
        "The gateway's fee cannot be booked: its account, its tax type, or the account of the payment does not take it."
        "Choose an expense account in `gateway_fees.account`, and a bank account in the fee's currency in `payments.accounts`.";
    FeeCurrencyDiffers "fee.currency_differs" Warning
        "The gateway keeps its fee in another currency than that of the payment's account, so it is not posted."
        "Book the fee by hand, or map the gateway and this currency to an account in it (`payments.accounts`, `stripe/USD`).";
    PaymentDateLocked "payment.date_locked" Warning
        "The payment's day is in a period that is locked in Xero, so it waits."
        "Open the period in Xero, or set `invoice.locked` to `next_open_day`.";
    PaymentRemoved "payment.removed_by_hand" Warning
        "Our payment was removed in Xero, and is not made again."
        "Pay the document by hand if that was an oversight.";
    PaymentNotSent "payment.not_sent" Info
        "Payments are switched off, or this one is of before the moment from which they are sent."
        "Nothing to do: pay the document in Xero, from the bank's own lines; `sync.payments` says what is sent.";
    FeeNotSent "fee.not_sent" Info
        "Gateway fees are switched off, or this one is of before the moment from which they are sent."
        "Nothing to do: book the fee in Xero; `sync.fees` says what is sent.";
    RecordUnlinked "record.unlinked" Info
        "The product or customer has changed, but is nothing in Xero yet."
        "Nothing to do: the first order that names it brings it; `items.unsold` makes items sooner.";
    RecordSwitchedOff "record.switched_off" Info
        "Products or customers are switched off, so no item or contact is made or changed."
        "Nothing to do, or switch them on (`sync.products.on`, `sync.customers.on`).";
    LedgerNumberTaken "ledger.number_taken" Error
        "Xero has a document with this number that is not this order's."
        "Choose a prefix that no other shop uses (`invoice.prefix`), or rename the other document.";
    LedgerMissing "ledger.missing" Error
        "The document was posted, but Xero does not show it any more."
        "Check that the right organisation is connected.";
    LedgerVoided "ledger.voided_by_hand" Warning
        "Somebody voided or deleted the document in Xero; it stays so."
        "Nothing to do, or post the order by hand.";
    LedgerEdited "ledger.edited_by_hand" Warning
        "Somebody edited the document in Xero; the order has not changed, so it is left as it is."
        "Nothing to do.";
    LedgerConflict "ledger.edit_conflict" Error
        "The order has changed, and somebody has edited the document in Xero."
        "Make the change in Xero by hand, or undo the edit there.";
    LedgerPaidByHand "ledger.paid_by_hand" Error
        "The document has a payment or credit that is not ours, so it cannot be changed or taken back."
        "Remove that payment or credit in Xero, or make the change by hand.";
    LedgerTotalDiffers "ledger.total_differs" Error
        "Xero's total is not the document's, so nothing is paid on it."
        "Compare the document in Xero with the preview, and report this: it must not happen.";
    XeroRefused "xero.refused" Error
        "Xero refused it, for the reason that it gives."
        "Cure what Xero names, then plan again.";
    XeroWarning "xero.warning" Warning
        "Xero took it and has something to say."
        "Read what Xero says; often there is nothing to do.";
    ChangeAsk "change.ask" Error
        "The order has changed after its document was paid."
        "Set `changes.paid` to `redo`, or make the change in Xero by hand.";
    ChangeSwitchedOff "change.switched_off" Error
        "The document cannot be changed or taken back without its payments, its credit or its credit notes, and those are switched off."
        "Switch them on (`sync.payments.on`, `sync.refunds.on`), or make the change in Xero by hand.";
    RefundStays "refund.stays" Error
        "A credit note of this order cannot be taken back, so the invoice stays too."
        "Cure the credit note's own findings.";
    DocumentUndone "document.undone" Info
        "A person had the document taken back; it is not made again by itself."
        "Plan with `--redo` to make it again.";
    SummaryBeforeStart "summary.before_start" Info
        "Some of these days are before the moment from which summaries are made."
        "Nothing to do, or set `sync.summaries.from` back.";
    SummarySwitchedOff "summary.switched_off" Info
        "Summaries are switched off, so no new one is made."
        "Nothing to do, or switch them on (`sync.summaries.on`).";
    SummaryOutOfBalance "summary.out_of_balance" Error
        "The document would not come to the deposit, or to what its orders come to."
        "Read the payout from the gateway again; if it stays so, report this: it must not happen.";
    SummaryOverlaps "summary.overlaps" Error
        "Another summary of the same takings covers a part of this range."
        "Set `summary.zone` back, or begin with a day that the message leaves free.";
    PayoutUnmatched "payout.unmatched" Warning
        "A charge or refund belongs to nothing that the shop has, so it is a line of its own."
        "Find out what it was, and move the line in Xero, or make the order in the shop.";
    PayoutInDaily "payout.in_daily" Warning
        "An order was paid out that stands in a daily summary, so the charge is a line of its own."
        "Add its payment method to the gateway in `summary.payouts`, and clear the line in Xero against the daily summary.";
    PayoutOrderWaits "payout.order_waits" Warning
        "An order was paid out that cannot be posted yet, so the charge is a line of its own."
        "Cure the order's own findings: the next payout's document then moves the amount to its right lines.";
    PayoutAmountDiffers "payout.amount_differs" Warning
        "The gateway moved another amount than the order or refund comes to; the difference is a line of its own."
        "Compare the order with the charge at the gateway.";
    DateMoved "date.moved" Warning
        "The day is in a locked period, so the first open day is taken."
        "Nothing to do, or set `invoice.locked` to `hold`.";
    PayoutUnreadable "payout.unreadable" Error
        "What the gateway says of a payout cannot be read."
        "Correct what the message names, or read the payouts from the gateway again.";
    PayoutRowUnreadable "payout.row_unreadable" Error
        "A row of a payout cannot be read, so it is missing from what makes up the deposit."
        "Correct what the message names, or read the payout's rows from the gateway again.";
    PayoutDuplicate "payout.duplicate" Warning
        "A payout or a row stands twice; the first one counts."
        "Take out the second one, or give it an id of its own if it is another.";
    PayoutRest "payout.rest" Warning
        "A payout's rows do not add up to its deposit, so an entry of its own holds the difference."
        "Read all rows of the payout; a payout that was made by hand has none, so book it by hand.";
    PayoutKindUnknown "payout.kind_unknown" Info
        "The gateway has a word for this row that is not known here, so it counts as an adjustment."
        "Nothing to do, or choose an account for adjustments that suits it.";
    SettingsOutOfRange "settings.out_of_range" Error
        "A setting lies outside what is possible."
        "Choose a value within the bounds that the message names.";
    SettingsUnused "settings.unused" Warning
        "Two rows of the settings say different things about the same set of tax rates; the first counts."
        "Remove one of the rows.";
    ChartIncomplete "chart.incomplete" Warning
        "What Xero told about the organisation cannot be read."
        "Read the chart from Xero again.";
    GuessPrefix "guess.prefix" Info
        "The prefix for invoice numbers is a guess."
        "Choose one of your own per shop before the first invoice is sent.";
    GuessAccount "guess.account" Info
        "The account is a guess from its name and type."
        "Confirm it or choose another.";
    GuessTaxType "guess.tax_type" Info
        "The tax type is a guess from its percentage and name."
        "Confirm it or choose another.";
    GuessTaxLine "guess.tax_line" Warning
        "Xero has no tax type for this set of rates, so its tax is proposed as a line of its own to a liability account."
        "Make a tax rate in Xero and map the set to it if this tax belongs in your tax return.";
    GuessUntaxed "guess.untaxed" Info
        "The tax type for lines without tax is a guess."
        "Confirm it with your accountant.";
    GuessGateway "guess.gateway" Info
        "The account for this payment gateway is a guess."
        "Confirm it or choose another.";
    GuessContact "guess.contact" Info
        "All invoices are proposed to bear one contact."
        "Choose `contact.mode` `each` to have a contact for each customer.";
}

impl Finding {
    /// Makes a finding with the code's own severity and cure.
    #[must_use]
    pub fn new(code: Code, kind: &str, id: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.as_str().into(),
            severity: code.severity(),
            object: Subject { kind: kind.into(), id: id.into() },
            field: None,
            amount: None,
            message: message.into(),
            cure: code.cure().into(),
        }
    }

    /// Says where in the object or settings.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says which amount.
    #[must_use]
    pub fn with_amount(mut self, amount: Decimal) -> Self {
        self.amount = Some(crate::money::plain(amount, 2));
        self
    }
}

/// The findings with errors first, then warnings; else in their order.
pub(crate) fn errors_first(findings: Vec<Finding>) -> Vec<Finding> {
    sorted_by(findings, |left, right| left.severity.cmp(&right.severity))
}

/// Whether any of the findings stops the document.
#[must_use]
pub fn stops(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
