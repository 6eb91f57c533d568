//! What a payment gateway kept: money spent from the account of the order's payment.
//!
//! ACCOUNTING section 1, gateway fees: from the gateway's own figures, to the fee account, with a
//! tax type of its own. The order's payment itself is always the whole amount: never a fee document
//! and a net payment.

use alloc::{borrow::Cow, format, string::String};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::{Code, Finding},
    matching::customer::tidy,
    money::{Currency, XERO_DIGITS, plain, round_half_up},
    settings::template::fill,
    shop::order::Order,
    xero::chart::Account,
};

use super::{
    Context, Notes,
    header::{SHORT_CHARS_MAX, cut},
    payment::Payment,
};

/// A fee as a `SPEND` bank transaction, tax included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// Code of the bank or clearing account that it is taken from.
    pub bank_account: String,
    /// Code of the account that bears it.
    pub account: String,
    /// `TaxType`.
    pub tax_type: String,
    /// Day of the order's payment.
    pub date: Date,
    /// Gross, in `currency`.
    pub amount: Decimal,
    /// Currency of the bank account, and of the fee.
    pub currency: String,
    /// Name of the contact that is paid.
    pub contact: String,
    /// The gateway's reference of the payment.
    pub reference: String,
    /// What it is for.
    pub description: String,
}

/// The fee of an order whose payment is posted; `None` where there is none, where fees are not
/// posted, or, with a finding, where it cannot be booked.
pub(super) fn fee(
    context: &Context<'_>,
    order: &Order,
    payment: &Payment,
    notes: &mut Notes,
) -> Option<Fee> {
    let settings = &context.settings.gateway_fees;
    let fee = order.gateway_fee.as_ref().filter(|_| !settings.account.is_empty())?;
    // Currencies with no decimals keep none.
    let digits = Currency::parse(&fee.currency).map_or(XERO_DIGITS, |own| own.digits());
    let amount = round_half_up(fee.amount, digits.min(XERO_DIGITS));
    let bank = context.chart.account(&payment.account.code)?;
    let currency =
        if bank.currency.is_empty() { &context.chart.base_currency } else { &bank.currency };
    let account = context.chart.account(&settings.account);
    let tax_type = if settings.tax_type.is_empty() {
        &context.settings.tax.no_tax
    } else {
        &settings.tax_type
    };
    let known = context.chart.tax_type(tax_type).is_some();
    let wrong = if bank.kind != "BANK" {
        Some(format!("account `{}` is no bank account", bank.code))
    } else if !account.is_some_and(|account| account.active && account.takes_lines()) {
        Some(format!("account `{}` takes no fees", settings.account))
    } else if !known {
        Some(format!("Xero has no tax type `{tax_type}`"))
    } else {
        None
    };
    if let Some(message) = wrong {
        let finding = Finding::new(Code::FeeAccountWrong, "settings", "gateway_fees", message);
        notes.push(finding.at("gateway_fees"));
        return None;
    }
    if *currency != fee.currency {
        let message = format!(
            "the fee is {} {}, account `{}` is in {currency}",
            plain(amount, XERO_DIGITS),
            fee.currency,
            bank.code
        );
        notes.note(Code::FeeCurrencyDiffers, "meta_data", message);
        return None;
    }
    let contact = fill(&settings.contact, |field| match field {
        "payment_method" => Cow::Borrowed(&*order.payment_method),
        "payment_method_title" => Cow::Borrowed(&*order.payment_method_title),
        _ => Cow::Borrowed(""),
    });
    let contact = if contact.is_empty() { order.payment_method.clone() } else { contact };
    Some(Fee {
        bank_account: bank.code.clone(),
        account: account.map(|account: &Account| account.code.clone())?,
        tax_type: tax_type.clone(),
        date: payment.date,
        amount,
        currency: currency.clone(),
        contact: cut(&tidy(&contact), SHORT_CHARS_MAX),
        reference: payment.reference.clone(),
        // The invoice's number: two shops may have orders of one number.
        description: format!("Gateway fee of {}{}", context.settings.invoice.prefix, order.number),
    })
    .filter(|fee| !fee.amount.is_zero())
}
