//! One order: `GET /orders/{id}`.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::{Date, Moment, When},
    finding::{Code, Finding, stops},
    json::{Fields, FromFields, Json, Raw, Reader, decimal, lenient_text, present, raw_object},
    money::{Currency, Money},
    shop::order::{Address, Buyer, Coupon, Line, LineKind, LineTax, Order, TaxLine},
};

use super::{
    deposit::DepositMeta,
    gateway_fee::FeeMeta,
    keys::{ORDER_REFUND_KEYS, PAYMENT_KEYS, keys},
    plain_text,
};

/// The most lines that one order may have; a limit of ours, so that a hostile order cannot make
/// the module work for ever. Xero is said to take some hundred lines well.
pub const LINES_MAX: usize = 1_000;

raw_object!(pub(super) RawOrder { id "id", number "number", status "status", currency "currency", prices_include_tax "prices_include_tax", date_created "date_created", date_paid "date_paid", date_completed "date_completed", date_created_gmt "date_created_gmt", date_paid_gmt "date_paid_gmt", date_completed_gmt "date_completed_gmt", total "total", total_tax "total_tax", customer_id "customer_id", billing "billing", shipping "shipping", payment_method "payment_method", payment_method_title "payment_method_title", transaction_id "transaction_id", meta_data "meta_data", line_items "line_items", shipping_lines "shipping_lines", fee_lines "fee_lines", tax_lines "tax_lines", coupon_lines "coupon_lines", refunds "refunds", amount "amount", reason "reason" });
raw_object!(RawAddress { first_name "first_name", last_name "last_name", company "company", email "email", phone "phone", line_1 "address_1", line_2 "address_2", city "city", state "state", postcode "postcode", country "country" });
raw_object!(RawLine { id "id", name "name", method_title "method_title", method_id "method_id", quantity "quantity", subtotal "subtotal", subtotal_tax "subtotal_tax", total "total", total_tax "total_tax", taxes "taxes", tax_class "tax_class", tax_status "tax_status", product_id "product_id", variation_id "variation_id", sku "sku", meta_data "meta_data" });
raw_object!(RawTax { id "id", total "total" });
raw_object!(RawTaxLine { rate_id "rate_id", label "label", rate_percent "rate_percent", compound "compound", tax_total "tax_total", shipping_tax_total "shipping_tax_total" });
raw_object!(RawCoupon { code "code", discount "discount", discount_type "discount_type" });
raw_object!(RawMeta { key "key", value "value", display_key "display_key", display_value "display_value" });

/// Reads one order. With an error among the findings there is no order; warnings go with one.
///
/// The id is given even when the rest cannot be read, so that the finding names the order.
#[must_use]
pub(crate) fn read_order(json: &Json<'_>) -> (Option<u64>, Option<Order>, Vec<Finding>) {
    let mut reader = Reader::new("order", "");
    let Some(fields) = Fields::of(json) else {
        reader.note(Code::InputNotJson, "", "the order is not a JSON object".into());
        return (None, None, reader.findings);
    };
    let order = RawOrder::from_fields(fields);
    let id = reader.id("id", order.id).filter(|id| *id > 0);
    match id {
        Some(id) => reader.name(&format!("{id}")),
        None => reader.missing("id"),
    }
    let facts = id.and_then(|id| read_facts(&mut reader, &order, id));
    let facts = facts.filter(|_| !stops(&reader.findings));
    (id, facts, reader.findings)
}

fn read_facts(reader: &mut Reader, order: &RawOrder<'_>, id: u64) -> Option<Order> {
    let currency = read_currency(reader, order.currency);
    let created = required(reader, "date_created", order.date_created, Reader::date);
    let total = required(reader, "total", order.total, Reader::amount);
    let total_tax = required(reader, "total_tax", order.total_tax, Reader::amount);
    let paid = reader.date("date_paid", order.date_paid);
    let completed = reader.date("date_completed", order.date_completed);
    let status = required(reader, "status", order.status, Reader::text);
    let number = reader.text("number", order.number).filter(|number| !number.is_empty());
    let lines = read_lines(reader, order);
    let meta = read_order_meta(reader, order.meta_data);
    let tax_lines = read_tax_lines(reader, order.tax_lines);
    let coupons = read_coupons(reader, order.coupon_lines);
    let mut plain = |field, raw| plain_text(&reader.text(field, raw).unwrap_or_default());
    let payment_method = plain("payment_method", order.payment_method);
    let payment_method_title = plain("payment_method_title", order.payment_method_title);
    let transaction_id = plain("transaction_id", order.transaction_id);
    let currency = currency?;
    let gateway_fee = meta.fees.fee(&payment_method, currency.as_str());
    Some(Order {
        id,
        number: number.map_or_else(|| format!("{id}"), Cow::into_owned),
        status: status.map(|text| text.trim_start_matches("wc-").into()).unwrap_or_default(),
        currency,
        prices_include_tax: reader
            .flag("prices_include_tax", order.prices_include_tax)
            .unwrap_or(false),
        created: created?,
        paid,
        completed,
        created_at: moment(order.date_created_gmt),
        paid_at: moment(order.date_paid_gmt),
        completed_at: moment(order.date_completed_gmt),
        total: Money::new(total?, currency),
        total_tax: Money::new(total_tax?, currency),
        customer_id: reader.id("customer_id", order.customer_id).unwrap_or(0),
        buyer: read_buyer(reader, order, meta.tax_number),
        payment_method,
        payment_method_title,
        payment_keys: keys(&lenient_text(order.transaction_id), order.meta_data, &PAYMENT_KEYS),
        refund_keys: keys("", order.meta_data, &ORDER_REFUND_KEYS),
        transaction_id,
        is_vat_exempt: meta.is_vat_exempt,
        exchange_rate: meta.exchange_rate,
        lines,
        tax_lines,
        coupons,
        gateway_fee,
        deposit: meta.deposit.deposit(),
        refunds_listed: matches!(order.refunds, Some(Json::List(_))),
        refund_count: reader.list("refunds", order.refunds).len(),
    })
}

/// When an order was made, also where it cannot be read otherwise.
pub(crate) fn read_made(json: &Json<'_>) -> When {
    let text = |name| Fields::of(json).and_then(|fields| fields.get(name));
    let day = Date::parse(&lenient_text(text("date_created"))).ok();
    When { at: moment(text("date_created_gmt")), day }
}

raw_object!(RawPerson { first_name "first_name", last_name "last_name", email "email", modified "date_modified_gmt", created "date_created_gmt" });

/// A customer who changed: id, who buys as an order would say it, and when the change was made.
/// What the billing address leaves out is the customer's own. What cannot be read is left out.
pub(crate) fn read_customer(json: &Json<'_>) -> Option<(u64, Buyer, When)> {
    let fields = Fields::of(json)?;
    let mut reader = Reader::new("customer", "");
    let (raw, person) = (RawOrder::from_fields(fields), RawPerson::from_fields(fields));
    let id = reader.id("id", raw.id).filter(|id| *id > 0)?;
    let meta = read_order_meta(&mut reader, raw.meta_data);
    let mut buyer = read_buyer(&mut reader, &raw, meta.tax_number);
    if buyer.first_name.is_empty() && buyer.last_name.is_empty() {
        (buyer.first_name, buyer.last_name) =
            (lenient(person.first_name), lenient(person.last_name));
    }
    if buyer.email.is_empty() {
        buyer.email = lenient(person.email);
    }
    buyer.role = super::read_role(Some(json));
    let at = moment(person.modified).or_else(|| moment(person.created));
    Some((id, buyer, When { at, day: None }))
}

/// A moment from WooCommerce's dates in UTC; what cannot be read there stops no order.
pub(super) fn moment(raw: Raw<'_>) -> Option<Moment> {
    Moment::parse(&lenient_text(raw)).ok()
}

pub(super) fn required<'a, T>(
    reader: &mut Reader,
    field: &str,
    raw: Raw<'a>,
    read: impl Fn(&mut Reader, &str, Raw<'a>) -> Option<T>,
) -> Option<T> {
    let before = reader.findings.len();
    let value = read(reader, field, raw);
    if value.is_none() && reader.findings.len() == before {
        reader.missing(field);
    }
    value
}

fn read_currency(reader: &mut Reader, raw: Raw<'_>) -> Option<Currency> {
    let code = required(reader, "currency", raw, Reader::text)?;
    let currency = Currency::parse(&code).ok();
    if currency.is_none() {
        let shown: String = code.chars().take(40).collect();
        reader.note(
            Code::InputNotACurrency,
            "currency",
            format!("`{shown}` is not a currency code"),
        );
    }
    currency
}

fn read_buyer(reader: &mut Reader, order: &RawOrder<'_>, tax_number: String) -> Buyer {
    let part = |reader: &mut Reader, field: &str, raw| {
        present(raw).and_then(|text| reader.object::<RawAddress<'_>>(field, text))
    };
    let Some(billing) = part(reader, "billing", order.billing) else { return Buyer::default() };
    let shipping = part(reader, "shipping", order.shipping);
    let mut plain = |field, raw| plain_text(&reader.text(field, raw).unwrap_or_default());
    let (first_name, last_name) = (
        plain("billing.first_name", billing.first_name),
        plain("billing.last_name", billing.last_name),
    );
    let (company, email) =
        (plain("billing.company", billing.company), plain("billing.email", billing.email));
    // The countries decide accounts and tax types.
    let billing_country = plain("billing.country", billing.country);
    let shipping_country =
        shipping.as_ref().map(|to| plain("shipping.country", to.country)).unwrap_or_default();
    Buyer {
        first_name,
        last_name,
        company,
        email,
        shipping_country: if shipping_country.is_empty() {
            billing_country.clone()
        } else {
            shipping_country
        },
        billing_country,
        role: String::new(),
        phone: lenient(billing.phone),
        tax_number,
        billing: read_address(&billing),
        shipping: shipping.as_ref().map(read_address).unwrap_or_default(),
    }
}

/// What is written on an envelope stops no invoice: what cannot be read is left out.
fn read_address(raw: &RawAddress<'_>) -> Address {
    Address {
        line_1: lenient(raw.line_1),
        line_2: lenient(raw.line_2),
        city: lenient(raw.city),
        state: lenient(raw.state),
        postcode: lenient(raw.postcode),
        country: lenient(raw.country),
    }
}

fn lenient(raw: Raw<'_>) -> String {
    plain_text(&lenient_text(raw))
}

/// Order meta that bears on the invoice.
struct OrderMeta {
    is_vat_exempt: bool,
    exchange_rate: Option<Decimal>,
    tax_number: String,
    fees: FeeMeta,
    deposit: DepositMeta,
}

/// Where plugins for tax numbers keep them, such as EU VAT Number and those that follow it.
const TAX_NUMBER_KEYS: [&str; 5] =
    ["_billing_vat_number", "_billing_eu_vat_number", "_vat_number", "vat_number", "billing_vat"];

/// Meta is written by any plugin: what cannot be read there is not ours and no reason to stop.
fn read_order_meta(reader: &mut Reader, raw: Raw<'_>) -> OrderMeta {
    let mut meta = OrderMeta {
        is_vat_exempt: false,
        exchange_rate: None,
        tax_number: String::new(),
        fees: FeeMeta::default(),
        deposit: DepositMeta::default(),
    };
    for entry in reader.list("meta_data", raw) {
        let Some(fields) = Fields::of(entry) else { continue };
        let entry = RawMeta::from_fields(fields);
        let value = || present(entry.value).and_then(Json::scalar);
        match present(entry.key).and_then(Json::scalar).as_deref() {
            Some("is_vat_exempt") => meta.is_vat_exempt = value().as_deref() == Some("yes"),
            Some("_wcpay_multi_currency_order_exchange_rate") => {
                meta.exchange_rate =
                    value().and_then(|text| decimal(&text)).filter(|rate| *rate > Decimal::ZERO);
            }
            Some(key) if TAX_NUMBER_KEYS.contains(&key) && meta.tax_number.is_empty() => {
                meta.tax_number = plain_text(&value().unwrap_or_default());
            }
            Some(key) => {
                if let Some(value) = present(entry.value) {
                    meta.fees.take(key, value);
                    meta.deposit.take(key, value);
                }
            }
            None => {}
        }
    }
    meta
}

pub(super) fn read_lines(reader: &mut Reader, order: &RawOrder<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (kind, field, raw) in [
        (LineKind::LineItem, "line_items", order.line_items),
        (LineKind::Shipping, "shipping_lines", order.shipping_lines),
        (LineKind::Fee, "fee_lines", order.fee_lines),
    ] {
        let found = reader.list(field, raw);
        if lines.len() + found.len() > LINES_MAX {
            let message = format!("the order has more than {LINES_MAX} lines");
            reader.note(Code::InputTooManyLines, field, message);
            return Vec::new();
        }
        for (index, line) in found.iter().enumerate() {
            lines.extend(read_line(reader, kind, &format!("{field}[{index}]"), line));
        }
    }
    lines
}

fn read_line(reader: &mut Reader, kind: LineKind, path: &str, json: &Json<'_>) -> Option<Line> {
    let line: RawLine<'_> = reader.object(path, json)?;
    let at = |field: &str| format!("{path}.{field}");
    let net = required(reader, &at("total"), line.total, Reader::amount);
    let tax = reader.amount(&at("total_tax"), line.total_tax).unwrap_or_default();
    let subtotal = reader.amount(&at("subtotal"), line.subtotal);
    let subtotal_tax = reader.amount(&at("subtotal_tax"), line.subtotal_tax);
    let quantity = reader.amount(&at("quantity"), line.quantity);
    let taxes = read_taxes(reader, &at("taxes"), line.taxes);
    let attributes = read_attributes(reader, &at("meta_data"), line.meta_data);
    let refunds = read_refunded_id(line.meta_data);
    let ids =
        [("id", line.id), ("product_id", line.product_id), ("variation_id", line.variation_id)]
            .map(|(field, raw)| reader.id(&at(field), raw).unwrap_or(0));
    let name = if kind == LineKind::Shipping { line.method_title } else { line.name };
    let mut text = |field: &str, raw| reader.text(&at(field), raw).unwrap_or_default();
    let [id, product_id, variation_id] = ids;
    let net = net?;
    Some(Line {
        kind,
        id,
        name: plain_text(&text("name", name)),
        quantity: quantity.unwrap_or(Decimal::ONE),
        net,
        tax,
        subtotal: subtotal.unwrap_or(net),
        subtotal_tax: subtotal_tax.unwrap_or(tax),
        taxes,
        tax_class: text("tax_class", line.tax_class).into_owned(),
        tax_status: present(line.tax_status).and_then(Json::scalar).map(Cow::into_owned),
        product_id,
        variation_id,
        sku: plain_text(&text("sku", line.sku)),
        refunds,
        method_id: text("method_id", line.method_id).into_owned(),
        meta: if kind == LineKind::Fee { read_fee_meta(line.meta_data) } else { Vec::new() },
        attributes,
    })
}

/// The order's line that a refund's line takes back (reference: WooCommerce, corpus note 5).
fn read_refunded_id(raw: Raw<'_>) -> u64 {
    let Some(Json::List(entries)) = raw else { return 0 };
    let fields = entries.iter().filter_map(Fields::of).find(|fields| {
        fields.get("key").and_then(Json::scalar).as_deref() == Some("_refunded_item_id")
    });
    let id = fields.and_then(|fields| fields.get("value")).and_then(Json::scalar);
    id.and_then(|id| id.parse().ok()).unwrap_or(0)
}

fn read_fee_meta(raw: Raw<'_>) -> Vec<(String, String)> {
    let Some(Json::List(entries)) = raw else { return Vec::new() };
    let entry = |entry: &Json<'_>| {
        let fields = Fields::of(entry)?;
        let text = |name| present(fields.get(name)).and_then(Json::scalar).map(Cow::into_owned);
        Some((text("key")?, text("value")?))
    };
    entries.iter().filter_map(entry).collect()
}

/// A rate with an empty total did not apply to the line (reference: WooCommerce, REST v3).
fn read_taxes(reader: &mut Reader, path: &str, raw: Raw<'_>) -> Vec<LineTax> {
    let mut taxes = Vec::new();
    for (index, one) in reader.list(path, raw).iter().enumerate() {
        let at = |field: &str| format!("{path}[{index}].{field}");
        let Some(tax) = reader.object::<RawTax<'_>>(&format!("{path}[{index}]"), one) else {
            continue;
        };
        let rate_id = required(reader, &at("id"), tax.id, Reader::id);
        let total = reader.amount(&at("total"), tax.total);
        if let (Some(rate_id), Some(total)) = (rate_id, total) {
            taxes.push(LineTax { rate_id, total });
        }
    }
    taxes
}

/// Visible item meta: keys that begin with `_` are a plugin's own business.
fn read_attributes(reader: &mut Reader, path: &str, raw: Raw<'_>) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    for entry in reader.list(path, raw) {
        let Some(fields) = Fields::of(entry) else { continue };
        let entry = RawMeta::from_fields(fields);
        let text = |raw| present(raw).and_then(Json::scalar).map(|text| plain_text(&text));
        let hidden = text(entry.key).is_none_or(|key| key.starts_with('_'));
        if let (false, Some(key), Some(value)) =
            (hidden, text(entry.display_key), text(entry.display_value))
            && !key.is_empty()
            && !value.is_empty()
        {
            attributes.push((key, value));
        }
    }
    attributes
}

fn read_tax_lines(reader: &mut Reader, raw: Raw<'_>) -> Vec<TaxLine> {
    let mut lines = Vec::new();
    for (index, one) in reader.list("tax_lines", raw).iter().enumerate() {
        let path = format!("tax_lines[{index}]");
        let at = |field: &str| format!("{path}.{field}");
        let Some(line) = reader.object::<RawTaxLine<'_>>(&path, one) else { continue };
        let Some(rate_id) = required(reader, &at("rate_id"), line.rate_id, Reader::id) else {
            continue;
        };
        let goods = reader.amount(&at("tax_total"), line.tax_total).unwrap_or_default();
        let shipping = reader.amount(&at("shipping_tax_total"), line.shipping_tax_total);
        lines.push(TaxLine {
            rate_id,
            label: plain_text(&reader.text(&at("label"), line.label).unwrap_or_default()),
            percent: reader.amount(&at("rate_percent"), line.rate_percent),
            compound: reader.flag(&at("compound"), line.compound).unwrap_or(false),
            total: goods + shipping.unwrap_or_default(),
        });
    }
    lines
}

fn read_coupons(reader: &mut Reader, raw: Raw<'_>) -> Vec<Coupon> {
    let mut coupons = Vec::new();
    for (index, one) in reader.list("coupon_lines", raw).iter().enumerate() {
        let path = format!("coupon_lines[{index}]");
        let at = |field: &str| format!("{path}.{field}");
        let Some(coupon) = reader.object::<RawCoupon<'_>>(&path, one) else { continue };
        let mut text = |field: &str, raw| reader.text(&at(field), raw).unwrap_or_default();
        let code = plain_text(&text("code", coupon.code));
        let kind = text("discount_type", coupon.discount_type).into_owned();
        let discount = reader.amount(&at("discount"), coupon.discount).unwrap_or_default();
        coupons.push(Coupon { code, discount, kind });
    }
    coupons
}
