//! Answers that the practice Xero never gives: whole batches refused, pages instead of data,
//! calls that are still running.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::proxy::{self, Action};
use crate::world::{self, World, recorded};
use tillbook::store::OutcomeKind;
use tillbook_core::plan::LinkState;
use tillbook_practice::xero::{PracticeXero, Preset};

const REFUSED: &str = r#"{"ErrorNumber":10,"Type":"ValidationException","Message":"A validation exception occurred","Elements":[{"ValidationErrors":[{"Message":"Tax rate must be valid."}]}]}"#;

/// A world whose calls go through a proxy with this rule.
async fn world(
    count: usize,
    rule: impl Fn(&str, &str, &str) -> Action + Send + Sync + 'static,
) -> World {
    let xero =
        PracticeXero::builder().organisation(Preset::Gb).lift_minute_limit().start().await.unwrap();
    rustls::crypto::ring::default_provider().install_default().ok();
    let address = proxy::start(xero.base_url(), rule).await;
    let mut config = world::xero_config(&xero);
    config.api_url = format!("http://{address}/api.xro/2.0");
    config.calls_per_minute = 10_000;
    let world = World::with(recorded(count), xero, config).await;
    world.sweep().await;
    world
}

#[tokio::test]
async fn a_batch_that_is_refused_whole_is_halved_until_the_guilty_one_is_alone() {
    let guilty = recorded(8)[5]["number"].as_str().unwrap().to_owned();
    let mark = format!("{guilty}\"");
    let world = world(8, move |method, _, body| {
        if method == "PUT" && body.contains(&mark) {
            Action::Answer(400, REFUSED)
        } else {
            Action::Forward
        }
    })
    .await;
    let (sum, _) = world.drain().await;
    assert_eq!((sum.posted, sum.refused), (7, 1), "{sum:?}");
    world.assert_each_once(7).await;
    let outcomes = world.outcomes().await;
    let refused = outcomes.iter().find(|one| one.kind == OutcomeKind::Refused).unwrap();
    assert!(refused.findings.iter().any(|one| one.message.contains("Tax rate must be valid.")));
}

#[tokio::test]
async fn a_page_instead_of_an_answer_says_nothing_about_the_outcome() {
    for done in [true, false] {
        let count = AtomicUsize::new(0);
        let world = world(4, move |method, _, _| {
            let first = method == "PUT" && count.fetch_add(1, Ordering::Relaxed) == 0;
            match (first, done) {
                (true, true) => Action::ForwardThenAnswer(200, "<html>Welcome to the hotel</html>"),
                (true, false) => Action::Answer(200, "<html>Welcome to the hotel</html>"),
                _ => Action::Forward,
            }
        })
        .await;
        let (sum, _) = world.drain().await;
        assert_eq!(sum.posted, 4);
        world.assert_each_once(4).await;
        assert_eq!(world.writes(), 1);
    }
}

#[tokio::test]
async fn a_call_that_is_still_running_is_waited_for() {
    let count = AtomicUsize::new(0);
    let world = world(4, move |method, _, _| {
        match (method, count.fetch_add(usize::from(method == "PUT"), Ordering::Relaxed)) {
            ("PUT", 0..3) => Action::Answer(409, r#"{"Message":"is being processed"}"#),
            _ => Action::Forward,
        }
    })
    .await;
    let (_, reasons) = world.drain().await;
    assert!(reasons.iter().any(|reason| reason.contains("being processed")), "{reasons:?}");
    world.assert_each_once(4).await;
}

#[tokio::test]
async fn an_organisation_without_rights_keeps_its_queue() {
    let count = AtomicUsize::new(0);
    let world = world(4, move |method, _, _| {
        match (method, count.fetch_add(usize::from(method == "PUT"), Ordering::Relaxed)) {
            ("PUT", 0..2) => Action::Answer(403, r#"{"Detail":"AuthenticationUnsuccessful"}"#),
            _ => Action::Forward,
        }
    })
    .await;
    let (sum, reasons) = world.drain().await;
    assert!(reasons[0].contains("AuthenticationUnsuccessful"), "{reasons:?}");
    assert_eq!((sum.posted, sum.refused), (4, 0));
    world.assert_each_once(4).await;
}

#[tokio::test]
async fn another_total_in_xero_is_an_alarm() {
    let world = world(3, |method, _, _| match method {
        "PUT" => Action::ForwardAndEdit("\"Total\":", "\"Total\":1"),
        _ => Action::Forward,
    })
    .await;
    let (sum, _) = world.drain().await;
    assert_eq!(sum.posted, 3);
    for outcome in world.outcomes().await {
        assert!(outcome.findings.iter().any(|one| one.code == "ledger.total_differs"));
    }
    // Nothing is paid on what has another total.
    assert!(!world.xero.calls().iter().any(|call| call.path.ends_with("/Payments")));
    // It exists, so it is never sent again.
    assert_eq!(world.sweep().await, 0);
}

const BROKEN: &str = r#"{"Message":"An error occurred in Xero. Check the API Status page"}"#;

#[tokio::test]
async fn an_order_that_breaks_xero_is_held_alone() {
    let guilty = recorded(8)[5]["number"].as_str().unwrap().to_owned();
    let mark = format!("{guilty}\"");
    let world = world(8, move |method, _, body| {
        if method == "PUT" && body.contains(&mark) {
            Action::Answer(500, BROKEN)
        } else {
            Action::Forward
        }
    })
    .await;
    let (sum, _) = world.drain().await;
    assert_eq!((sum.posted, sum.held), (7, 1), "{sum:?} {:?}", world.outcomes().await);
    world.assert_each_once(7).await;
    let outcomes = world.outcomes().await;
    let held = outcomes.iter().find(|one| one.kind == OutcomeKind::Held).unwrap();
    assert_eq!(held.findings[0].code, "host.gave_up");
}

#[tokio::test]
async fn a_xero_that_breaks_on_every_call_is_given_up_in_the_end() {
    let world = world(3, |method, _, _| match method {
        "PUT" => Action::Answer(500, BROKEN),
        _ => Action::Forward,
    })
    .await;
    let (sum, reasons) = world.drain().await;
    assert_eq!(sum.held, 3, "{sum:?}");
    assert!(reasons.iter().all(|reason| !reason.is_empty()));
    assert!(reasons.len() < 60, "{}", reasons.len());
    assert_eq!(world.invoice_numbers().len(), 0);
}

/// A paid order of the gateway whose account is known.
fn by_bank(world: &World) {
    let mut orders = world.organisation.facts.orders.lock().unwrap();
    for order in orders.iter_mut() {
        order["payment_method"] = "bacs".into();
        order["date_paid"] = order["date_created"].clone();
    }
}

#[tokio::test]
async fn two_refused_payments_of_one_order_are_told_at_once() {
    let world = world(1, |method, path, _| {
        if method == "PUT" && path.contains("/Payments") {
            Action::Answer(400, REFUSED)
        } else {
            Action::Forward
        }
    })
    .await;
    by_bank(&world);
    world.organisation.facts.orders.lock().unwrap()[0]["meta_data"] = serde_json::json!([
        {"id": 1, "key": "_wc_deposits_deposit_paid", "value": "yes"},
        {"id": 2, "key": "_wc_deposits_deposit_amount", "value": "5.00"},
    ]);
    let (sum, _) = world.drain().await;
    assert_eq!((sum.refused, sum.held, sum.returned), (1, 0, 0), "{sum:?}");
    let outcome = world.outcomes().await.remove(0);
    assert!(outcome.findings.iter().any(|one| one.message.contains("Tax rate must be valid.")));
}

#[tokio::test]
async fn a_payment_that_xero_keeps_stays_ours() {
    let count = AtomicUsize::new(0);
    let mut world = world(1, move |method, path, _| {
        let unpays = method == "POST" && path.contains("/Payments/");
        if unpays && count.fetch_add(1, Ordering::Relaxed) == 0 {
            Action::Answer(400, REFUSED)
        } else {
            Action::Forward
        }
    })
    .await;
    by_bank(&world);
    let (sum, _) = world.drain().await;
    assert_eq!(sum.posted, 1, "{:?}", world.outcomes().await);
    // Another account: the payment has to be made anew.
    let accounts = &mut world.organisation.settings.payments.accounts;
    let before = accounts.get("bacs").cloned().unwrap();
    accounts
        .insert(String::from("bacs"), String::from(if before == "090" { "091" } else { "090" }));
    world.organisation.rules_sha256 = String::from("other");
    world.sweep().await;
    let (sum, _) = world.drain().await;
    assert_eq!(sum.refused, 1, "{:?}", world.outcomes().await);
    // The reason is cured: now it goes through, and nothing is left over.
    world.sweep().await;
    let (sum, _) = world.drain().await;
    assert_eq!(sum.posted, 1, "{:?}", world.outcomes().await);
    world.sweep().await;
    let (sum, _) = world.drain().await;
    assert_eq!((sum.posted, sum.refused, sum.held), (0, 0, 0));
    world.assert_each_once(1).await;
}

#[tokio::test]
async fn an_order_that_is_gone_for_good_is_taken_back() {
    let world = world(3, |_, _, _| Action::Forward).await;
    world.drain().await;
    world.organisation.facts.orders.lock().unwrap().remove(1);
    assert_eq!(world.sweep().await, 1);
    world.drain().await;
    let live = world.links().await.into_iter().filter(|link| link.state == LinkState::Live);
    assert_eq!(live.count(), 2);
    assert_eq!(world.sweep().await, 0, "and then it is done");
}
