//! The generator's arithmetic held against recorded orders of a real WooCommerce.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use rust_decimal::Decimal;

use crate::{
    json::Json,
    woo::{self, Amounts, Kind, Rate, Rounding, Taxes, Way},
};

/// How far a figure of six decimals may lie from another way of reaching it: PHP reckons in
/// binary floats, and a line's net was itself rounded to six.
const NEAR: Decimal = Decimal::from_parts(3, 0, 0, false, 6);

/// What was found alike.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) orders: usize,
    /// Orders of which every line's tax follows from its net and the rates.
    pub(crate) lines: usize,
    /// Orders of which every line's `total_tax` follows from its taxes by the shop's rounding.
    pub(crate) line_rounding: usize,
    /// Orders whose total and tax follow from the lines.
    pub(crate) totals: usize,
    pub(crate) negative_fees: usize,
    pub(crate) negative_fees_alike: usize,
}

/// The recordings, or `None` with a line that says why not.
pub(crate) fn recordings() -> Option<Vec<Json>> {
    let Some(shared) = env::var_os("TILLBOOK_SHARED") else {
        println!("skipped: TILLBOOK_SHARED names no folder of recordings");
        return None;
    };
    let path = PathBuf::from(shared).join("fixtures/woocommerce/orders.jsonl");
    let text = fs::read_to_string(path).unwrap();
    Some(text.lines().map(|line| Json::parse(line).unwrap()).collect())
}

/// Reckons every recorded order anew.
pub(crate) fn compare(recordings: &[Json]) -> Report {
    let mut report = Report::default();
    for recording in recordings {
        let order = recording.get("order_dp6").unwrap();
        let store = recording.get("store").unwrap();
        let rounding = Rounding {
            digits: store.str_at("num_decimals").parse().unwrap(),
            prices_include_tax: store.str_at("prices_include_tax") == "yes",
            at_subtotal: store.str_at("tax_round_at_subtotal") == "yes",
        };
        let rates = rates(order);
        let lines = lines(order);
        report.orders += 1;
        report.lines += usize::from(lines.iter().all(|line| follows(line, &rates)));
        report.line_rounding +=
            usize::from(lines.iter().all(|line| {
                rounding.total_tax(&line.amounts.taxes) == amount(line.json, "total_tax")
            }));
        report.totals += usize::from(adds_up(order, &lines, rounding));
        for fee in lines.iter().filter(|line| line.is_negative_fee()) {
            report.negative_fees += 1;
            report.negative_fees_alike += usize::from(shares_alike(store, &lines, fee, &rates));
        }
    }
    report
}

struct Line<'a> {
    json: &'a Json,
    amounts: Amounts,
}

impl Line<'_> {
    fn is_negative_fee(&self) -> bool {
        self.amounts.kind == Kind::Fee && self.amounts.total < Decimal::ZERO
    }
}

fn amount(json: &Json, name: &str) -> Decimal {
    json.str_at(name).parse().unwrap()
}

fn rates(order: &Json) -> BTreeMap<u64, Rate> {
    let rates = order.list_at("tax_lines").iter().map(|line| {
        let id = line.str_at("rate_id").parse().unwrap();
        let compound = line.get("compound") == Some(&Json::Bool(true));
        (id, Rate { id, percent: amount(line, "rate_percent"), compound })
    });
    rates.collect()
}

fn lines(order: &Json) -> Vec<Line<'_>> {
    let lists =
        [("line_items", Kind::Item), ("shipping_lines", Kind::Shipping), ("fee_lines", Kind::Fee)];
    let mut lines = Vec::new();
    for (name, kind) in lists {
        for json in order.list_at(name) {
            let applied =
                json.list_at("taxes").iter().filter(|tax| !tax.str_at("total").is_empty());
            let taxes =
                applied.map(|tax| (tax.str_at("id").parse().unwrap(), amount(tax, "total")));
            let amounts = Amounts { kind, total: amount(json, "total"), taxes: taxes.collect() };
            lines.push(Line { json, amounts });
        }
    }
    lines
}

fn of(ids: impl Iterator<Item = u64>, rates: &BTreeMap<u64, Rate>) -> Vec<Rate> {
    ids.filter_map(|id| rates.get(&id).copied()).collect()
}

fn alike(reckoned: &Taxes, stored: &Taxes) -> bool {
    let tax = |taxes: &Taxes, id: u64| {
        taxes.iter().filter(|tax| tax.0 == id).map(|tax| tax.1).sum::<Decimal>()
    };
    reckoned
        .iter()
        .chain(stored)
        .all(|(id, _)| (tax(reckoned, *id) - tax(stored, *id)).abs() <= NEAR)
}

/// Whether a line's taxes are what its rates give on its net. Fees below zero have a rule of
/// their own.
fn follows(line: &Line<'_>, rates: &BTreeMap<u64, Rate>) -> bool {
    let stored = &line.amounts.taxes;
    let applied = of(stored.iter().map(|tax| tax.0), rates);
    line.is_negative_fee() || alike(&woo::exclusive(line.amounts.total, &applied), stored)
}

fn adds_up(order: &Json, lines: &[Line<'_>], rounding: Rounding) -> bool {
    let amounts: Vec<Amounts> = lines.iter().map(|line| line.amounts.clone()).collect();
    let ways: &[Way] = if order.str_at("created_via") == "checkout" {
        &[Way::Cart, Way::Order]
    } else {
        &[Way::Order]
    };
    ways.iter().any(|way| {
        let sums = woo::add_up(&amounts, rounding, *way);
        sums.total == amount(order, "total") && sums.total_tax == amount(order, "total_tax")
    })
}

/// Whether a negative fee's taxes are shares of the order's classes. An order does not say which
/// other fees stood there when the fee was reckoned, nor whether untaxed goods and shipping counted
/// by their class: either will do.
fn shares_alike(
    store: &Json,
    lines: &[Line<'_>],
    fee: &Line<'_>,
    rates: &BTreeMap<u64, Rate>,
) -> bool {
    let items: Vec<&Line<'_>> =
        lines.iter().filter(|line| line.amounts.kind == Kind::Item).collect();
    let class_rates = |class: &str| {
        let longest = items
            .iter()
            .filter(|line| line.json.str_at("tax_class") == class)
            .max_by_key(|line| line.amounts.taxes.len());
        longest
            .map(|line| of(line.amounts.taxes.iter().map(|tax| tax.0), rates))
            .unwrap_or_default()
    };
    let first = items.first().map_or("", |line| line.json.str_at("tax_class"));
    let shipping_class = match store.str_at("shipping_tax_class") {
        "inherit" => first,
        class => class,
    };
    (0..16).any(|variant| {
        let [with_fees, with_shipping, by_class, shipping_by_class] =
            [1, 2, 4, 8].map(|bit| variant & bit == 0);
        let mut costs: Vec<(Decimal, Vec<Rate>)> = Vec::new();
        for line in lines.iter().filter(|line| line.amounts.total >= Decimal::ZERO) {
            let untaxed = line.amounts.taxes.is_empty();
            let rates = match line.amounts.kind {
                Kind::Item if untaxed && !by_class => Vec::new(),
                Kind::Item => class_rates(line.json.str_at("tax_class")),
                Kind::Fee if !with_fees => continue,
                Kind::Fee if line.json.str_at("tax_class") == "0" => Vec::new(),
                Kind::Fee if line.json.str_at("tax_status") != "taxable" => Vec::new(),
                Kind::Fee => class_rates(line.json.str_at("tax_class")),
                Kind::Shipping if !with_shipping => continue,
                Kind::Shipping if line.json.str_at("tax_status") == "none" => Vec::new(),
                Kind::Shipping if untaxed && !shipping_by_class => Vec::new(),
                Kind::Shipping => class_rates(shipping_class),
            };
            costs.push((line.amounts.total, rates));
        }
        alike(&woo::negative_fee(fee.amounts.total, &costs), &fee.amounts.taxes)
    })
}
