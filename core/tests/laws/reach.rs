//! Whether an order can be reached at all: the lines as they are, Xero's arithmetic, and the
//! residue that ACCOUNTING section 1 allows. Reckoned from the order's text, apart from the core,
//! to tell an order that is rightly held from one that should have been posted.

use crate::{
    json::Json,
    oracle::{self, Rates},
    orders::Sale,
    shop::{Shop, tax_type},
};

/// Millionths in a cent.
const CENT: i128 = 10_000;

/// What is known of an order that was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It should have been posted.
    Within,
    /// The tax is out of reach both ways.
    Tax,
    /// What remains is out of reach, or the tax one way and the rest the other.
    Rest,
    /// Its lines were parted or raised, which is not reckoned here.
    Unclear,
}

struct Line {
    net: i128,
    tax: i128,
    /// The tax type's rate; zero without one.
    rate: i128,
    /// Whether its tax is a line of its own.
    apart: bool,
    set: Vec<u64>,
}

/// Looks for a way to reach an order.
pub(crate) fn reach(shop: &Shop, rates: &Rates, sale: &Sale) -> Result<Reach, String> {
    let order = &sale.order;
    let lines = read(shop, rates, order)?;
    let coupons = order.list_at("coupon_lines");
    let shown = shop.discount_lines && !coupons.is_empty();
    let card = coupons.iter().any(|coupon| coupon.str_at("discount_type") == "smart_coupon");
    let parted = lines.iter().any(|line| line.net < 0 && !line.set.is_empty());
    if shown || card || parted {
        return Ok(Reach::Unclear);
    }
    let digits = shop.rounding.digits.min(2);
    let unit = 10_i128.pow(2 - digits);
    let cents = |name: &str| Ok::<_, String>(oracle::rounded(order.str_at(name), digits)? * unit);
    let (total, total_tax) = (cents("total")?, cents("total_tax")?);
    let wanted = total_tax - tax_lines(order, &lines, digits, total_tax)?;
    let mut tax_fails = 0;
    let mut fails = 0;
    for inclusive in [true, false] {
        let amount = |line: &Line| {
            let exact = if inclusive && !line.apart { line.net + line.tax } else { line.net };
            oracle::half_up(exact, CENT * unit) * unit
        };
        let own = |line: &Line| {
            let whole = 1_000_000_000_000;
            oracle::half_up(
                amount(line) * line.rate,
                if inclusive { whole + line.rate } else { whole },
            )
        };
        let tax = |line: &Line| oracle::half_up(own(line), unit) * unit;
        let found: i128 = lines.iter().map(tax).sum();
        // A line may state a unit more or less than Xero would reckon, not more.
        let step = unit * (wanted - found).signum();
        let bears = |line: &&Line| {
            line.rate > 0 && amount(line) != 0 && (tax(line) + step - own(line)).abs() <= unit
        };
        let able = i128::try_from(lines.iter().filter(bears).count()).unwrap_or(0);
        let amounts: i128 = lines.iter().map(amount).sum();
        let rest = total - amounts - (total_tax - wanted) - if inclusive { 0 } else { wanted };
        let may = lines.iter().filter(|line| {
            line.rate > 0 || line.tax != 0 || line.apart || line.net % (CENT * unit) != 0
        });
        let bound = unit * i128::try_from(may.count()).unwrap_or(0).min(shop.cap);
        if (wanted - found).abs() > able * unit || !by_set(&lines, &tax, unit) {
            tax_fails += 1;
            fails += 1;
        } else if rest.abs() > bound {
            fails += 1;
        }
    }
    Ok(match (tax_fails, fails) {
        (2, _) => Reach::Tax,
        (_, 2) => Reach::Rest,
        _ => Reach::Within,
    })
}

/// Whether each set can come within one unit a line of the shop's tax, moved by as much again.
fn by_set(lines: &[Line], tax: &dyn Fn(&Line) -> i128, unit: i128) -> bool {
    lines.iter().filter(|line| !line.apart).all(|line| {
        let alike = || lines.iter().filter(|other| !other.apart && other.set == line.set);
        let off: i128 = alike().map(|other| tax(other) * CENT - other.tax).sum();
        let count = i128::try_from(alike().count()).unwrap_or(0);
        off.abs() <= unit * CENT * count
    })
}

fn read(shop: &Shop, rates: &Rates, order: &Json) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for list in ["line_items", "shipping_lines", "fee_lines"] {
        for line in order.list_at(list) {
            let taxes = line.list_at("taxes").iter();
            let mut set: Vec<u64> = taxes
                .filter(|tax| !tax.str_at("total").is_empty())
                .filter_map(|tax| tax.str_at("id").parse().ok())
                .collect();
            set.sort_unstable();
            let apart = shop.as_lines.contains(&set);
            let typed = (!apart).then(|| rates.get(&tax_type(&set)).copied()).flatten();
            lines.push(Line {
                net: oracle::scaled(line.str_at("total"), 6)?,
                tax: oracle::scaled(line.str_at("total_tax"), 6)?,
                rate: typed.unwrap_or_default(),
                apart,
                set,
            });
        }
    }
    Ok(lines)
}

/// The tax that stands in lines of its own: each rate's, or all of it when there is no other.
fn tax_lines(order: &Json, lines: &[Line], digits: u32, total_tax: i128) -> Result<i128, String> {
    let unit = 10_i128.pow(2 - digits);
    let mut ids: Vec<u64> =
        lines.iter().filter(|line| line.apart).flat_map(|line| line.set.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(0);
    }
    if lines.iter().all(|line| line.rate == 0) {
        return Ok(total_tax);
    }
    let mut sum = 0;
    for id in ids {
        let shared = lines.iter().any(|line| !line.apart && line.set.contains(&id));
        let exact = if shared { of_lines(order, lines, id)? } else { stored(order, id)? };
        sum += oracle::half_up(exact, CENT * unit) * unit;
    }
    Ok(sum)
}

/// The tax of one rate on the lines whose tax is a line of its own.
fn of_lines(order: &Json, lines: &[Line], id: u64) -> Result<i128, String> {
    let lists = ["line_items", "shipping_lines", "fee_lines"];
    let texts = lists.iter().flat_map(|list| order.list_at(list));
    let mut sum = 0;
    for (_, text) in lines.iter().zip(texts).filter(|(line, _)| line.apart) {
        for tax in text.list_at("taxes").iter().filter(|tax| tax.str_at("id") == id.to_string()) {
            sum += oracle::scaled(tax.str_at("total"), 6)?;
        }
    }
    Ok(sum)
}

/// The tax of one rate as the order itself stores it.
fn stored(order: &Json, id: u64) -> Result<i128, String> {
    let mut sum = 0;
    for line in order.list_at("tax_lines") {
        if line.str_at("rate_id") == id.to_string() {
            sum += oracle::scaled(line.str_at("tax_total"), 6)?;
            sum += oracle::scaled(line.str_at("shipping_tax_total"), 6)?;
        }
    }
    Ok(sum)
}
