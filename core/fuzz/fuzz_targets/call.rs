//! L10 and L1 for any bytes: nothing panics, and what is to be posted comes to what was charged.
//!
//! The first byte chooses the door: `m`, `p` and `c` send the rest as a request to `map`,
//! `propose_settings` and `check_settings`; a digit sends it as the order of one of the recorded
//! shops; `s` and `h` as the settings or the chart around a recorded order.
#![no_main]

#[path = "../../tests/laws/json.rs"]
#[expect(dead_code, reason = "the tests make requests with it too")]
mod json;
#[path = "../../tests/laws/oracle.rs"]
#[expect(dead_code, reason = "only totals are held against what is posted")]
mod oracle;

use std::sync::LazyLock;

use json::Json;
use libfuzzer_sys::fuzz_target;
use oracle::Rates;
use tillbook_core::call;

const SHOPS: [&str; 6] = [
    include_str!("../../tests/data/au-two-lines.json"),
    include_str!("../../tests/data/ca-compound-and-fees.json"),
    include_str!("../../tests/data/gb-coupon-and-fees.json"),
    include_str!("../../tests/data/gb-two-shipping-lines.json"),
    include_str!("../../tests/data/jp-without-decimals.json"),
    include_str!("../../tests/data/us-three-rates.json"),
];

/// What surrounds an order: text before and after it, and the shop's decimals.
struct Frame {
    shop: String,
    order: String,
    digits: u32,
}

struct Context {
    frames: Vec<Frame>,
    settings: String,
    chart: String,
    products: String,
    rates: Rates,
}

static CONTEXT: LazyLock<Context> = LazyLock::new(|| {
    let rest = Json::parse(include_str!("../../tests/data/request.json")).expect("JSON");
    let part = |name: &str| rest.get(name).expect("a part of the request").write();
    let frames = SHOPS.iter().map(|source| {
        let both = Json::parse(source).expect("JSON");
        let shop = both.get("shop").expect("a shop");
        let digits: u32 = shop.str_at("num_decimals").parse().expect("decimals");
        let order = both.get("order").expect("an order").write();
        Frame { shop: shop.write(), order, digits: digits.min(2) }
    });
    let chart = rest.get("chart").expect("a chart");
    let rates = oracle::rates(chart.get("tax_rates").expect("rates")).expect("decimals");
    Context {
        frames: frames.collect(),
        settings: part("settings"),
        chart: part("chart"),
        products: part("products"),
        rates,
    }
});

/// Currencies without a minor unit (ISO 4217).
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";

/// Calls the core and reads its reply.
fn knock(operation: &str, request: &str) -> Json {
    let reply = call(operation, request);
    let reply = Json::parse(&reply).unwrap_or_else(|error| panic!("{error}: {reply}"));
    assert!(reply.get("ok").is_some() != reply.get("error").is_some(), "{}", reply.write());
    reply
}

fn map(frame: &Frame, settings: &str, chart: &str, order: &str) -> Json {
    let request = format!(
        r#"{{"contract":1,"shop":{},"settings":{settings},"chart":{chart},"sales":[{{"order":{order}}}],"products":{}}}"#,
        frame.shop, CONTEXT.products
    );
    knock("map", &request)
}

/// Holds L1 against every outcome, and that a hold has an error.
fn check(reply: &Json, rates: Option<&Rates>, digits: u32) {
    let Some(ok) = reply.get("ok") else { return };
    for outcome in ok.list_at("sales") {
        let findings = outcome.list_at("findings");
        let errors = findings.iter().filter(|one| one.str_at("severity") == "error").count();
        let posts = outcome.str_at("outcome") == "post";
        assert_eq!(outcome.str_at("outcome") == "hold", errors > 0, "{}", outcome.write());
        assert_eq!(posts, outcome.get("document").is_some(), "{}", outcome.write());
        let (true, Some(rates)) = (posts, rates) else { continue };
        let body = outcome.get("document").map_or("", |document| document.str_at("body"));
        let body = Json::parse(body).expect("a body");
        let reckoned = oracle::reckon(&body, rates).expect("a body that Xero takes");
        let whole = WHOLE.contains(body.str_at("CurrencyCode"));
        let digits = if whole { 0 } else { digits };
        let charged = oracle::rounded(outcome.str_at("charged"), digits).expect("an amount");
        let total = charged * 10_i128.pow(2 - digits);
        assert_eq!(reckoned.total, total, "{}", outcome.write());
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((door, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let context = &*CONTEXT;
    let first = &context.frames[0];
    match door {
        b'0'..=b'5' => {
            let frame = &context.frames[usize::from(door - b'0')];
            let reply = map(frame, &context.settings, &context.chart, &text);
            check(&reply, Some(&context.rates), frame.digits);
        }
        b's' => {
            let reply = map(first, &text, &context.chart, &first.order);
            check(&reply, Some(&context.rates), first.digits);
        }
        b'h' => check(&map(first, &context.settings, &text, &first.order), None, first.digits),
        b'p' => check(&knock("propose_settings", &text), None, 2),
        b'c' => check(&knock("check_settings", &text), None, 2),
        _ => check(&knock("map", &text), None, 2),
    }
});
