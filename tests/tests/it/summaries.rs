//! Every recorded order with its refunds, dealt over gateways and days, through payouts read over
//! HTTP, summaries and a practice Xero; what the ledger then says is read back over HTTP and
//! reckoned from the shop and the gateways alone, without the core.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use tillbook::{
    bookkeeper::{Applied, PlanError, Scope, Summaries, SummaryScope},
    daemon::stop_signal,
    payout_client::PayoutClient,
    shop_client::{Credentials, ShopClient},
};
use tillbook_core::{
    plan::{Fate, LinkState},
    settings::{Settings, summary::ModeFrom},
    xero::document::DocumentKind,
};
use tillbook_practice::{
    fault::{Fault, FaultRule},
    gateways::{Gateway, Gateways, minor_digits},
    shop::{PracticeShop, corpus},
    xero::Unknowns,
};

use crate::{desk::Desk, ledger::Ledger, regimes::decimal};

/// Statuses whose orders have been paid when they have a day of payment (ACCOUNTING section 1).
const PAID: [&str; 3] = ["processing", "completed", "refunded"];

const PAYERS: [(&str, &str); 3] =
    [("woopayments", "woocommerce_payments"), ("stripe", "stripe"), ("paypal", "ppcp-gateway")];

/// A batch, dealt, with everything open.
struct Stage<'a> {
    ledger: &'a Ledger,
    desk: Desk,
    dealt: Gateways,
    scope: SummaryScope,
}

/// The first account of a kind, for whoever wants one.
async fn account(ledger: &Ledger, desk: &Desk, kinds: &[&str]) -> String {
    let accounts = ledger.get(desk.tenant, "Accounts").await;
    let fits = |one: &&Value| {
        kinds.contains(&one["Type"].as_str().unwrap())
            && one["Status"] == "ACTIVE"
            && one.get("SystemAccount").is_none_or(|system| system == "")
    };
    let found = accounts["Accounts"].as_array().unwrap().iter().find(fits);
    found.map_or_else(
        || panic!("no {kinds:?}: {accounts}"),
        |one| one["Code"].as_str().unwrap().to_owned(),
    )
}

impl<'a> Stage<'a> {
    async fn open(ledger: &'a Ledger, batch: &str, seed: u64) -> Self {
        let cases: Vec<corpus::Case> = corpus::orders(batch).into_iter().cloned().collect();
        let dealt = Gateways::deal(seed, cases);
        let mut desk = Desk::open(ledger, batch).await;
        let expense = account(ledger, &desk, &["EXPENSE", "OVERHEADS"]).await;
        let asset = account(ledger, &desk, &["CURRLIAB", "CURRENT", "LIABILITY"]).await;
        let payouts: Vec<Value> = PAYERS
            .iter()
            .map(|(source, method)| json!({"source": source, "methods": [method]}))
            .collect();
        desk.organisation.settings.summary = serde_json::from_value::<Settings>(json!({
            "summary": {
                "modes": [{"from": "", "mode": "summary"}],
                "payouts": payouts,
                "accounts": {
                    "reserves": asset, "chargebacks": expense, "adjustments": expense,
                    "transfers": asset, "unmatched": asset,
                },
            }
        }))
        .unwrap()
        .summary;
        for case in &dealt.cases {
            desk.put(&case.order_dp6, &case.refunds_dp6);
        }
        let last = dealt.closed_at.date_naive().checked_add_days(Days::new(14)).unwrap();
        let first = first_day(&dealt);
        let scope = SummaryScope {
            from: first.to_string(),
            to: last.to_string(),
            ..SummaryScope::default()
        };
        let stage = Self { ledger, desk, dealt, scope };
        stage.read_payouts((first, last)).await;
        stage
    }

    /// Reads the payouts of all three gateways over HTTP.
    async fn read_payouts(&self, (from, to): (NaiveDate, NaiveDate)) {
        let shop = PracticeShop::builder().gateways(self.dealt.clone()).start().await.unwrap();
        let key = Credentials::ConsumerKey {
            key: shop.consumer_key.clone(),
            secret: shop.consumer_secret.clone(),
        };
        let client = ShopClient::new(&shop.base_url, key).unwrap();
        let (stripe, paypal) = (shop.stripe.as_ref().unwrap(), shop.paypal.as_ref().unwrap());
        let stripe = tillbook::config::StripeConfig {
            url: stripe.base_url.clone(),
            secret_key: tillbook::config::Secret::new(&stripe.secret_key),
        };
        let paypal = tillbook::config::PaypalConfig {
            url: paypal.base_url.clone(),
            client_id: paypal.client_id.clone(),
            client_secret: tillbook::config::Secret::new(&paypal.client_secret),
        };
        for client in [
            PayoutClient::woopayments(&client),
            PayoutClient::stripe(&stripe).unwrap(),
            PayoutClient::paypal(&paypal).unwrap(),
        ] {
            let raw = client.read(from, to).await.unwrap();
            let said = (raw.payouts.as_slice(), raw.entries.as_slice());
            let (_, _, findings) = self
                .desk
                .bookkeeper
                .keep_payouts(&self.desk.organisation, raw.source, said, (from, to))
                .await
                .unwrap();
            assert_eq!(findings, [], "{:?}", raw.source);
        }
    }

    async fn summarise(&self) -> Summaries {
        self.desk.bookkeeper.summarise(&self.desk.organisation, &self.scope).await.unwrap()
    }

    async fn send(&self, summaries: &Summaries) -> Applied {
        let (_switch, stop) = stop_signal();
        let books = &self.desk.bookkeeper;
        books.send(&self.desk.organisation, &summaries.plan, &stop, |_| ()).await.unwrap()
    }

    /// What Xero has under this shop's numbers of summaries; credit notes below zero.
    async fn documents(&self) -> BTreeMap<String, (Decimal, String)> {
        let prefix = format!("{}SUM-", self.desk.organisation.settings.invoice.prefix);
        let mut found = BTreeMap::new();
        for (collection, number, sign) in
            [("Invoices", "InvoiceNumber", 1), ("CreditNotes", "CreditNoteNumber", -1)]
        {
            let path = format!("{collection}?page=1&pageSize=1000");
            let answer = self.ledger.get(self.desk.tenant, &path).await;
            for one in answer[collection].as_array().unwrap() {
                let number = one[number].as_str().unwrap();
                let Some(name) = number.strip_prefix(&prefix) else { continue };
                // Nobody has seen whether Xero takes what comes to nothing for paid.
                let nothing = decimal(&one["Total"]).is_zero();
                let paid = nothing && one["Status"] == "PAID";
                assert!(paid || one["Status"] == "AUTHORISED", "{number}: {one}");
                assert_eq!(one["Contact"]["Name"], "WooCommerce sales", "{number}");
                let total = decimal(&one["Total"]) * Decimal::from(sign);
                let currency = one["CurrencyCode"].as_str().unwrap().to_owned();
                found.insert(name.to_owned(), (total, currency));
            }
        }
        found
    }
}

fn first_day(dealt: &Gateways) -> NaiveDate {
    let paid = dealt.cases.iter().filter_map(|case| case.order["date_paid"].as_str());
    let day = |moment: &str| moment.get(..10).unwrap().parse().unwrap();
    paid.map(day).min().unwrap()
}

fn cents(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits.min(2), RoundingStrategy::MidpointAwayFromZero)
}

/// What each method took on each day, by its document's name: orders less refunds.
fn takings(stage: &Stage<'_>) -> BTreeMap<(String, String), Decimal> {
    let mut takings: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    for case in &stage.dealt.cases {
        let order = &case.order_dp6;
        let method = order["payment_method"].as_str().unwrap();
        let paid = order["date_paid"].as_str();
        let status = order["status"].as_str().unwrap();
        let total = decimal(&order["total"]);
        if !PAID.contains(&status) || (paid.is_none() && !total.is_zero()) {
            continue;
        }
        if PAYERS.iter().any(|(_, payer)| *payer == method) && !total.is_zero() {
            continue;
        }
        let currency = order["currency"].as_str().unwrap().to_owned();
        let digits = if currency == "JPY" { 0 } else { case.store.num_decimals.min(2) };
        let name = if method.is_empty() { "free" } else { method };
        let suffix =
            if currency == case.store.currency { String::new() } else { format!("-{currency}") };
        let mut add = |moment: &str, amount: Decimal| {
            let key = format!("{}-{name}{suffix}", moment.get(..10).unwrap());
            *takings.entry((key, currency.clone())).or_default() += amount;
        };
        let day = paid.unwrap_or(order["date_created"].as_str().unwrap());
        add(day, cents(total, digits));
        let mut left = cents(total, digits);
        for refund in &case.refunds_dp6 {
            let amount = cents(decimal(&refund["amount"]), digits).min(left);
            left -= amount;
            if !amount.is_zero() {
                add(refund["date_created"].as_str().unwrap(), -amount);
            }
        }
    }
    takings
}

/// What each payout brought to the bank, by its document's name.
fn deposits(stage: &Stage<'_>) -> BTreeMap<String, (Decimal, String)> {
    let mut deposits = BTreeMap::new();
    for account in &stage.dealt.accounts {
        let digits = minor_digits(&account.currency);
        for payout in account.payouts.iter().filter(|payout| payout.paid) {
            // At PayPal a withdrawal of nothing leaves no row, and what is less comes from the bank:
            // a transfer, which is an entry of the next payout.
            if account.gateway == Gateway::PayPal && payout.amount <= 0 {
                continue;
            }
            let amount = cents(Decimal::new(payout.amount, digits), digits);
            deposits.insert(payout.id.clone(), (amount, account.currency.clone()));
        }
    }
    deposits
}

fn of_payout<'a>(name: &str, ids: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    ids.into_iter().find(|id| name == *id || name.starts_with(&format!("{id}-20")))
}

async fn check(stage: &Stage<'_>, sum: &mut BTreeMap<String, usize>) {
    let documents = stage.documents().await;
    let (takings, deposits) = (takings(stage), deposits(stage));
    let batch = &stage.desk.organisation.settings.invoice.prefix;
    let mut paid_out: BTreeMap<&String, Decimal> = BTreeMap::new();
    let mut by_currency: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
    let mut days = BTreeSet::new();
    for (name, (total, currency)) in &documents {
        by_currency.entry(currency.clone()).or_default().0 += total;
        if let Some(id) = of_payout(name, deposits.keys()) {
            *paid_out.entry(id).or_default() += total;
            continue;
        }
        let key = (name.clone(), currency.clone());
        let taken = takings.get(&key);
        assert_eq!(Some(total), taken, "{batch}: the daily document {name} and what was taken");
        days.insert(key);
    }
    for (id, (deposit, currency)) in &deposits {
        assert_eq!(paid_out.get(id), Some(deposit), "{batch}: payout {id} {currency} (L5)");
        by_currency.entry(currency.clone()).or_default().1 += deposit;
    }
    for (key, taken) in &takings {
        assert!(days.contains(key), "{batch}: {key:?} took {taken}, and no document has it");
        by_currency.entry(key.1.clone()).or_default().1 += taken;
    }
    for (currency, (posted, expected)) in by_currency {
        assert_eq!(posted, expected, "{batch} {currency}");
    }
    *sum.entry("daily documents".into()).or_default() += days.len();
    *sum.entry("payouts".into()).or_default() += deposits.len();
    *sum.entry("documents of payouts".into()).or_default() += documents.len() - days.len();
}

/// Each line is the sum of its orders, refunds and entries, and each of these is in one place.
async fn check_lines(stage: &Stage<'_>, sum: &mut BTreeMap<String, usize>) {
    let (organisation, store) = (&stage.desk.organisation, &stage.desk.bookkeeper.store);
    let links = store.summary_links(&organisation.id, &organisation.shop_url).await.unwrap();
    let mut seen = BTreeSet::new();
    let (mut orders, mut refunds) = (BTreeSet::new(), BTreeSet::new());
    for link in &links {
        let path = format!(
            "{}/{}",
            if link.document.as_str() == "invoice" { "Invoices" } else { "CreditNotes" },
            link.xero_id
        );
        let sign = Decimal::from(if link.document.as_str() == "invoice" { 1 } else { -1 });
        let answer = stage.ledger.get(stage.desk.tenant, &path).await;
        let collection = path.split('/').next().unwrap();
        let in_xero = answer[collection][0]["LineItems"].as_array().unwrap().clone();
        let named = store
            .summaries_numbered(&organisation.id, &organisation.shop_url, &link.number)
            .await
            .unwrap();
        let summary = named.into_iter().find(|one| one.sha256 == link.sha256).unwrap();
        assert_eq!(in_xero.len(), summary.lines.len(), "{}", link.number);
        for (line, (_, summed)) in in_xero.iter().zip(&summary.lines) {
            let behind = summary
                .members
                .iter()
                .filter(|member| member.adjusts == summed.adjusts)
                .flat_map(|member| &member.shares)
                .filter(|share| share.line == summed.line);
            let behind: Decimal = behind.map(|share| share.gross.0).sum();
            let rest = decimal(&line["LineAmount"]) * sign - behind;
            // What a deposit with three decimals and its rounded entries differ by.
            let finer = line["Description"] == "Rounding" && summary.currency == "BHD";
            let bound = Decimal::new(i64::from(finer), 2);
            let bound = bound * Decimal::from(summary.members.len());
            assert!(rest.abs() <= bound, "{}: {behind} is not {line}", link.number);
            *sum.entry("lines".into()).or_default() += 1;
        }
        for member in &summary.members {
            let key = (member.object.kind.clone(), member.object.id.clone());
            assert!(seen.insert(key.clone()), "{key:?} is in two documents (L6)");
            let stands =
                if member.object.kind == "entry" { &member.stands_for } else { &member.object };
            match stands.kind.as_str() {
                "order" => assert!(orders.insert(stands.id.clone()), "{stands:?}"),
                "refund" => assert!(refunds.insert(stands.id.clone()), "{stands:?}"),
                _ => {}
            }
        }
    }
    *sum.entry("orders in summaries".into()).or_default() += orders.len();
    *sum.entry("refunds in summaries".into()).or_default() += refunds.len();
}

#[tokio::test]
async fn every_real_order_and_refund_is_summed_up_to_the_deposits_and_the_takings() {
    for (name, unknowns) in [("as documented", Unknowns::default()), ("strict", Unknowns::strict())]
    {
        let ledger = Ledger::start(unknowns).await;
        let mut sum: BTreeMap<String, usize> = BTreeMap::new();
        for (seed, batch) in (1..).zip(corpus::batches()) {
            let stage = Stage::open(&ledger, batch, seed).await;
            let summaries = stage.summarise().await;
            for view in &summaries.documents {
                assert_eq!(view.fate, Fate::Create, "{batch} {}: {:?}", view.key, view.findings);
            }
            let applied = stage.send(&summaries).await;
            assert_eq!(
                (applied.refused, applied.passed),
                (0, 0),
                "{batch}: {:?}",
                applied.findings
            );
            check(&stage, &mut sum).await;
            check_lines(&stage, &mut sum).await;
            *sum.entry("orders".into()).or_default() += stage.dealt.cases.len();
            for waiting in &summaries.waiting {
                *sum.entry(format!("{} waits: {}", waiting.object.kind, waiting.reason))
                    .or_default() += 1;
            }
            let again = stage.summarise().await;
            assert!(again.plan.is_empty(), "{batch}: {:?}", again.documents);
        }
        println!("Xero {name}: {sum:#?}");
        assert_eq!(sum["orders"], 170);
        println!("{} calls against OpenAPI", ledger.check_against_openapi());
        ledger.xero.shutdown().await;
    }
}

/// An answer that is lost after Xero has done its work: the documents are found again, and their
/// members with them.
#[tokio::test]
async fn a_lost_answer_is_found_and_no_summary_is_made_twice() {
    for nth in [1, 2] {
        let ledger = Ledger::start(Unknowns::default()).await;
        let stage = Stage::open(&ledger, "GB-incl", 3).await;
        let fault = Fault::ServerError { committed: true };
        ledger.xero.fault(FaultRule::next(fault).method("PUT").path("/api.xro/2.0").nth(nth));
        let (_switch, stop) = stop_signal();
        let (books, organisation) = (&stage.desk.bookkeeper, &stage.desk.organisation);
        let first = stage.summarise().await;
        let lost = books.send(organisation, &first.plan, &stop, |_| ()).await;
        assert!(matches!(lost, Err(PlanError::Lost)), "{nth}: {lost:?}");
        let mut found = 0;
        loop {
            let again = stage.summarise().await;
            found += again.plan.rows().filter(|row| row.fate == Fate::Adopt).count();
            if again.plan.is_empty() {
                break;
            }
            let applied = stage.send(&again).await;
            assert_eq!((applied.refused, applied.passed), (0, 0), "{:?}", applied.findings);
        }
        assert!(found > 0, "{nth}: no document was found again");
        let mut sum = BTreeMap::new();
        check(&stage, &mut sum).await;
        check_lines(&stage, &mut sum).await;
        println!("call {nth} lost: {found} documents found again, {sum:?}");
        ledger.xero.shutdown().await;
    }
}

/// Orders individually, then summaries from a day on, then individually again, by other rules: each
/// order is in one place, and none moves.
#[tokio::test]
async fn a_switch_of_modes_puts_no_order_in_both_and_none_in_neither() {
    let ledger = Ledger::start(Unknowns::default()).await;
    let mut stage = Stage::open(&ledger, "AU-incl", 5).await;
    let mut made: Vec<String> = stage
        .dealt
        .cases
        .iter()
        .map(|case| case.order["date_created"].as_str().unwrap().get(..10).unwrap().to_owned())
        .collect();
    made.sort();
    let middle = made[made.len() / 2].clone();
    let modes = |rows: Value| -> Vec<ModeFrom> {
        let settings = json!({"summary": {"modes": rows}});
        serde_json::from_value::<Settings>(settings).unwrap().summary.modes
    };
    let switched = json!([{"from": middle, "mode": "summary"}]);
    let back = json!([{"from": "", "mode": "individual"}]);
    let mut seen: Vec<(BTreeSet<u64>, BTreeSet<u64>)> = Vec::new();
    for rows in [switched, back] {
        stage.desk.organisation.settings.summary.modes = modes(rows);
        let rules = &mut stage.desk.organisation.settings.summary.individually;
        rules.gateways = vec!["cod".into()];
        for _ in 0..2 {
            stage.desk.sync(&Scope::default()).await;
            let summaries = stage.summarise().await;
            stage.send(&summaries).await;
        }
        let (id, shop) = (&stage.desk.organisation.id, &stage.desk.organisation.shop_url);
        let store = &stage.desk.bookkeeper.store;
        let own = store.core_links(id, shop).await.unwrap();
        let own = own
            .iter()
            .filter(|link| link.state == LinkState::Live && link.document == DocumentKind::Invoice);
        let own: BTreeSet<u64> = own.map(|link| link.order_id).collect();
        let summed = store.summarised_orders(id, shop).await.unwrap();
        let summed: BTreeSet<u64> = summed.iter().map(|order| order.order_id).collect();
        assert_eq!(own.intersection(&summed).count(), 0, "{own:?} {summed:?}");
        seen.push((own, summed));
    }
    let [(own, summed), (later, still)] = seen.as_slice() else { panic!("two modes") };
    assert!(!own.is_empty() && !summed.is_empty(), "{own:?} {summed:?}");
    assert_eq!(summed, still, "what was summed up stays summed up");
    assert!(own.is_subset(later), "what has an invoice keeps it");
    for case in &stage.dealt.cases {
        let status = case.order["status"].as_str().unwrap();
        let paid = PAID.contains(&status) && case.order["date_paid"].is_string();
        assert!(!paid || later.contains(&case.id) || still.contains(&case.id), "{}", case.id);
    }
    println!("{} individually, {} in summaries, then {}", own.len(), summed.len(), later.len());
    ledger.xero.shutdown().await;
}
