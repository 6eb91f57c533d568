//! L10: no input, however broken, panics; one broken order never changes another's document.
//!
//! Every field of recorded orders, of the settings, the chart and the lists is replaced by each
//! hostile value, doubled and removed; texts are cut and bytes are changed.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "hostile/broken.rs"]
mod broken;
#[path = "laws/json.rs"]
mod json;
#[path = "laws/oracle.rs"]
#[expect(dead_code, reason = "only totals are held against broken orders")]
mod oracle;
#[path = "laws/random.rs"]
#[expect(dead_code, reason = "the generator draws more than this test")]
mod random;
#[path = "hostile/request.rs"]
mod request;

use std::collections::BTreeMap;

use broken::{all_paths, broken, hostile, name_of, some_paths};
use json::{Json, number, object, text};
use random::Random;
use request::{
    NEIGHBOURS, Shop, between, check, knock, map_request, neighbours, part, refund, sale, shops,
    with,
};

/// Every kind of field, twice, broken in every way, between two orders that are whole.
#[test]
fn broken_orders_hold_up_no_other() {
    let values = hostile();
    let mut seen = BTreeMap::new();
    for shop in shops() {
        let whole = neighbours(&knock("map", &between(&shop, &[]), &|| "nothing".into()));
        for outcome in &whole {
            assert_eq!(outcome.str_at("outcome"), "post", "{}", outcome.write());
        }
        for path in some_paths(&shop.order, 2, &mut seen) {
            let orders: Vec<Json> = (1..)
                .zip(broken(&shop.order, &path, &values))
                .map(|(id, order)| if path == [0] { order } else { with(&order, "id", number(id)) })
                .collect();
            let request = between(&shop, &orders);
            let what = || format!("order {} at {path:?}", shop.order.str_at("id"));
            let reply = knock("map", &request, &what);
            let sales = reply
                .get("ok")
                .unwrap_or_else(|| panic!("{}: {}", what(), reply.write()))
                .list_at("sales");
            assert_eq!(sales.len(), orders.len() + 2);
            assert_eq!(neighbours(&reply), whole, "{}: a neighbour changed", what());
            for (outcome, order) in sales[1..].iter().zip(&orders) {
                let what = || format!("{}: {:.3000}", what(), order.write());
                check(outcome, &shop.rates, shop.digits, &what);
            }
        }
    }
}

/// Every field of a refund by line and of one by amount, broken in every way, between two orders
/// that are whole.
#[test]
fn broken_refunds_hold_up_no_other() {
    let values = hostile();
    let shop = shops().next().unwrap();
    let [first, last] = NEIGHBOURS.map(|id| sale(&with(&shop.order, "id", number(id))));
    let sold = &shop.order.list_at("line_items")[0];
    let meta = object([("key", text("_refunded_item_id")), ("value", text(sold.str_at("id")))]);
    let back = with(&line(7_001, "-1", "-1.00", "-0.10"), "meta_data", Json::List(vec![meta]));
    let refunds =
        Json::List(vec![refund(7_000, "1.10", vec![back]), refund(7_002, "2.20", vec![])]);
    let request = |middle: Vec<Json>| {
        let all = [first.clone()].into_iter().chain(middle).chain([last.clone()]).collect();
        let (settings, chart, products) = (part("settings"), part("chart"), part("products"));
        map_request(&shop.facts, &settings, &chart, &products, all).write()
    };
    let whole = neighbours(&knock("map", &request(vec![]), &|| "nothing".into()));
    for path in all_paths(&refunds) {
        let sales = (1..).zip(broken(&refunds, &path, &values)).map(|(id, refunds)| {
            with(&sale(&with(&shop.order, "id", number(id))), "refunds", refunds)
        });
        let what = || format!("refunds at {}", name_of(&refunds, &path));
        let reply = knock("map", &request(sales.collect()), &what);
        assert_eq!(neighbours(&reply), whole, "{}: a neighbour changed", what());
        for outcome in reply.get("ok").unwrap().list_at("sales") {
            assert_eq!(outcome.str_at("outcome"), "post", "{}", what());
            check(outcome, &shop.rates, shop.digits, &what);
        }
    }
}

/// Everything else that a request holds, each kind of field, broken in every way.
#[test]
fn broken_settings_charts_and_lists_never_panic() {
    let values = hostile();
    let shop = shops().nth(2).unwrap();
    let whole = object([
        ("shop", shop.facts.clone()),
        ("settings", part("settings")),
        ("chart", part("chart")),
        ("tax_rates", part("tax_rates")),
        ("gateways", part("gateways")),
        ("products", part("products")),
    ]);
    for path in some_paths(&whole, 1, &mut BTreeMap::new()) {
        for (index, broken) in broken(&whole, &path, &values).iter().enumerate() {
            let what = || format!("{path:?}, value {index}");
            let get = |name: &str| broken.get(name).cloned().unwrap_or(Json::Null);
            let [settings, chart, rates] = ["settings", "chart", "tax_rates"].map(get);
            if path[0] != 3 && path[0] != 4 {
                let sales = vec![sale(&shop.order)];
                let map = map_request(&get("shop"), &settings, &chart, &get("products"), sales);
                let reply = knock("map", &map.write(), &what);
                for outcome in reply.get("ok").map_or(&[][..], |ok| ok.list_at("sales")) {
                    let errors = outcome.list_at("findings").iter();
                    let errors = errors.filter(|one| one.str_at("severity") == "error").count();
                    assert_eq!(outcome.str_at("outcome") == "hold", errors > 0, "{}", what());
                }
            }
            if path[0] != 5 {
                let lists = [("chart", chart), ("tax_rates", rates), ("gateways", get("gateways"))];
                let [chart, rates, gateways] = lists;
                let contract = ("contract", number(1));
                if path[0] != 1 {
                    let propose = object([
                        contract.clone(),
                        ("shop", get("shop")),
                        chart.clone(),
                        rates.clone(),
                        gateways.clone(),
                    ]);
                    knock("propose_settings", &propose.write(), &what);
                }
                let check = object([contract, ("settings", settings), chart, rates, gateways]);
                knock("check_settings", &check.write(), &what);
            }
        }
    }
}

/// A text that ends too early is refused, wherever it ends.
#[test]
fn cut_requests_are_refused() {
    for shop in shops() {
        let request = between(&shop, &[]);
        for end in (0..request.len()).step_by(97).filter(|end| request.is_char_boundary(*end)) {
            for operation in ["map", "propose_settings", "check_settings"] {
                let what = || format!("{operation} cut at {end}");
                let reply = knock(operation, &request[..end], &what);
                let error = reply.get("error").map_or("", |error| error.str_at("code"));
                assert_eq!(error, "core.bad_request", "{}", what());
            }
        }
    }
}

/// One to four bytes changed, a digit for a digit more often than not.
fn mutate(request: &str, random: &mut Random) -> String {
    let mut bytes = request.as_bytes().to_vec();
    for _ in 0..random.between(1, 4) {
        let count = u64::try_from(bytes.len()).unwrap();
        let at = usize::try_from(random.below(count)).unwrap();
        match random.below(8) {
            0..=4 => {
                let digits = bytes.iter().enumerate().skip(at);
                let digit = digits.map(|(at, byte)| (at, *byte)).find(|one| one.1.is_ascii_digit());
                if let Some((at, _)) = digit {
                    bytes[at] = *random.pick(b"0123456789999-.eE");
                }
            }
            5 => bytes[at] = *random.pick(b"\"\\{}[]:, \n\x00\xffu"),
            6 => {
                bytes.remove(at);
            }
            _ => {
                let end = (at + 12).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Ten thousand requests with changed bytes; `TILLBOOK_SEED` repeats them.
#[test]
fn changed_bytes_never_panic() {
    let seed = std::env::var("TILLBOOK_SEED").map_or(20_261_122, |seed| seed.parse().unwrap());
    let all: Vec<Shop> = shops().collect();
    let requests: Vec<String> = all.iter().map(|shop| between(shop, &[])).collect();
    let mut answered = 0;
    for turn in 0..10_000 {
        let mut random = Random::new(seed, turn);
        let index = usize::try_from(random.below(6)).unwrap();
        let request = mutate(&requests[index], &mut random);
        let what = || format!("TILLBOOK_SEED={seed}, turn {turn}");
        let reply = knock("map", &request, &what);
        answered += u32::from(reply.get("ok").is_some());
    }
    println!("{answered} of 10000 were still requests");
    assert!(answered > 3_000, "only {answered} were still requests");
}

/// A line with these amounts and one rate.
fn line(id: u64, quantity: &str, total: &str, tax: &str) -> Json {
    object([
        ("id", number(id)),
        ("name", text("x")),
        ("quantity", text(quantity)),
        ("total", text(total)),
        ("total_tax", text(tax)),
        ("subtotal", text(total)),
        ("subtotal_tax", text(tax)),
        ("taxes", Json::List(vec![object([("id", number(4)), ("total", text(tax))])])),
    ])
}

/// Amounts at the bound in a thousand lines, and every extreme against every other.
#[test]
fn extremes_never_overflow() {
    const MOST: &str = "9999999999.99";
    let extremes = [
        "9999999999.99",
        "-9999999999.99",
        "0.000000000001",
        "-0.000000000001",
        "1e-9",
        "0",
        "1",
        "9999999999.123456789012",
    ];
    let shop = shops().nth(1).unwrap();
    let mut orders = Vec::new();
    let mut push = |order: Json| {
        let id = u64::try_from(orders.len()).unwrap() + 1;
        orders.push(with(&order, "id", number(id)));
    };
    let lines = |count: u64, quantity: &str, total: &str, tax: &str| {
        Json::List((1..=count).map(|id| line(id, quantity, total, tax)).collect())
    };
    for tax in [MOST, "-9999999999.99", "0.01"] {
        let order = with(&shop.order, "line_items", lines(997, "0.0001", MOST, tax));
        push(with(&order, "total", text(MOST)));
    }
    for quantity in extremes {
        for total in extremes {
            for tax in extremes {
                let order = with(&shop.order, "line_items", lines(3, quantity, total, tax));
                for field in ["total", "total_tax"] {
                    push(with(&order, field, text(MOST)));
                }
                let coupon = object([
                    ("code", text("x")),
                    ("discount", text(total)),
                    ("discount_type", text("smart_coupon")),
                ]);
                let fee = Json::List(vec![line(9, "1", "-9999999999.99", tax)]);
                let rate = |percent: &str, compound: bool| {
                    object([
                        ("rate_id", number(4)),
                        ("label", text("VAT")),
                        ("compound", Json::Bool(compound)),
                        ("rate_percent", text(percent)),
                        ("tax_total", text(MOST)),
                        ("shipping_tax_total", text(MOST)),
                    ])
                };
                let order = with(&order, "coupon_lines", Json::List(vec![coupon; 2]));
                let order = with(&order, "fee_lines", fee);
                push(with(&order, "tax_lines", Json::List(vec![rate(quantity, true)])));
                push(with(&order, "tax_lines", Json::List(vec![rate(quantity, false); 9])));
            }
        }
    }
    for mode in ["types", "line"] {
        for discounts in ["net", "lines"] {
            for batch in orders.chunks(64) {
                let mut settings = part("settings");
                for (group, field, value) in
                    [("tax", "mode", mode), ("lines", "discounts", discounts)]
                {
                    let changed = with(settings.get(group).unwrap(), field, text(value));
                    settings = with(&settings, group, changed);
                }
                let refunds = Json::List(vec![
                    refund(8_001, "0.01", vec![]),
                    refund(8_002, "9999999999", vec![line(8_003, "1", "-1", MOST)]),
                    refund(8_004, "9999999999", vec![]),
                ]);
                let sales = batch.iter().map(|one| with(&sale(one), "refunds", refunds.clone()));
                let sales = sales.collect();
                let products = part("products");
                let request =
                    map_request(&shop.facts, &settings, &part("chart"), &products, sales).write();
                let what = || format!("{mode}, {discounts}");
                let reply = knock("map", &request, &what);
                for outcome in reply.get("ok").unwrap().list_at("sales") {
                    check(outcome, &shop.rates, shop.digits, &what);
                }
            }
        }
    }
}

/// Of lines that cancel out next to nothing is left, by which a share would be divided.
#[test]
fn refunds_of_lines_that_cancel_out_never_overflow() {
    let shop = shops().next().unwrap();
    let rests = ["-9999999998.999999999999", "-9999999999", "-0.000000000001", "0.01"];
    let amounts = ["9999999999", "0.01", "1.00"];
    let mut sales = Vec::new();
    for rest in rests {
        for (net, tax) in [(rest, "0"), ("0", rest), ("9999999999", rest)] {
            let lines = vec![line(1, "1", "9999999999", "0"), line(2, "1", net, tax)];
            let order = with(&shop.order, "line_items", Json::List(lines));
            let order = with(&order, "total", text("1.00"));
            let order = with(&order, "shipping_lines", Json::List(vec![]));
            let order = with(&order, "fee_lines", Json::List(vec![]));
            let order = with(&order, "id", number(1_000 + sales.len() as u64));
            let refunds = (8_001..).zip(amounts).map(|(id, amount)| refund(id, amount, vec![]));
            sales.push(with(&sale(&order), "refunds", Json::List(refunds.collect())));
        }
    }
    let (settings, chart, products) = (part("settings"), part("chart"), part("products"));
    let request = map_request(&shop.facts, &settings, &chart, &products, sales).write();
    let what = || "lines that cancel out".to_string();
    let reply = knock("map", &request, &what);
    for outcome in reply.get("ok").unwrap().list_at("sales") {
        assert_eq!(outcome.list_at("refunds").len(), amounts.len(), "{}", what());
        check(outcome, &shop.rates, shop.digits, &what);
    }
}

/// Whatever our links and Xero's answers hold, planning and reading never panic, and nothing that
/// cannot be understood is a reason to take a document back.
#[test]
fn broken_links_and_answers_never_panic() {
    let values = hostile();
    let plan = include_str!("../../tests/corpus/0084-plan-edited-orders/request.json");
    let read = include_str!("../../tests/corpus/0094-read-an-answer-to-a-batch/request.json");
    for (operation, request, parts) in
        [("plan", plan, ["links", "ledger"]), ("read", read, ["call", "answer"])]
    {
        let whole = Json::parse(request).unwrap();
        for part in parts {
            let inner = whole.get(part).unwrap();
            for path in some_paths(inner, 2, &mut BTreeMap::new()) {
                for (index, broken) in broken(inner, &path, &values).into_iter().enumerate() {
                    let what = || format!("{part} {}, value {index}", name_of(inner, &path));
                    let reply = knock(operation, &with(&whole, part, broken).write(), &what);
                    for row in reply.get("ok").map_or(&[][..], |ok| ok.list_at("rows")) {
                        let owned =
                            ["5001", "5002"].contains(&row.get("object").unwrap().str_at("id"));
                        assert!(
                            !owned || row.str_at("fate") != "withdraw",
                            "{}: {}",
                            what(),
                            row.write()
                        );
                    }
                }
            }
        }
    }
}
