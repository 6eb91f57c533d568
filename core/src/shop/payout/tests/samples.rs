//! Realistic samples, with the keys that each gateway uses.

use super::*;

const DEPOSITS: &str = r#"[
    {"id":"po_1","date":1795132800000,"type":"deposit","amount":14530,"status":"paid",
     "bankAccount":"BANK •••• 3000 (GBP)","currency":"gbp","automatic":true,"fee":0,
     "fee_percentage":0,"created":1795132800},
    {"id":"po_2","date":1795219200000,"type":"withdrawal","amount":2000,"status":"in_transit",
     "currency":"gbp","automatic":true,"fee":0,"fee_percentage":0,"created":1795219200}
]"#;

#[test]
fn woopayments_report_of_transactions() {
    let entries = r#"[
        {"date":"2026-11-17 03:00:00","transaction_id":"txn_1","payment_id":"pi_1",
         "channel":"online","payment_method":{"type":"card"},"type":"charge",
         "transaction_currency":"gbp","amount":12000,"exchange_rate":1,"deposit_currency":"gbp",
         "fees":368,"customer":{"name":"A","email":"a@example.com","country":"GB"},
         "net_amount":11632,"order_id":45,"risk_level":0,"deposit_date":"2026-11-20",
         "deposit_id":"po_1","deposit_status":"paid"},
        {"date":"2026-11-17 15:00:00","transaction_id":"txn_2","payment_id":"pi_2",
         "type":"charge","transaction_currency":"jpy","amount":5000,"exchange_rate":0.5123,
         "deposit_currency":"gbp","fees":602,"net_amount":4398,"order_id":46,
         "deposit_id":"po_1"},
        {"date":"2026-11-18 15:00:00","transaction_id":"txn_3","payment_id":"pi_1",
         "type":"refund","transaction_currency":"gbp","amount":-1500,"deposit_currency":"gbp",
         "fees":0,"net_amount":-1500,"order_id":45,"deposit_id":"po_1"},
        {"date":"2026-11-19 15:00:00","transaction_id":"txn_4","payment_id":"pi_1",
         "type":"dispute","amount":-1200,"deposit_currency":"gbp","fees":800,
         "net_amount":-2000,"order_id":45,"deposit_id":"po_2"},
        {"date":"2026-11-20 15:00:00","transaction_id":"txn_5","payment_id":"pi_5",
         "type":"charge","amount":100,"deposit_currency":"gbp","fees":0,"net_amount":100,
         "order_id":47,"deposit_id":null}
    ]"#;
    let read = read_texts(Source::Woopayments, DEPOSITS, entries, &new_york());
    assert_eq!(read.findings, []);
    adds_up(&read).unwrap();
    let amounts: Vec<Decimal> = read.payouts.iter().map(|payout| payout.amount).collect();
    assert_eq!(amounts, [decimal("145.30"), decimal("-20")]);
    assert_eq!(read.payouts[0].date, date("2026-11-20"), "midnight UTC is a day, not a moment");
    assert_eq!(read.payouts[1].state, PayoutState::Coming);
    let charge = entry(&read, "txn_1");
    assert_eq!(charge.date, date("2026-11-16"), "three at night in UTC is the day before");
    assert_eq!((charge.amount, charge.fee), (decimal("120"), decimal("3.68")));
    assert_eq!(charge.keys, ["pi_1", "txn_1", "order:45"]);
    assert_eq!(charge.sold, None);
    let yen = Currency::parse("JPY").unwrap();
    assert_eq!(entry(&read, "txn_2").sold, Some((decimal("9760"), yen)));
    let refund = entry(&read, "txn_3");
    assert_eq!((refund.kind, refund.net()), (EntryKind::Refund, decimal("-15")));
    assert_eq!(refund.keys, ["pi_1", "order:45"]);
    assert_eq!(refund.refund_keys, ["txn_3"]);
    assert_eq!(entry(&read, "txn_4").fee, decimal("8"));
    assert_eq!(entry(&read, "txn_5").payout, "");
}

#[test]
fn woopayments_raw_transactions() {
    let entries = r#"[
        {"transaction_id":"txn_1","date":"2026-11-17 15:00:00","type":"charge","source":"visa",
         "charge_id":"ch_1","payment_intent_id":"pi_1","order_id":45,
         "order":{"number":"1045","url":"https://example.com"},"amount":14530,"fees":0,
         "net":14530,"currency":"gbp","customer_amount":19000,"customer_currency":"usd",
         "deposit_id":"po_1"},
        {"transaction_id":"txn_2","date":"2026-11-17 15:00:00","type":"charge","amount":1000,
         "fees":0,"net":-1000,"currency":"gbp","metadata":{"charge_type":"card_reader_fee"},
         "deposit_id":"po_2"},
        {"transaction_id":"txn_3","date":"2026-11-17 15:00:00","type":"loan_of_shoes",
         "amount":-1000,"fees":0,"net":-1000,"currency":"gbp","deposit_id":"po_2"}
    ]"#;
    let read = read_texts(Source::Woopayments, DEPOSITS, entries, &Zone::utc());
    assert_eq!(codes(&read), ["payout.kind_unknown"]);
    let charge = entry(&read, "txn_1");
    assert_eq!(charge.keys, ["ch_1", "pi_1", "txn_1", "order:45", "number:1045"]);
    assert_eq!(charge.sold, Some((decimal("190"), Currency::parse("USD").unwrap())));
    assert_eq!(entry(&read, "txn_2").kind, EntryKind::Fee);
    assert_eq!(entry(&read, "txn_2").amount, decimal("-10"), "the net says which way it went");
    assert_eq!(entry(&read, "txn_3").kind, EntryKind::Adjustment);
}

const STRIPE_PAYOUTS: &str = r#"[
    {"id":"po_1","object":"payout","amount":8530,"arrival_date":1795132800,"automatic":true,
     "created":1794960000,"currency":"eur","status":"paid","type":"bank_account"},
    {"id":"po_2","object":"payout","amount":5000,"arrival_date":1795219200,"automatic":false,
     "created":1795219000,"currency":"eur","status":"failed","type":"bank_account"}
]"#;

#[test]
fn stripe_balance_transactions() {
    let entries = r#"[
        {"id":"txn_0","amount":-8530,"fee":0,"net":-8530,"currency":"eur","created":1794960000,
         "type":"payout","reporting_category":"payout","source":"po_1","payout":"po_1"},
        {"id":"txn_1","amount":10000,"fee":320,"net":9680,"currency":"eur","created":1794700000,
         "exchange_rate":0.9,"description":"Order 1045","type":"charge",
         "reporting_category":"charge","payout":"po_1","source":{"id":"ch_1","object":"charge",
         "amount":11111,"currency":"usd","payment_intent":"pi_1",
         "metadata":{"order_id":"1045"}}},
        {"id":"txn_2","amount":-1000,"fee":0,"net":-1000,"currency":"eur","created":1794700001,
         "type":"refund","reporting_category":"refund","payout":"po_1","source":{"id":"re_1",
         "object":"refund","amount":1111,"currency":"usd","charge":{"id":"ch_1",
         "metadata":{"order_id":"1045"}},"payment_intent":"pi_1"}},
        {"id":"txn_3","amount":-150,"fee":0,"net":-150,"currency":"eur","created":1794700002,
         "type":"adjustment","reporting_category":"dispute","payout":"po_1","source":"dp_1"}
    ]"#;
    let read = read_texts(Source::Stripe, STRIPE_PAYOUTS, entries, &Zone::utc());
    adds_up(&read).unwrap();
    assert_eq!(codes(&read), ["payout.rest"]);
    assert_eq!(entry(&read, "po_2:rest").amount, decimal("50"), "made by hand, so without rows");
    assert_eq!(read.payouts[1].state, PayoutState::Failed);
    let charge = entry(&read, "txn_1");
    assert_eq!(charge.keys, ["ch_1", "pi_1", "number:1045"]);
    assert_eq!(charge.sold, Some((decimal("111.11"), Currency::parse("USD").unwrap())));
    let refund = entry(&read, "txn_2");
    assert_eq!(refund.keys, ["ch_1", "pi_1", "number:1045"]);
    assert_eq!(refund.refund_keys, ["re_1"]);
    assert_eq!(refund.sold.unwrap().0, decimal("-11.11"));
    assert_eq!(entry(&read, "txn_3").kind, EntryKind::Dispute);
}

#[test]
fn minor_units_are_those_of_stripe() {
    for (currency, amount) in [
        ("jpy", "8530"),
        ("mga", "8530"),
        ("kwd", "8.53"),
        ("isk", "85.3"),
        ("ugx", "85.3"),
        ("huf", "85.3"),
        ("twd", "85.3"),
        ("eur", "85.3"),
    ] {
        let payouts = STRIPE_PAYOUTS.replace("eur", currency);
        let read = read_texts(Source::Stripe, &payouts, "[]", &Zone::utc());
        assert_eq!(read.payouts[0].amount, decimal(amount), "{currency}");
    }
}

#[test]
fn what_cannot_be_read_is_said_and_stops_no_neighbour() {
    let entries = r#"[
        7,
        {"id":"txn_1","amount":"lots","fee":0,"net":1,"currency":"eur","created":1794700000,
         "type":"charge","payout":"po_1"},
        {"id":"txn_2","amount":1000,"fee":0,"net":1000,"currency":"usd","created":1794700000,
         "type":"charge","payout":"po_1"},
        {"id":"txn_3","amount":8000,"fee":0,"net":8000,"currency":"eur","created":1794700000,
         "type":"charge","payout":"po_1"},
        {"id":"txn_3","amount":8000,"fee":0,"net":8000,"currency":"eur","created":1794700000,
         "type":"charge","payout":"po_1"},
        {"id":"","amount":5,"net":5,"currency":"eur","created":"soon","type":"charge"}
    ]"#;
    let payouts = STRIPE_PAYOUTS.replace("po_2", "po_1");
    let read = read_texts(Source::Stripe, &payouts, entries, &Zone::utc());
    adds_up(&read).unwrap();
    let unreadable = "payout.row_unreadable";
    assert_eq!(
        codes(&read),
        [
            "payout.duplicate",
            unreadable,
            unreadable,
            "payout.duplicate",
            unreadable,
            unreadable,
            unreadable,
            "payout.rest",
        ]
    );
    assert_eq!(
        read.findings[2].message,
        "`amount` is `lots`; expected an amount in minor units such as `1230`"
    );
    assert_eq!(read.findings[2].object.id, "txn_1");
    assert_eq!(
        read.findings[7].message,
        "the deposit is 85.30 EUR, but its rows come to 80.00 EUR; the difference of 5.30 EUR \
         has an entry of its own"
    );
}

fn paypal(id: &str, code: &str, time: &str, amount: &str, fee: &str, more: &str) -> String {
    let fee = if fee.is_empty() {
        String::new()
    } else {
        alloc::format!(r#","fee_amount":{{"currency_code":"GBP","value":"{fee}"}}"#)
    };
    alloc::format!(
        r#"{{"transaction_info":{{"transaction_id":"{id}","transaction_event_code":"{code}",
        "transaction_initiation_date":"2026-11-{time}:00+0000","transaction_status":"S",
        "transaction_amount":{{"currency_code":"GBP","value":"{amount}"}}{fee}{more}}},
        "payer_info":{{}}}}"#
    )
}

#[test]
fn paypal_withdrawals_are_the_payouts() {
    let of_45 = r#","invoice_id":"WC-1045","custom_field":"45""#;
    let back = r#","paypal_reference_id":"8AB","paypal_reference_id_type":"TXN""#;
    let standard = r#","custom_field":"{\"order_id\":47,\"order_key\":\"wc_order_x\"}""#;
    let denied = r#","transaction_status":"D""#;
    let reversed = r#","transaction_status":"V""#;
    let entries = [
        paypal("W2", "T0400", "19T10:00", "-50.00", "-0.40", ""),
        paypal("W1", "T0400", "17T10:00", "-90.00", "", ""),
        paypal("8AB", "T0006", "16T10:00", "100.00", "-3.20", of_45),
        paypal("9CD", "T1107", "18T10:00", "-20.00", "0.30", back),
        paypal("7EF", "T0000", "17T10:00", "10.00", "-0.50", standard),
        paypal("H1", "T2101", "18T11:00", "-5.00", "", ""),
        paypal("A1", "T1300", "18T11:00", "500.00", "", ""),
        paypal("D1", "T0006", "18T11:00", "500.00", "", denied),
        paypal("V1", "T0006", "18T12:00", "30.00", "", reversed),
        paypal("V2", "T0006", "18T12:00", "31.00", "", reversed),
        paypal("R1", "T1106", "18T13:00", "-30.00", "", r#","paypal_reference_id":"V1""#),
        paypal("X1", "T9900", "18T13:00", "1.00", "", ""),
        paypal("B1", "T1101", "20T13:00", "50.00", "", ""),
    ];
    let entries = alloc::format!("[{}]", entries.join(","));
    let read = read_texts(Source::Paypal, "[]", &entries, &Zone::utc());
    adds_up(&read).unwrap();
    assert_eq!(codes(&read), ["payout.kind_unknown"]);
    let payouts: Vec<_> = read.payouts.iter().map(|one| (&*one.id, one.amount)).collect();
    assert_eq!(payouts, [("W1", decimal("90")), ("W2", decimal("50"))]);
    let charge = entry(&read, "8AB");
    assert_eq!((charge.fee, &*charge.payout), (decimal("3.20"), "W1"));
    assert_eq!(charge.keys, ["8AB", "order:45", "number:WC-1045", "number:1045"]);
    assert_eq!(entry(&read, "7EF").keys, ["7EF", "order:47"]);
    assert_eq!(entry(&read, "7EF").payout, "W1", "at one moment the withdrawal comes last");
    let refund = entry(&read, "9CD");
    assert_eq!((&refund.keys, &refund.refund_keys), (&vec_of("8AB"), &vec_of("9CD")));
    assert_eq!(refund.net(), decimal("-19.70"));
    let kept = entry(&read, "W1:balance");
    assert_eq!((kept.kind, kept.amount), (EntryKind::Reserve, decimal("-16.30")));
    assert_eq!(entry(&read, "W2:fee").amount, decimal("-0.40"));
    assert_eq!(entry(&read, "W2:balance").amount, decimal("74.10"));
    assert_eq!(entry(&read, "B1").kind, EntryKind::Transfer);
    assert_eq!(entry(&read, "B1").payout, "");
    for left_out in ["A1", "D1", "V2", "W1"] {
        assert!(!read.entries.iter().any(|entry| entry.id == left_out), "{left_out}");
    }
}

fn vec_of(text: &str) -> Vec<String> {
    Vec::from([text.into()])
}

#[test]
fn rows_of_a_file() {
    let entries = r##"[
        {"row":"2","payout_id":"P1","payout_date":"2026-11-20","payout_amount":"98.00",
         "currency":"AUD","entry_id":"1","type":"charge","date":"2026-11-18","amount":"110.00",
         "fee":"2.00","net":"108.00","order_number":"#1045","transaction_id":"tx_1",
         "refund_id":"","description":"Card","sold_amount":"70.00","sold_currency":"USD"},
        {"row":"3","payout_id":"P1","payout_date":"","payout_amount":"","currency":"AUD",
         "entry_id":"2","type":"refund","date":"2026-11-19T23:00:00","amount":"-10.00","fee":"",
         "net":"","order_number":"1045","transaction_id":"tx_1","refund_id":"rf_1",
         "description":""},
        {"row":"4","payout_id":"P2","payout_date":"2026-11-21","currency":"AUD","entry_id":"3",
         "type":"fee","date":"2026-11-19","amount":"-5.00"},
        {"payout_id":"","currency":"AUD","entry_id":"4","type":"charge","date":"2026-11-22",
         "amount":"1.00"}
    ]"##;
    let sydney = Zone::new(11 * 3_600, Vec::new());
    let read = read_texts(Source::Csv, "[]", entries, &sydney);
    assert_eq!(read.findings, []);
    adds_up(&read).unwrap();
    let payouts: Vec<_> = read.payouts.iter().map(|one| (&*one.id, one.amount)).collect();
    assert_eq!(payouts, [("P1", decimal("98")), ("P2", decimal("-5"))]);
    let charge = entry(&read, "1");
    assert_eq!(charge.keys, ["tx_1", "number:1045"]);
    assert_eq!(charge.at, Moment::parse("2026-11-17T13:00:00Z").unwrap());
    assert_eq!(charge.sold, Some((decimal("70"), Currency::parse("USD").unwrap())));
    let refund = entry(&read, "2");
    assert_eq!((refund.date, &refund.refund_keys), (date("2026-11-20"), &vec_of("rf_1")));
}

#[test]
fn errors_of_a_file_say_row_column_found_and_expected() {
    let first = r#"{"row":"2","payout_id":"P1","payout_date":"2026-11-20","payout_amount":"9",
        "currency":"GBP","entry_id":"1","type":"charge","date":"2026-11-18","amount":"9"}"#;
    for (from, to, message) in [
        (
            r#""amount":"9""#,
            r#""amount":"1,20""#,
            "row 3, `amount` is `1,20`; expected an amount such as `12.30`, below 10,000,000,000",
        ),
        (r#""amount":"9""#, r#""amount":"""#, "row 3, `amount` is missing; expected an amount"),
        (
            r#""amount":"9""#,
            r#""amount":"9","fee":"1","net":"9""#,
            "row 3, `net` is `9`; expected amount less fee, 8.00",
        ),
        (
            "charge",
            "gift",
            "row 3, `type` is `gift`; expected one of charge, refund, fee, adjustment, dispute, \
             reserve, transfer",
        ),
        (
            "2026-11-18",
            "18.11.2026",
            "row 3, `date` is `18.11.2026`; expected a day such as `2026-11-22`",
        ),
        ("GBP", "EUR", "row 3, `currency` is `EUR`; expected `GBP` as in the payout's first row"),
        (
            "2026-11-20",
            "2026-11-21",
            "row 3, `payout_date` is `2026-11-21`; expected `2026-11-20` as in the payout's \
             first row",
        ),
        (
            r#""payout_amount":"9""#,
            r#""payout_amount":"8""#,
            "row 3, `payout_amount` is `8`; expected `9.00` as in the payout's first row",
        ),
    ] {
        let second = first.replace(r#""row":"2""#, r#""row":"3""#);
        let second = second.replace(r#""entry_id":"1""#, r#""entry_id":"2""#).replace(from, to);
        let entries = alloc::format!("[{first},{second}]");
        let read = read_texts(Source::Csv, "[]", &entries, &Zone::utc());
        assert_eq!(codes(&read), ["payout.row_unreadable"], "{to}");
        assert_eq!(read.findings[0].message, message);
        assert_eq!(read.entries.len(), 1);
    }
}

#[test]
fn a_payout_whose_amount_nothing_says_is_unreadable() {
    let row = r#"{"payout_id":"P1","payout_date":"2026-11-20","currency":"GBP","entry_id":"1",
        "type":"charge","date":"2026-11-18","amount":"x"}"#;
    let read = read_texts(Source::Csv, "[]", &alloc::format!("[{row}]"), &Zone::utc());
    assert_eq!(codes(&read), ["payout.row_unreadable", "payout.unreadable"]);
    assert_eq!(read.payouts, []);
}

#[test]
fn paypal_withdraws_each_currency_for_itself() {
    let entries = [
        paypal("W1", "T0400", "17T10:00", "-10.00", "", ""),
        paypal("C1", "T0006", "16T10:00", "10.00", "", ""),
        paypal("C2", "T0006", "16T11:00", "20.00", "", "").replace("GBP", "EUR"),
    ];
    let entries = alloc::format!("[{}]", entries.join(","));
    let read = read_texts(Source::Paypal, "[]", &entries, &Zone::utc());
    assert_eq!(read.findings, []);
    assert_eq!((&*entry(&read, "C1").payout, &*entry(&read, "C2").payout), ("W1", ""));
    assert_eq!(read.entries.len(), 2, "the whole balance was withdrawn");
}

#[test]
fn a_deposit_that_is_beyond_all_amounts_from_its_rows_is_unreadable() {
    let payouts = STRIPE_PAYOUTS.replace("8530", "-999999999900");
    let entries = r#"[{"id":"txn_1","amount":999999999900,"fee":0,"net":999999999900,
        "currency":"eur","created":1794700000,"type":"charge","payout":"po_1"}]"#;
    let read = read_texts(Source::Stripe, &payouts, entries, &Zone::utc());
    assert_eq!(codes(&read), ["payout.unreadable", "payout.rest"]);
    assert_eq!(read.payouts.len(), 1);
    assert_eq!(read.payouts[0].id, "po_2");
}

#[test]
fn an_entry_that_bears_the_name_of_one_made_here_keeps_it() {
    let entries = r#"[{"id":"po_1:rest","amount":8000,"fee":0,"net":8000,"currency":"eur",
        "created":1794700000,"type":"charge","payout":"po_1"}]"#;
    let read = read_texts(Source::Stripe, STRIPE_PAYOUTS, entries, &Zone::utc());
    adds_up(&read).unwrap();
    assert_eq!(entry(&read, "po_1:rest").amount, decimal("80"));
    assert_eq!(entry(&read, "po_1:rest+").amount, decimal("5.30"));
}
