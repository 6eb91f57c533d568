//! A drawn order as WooCommerce prints it.

use rust_decimal::Decimal;

use super::{Draw, Form, Line};
use crate::{
    json::{Json, number, object, text},
    shop::TERMS_GATEWAY,
    woo::{self, Kind, Sums, Taxes, round},
};

impl Draw<'_> {
    pub(super) fn amount(&self, value: Decimal) -> String {
        let digits = if self.form == Form::Fine { 6 } else { self.shop.rounding.digits };
        let places = usize::try_from(digits).unwrap();
        format!("{:.places$}", round(value, digits))
    }

    fn line(&self, line: &Line) -> Json {
        let rounding = self.shop.rounding;
        let total_taxes: Taxes = line.taxes.iter().map(|tax| (tax.0, tax.1)).collect();
        let subtotal_taxes: Taxes = line.taxes.iter().map(|tax| (tax.0, tax.2)).collect();
        let item = line.kind == Kind::Item;
        let mut taxes: Vec<Json> = Vec::new();
        for (id, tax, subtotal) in &line.taxes {
            let subtotal = if item { self.amount(*subtotal) } else { String::new() };
            taxes.push(object([
                ("id", number(*id)),
                ("total", text(self.amount(*tax))),
                ("subtotal", text(subtotal)),
            ]));
        }
        for id in &line.idle {
            taxes.push(object([("id", number(*id)), ("total", text("")), ("subtotal", text(""))]));
        }
        let mut fields = vec![
            ("id", number(line.id)),
            (if line.kind == Kind::Shipping { "method_title" } else { "name" }, text(&*line.name)),
            ("total", text(self.amount(line.total))),
            ("total_tax", text(self.amount(rounding.total_tax(&total_taxes)))),
            ("taxes", Json::List(taxes)),
            ("meta_data", Json::List(Vec::new())),
        ];
        match line.kind {
            Kind::Item => fields.extend([
                ("product_id", number(line.product)),
                ("variation_id", number(0)),
                ("quantity", number(line.quantity.normalize())),
                ("tax_class", text(line.class)),
                ("subtotal", text(self.amount(line.subtotal))),
                ("subtotal_tax", text(self.amount(rounding.total_tax(&subtotal_taxes)))),
                ("sku", if line.product == 0 { Json::Null } else { text("SKU") }),
                ("price", number((line.total / line.quantity).round_dp(14).normalize())),
            ]),
            Kind::Shipping => {
                fields
                    .extend([("method_id", text("flat_rate")), ("tax_status", text(line.status))]);
            }
            Kind::Fee => {
                fields.extend([("tax_class", text(line.class)), ("tax_status", text(line.status))]);
            }
        }
        Json::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    pub(super) fn order(&mut self, id: u64, status: &str, sums: &Sums) -> Json {
        let lines = |kind: Kind| {
            let of_kind = self.lines.iter().filter(|line| line.kind == kind);
            Json::List(of_kind.map(|line| self.line(line)).collect())
        };
        let (items, shipping, fees) = (lines(Kind::Item), lines(Kind::Shipping), lines(Kind::Fee));
        let tax_lines = sums.tax_lines.iter().map(|line| self.tax_line(line)).collect();
        let coupons = self.coupons.iter().map(|(kind, code, discount)| {
            object([
                ("code", text(*code)),
                ("discount", text(discount.normalize().to_string())),
                ("discount_type", text(*kind)),
            ])
        });
        let coupons: Vec<Json> = coupons.collect();
        let (total, total_tax) = (self.amount(sums.total), self.amount(sums.total_tax));
        let paid = !matches!(status, "pending" | "on-hold") && self.random.chance(90);
        let day = self.random.between(1, 28);
        let date = |after: u64| text(format!("2026-{:02}-{:02}T12:53:44", 1 + after, day));
        let or_null = |given: bool, value: Json| if given { value } else { Json::Null };
        let named = self.random.chance(95);
        let name = |value: &str| text(if named { value } else { "" });
        let gateway = *self.random.pick(&["stripe", TERMS_GATEWAY, "", "cod"]);
        let exempt = object([
            ("key", text("is_vat_exempt")),
            ("value", text(if self.exempt { "yes" } else { "no" })),
        ]);
        let foreign = self.foreign();
        let mut meta = vec![exempt];
        if foreign.is_some() {
            meta.push(object([
                ("key", text("_wcpay_multi_currency_order_exchange_rate")),
                ("value", text("1.3456")),
            ]));
        }
        let address = |country: &str| {
            object([
                ("first_name", name("Ada")),
                ("last_name", name("Lovelace")),
                ("company", text("")),
                ("country", text(country)),
                ("email", text(format!("buyer{}@example.org", id % 7))),
            ])
        };
        let own_number = self.random.chance(20);
        object([
            ("id", number(id)),
            ("number", text(if own_number { format!("2026/{id}-A") } else { id.to_string() })),
            ("status", text(status)),
            ("currency", text(foreign.unwrap_or(self.shop.regime.currency))),
            ("prices_include_tax", Json::Bool(self.shop.rounding.prices_include_tax)),
            ("date_created", date(0)),
            ("date_paid", or_null(paid, date(1))),
            ("date_completed", or_null(status.ends_with("completed"), date(2))),
            ("total", text(total)),
            ("total_tax", text(total_tax)),
            ("customer_id", number(id % 3)),
            ("billing", address(self.place.country)),
            ("shipping", address(self.place.country)),
            ("payment_method", text(gateway)),
            ("payment_method_title", text("Pay &amp; go")),
            ("transaction_id", text(format!("ch_{id}"))),
            ("meta_data", Json::List(meta)),
            ("line_items", items),
            ("shipping_lines", shipping),
            ("fee_lines", fees),
            ("tax_lines", Json::List(tax_lines)),
            ("coupon_lines", Json::List(coupons)),
            ("refunds", Json::List(Vec::new())),
        ])
    }

    /// Another currency than the shop's, of as many decimals.
    pub(super) fn foreign(&mut self) -> Option<&'static str> {
        let other = ["USD", "NZD", "EUR"];
        (self.shop.regime.digits == 2 && self.random.chance(5)).then(|| *self.random.pick(&other))
    }

    fn tax_line(&self, line: &woo::TaxLine) -> Json {
        let rate = self.shop.regime.rate(line.id);
        object([
            ("id", number(line.id + 1_000)),
            ("rate_id", number(line.id)),
            ("label", text(self.shop.regime.label(line.id))),
            ("compound", Json::Bool(rate.compound)),
            ("tax_total", text(self.amount(line.goods))),
            ("shipping_tax_total", text(self.amount(line.shipping))),
            ("rate_percent", number(rate.percent)),
        ])
    }
}
