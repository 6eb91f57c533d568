//! What the gateways' plugins write into orders and refunds.
//!
//! Keys after woocommerce-payments 8.4 (`class-wc-payments-order-service.php`),
//! woocommerce-gateway-stripe 8.8 (`abstract-wc-stripe-payment-gateway.php`) and
//! woocommerce-paypal-payments 2.9 (`PayPalGateway.php`).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::dealer;
use super::ledger::{Account, Entry, Gateway, Kind};
use super::money::{minor_digits, print_major};
use crate::shop::corpus::{Case, RECORDED_URL};
use crate::shop::decimals;
use crate::shop::generate::dice::Dice;
use crate::shop::listing::id_of;
use crate::shop::order::{set, text};

/// First id of a piece of meta data that is written here; recorded ones are below.
const FIRST_META_ID: u64 = 1_000_000;
/// How the keys of the three plugins start.
const PREFIXES: [&str; 4] = ["_stripe_", "_wcpay_", "_ppcp_", "_paypal_"];
/// Keys of the plugins without such a start.
const KEYS: [&str; 6] = [
    "_charge_id",
    "_intent_id",
    "_intention_status",
    "_payment_method_id",
    "PayPal Transaction Fee",
    "Stripe Fee",
];

/// Writes ids and fees into all orders and refunds, in both their forms; what was recorded of a
/// payment goes away, also from orders that were not paid.
pub(super) fn write(cases: &mut [Case], accounts: &[Account], dice: &mut Dice) {
    let mut charges = BTreeMap::new();
    for account in accounts {
        for entry in account.entries_for(Kind::Charge) {
            if let Some(order) = &entry.order {
                charges.insert(order.id, (account, entry));
            }
        }
    }
    let mut pen = Pen { next_id: FIRST_META_ID };
    for case in cases {
        Pen::wipe(&mut case.order_dp6);
        set(&mut case.order_dp6, "transaction_id", "".into());
        for refund in &mut case.refunds_dp6 {
            Pen::wipe(refund);
        }
        if let Some((account, charge)) = charges.get(&case.id) {
            let refunds = account.entries_for(Kind::Refund);
            let refunds: Vec<&Entry> =
                refunds.filter(|entry| entry.charge == charge.charge).collect();
            match account.gateway {
                Gateway::WooPayments => pen.woopayments(case, account, charge, &refunds, dice),
                Gateway::Stripe => pen.stripe(case, account, charge, &refunds),
                Gateway::PayPal => pen.paypal(case, account, charge, &refunds),
            }
        }
        let dp = case.store.num_decimals;
        case.order = decimals::at(&case.order_dp6, dp);
        case.refunds = case.refunds_dp6.iter().map(|refund| decimals::at(refund, dp)).collect();
    }
}

/// A gateway as `GET /payment_gateways` of a shop that has its plugin lists it.
pub(crate) fn payment_gateway(account: &Account) -> Value {
    let method = account.gateway.method();
    let href = format!("{RECORDED_URL}/wp-json/wc/v3/payment_gateways");
    let title = dealer::title(method);
    json!({
        "id": method,
        "title": title,
        "description": "",
        "order": "",
        "enabled": true,
        "method_title": title,
        "method_description": "",
        "method_supports": ["products", "refunds"],
        "settings": {},
        "needs_setup": false,
        "post_install_scripts": [],
        "settings_url": format!(
            "{RECORDED_URL}/wp-admin/admin.php?page=wc-settings&tab=checkout&section={method}"
        ),
        "connection_url": null,
        "setup_help_text": null,
        "required_settings_keys": [],
        "_links": {
            "self": [{"href": format!("{href}/{method}")}],
            "collection": [{"href": href}],
        },
    })
}

struct Pen {
    next_id: u64,
}

impl Pen {
    fn wipe(item: &mut Value) {
        let ours = |key: &str| {
            // What the shop's own exchange rate was is no matter of the payment.
            !key.starts_with("_wcpay_multi_currency_order")
                && (KEYS.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix)))
        };
        if let Some(metas) = item.get_mut("meta_data").and_then(Value::as_array_mut) {
            metas.retain(|meta| !ours(&text(meta, "key")));
        }
    }

    fn write(&mut self, item: &mut Value, key: &str, value: impl Into<Value>) {
        if let Some(metas) = item.get_mut("meta_data").and_then(Value::as_array_mut) {
            metas.push(json!({"id": self.next_id, "key": key, "value": value.into()}));
            self.next_id += 1;
        }
    }

    fn woopayments(
        &mut self,
        case: &mut Case,
        account: &Account,
        charge: &Entry,
        refunds: &[&Entry],
        dice: &mut Dice,
    ) {
        let paid = &charge.presented_currency;
        let order = &mut case.order_dp6;
        let intent = charge.intent.clone().unwrap_or_default();
        set(order, "transaction_id", intent.clone().into());
        self.write(order, "_intent_id", intent);
        self.write(order, "_charge_id", charge.source.clone());
        self.write(order, "_payment_method_id", format!("pm_{}", dice.letters(24)));
        self.write(order, "_intention_status", "succeeded");
        self.write(order, "_wcpay_intent_currency", paid.to_lowercase());
        self.write(order, "_wcpay_mode", "prod");
        self.write(order, "_wcpay_transaction_fee", print_major(charge.presented_fee, paid));
        self.write(order, "_wcpay_net", print_major(charge.net, &account.currency));
        self.write(order, "_wcpay_payment_transaction_id", charge.id.clone());
        if let Some(rate) = charge.rate {
            self.write(order, "_wcpay_multi_currency_stripe_exchange_rate", rate.to_string());
        }
        if !refunds.is_empty() {
            self.write(order, "_wcpay_refund_status", "successful");
        }
        for (refund, entry) in matched(&mut case.refunds_dp6, refunds) {
            self.write(refund, "_wcpay_refund_id", entry.source.clone());
            self.write(refund, "_wcpay_refund_transaction_id", entry.id.clone());
        }
    }

    fn stripe(&mut self, case: &mut Case, account: &Account, charge: &Entry, refunds: &[&Entry]) {
        let order = &mut case.order_dp6;
        let all = || std::iter::once(&charge).chain(refunds);
        let fee: i64 = all().map(|entry| entry.fee).sum();
        let net: i64 = all().map(|entry| entry.net).sum();
        set(order, "transaction_id", charge.source.clone().into());
        self.write(order, "_stripe_intent_id", charge.intent.clone().unwrap_or_default());
        self.write(order, "_stripe_charge_captured", "yes");
        self.write(order, "_stripe_currency", account.currency.clone());
        self.write(order, "_stripe_fee", stripe_amount(fee, &account.currency));
        self.write(order, "_stripe_net", stripe_amount(net, &account.currency));
        if let Some(last) = refunds.last() {
            self.write(order, "_stripe_refund_id", last.source.clone());
        }
        for (refund, entry) in matched(&mut case.refunds_dp6, refunds) {
            self.write(refund, "_stripe_refund_id", entry.source.clone());
        }
    }

    fn paypal(&mut self, case: &mut Case, account: &Account, charge: &Entry, refunds: &[&Entry]) {
        let paid = charge.presented_currency.as_str();
        let money = |minor: i64, currency: &str| json!({"currency_code": currency, "value": print_major(minor, currency)});
        let mut fees = json!({
            "gross_amount": money(charge.presented, paid),
            "paypal_fee": money(charge.presented_fee, paid),
            "net_amount": money(charge.presented - charge.presented_fee, paid),
        });
        if let Some(rate) = charge.rate {
            let own = account.currency.as_str();
            set(&mut fees, "paypal_fee_in_receivable_currency", money(charge.fee, own));
            set(&mut fees, "receivable_amount", money(charge.net, own));
            let rate =
                json!({"source_currency": paid, "target_currency": own, "value": rate.to_string()});
            set(&mut fees, "exchange_rate", rate);
        }
        let order = &mut case.order_dp6;
        set(order, "transaction_id", charge.source.clone().into());
        self.write(order, "_ppcp_paypal_order_id", charge.intent.clone().unwrap_or_default());
        self.write(order, "_ppcp_paypal_intent", "CAPTURE");
        self.write(order, "_ppcp_paypal_fees", fees);
        self.write(order, "PayPal Transaction Fee", print_major(charge.presented_fee, paid));
        if refunds.is_empty() {
            return;
        }
        let sum: i64 = refunds.iter().map(|refund| -refund.presented).sum();
        let back = json!({
            "gross_amount": money(sum, paid),
            "paypal_fee": money(0, paid),
            "net_amount": money(sum, paid),
        });
        self.write(order, "_ppcp_paypal_refund_fees", back);
        let ids: Vec<String> = refunds.iter().map(|refund| refund.source.clone()).collect();
        self.write(order, "_ppcp_refunds", ids);
    }
}

/// Pairs an order's refunds with their entries.
fn matched<'a, 'b>(
    refunds: &'a mut [Value],
    entries: &'b [&'b Entry],
) -> impl Iterator<Item = (&'a mut Value, &'b Entry)> {
    refunds.iter_mut().filter_map(|refund| {
        let id = id_of(refund);
        let entry = entries.iter().find(|entry| entry.refund_id == Some(id))?;
        Some((refund, *entry))
    })
}

/// Prints minor units as the Stripe plugin does: hundredths, except where there are no decimals. For
/// currencies with three decimals that is ten times too much (`format_balance_fee`).
fn stripe_amount(minor: i64, currency: &str) -> String {
    if minor_digits(currency) == 0 {
        return minor.to_string();
    }
    Decimal::new(minor, 2).to_string()
}
