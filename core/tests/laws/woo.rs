//! WooCommerce's own arithmetic, from its source: `WC_Tax::calc_inclusive_tax` and
//! `calc_exclusive_tax`, `wc_round_tax_total`, `WC_Order::calculate_totals` and
//! `update_taxes`, `WC_Cart_Totals`, `WC_Order_Item_Fee::calculate_taxes`.

use rust_decimal::{Decimal, RoundingStrategy};

/// `WC_ROUNDING_PRECISION`
const PRECISION: u32 = 6;

/// A tax rate as it was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) id: u64,
    pub(crate) percent: Decimal,
    pub(crate) compound: bool,
}

/// Taxes by rate.
pub(crate) type Taxes = Vec<(u64, Decimal)>;

/// How a shop rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounding {
    pub(crate) digits: u32,
    pub(crate) prices_include_tax: bool,
    pub(crate) at_subtotal: bool,
}

/// Which list of the order a line stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Item,
    Shipping,
    Fee,
}

/// What of a line bears on totals.
#[derive(Debug, Clone)]
pub(crate) struct Amounts {
    pub(crate) kind: Kind,
    pub(crate) total: Decimal,
    pub(crate) taxes: Taxes,
}

/// Who adds an order up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `WC_Order::calculate_totals`: block checkout, REST, the admin.
    Order,
    /// `WC_Cart_Totals`: classic checkout; the order keeps the cart's total.
    Cart,
}

/// One entry of `tax_lines`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaxLine {
    pub(crate) id: u64,
    pub(crate) goods: Decimal,
    pub(crate) shipping: Decimal,
}

/// An order's sums.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    pub(crate) total: Decimal,
    pub(crate) total_tax: Decimal,
    pub(crate) tax_lines: Vec<TaxLine>,
}

/// PHP's `round`.
pub(crate) fn round(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

impl Rounding {
    /// `wc_round_tax_total`: half-down where prices include tax.
    pub(crate) fn tax(self, value: Decimal) -> Decimal {
        let strategy = if self.prices_include_tax {
            RoundingStrategy::MidpointTowardZero
        } else {
            RoundingStrategy::MidpointAwayFromZero
        };
        value.round_dp_with_strategy(self.digits, strategy)
    }

    /// `round_line_tax`: not rounded where the shop rounds at the subtotal.
    pub(crate) fn line_tax(self, value: Decimal) -> Decimal {
        if self.at_subtotal { value } else { self.tax(value) }
    }

    /// A line's `total_tax`.
    pub(crate) fn total_tax(self, taxes: &Taxes) -> Decimal {
        taxes.iter().map(|(_, tax)| self.line_tax(*tax)).sum()
    }
}

/// `WC_Tax::calc_exclusive_tax`
pub(crate) fn exclusive(price: Decimal, rates: &[Rate]) -> Taxes {
    let share = |amount: Decimal, rate: &Rate| amount * rate.percent / Decimal::ONE_HUNDRED;
    let mut taxes: Taxes = Vec::with_capacity(rates.len());
    for rate in rates.iter().filter(|rate| !rate.compound) {
        taxes.push((rate.id, share(price, rate)));
    }
    for rate in rates.iter().filter(|rate| rate.compound) {
        let before: Decimal = taxes.iter().map(|(_, tax)| *tax).sum();
        taxes.push((rate.id, share(price + before, rate)));
    }
    in_order(&taxes, rates)
}

/// `WC_Tax::calc_inclusive_tax`
pub(crate) fn inclusive(price: Decimal, rates: &[Rate]) -> Taxes {
    let mut taxes: Taxes = Vec::with_capacity(rates.len());
    let mut rest = price;
    for rate in rates.iter().rev().filter(|rate| rate.compound) {
        let tax = rest - rest / (Decimal::ONE + rate.percent / Decimal::ONE_HUNDRED);
        taxes.push((rate.id, tax));
        rest -= tax;
    }
    let plain = || rates.iter().filter(|rate| !rate.compound);
    let all: Decimal = plain().map(|rate| rate.percent / Decimal::ONE_HUNDRED).sum();
    for rate in plain() {
        let share = rate.percent / Decimal::ONE_HUNDRED / (Decimal::ONE + all);
        taxes.push((rate.id, share * rest));
    }
    in_order(&taxes, rates)
}

fn in_order(taxes: &Taxes, rates: &[Rate]) -> Taxes {
    let of = |id: u64| taxes.iter().filter(|tax| tax.0 == id).map(|tax| tax.1).sum::<Decimal>();
    rates.iter().map(|rate| (rate.id, round(of(rate.id), PRECISION))).collect()
}

/// `WC_Order_Item_Fee::calculate_taxes` for a fee below zero: its tax is shared over the tax
/// classes of what stands above zero. `costs` holds each class's cost and rates; what is not
/// taxable has none.
pub(crate) fn negative_fee(total: Decimal, costs: &[(Decimal, Vec<Rate>)]) -> Taxes {
    let all: Decimal = costs.iter().map(|(cost, _)| *cost).sum();
    let mut taxes = Taxes::new();
    if all.is_zero() {
        return taxes;
    }
    for (cost, rates) in costs.iter().filter(|(cost, _)| !cost.is_zero()) {
        for (id, tax) in exclusive(total * (*cost / all), rates) {
            match taxes.iter_mut().find(|known| known.0 == id) {
                Some(known) => known.1 += tax,
                None => taxes.push((id, tax)),
            }
        }
    }
    taxes
}

/// Adds an order up.
pub(crate) fn add_up(lines: &[Amounts], rounding: Rounding, way: Way) -> Sums {
    let digits = rounding.digits;
    let of = |kind: Kind| lines.iter().filter(move |line| line.kind == kind);
    let items: Decimal = of(Kind::Item)
        .map(|line| if rounding.at_subtotal { line.total } else { round(line.total, digits) })
        .sum();
    let fees: Decimal = of(Kind::Fee).map(|line| line.total).sum();
    let shipping: Decimal = of(Kind::Shipping)
        .map(|line| if way == Way::Order { round(line.total, digits) } else { line.total })
        .sum();
    let mut tax_lines: Vec<TaxLine> = Vec::new();
    for line in lines {
        for (id, tax) in &line.taxes {
            let tax = match (way, line.kind) {
                (Way::Order, _) | (Way::Cart, Kind::Item) => rounding.line_tax(*tax),
                (Way::Cart, Kind::Shipping) if !rounding.at_subtotal => round(*tax, digits),
                (Way::Cart, _) => *tax,
            };
            let at = tax_lines.iter().position(|known| known.id == *id).unwrap_or_else(|| {
                tax_lines.push(TaxLine { id: *id, goods: Decimal::ZERO, shipping: Decimal::ZERO });
                tax_lines.len() - 1
            });
            match line.kind {
                Kind::Shipping => tax_lines[at].shipping += tax,
                Kind::Item | Kind::Fee => tax_lines[at].goods += tax,
            }
        }
    }
    let taxes: Decimal = tax_lines.iter().map(|line| line.goods + line.shipping).sum();
    Sums {
        total: round(items + fees + shipping + taxes, digits),
        total_tax: round(taxes, digits),
        tax_lines,
    }
}
