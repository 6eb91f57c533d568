//! An order as WooCommerce sold it: the facts that decide the invoice.

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::{Date, Moment},
    money::{Currency, Money},
    shop::rates::combine,
};

/// A checked order. Amounts are in [`Order::currency`], as the shop stored them: with the shop's
/// decimals, or finer when it was asked for finer ones (`dp=6`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// WooCommerce's id.
    pub id: u64,
    /// The number that people see; a numbering plugin may have changed it.
    pub number: String,
    /// Status without `wc-`, such as `processing`.
    pub status: String,
    /// Currency of every amount here.
    pub currency: Currency,
    /// Whether prices were entered with tax when the order was made.
    pub prices_include_tax: bool,
    /// Day the order was made, local to the shop.
    pub created: Date,
    /// Day it was paid, local to the shop.
    pub paid: Option<Date>,
    /// Day it was completed, local to the shop.
    pub completed: Option<Date>,
    /// Moment the order was made; `None` where the shop does not say it in UTC.
    pub created_at: Option<Moment>,
    /// Moment it was paid; `None` where the shop does not say it in UTC.
    pub paid_at: Option<Moment>,
    /// Moment it was completed; `None` where the shop does not say it in UTC.
    pub completed_at: Option<Moment>,
    /// What the customer was charged, gross.
    pub total: Money,
    /// The tax within [`Order::total`].
    pub total_tax: Money,
    /// Id of the customer, 0 for a guest.
    pub customer_id: u64,
    /// Name and addresses of the buyer.
    pub buyer: Buyer,
    /// Id of the payment gateway, such as `stripe`.
    pub payment_method: String,
    /// The gateway's name as the customer saw it.
    pub payment_method_title: String,
    /// The gateway's reference of the payment.
    pub transaction_id: String,
    /// What names the payment at the gateway, exactly as its plugin stored it, each once:
    /// [`Order::transaction_id`], then charge, intent, balance transaction and PayPal order
    /// (reference: WooCommerce, section 5).
    pub payment_keys: Vec<String>,
    /// What names the order's refunds at the gateway, where its plugin stores that on the order,
    /// as those of Stripe and PayPal do (reference: WooCommerce, section 5).
    pub refund_keys: Vec<String>,
    /// Whether the customer is exempt from tax (meta `is_vat_exempt`).
    pub is_vat_exempt: bool,
    /// Units of the order's currency per unit of the shop's, where a plugin recorded it.
    pub exchange_rate: Option<Decimal>,
    /// Line items, then shipping lines, then fee lines, in the shop's order.
    pub lines: Vec<Line>,
    /// The tax rates that were charged.
    pub tax_lines: Vec<TaxLine>,
    /// The coupons that were used.
    pub coupons: Vec<Coupon>,
    /// What the payment gateway kept, where its plugin stored it.
    pub gateway_fee: Option<GatewayFee>,
    /// What the customer has paid beforehand, where a deposit plugin noted it.
    pub deposit: Option<Deposit>,
    /// Whether the order says which refunds it has.
    pub refunds_listed: bool,
    /// How many refunds the order names.
    pub refund_count: usize,
}

/// A part of the total that has been paid before the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deposit {
    /// Gross, in the order's currency.
    pub amount: Decimal,
    /// Day it was paid, local to the shop, where the plugin noted it.
    pub date: Option<Date>,
}

/// What a payment gateway kept of an order, over all its charges and refunds so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayFee {
    /// The fee, in the currency of the gateway's account, which may be another than the order's.
    pub amount: Decimal,
    /// Currency of the fee, in capitals.
    pub currency: String,
}

/// Who bought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Buyer {
    /// First name, from the billing address.
    pub first_name: String,
    /// Last name, from the billing address.
    pub last_name: String,
    /// Company, from the billing address.
    pub company: String,
    /// E-mail, from the billing address.
    pub email: String,
    /// Two-letter country of the billing address.
    pub billing_country: String,
    /// Two-letter country that the goods went to; the billing country when there was none.
    pub shipping_country: String,
    /// The customer's role in the shop, when the customer was handed in too.
    pub role: String,
    /// Phone number, from the billing address.
    pub phone: String,
    /// Tax number, such as a VAT id, where a plugin stored one.
    pub tax_number: String,
    /// Where invoices go.
    pub billing: Address,
    /// Where goods went.
    pub shipping: Address,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// First line.
    pub line_1: String,
    /// Second line.
    pub line_2: String,
    /// City.
    pub city: String,
    /// State or region, as WooCommerce codes it.
    pub state: String,
    /// Postcode.
    pub postcode: String,
    /// Two-letter country.
    pub country: String,
}

impl Address {
    /// Whether there is nothing to write on an envelope.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.line_1.is_empty() && self.city.is_empty() && self.postcode.is_empty()
    }
}

/// Which of WooCommerce's kinds of line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// `line_items`
    #[default]
    LineItem,
    /// `shipping_lines`
    Shipping,
    /// `fee_lines`
    Fee,
}

impl LineKind {
    /// The word for findings and explanations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LineItem => "line_item",
            Self::Shipping => "shipping_line",
            Self::Fee => "fee_line",
        }
    }
}

/// One line of the order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Kind of the line.
    pub kind: LineKind,
    /// WooCommerce's id of the line.
    pub id: u64,
    /// Name as sold: plain text.
    pub name: String,
    /// Number sold; 1 for shipping and fees.
    pub quantity: Decimal,
    /// Net of discount, without tax.
    pub net: Decimal,
    /// Tax on [`Line::net`].
    pub tax: Decimal,
    /// Net before discount; equal to [`Line::net`] for shipping and fees.
    pub subtotal: Decimal,
    /// Tax before discount.
    pub subtotal_tax: Decimal,
    /// The stored taxes, one per rate that applied; empty when none did.
    pub taxes: Vec<LineTax>,
    /// Tax class; empty for the standard one, `0` for a fee declared untaxed.
    pub tax_class: String,
    /// `taxable`, `shipping` or `none`, where the line says so.
    pub tax_status: Option<String>,
    /// Product, 0 when there is none any more.
    pub product_id: u64,
    /// Variation, 0 when there is none.
    pub variation_id: u64,
    /// Stock keeping unit; empty when there is none.
    pub sku: String,
    /// Shipping method, such as `flat_rate`.
    pub method_id: String,
    /// What the customer chose: visible keys and values, plain text.
    pub attributes: Vec<(String, String)>,
    /// On a refund's line: the order's line that it takes back; 0 elsewhere.
    pub refunds: u64,
    /// Every meta key and value of a fee line, as a plugin wrote them; empty for other kinds.
    pub meta: Vec<(String, String)>,
}

/// The tax of one rate on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTax {
    /// WooCommerce's id of the rate.
    pub rate_id: u64,
    /// Tax after discount.
    pub total: Decimal,
}

/// One tax rate of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxLine {
    /// WooCommerce's id of the rate.
    pub rate_id: u64,
    /// Label, such as `GST`: plain text.
    pub label: String,
    /// Percentage at the time of the sale, when the order says it.
    pub percent: Option<Decimal>,
    /// Whether it is charged on top of the other taxes.
    pub compound: bool,
    /// Tax on goods and fees, and tax on shipping, together.
    pub total: Decimal,
}

/// One coupon of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// The code.
    pub code: String,
    /// The discount it gave, without tax.
    pub discount: Decimal,
    /// Its kind, such as `percent` or a gift-card plugin's own.
    pub kind: String,
}

impl Order {
    /// The id as text, as findings name it.
    #[must_use]
    pub fn id_text(&self) -> String {
        alloc::format!("{}", self.id)
    }

    /// The set of rate ids on a line, ascending: what a Xero tax type is chosen by.
    #[must_use]
    pub fn rate_set(line: &Line) -> Vec<u64> {
        let mut set: Vec<u64> = line.taxes.iter().map(|tax| tax.rate_id).collect();
        set.sort_unstable();
        set.dedup();
        set
    }

    /// The combined fraction of a set of rates as this order charged them: 0.15 for 5 % and
    /// 10 %; a compound rate is charged on top of those before it (WooCommerce, `WC_Tax`).
    ///
    /// `None` when the order does not say the percentage of one of them.
    #[must_use]
    pub fn combined_rate(&self, set: &[u64]) -> Option<Decimal> {
        let mut rates = Vec::with_capacity(set.len());
        for id in set {
            let line = self.tax_lines.iter().find(|line| line.rate_id == *id)?;
            rates.push((line.percent?, line.compound));
        }
        combine(&rates)
    }
}
