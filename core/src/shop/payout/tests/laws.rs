//! Whatever comes in, nothing panics, and each payout's entries add up to it.

use alloc::format;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

const SOURCES: [Source; 4] = [Source::Woopayments, Source::Stripe, Source::Paypal, Source::Csv];

/// Every field name that some reader looks at.
const NAMES: &[&str] = &[
    "id",
    "date",
    "type",
    "amount",
    "status",
    "currency",
    "created",
    "arrival_date",
    "payout",
    "transaction_id",
    "payment_id",
    "deposit_id",
    "deposit_currency",
    "fees",
    "net_amount",
    "net",
    "fee",
    "exchange_rate",
    "transaction_currency",
    "customer_amount",
    "order_id",
    "order",
    "source",
    "reporting_category",
    "metadata",
    "transaction_info",
    "transaction_event_code",
    "transaction_initiation_date",
    "transaction_status",
    "transaction_amount",
    "fee_amount",
    "currency_code",
    "value",
    "paypal_reference_id",
    "custom_field",
    "invoice_id",
    "payout_id",
    "payout_date",
    "payout_amount",
    "entry_id",
    "order_number",
    "sold_amount",
    "sold_currency",
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "12.345",
    "1e9",
    "1e400",
    "-0",
    "9999999999",
    "-9999999999",
    "99999999999999999999999999999999",
    "1795132800",
    "1795132800000",
    "9223372036854775807",
    "\"\"",
    "\"a\"",
    "\"b\"",
    "\"gbp\"",
    "\"JPY\"",
    "\"charge\"",
    "\"refund\"",
    "\"payout\"",
    "\"withdrawal\"",
    "\"S\"",
    "\"V\"",
    "\"T0400\"",
    "\"T1107\"",
    "\"T0006\"",
    "\"a:rest\"",
    "\"a:balance\"",
    "\"2026-11-22\"",
    "\"2026-11-22T01:02:03Z\"",
    "\"9999-12-31T23:59:59-12:00\"",
    "\"1900-01-01 00:00:00\"",
    "\"5.00\"",
    "\"\\ud800\"",
    "{\"id\":\"ch_1\"}",
    "{\"currency_code\":\"GBP\",\"value\":\"-12.30\"}",
    "\"{\\\"order_id\\\":[]}\"",
];

fn json() -> impl Strategy<Value = String> {
    let leaf = select(VALUES).prop_map(String::from);
    leaf.prop_recursive(3, 24, 6, |inner| {
        let field =
            (select(NAMES), inner.clone()).prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            vec(field, 0..8).prop_map(|fields| format!("{{{}}}", fields.join(","))),
            vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
        ]
    })
}

fn text(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![20 => value.prop_map(|value| format!("\"{value}\"")), 1 => json()]
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    text(select(words).prop_map(String::from))
}

fn minor() -> impl Strategy<Value = String> {
    prop_oneof![20 => (-100_000i64..100_000).prop_map(|amount| format!("{amount}")), 1 => json()]
}

fn major() -> impl Strategy<Value = String> {
    text((-100_000i64..100_000).prop_map(|amount| format!("{}", Decimal::new(amount, 2))))
}

/// A row that could be of any gateway, mostly well formed, with few ids, so that they meet.
fn row() -> impl Strategy<Value = String> {
    let ids = || one_of(&["a", "b", "c", "d", "e", "f", "g", "a:rest", "a:balance", "a:fee"]);
    let payouts = || one_of(&["a", "b", "c", ""]);
    let currency = || one_of(&["GBP", "GBP", "GBP", "EUR", "jpy", "KWD"]);
    let when = || {
        one_of(&[
            "2026-11-22T01:02:03Z",
            "2026-11-23 01:02:03",
            "2026-11-24T00:00:00",
            "1900-01-01T00:00:00",
        ])
    };
    let kind = one_of(&["charge", "refund", "fee", "dispute", "payout", "shoes", "withdrawal"]);
    let code = one_of(&["T0006", "T0400", "T0400", "T1107", "T2101", "T1300", "T9999"]);
    let status = one_of(&["S", "S", "S", "V", "P", "paid", "failed"]);
    let day = one_of(&["2026-11-22", "2026-11-23"]);
    let money = || {
        (major(), one_of(&["GBP", "GBP", "GBP", "EUR"]))
            .prop_map(|(value, code)| format!("{{\"currency_code\":{code},\"value\":{value}}}"))
    };
    let amounts = prop_oneof![(minor(), minor(), minor()), (major(), major(), major())];
    (ids(), payouts(), currency(), when(), kind, code, status, day, (money(), money()), amounts)
        .prop_map(|(id, payout, currency, when, kind, code, status, day, money, amounts)| {
            let (total, kept) = money;
            let (amount, fee, deposit) = amounts;
            format!(
                "{{\"id\":{id},\"transaction_id\":{id},\"entry_id\":{id},\"payout\":{payout},\
                 \"deposit_id\":{payout},\"payout_id\":{payout},\"currency\":{currency},\
                 \"deposit_currency\":{currency},\"date\":{when},\"created\":{when},\
                 \"arrival_date\":{when},\"transaction_initiation_date\":{when},\"type\":{kind},\
                 \"transaction_event_code\":{code},\"transaction_status\":{status},\
                 \"status\":{status},\"payout_date\":{day},\"transaction_amount\":{total},\
                 \"fee_amount\":{kept},\"amount\":{amount},\"fee\":{fee},\"fees\":{fee},\
                 \"payout_amount\":{deposit}}}"
            )
        })
}

fn check(payouts: &[String], entries: &[String]) -> Result<(), TestCaseError> {
    let (payouts, entries) =
        (format!("[{}]", payouts.join(",")), format!("[{}]", entries.join(",")));
    for source in SOURCES {
        let read = read_texts(source, &payouts, &entries, &new_york());
        adds_up(&read).map_err(TestCaseError::fail)?;
        let again = read_texts(source, &payouts, &entries, &new_york());
        prop_assert_eq!(read, again);
    }
    Ok(())
}

proptest! {
    #[test]
    fn payouts_add_up_whatever_json_comes(
        payouts in vec(json(), 0..6),
        entries in vec(json(), 0..12),
    ) {
        check(&payouts, &entries)?;
    }

    #[test]
    fn payouts_add_up_whatever_rows_come(
        payouts in vec(row(), 0..5),
        entries in vec(row(), 0..20),
    ) {
        check(&payouts, &entries)?;
    }

    #[test]
    fn no_row_goes_unsaid(entries in vec(row(), 0..20)) {
        let text = format!("[{}]", entries.join(","));
        let read = read_texts(Source::Stripe, "[]", &text, &new_york());
        for row in entries {
            // It refuses texts that we pass over.
            let Ok(row) = serde_json::from_str::<serde_json::Value>(&row) else { continue };
            let id = row["id"].as_str().filter(|id| !id.is_empty() && row["type"] != "payout");
            let Some(id) = id else { continue };
            let entered = read.entries.iter().any(|entry| entry.id == id);
            let said = read.findings.iter().any(|finding| finding.object.id == id);
            prop_assert!(entered || said, "{row}");
        }
    }
}
