//! What the ledger says after a plan has been carried out: read over HTTP and reckoned from the
//! shop's own facts, without the core.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use tillbook_core::settings::TaxSet;
use tillbook_practice::shop::corpus::Case;

use crate::{desk::Desk, ledger::Ledger, regimes::decimal};

/// Statuses whose orders have been paid when they have a day of payment (ACCOUNTING section 1).
const PAID: [&str; 3] = ["processing", "completed", "refunded"];

/// What the organisation has, by number.
pub(crate) struct Documents {
    pub(crate) invoices: BTreeMap<String, Value>,
    pub(crate) credit_notes: BTreeMap<String, Value>,
    /// Which rates the user mapped to which tax types.
    sets: Vec<TaxSet>,
}

impl Documents {
    pub(crate) async fn read(ledger: &Ledger, desk: &Desk) -> Self {
        let read = async |collection: &str, number: &str| {
            let path = format!("{collection}?page=1&pageSize=1000");
            let mut answer = ledger.get(desk.tenant, &path).await;
            let list = answer[collection].take();
            let prefix = &desk.organisation.settings.invoice.prefix;
            let own = list.as_array().unwrap().iter().filter(|one| {
                one[number].as_str().is_some_and(|number| number.starts_with(prefix.as_str()))
            });
            own.map(|one| (one[number].as_str().unwrap().to_owned(), one.clone())).collect()
        };
        Self {
            invoices: read("Invoices", "InvoiceNumber").await,
            credit_notes: read("CreditNotes", "CreditNoteNumber").await,
            sets: desk.organisation.settings.tax.sets.clone(),
        }
    }

    /// One order: L3, what was paid and given back, and the tax.
    pub(crate) fn check(&self, case: &Case, prefix: &str, sum: &mut BTreeMap<String, usize>) {
        let name = format!("{prefix}{} ({})", case.id, case.what);
        count(sum, "orders");
        let number = format!("{prefix}{}", case.order["number"].as_str().unwrap());
        let status = case.order["status"].as_str().unwrap();
        let Some(invoice) = self.invoices.get(&number) else {
            assert!(["cancelled", "failed", "checkout-draft", "trash"].contains(&status), "{name}");
            count(sum, "without invoice");
            return;
        };
        let digits =
            if case.order["currency"] == "JPY" { 0 } else { case.store.num_decimals.min(2) };
        let cents = |amount: &Value| {
            let strategy = RoundingStrategy::MidpointAwayFromZero;
            decimal(amount).round_dp_with_strategy(digits, strategy)
        };
        let total = cents(&case.order["total"]);
        assert_eq!(decimal(&invoice["Total"]), total, "{name}");
        let compared = self.check_tax(&name, &case.order_dp6, invoice, digits);
        assert!(compared || decimal(&case.order["total_tax"]).is_zero(), "{name}");
        *sum.entry("taxed".into()).or_default() += usize::from(compared);
        let (mut credited, mut refunded) = (Decimal::ZERO, Decimal::ZERO);
        let is_paid = PAID.contains(&status) && case.order["date_paid"].is_string();
        for refund in &case.refunds_dp6 {
            let amount = cents(&refund["amount"]);
            refunded += amount;
            let Some(note) = self.credit_notes.get(&format!("{number}-R{}", refund["id"])) else {
                assert!(amount.is_zero(), "{name}: {refund}");
                count(sum, "refunds of 0.00");
                continue;
            };
            count(sum, "credit notes");
            credited += decimal(&note["Total"]);
            if names_all(refund) && self.check_tax(&name, refund, note, digits) {
                *sum.entry("taxed credit notes".into()).or_default() += 1;
            }
            assert_eq!(decimal(&note["RemainingCredit"]), Decimal::ZERO, "{name}: {note}");
            assert_eq!(note["Status"], "PAID", "{name}: {note}");
            let paid_out = note["Payments"].as_array().unwrap().len();
            let allocated = note["Allocations"].as_array().unwrap().len();
            assert_eq!(
                (paid_out, allocated),
                if is_paid { (1, 0) } else { (0, 1) },
                "{name}: {note}"
            );
        }
        assert_eq!(total - credited, total - refunded, "L3, {name}");
        let due = if is_paid { Decimal::ZERO } else { total - refunded };
        assert_eq!(decimal(&invoice["AmountDue"]), due, "{name}: {invoice}");
        let paid = if is_paid { total } else { Decimal::ZERO };
        assert_eq!(decimal(&invoice["AmountPaid"]), paid, "{name}: {invoice}");
        count(sum, if is_paid { "paid" } else { "open" });
    }

    /// L2: for each tax type, what the shop stored on its lines is what Xero has, within one unit of the
    /// currency's last digit a line. Gives whether there was any tax to compare.
    fn check_tax(&self, name: &str, sale: &Value, document: &Value, digits: u32) -> bool {
        // The amounts of a refund are negative.
        let sign = if sale["amount"].is_string() { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
        let mut shop: BTreeMap<String, (Decimal, usize)> = BTreeMap::new();
        for line in lines_of(sale) {
            let taxes = line["taxes"].as_array().unwrap();
            let taxes = taxes
                .iter()
                .filter(|tax| tax["total"].as_str().is_some_and(|text| !text.is_empty()));
            let taxes: Vec<(u64, Decimal)> =
                taxes.map(|tax| (tax["id"].as_u64().unwrap(), decimal(&tax["total"]))).collect();
            let mut rates: Vec<u64> = taxes.iter().map(|(rate, _)| *rate).collect();
            rates.sort_unstable();
            if let Some(key) = self.bearer(&rates) {
                let entry = shop.entry(key).or_default();
                entry.0 += taxes.iter().map(|(_, total)| *total * sign).sum::<Decimal>();
                entry.1 += 1;
                continue;
            }
            // A negative fee is taxed in parts: each of its rates for itself.
            for (rate, total) in taxes {
                let entry = shop.entry(self.bearer(&[rate]).unwrap()).or_default();
                entry.0 += total * sign;
                entry.1 += 1;
            }
        }
        shop.remove("");
        let mut xero: BTreeMap<String, Decimal> = BTreeMap::new();
        for line in document["LineItems"].as_array().unwrap() {
            let description = line["Description"].as_str().unwrap_or_default();
            let (key, amount) = if description.starts_with("Tax: ") {
                (line["AccountCode"].as_str().unwrap(), decimal(&line["LineAmount"]))
            } else {
                (line["TaxType"].as_str().unwrap(), decimal(&line["TaxAmount"]))
            };
            *xero.entry(key.into()).or_default() += amount;
        }
        xero.retain(|key, amount| shop.contains_key(key) || !amount.is_zero());
        for (key, amount) in &xero {
            let (stored, lines) = shop.get(key).copied().unwrap_or_default();
            let bound = Decimal::new(i64::try_from(lines).unwrap(), digits);
            assert!(
                (amount - stored).abs() <= bound,
                "L2, {name}, {key}: the shop has {stored} on {lines} lines, Xero {amount}"
            );
        }
        assert!(shop.keys().all(|key| xero.contains_key(key)), "{name}: {shop:?} {xero:?}");
        !shop.is_empty()
    }

    /// The tax type of a set of rates, or the account of its tax as a line; empty for no rates.
    fn bearer(&self, rates: &[u64]) -> Option<String> {
        if rates.is_empty() {
            return Some(String::new());
        }
        let same = |set: &&TaxSet| {
            let mut own = set.rates.clone();
            own.sort_unstable();
            own == rates
        };
        let set = self.sets.iter().find(same)?;
        Some(if set.tax_type.is_empty() { &set.line_account } else { &set.tax_type }.clone())
    }
}

fn count(sum: &mut BTreeMap<String, usize>, what: &str) {
    *sum.entry(what.into()).or_default() += 1;
}

/// Whether a refund's own lines come to its amount.
fn names_all(refund: &Value) -> bool {
    let total = |line: &Value| decimal(&line["total"]) + decimal(&line["total_tax"]);
    let sum: Decimal = lines_of(refund).map(total).sum();
    sum == -decimal(&refund["amount"])
}

fn lines_of(sale: &Value) -> impl Iterator<Item = &Value> {
    ["line_items", "shipping_lines", "fee_lines"]
        .into_iter()
        .flat_map(|kind| sale[kind].as_array().unwrap())
}

/// What the gateways kept, read from the orders' meta without the core, is in Xero to the cent;
/// but for fees in another currency than the account's, which wait.
pub(crate) async fn fees(
    ledger: &Ledger,
    desk: &Desk,
    cases: &[&Case],
    sum: &mut BTreeMap<String, usize>,
) {
    let answer = ledger.get(desk.tenant, "BankTransactions?page=1&pageSize=1000").await;
    let spent: Vec<&Value> = answer["BankTransactions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["Status"] == "AUTHORISED")
        .collect();
    let organisation = ledger.get(desk.tenant, "Organisation").await;
    let base = organisation["Organisations"][0]["BaseCurrency"].as_str().unwrap().to_owned();
    for case in cases {
        let status = case.order["status"].as_str().unwrap();
        let Some((fee, currency)) = kept(&case.order) else { continue };
        let description =
            format!("Gateway fee of {}-{}", case.batch, case.order["number"].as_str().unwrap());
        let own = spent.iter().find(|one| one["LineItems"][0]["Description"] == *description);
        let is_paid = PAID.contains(&status)
            && case.order["date_paid"].is_string()
            && !decimal(&case.order["total"]).is_zero();
        if !is_paid || currency != base {
            assert!(own.is_none(), "{description}: {own:?}");
            *sum.entry("fees that wait".into()).or_default() += 1;
            continue;
        }
        let own = own.unwrap_or_else(|| panic!("{description} is missing"));
        let digits = if currency == "JPY" { 0 } else { 2 };
        let fee = fee.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        assert_eq!((&own["Type"], decimal(&own["Total"])), (&"SPEND".into(), fee), "{own}");
        *sum.entry("fees".into()).or_default() += 1;
    }
}

/// The fee in an order's meta, of the gateway that it was paid by.
fn kept(order: &Value) -> Option<(Decimal, String)> {
    let meta = |key: &str| {
        let list = order["meta_data"].as_array().unwrap();
        list.iter().find(|one| one["key"] == key).map(|one| one["value"].clone())
    };
    let (fee, currency) = match order["payment_method"].as_str().unwrap() {
        "stripe" => (meta("_stripe_fee")?, meta("_stripe_currency")?),
        "woocommerce_payments" => {
            (meta("_wcpay_transaction_fee")?, meta("_wcpay_intent_currency")?)
        }
        "ppcp-gateway" => {
            let fee = meta("_ppcp_paypal_fees")?["paypal_fee"].clone();
            (fee["value"].clone(), fee["currency_code"].clone())
        }
        _ => return None,
    };
    Some((decimal(&fee), currency.as_str().unwrap().to_uppercase()))
}
