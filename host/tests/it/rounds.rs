//! A server's rounds over a real shop and a practice Xero, over HTTP.

use std::time::Duration;

use serde_json::json;
use tillbook::daemon::stop_signal;
use tillbook::store::{Activity, JobState, ObjectKey};
use tillbook::time::Clock;

use crate::station::Station;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_is_left_and_what_comes_is_sent() {
    let station = Station::open(5).await;
    let round = station.round().await.unwrap();
    assert_eq!((round.settled, round.reason.as_str()), (0, ""), "{round:?}");
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 0);
    assert_eq!(station.round().await, None, "it rests");
    // No webhook names it; the sweep does.
    let order = station.sell(41);
    let round = station.next_round().await;
    assert_eq!(round.settled, 1, "{round:?} {:?}", station.states().await);
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 1);
    assert_eq!(station.states().await, [(order.to_string(), JobState::Done)]);
    let round = station.next_round().await;
    assert_eq!(round.settled, 0, "what is done by the same mark is passed over");
    // A person sends one of those from before.
    let old = station.shop.order_ids()[0];
    let key = ObjectKey::invoice(&station.shop.base_url, old);
    let store = &station.rounds.books.store;
    store.push(&station.organisation, &key, "anna", station.clock.now()).await.unwrap();
    let round = station.round().await.unwrap();
    assert_eq!(round.settled, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_no_trace_is_found_by_comparing_ids() {
    find_what_leaves_no_trace(Station::open(0).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_found_where_the_shop_cannot_list_all_refunds() {
    find_what_leaves_no_trace(Station::open_old().await).await;
}

async fn find_what_leaves_no_trace(station: Station) {
    let (first, second) = (station.sell(51), station.sell(52));
    station.next_round().await;
    assert_eq!(station.states().await.len(), 2);
    let refund = json!({"amount": "1.00", "reason": "late", "api_refund": false});
    let refund = station.shop.add_refund(first, &refund).unwrap();
    station.next_round().await;
    let credits = |status: &str| {
        let all = station.xero.credit_notes(station.xero.tenant());
        all.iter().filter(|note| format!("{:?}", note.status).to_uppercase() == status).count()
    };
    assert_eq!(credits("PAID"), 1);
    station.shop.delete_refund(refund).unwrap();
    station.shop.delete_order(second).unwrap();
    station.next_round().await;
    assert_eq!((credits("PAID"), station.invoices("VOIDED")), (1, 0), "no date has changed");
    station.pass(DAY);
    station.round().await.unwrap();
    assert_eq!((credits("VOIDED"), station.invoices("VOIDED")), (1, 1));
    // A trashed order needs no comparison.
    let third = station.sell(53);
    station.next_round().await;
    station.shop.trash_order(third).unwrap();
    station.next_round().await;
    assert_eq!(station.invoices("VOIDED"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_was_down_for_a_week_catches_up() {
    let station = Station::open(0).await;
    station.next_round().await;
    station.shop.fail_next(std::iter::repeat_n(
        tillbook_practice::shop::Fault::Status { status: 503, retry_after_secs: Some(3_600) },
        40,
    ));
    let round = station.next_round().await;
    assert!(round.reason.contains("shop"), "{round:?}");
    assert!(round.next > station.clock.now());
    for seed in 61..=66 {
        station.sell(seed);
        station.pass(DAY);
    }
    // It answers again.
    let mut settled = 0;
    for _ in 0..60 {
        settled += station.next_round().await.settled;
        if settled == 6 {
            break;
        }
        station.pass(DAY / 12);
    }
    assert_eq!(settled, 6, "{:?}", station.states().await);
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_or_excluded_waits() {
    let station = Station::open(0).await;
    let store = &station.rounds.books.store;
    store
        .set_organisation_activity(&station.organisation, Activity::Paused, "stocktaking")
        .await
        .unwrap();
    let order = station.sell(71);
    station.pass(DAY);
    assert_eq!(station.round().await, None);
    let resumed = store.set_organisation_activity(&station.organisation, Activity::Active, "");
    assert!(resumed.await.unwrap());
    let key = ObjectKey::invoice(&station.shop.base_url, order);
    let why = ("a test", "anna");
    store.exclude(&station.organisation, &key, why, station.clock.now()).await.unwrap();
    station.round().await.unwrap();
    assert_eq!(station.states().await, [(order.to_string(), JobState::Excluded)]);
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 0);
    store.include(&station.organisation, &key, "anna", station.clock.now()).await.unwrap();
    station.round().await.unwrap();
    assert_eq!(station.states().await, [(order.to_string(), JobState::Done)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_round_gives_the_organisation_back() {
    let station = Station::open(0).await;
    station.sell(81);
    let (switch, stop) = stop_signal();
    switch.send(true).unwrap();
    let round = station.rounds.round(&stop).await.unwrap().unwrap();
    assert_eq!(round.settled, 0);
    assert!(round.next <= station.clock.now());
    assert_eq!(station.round().await.unwrap().settled, 1);
}
