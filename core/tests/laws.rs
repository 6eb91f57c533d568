//! The laws of accounting, each a property of generated orders.
//!
//! `TILLBOOK_SEED` repeats a run, `TILLBOOK_ORDERS` enlarges it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "laws/check.rs"]
mod check;
#[path = "laws/json.rs"]
mod json;
#[path = "laws/oracle.rs"]
mod oracle;
#[path = "laws/orders.rs"]
mod orders;
#[path = "laws/random.rs"]
mod random;
#[path = "laws/reach.rs"]
mod reach;
#[path = "laws/real.rs"]
mod real;
#[path = "laws/shop.rs"]
mod shop;
#[path = "laws/woo.rs"]
mod woo;

use std::{collections::BTreeMap, env, time::SystemTime};

use check::Verdict;
use json::{Json, object};
use orders::Sale;
use proptest::prelude::*;
use random::Random;
use rust_decimal::Decimal;
use shop::Shop;
use tillbook_core::{
    call,
    money::{MoneyError, allocate},
};

/// Orders in one request.
const BATCH: u64 = 20;

/// One order in so many is mapped alone too, and one request in so many twice.
const SAMPLE: u64 = 4;

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().unwrap())
}

/// A new seed each day and hour would do; the clock's nanoseconds are as good.
fn seed() -> u64 {
    variable("TILLBOOK_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        u64::from(now.subsec_nanos()) ^ now.as_secs()
    })
}

fn request(shop: &Shop, sales: &[Sale]) -> String {
    let sale = |sale: &Sale| {
        let mut fields = vec![("order".to_owned(), sale.order.clone())];
        fields.extend(sale.customer.clone().map(|customer| ("customer".to_owned(), customer)));
        Json::Object(fields)
    };
    object([
        ("contract", json::number(1)),
        ("shop", shop.shop.clone()),
        ("settings", shop.settings.clone()),
        ("chart", shop.chart.clone()),
        ("sales", Json::List(sales.iter().map(sale).collect())),
        ("products", orders::products()),
    ])
    .write()
}

/// The outcomes of a reply, without their index.
fn outcomes(reply: &str) -> Vec<Json> {
    let reply = Json::parse(reply).unwrap();
    let ok = reply.get("ok").unwrap_or_else(|| panic!("no reply but {}", reply.write()));
    assert!(ok.list_at("findings").is_empty(), "{:?}", ok.list_at("findings"));
    let bare = |outcome: &Json| match outcome {
        Json::Object(fields) => {
            Json::Object(fields.iter().filter(|field| field.0 != "index").cloned().collect())
        }
        other => other.clone(),
    };
    ok.list_at("sales").iter().map(bare).collect()
}

/// Counts by way of selling.
type Table = BTreeMap<String, BTreeMap<String, usize>>;

fn row(shop: &Shop) -> String {
    let rounding = shop.rounding;
    format!(
        "{:8} {} {}",
        shop.regime.name,
        if rounding.prices_include_tax { "incl" } else { "excl" },
        if rounding.at_subtotal { "subtotal" } else { "per line" }
    )
}

fn print(table: &Table) {
    let columns =
        ["exact", "tax_amount", "rounding_line", "skip", "spoilt", "out_of_reach", "unclear"];
    println!("{:22}{}", "", columns.map(|name| format!("{name:>14}")).concat());
    for (row, counts) in table {
        let cells =
            columns.map(|name| format!("{:>14}", counts.get(name).copied().unwrap_or_default()));
        println!("{row:22}{}", cells.concat());
    }
}

/// One request: its orders together, again, and each alone.
fn run(seed: u64, batch: u64, count: u64, table: &mut Table) {
    let mut random = Random::new(seed, batch);
    let shop = shop::draw(&mut random);
    let rates = oracle::rates(shop.chart.get("tax_rates").unwrap()).unwrap();
    let sales: Vec<Sale> =
        (1..=count).map(|id| orders::draw(&shop, batch * BATCH + id, &mut random)).collect();
    let together = request(&shop, &sales);
    let reply = call("map", &together);
    if batch % SAMPLE == 0 {
        assert_eq!(reply, call("map", &together), "L8: the same request, other bytes");
    }
    let outcomes = outcomes(&reply);
    assert_eq!(outcomes.len(), sales.len());
    for (sale, outcome) in sales.iter().zip(&outcomes) {
        let shown = |law: &str| {
            format!(
                "TILLBOOK_SEED={seed}, request {batch}, order {} ({}; {}): {law}\n{}\n{}\n{}",
                sale.id,
                row(&shop),
                sale.traits.join(", "),
                sale.order.write(),
                outcome.write(),
                shop.settings.write()
            )
        };
        if (sale.id + batch) % SAMPLE == 0 {
            let alone = self::outcomes(&call("map", &request(&shop, std::slice::from_ref(sale))));
            assert!(alone == [outcome.clone()], "{}", shown("L8: alone it is mapped otherwise"));
        }
        let verdict = match check::check(&shop, &rates, sale, outcome) {
            Ok(verdict) => verdict,
            Err(law) => panic!("{}", shown(&law)),
        };
        let column = match verdict {
            Verdict::Posted(exactness) => exactness,
            Verdict::Skipped => "skip".into(),
            Verdict::Spoilt => "spoilt".into(),
            Verdict::OutOfReach => "out_of_reach".into(),
            Verdict::Unclear => "unclear".into(),
        };
        *table.entry(row(&shop)).or_default().entry(column).or_default() += 1;
    }
}

/// L1, L2, L8, L10 and the residue's bounds.
#[test]
fn orders_keep_the_laws() {
    let (seed, orders) = (seed(), variable("TILLBOOK_ORDERS").unwrap_or(10_000));
    println!("TILLBOOK_SEED={seed} TILLBOOK_ORDERS={orders}");
    let mut table = Table::new();
    for batch in 0..orders.div_ceil(BATCH) {
        let count = BATCH.min(orders - batch * BATCH);
        run(seed, batch, count, &mut table);
    }
    print(&table);
    let count = |column: &str| -> u64 {
        let all = table.values().filter_map(|row| row.get(column)).sum::<usize>();
        u64::try_from(all).unwrap()
    };
    // An oracle that excuses everything would see nothing.
    let posted = count("exact") + count("tax_amount") + count("rounding_line");
    assert!(posted * 100 > orders * 75, "only {posted} were posted");
    assert!((count("out_of_reach") + count("unclear")) * 100 <= orders * 2, "too many were held");
    assert!(orders < 1_000 || count("spoilt") * 100 > orders, "too few were spoilt");
}

/// One to forty weights, some of them nothing.
fn weights() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(prop_oneof![4 => 0..9_999_999_999_i64, 1 => Just(0)], 1..40)
}

fn decimals(units: &[i64], digits: u32) -> Vec<Decimal> {
    units.iter().map(|unit| Decimal::new(*unit, digits)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// L9: an allocation neither makes nor loses a unit, no part is a unit off its share, and
    /// money owed is divided as money had.
    #[test]
    fn allocation_loses_nothing(
        units in -999_999_999_999_i64..999_999_999_999,
        weights in weights(),
        digits in 2_u32..=4,
    ) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let amount = Decimal::new(units, digits);
        let parts = allocate(amount, &decimals(&weights, 2), digits)?;
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().sum::<Decimal>(), amount);
        let all: i128 = weights.iter().copied().map(i128::from).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            let part = oracle::scaled(&part.to_string(), digits).unwrap();
            let share = i128::from(units) * i128::from(*weight);
            prop_assert!((part * all - share).abs() <= all, "{} for {} of {}", part, weight, all);
            prop_assert!(*weight > 0 || part == 0);
        }
        let owed = allocate(-amount, &decimals(&weights, 2), digits)?;
        prop_assert_eq!(owed, parts.iter().map(|part| -*part).collect::<Vec<_>>());
    }

    /// L9, the other way: parts that are known are found again from their sum.
    #[test]
    fn allocation_finds_parts_again(parts in weights(), digits in 2_u32..=4, negative: bool) {
        let known = decimals(&parts, digits);
        let amount: Decimal = known.iter().sum();
        prop_assume!(!amount.is_zero());
        let sign = if negative { -Decimal::ONE } else { Decimal::ONE };
        let found = allocate(amount * sign, &known, digits)?;
        prop_assert_eq!(found, known.iter().map(|part| *part * sign).collect::<Vec<_>>());
    }

    /// Without a weight, or with one that is too large, there is an error and no parts.
    #[test]
    fn allocation_refuses_what_it_cannot_divide(units: i64, count in 0_usize..9) {
        let nothing = vec![Decimal::ZERO; count];
        let refused = allocate(Decimal::new(units, 9), &nothing, 2);
        prop_assert_eq!(refused, Err(MoneyError::ZeroWeight));
        let large = [Decimal::MAX, Decimal::ONE];
        prop_assert_eq!(allocate(Decimal::ONE, &large, 2), Err(MoneyError::TooLarge));
        prop_assert_eq!(allocate(Decimal::MAX, &[Decimal::ONE], 2), Err(MoneyError::TooLarge));
    }
}

/// The generator is only worth something if it reckons as WooCommerce does.
#[test]
fn the_generator_reckons_as_woocommerce_does() {
    let Some(recordings) = real::recordings() else { return };
    let report = real::compare(&recordings);
    println!("{report:?}");
    assert_eq!(report.orders, 170);
    assert_eq!(report.lines, report.orders, "taxes of lines");
    assert_eq!(report.line_rounding, report.orders, "rounding of lines' taxes");
    // One classic order was added up in the session of its customer, from taxes not stored.
    assert!(report.totals >= 169, "totals");
    // One client placed its order before taxes were reckoned.
    assert!(report.negative_fees_alike >= 38, "negative fees");
}
