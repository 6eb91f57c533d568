//! What payment gateways kept, from the meta that their plugins store on an order.
//!
//! Reference: WooCommerce, section 5. Stripe and WooPayments add what they keep of refunds to the
//! stored fee; PayPal stores it beside the first one.

use alloc::string::{String, ToString};

use rust_decimal::Decimal;

use crate::{
    json::{Fields, Json, bounded},
    shop::order::GatewayFee,
};

/// The meta of one order, as far as it is about fees.
#[derive(Debug, Default)]
pub(super) struct FeeMeta {
    stripe: Option<Decimal>,
    stripe_currency: String,
    woopayments: Option<Decimal>,
    woopayments_currency: String,
    paypal: Option<GatewayFee>,
    paypal_refunds: Option<GatewayFee>,
    paypal_plain: Option<Decimal>,
}

fn amount(value: &Json<'_>) -> Option<Decimal> {
    bounded(&value.scalar()?)
}

fn capitals(value: &Json<'_>) -> String {
    value.scalar().unwrap_or_default().to_ascii_uppercase()
}

/// `{"paypal_fee":{"currency_code","value"}}`
fn paypal(value: &Json<'_>) -> Option<GatewayFee> {
    let fee = Fields::of(Fields::of(value)?.get("paypal_fee")?)?;
    let currency = capitals(fee.get("currency_code")?);
    Some(GatewayFee { amount: amount(fee.get("value")?)?, currency })
}

impl FeeMeta {
    /// Takes one meta entry; what cannot be read there is not ours and no reason to stop.
    pub(super) fn take(&mut self, key: &str, value: &Json<'_>) {
        match key {
            "_stripe_fee" => self.stripe = amount(value),
            "_stripe_currency" => self.stripe_currency = capitals(value),
            "_wcpay_transaction_fee" => self.woopayments = amount(value),
            "_wcpay_intent_currency" => self.woopayments_currency = capitals(value),
            "_ppcp_paypal_fees" => self.paypal = paypal(value),
            "_ppcp_paypal_refund_fees" => self.paypal_refunds = paypal(value),
            "PayPal Transaction Fee" => self.paypal_plain = amount(value),
            _ => {}
        }
    }

    /// The fee of the gateway that the order was paid by; the order's currency where none is said.
    pub(super) fn fee(self, gateway: &str, order_currency: &str) -> Option<GatewayFee> {
        let in_currency = |amount: Option<Decimal>, currency: String| {
            let currency = if currency.is_empty() { order_currency.to_string() } else { currency };
            amount.map(|amount| GatewayFee { amount, currency })
        };
        let stripe = in_currency(self.stripe, self.stripe_currency);
        let woopayments = in_currency(self.woopayments, self.woopayments_currency);
        let mut paypal = self.paypal.or_else(|| in_currency(self.paypal_plain, String::new()));
        if let (Some(first), Some(more)) = (&mut paypal, self.paypal_refunds)
            && first.currency == more.currency
        {
            first.amount += more.amount;
        }
        // An order that was paid twice bears the meta of both gateways.
        let own = match gateway {
            gateway if gateway.contains("woocommerce_payments") => woopayments,
            gateway if gateway.contains("stripe") => stripe,
            gateway if gateway.contains("ppcp") || gateway.contains("paypal") => paypal,
            "" => woopayments.or(stripe).or(paypal),
            _ => None,
        };
        own.filter(|fee| fee.amount > Decimal::ZERO)
    }
}
