//! What Xero's limits and absences do to a server: nothing is lost, nothing is sent twice, and no
//! limit is overstepped.

use std::time::Duration;

use serde_json::json;
use tillbook::store::{Hint, JobState, ObjectKey};
use tillbook::time::Clock;
use tillbook_practice::fault::{Fault, FaultRule};
use tillbook_practice::shop::generate;
use tillbook_practice::xero::{PracticeXero, Preset};

use crate::station::Station;

/// Events while Xero is away, and how often some of them come.
const EVENTS: usize = 5_000;
const LOTS: usize = 48;
const ORDERS: usize = 1_000;
const DAY: Duration = Duration::from_hours(24);

async fn limited() -> Station {
    let xero = PracticeXero::builder().organisation(Preset::Gb).start().await.unwrap();
    Station::with(0, xero, 60).await
}

/// Lets rounds be made at their times until nothing waits; gives how long that took.
async fn settle(station: &Station) -> Duration {
    let begun = station.clock.now();
    for _ in 0..2_000 {
        let Some(round) = station.round().await else {
            let board = station.rounds.books.store.oldest_waiting(&station.organisation).await;
            if board.unwrap().is_none() {
                return station.clock.now().since(begun);
            }
            station.pass(Duration::from_secs(1));
            continue;
        };
        if !round.reason.is_empty() {
            station.pass(round.next.since(station.clock.now()));
        }
    }
    panic!("it never ends: {:?}", station.states().await);
}

fn refused_for_rate(station: &Station) -> usize {
    station.xero.calls().iter().filter(|call| call.status == 429).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_xero_is_made_up_for_by_itself() {
    let station = limited().await;
    station.round().await;
    station.xero.clear_log();
    station.xero.fault(FaultRule::next(Fault::Unavailable).times(u64::MAX));
    let orders = generate::orders(99, EVENTS, "GB-incl").unwrap();
    let store = &station.rounds.books.store;
    let mut sold = Vec::new();
    for lot in orders.chunks(EVENTS.div_ceil(LOTS)) {
        let mut hints = Vec::new();
        for case in lot {
            let id = station.take(case.order_dp6.clone());
            let key = ObjectKey::invoice(&station.shop.base_url, id);
            hints.push(Hint { source: String::from("webhook"), ..Hint::new(key, "") });
            sold.push(id);
        }
        store.hint(&station.organisation, &hints, station.clock.now()).await.unwrap();
        // Each comes twice.
        store.hint(&station.organisation, &hints, station.clock.now()).await.unwrap();
        station.pass(DAY / u32::try_from(LOTS).unwrap());
        station.round().await;
    }
    let tried = station.xero.calls().len();
    assert!(tried < 600, "{tried} calls at a Xero that is away");
    assert!(station.xero.invoices(station.xero.tenant()).is_empty());
    station.xero.clear_faults();
    let took = settle(&station).await;
    let made = station.xero.invoices(station.xero.tenant());
    println!(
        "{} invoices of {EVENTS} events after {took:?} and {} calls; {tried} calls while it was away",
        made.len(),
        station.xero.calls().len(),
    );
    assert_eq!(refused_for_rate(&station), 0, "calls beyond a limit");
    let states = station.states_count().await;
    assert_eq!(states.values().sum::<u64>(), EVENTS as u64, "{states:?}");
    assert!(made.len() >= EVENTS / 2, "{states:?}");
    // The order of events is the order of invoices.
    let numbers: Vec<u64> =
        made.iter().filter_map(|invoice| invoice.number.rsplit('-').next()?.parse().ok()).collect();
    assert_eq!(numbers.len(), made.len());
    assert!(numbers.is_sorted(), "invoices were made in another order");
    let mut once = numbers.clone();
    once.dedup();
    assert_eq!(once.len(), made.len(), "an invoice was made twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_paid_orders_take_one_minute_and_sixty_six_calls() {
    let station = limited().await;
    station.round().await;
    // The most that an order takes: a new contact, an invoice, a payment.
    station.set_settings(|settings| settings["contact"]["mode"] = json!("each")).await;
    // A server knows the chart already.
    station.next_round().await;
    let orders = generate::orders(5, ORDERS + 100, "GB-incl").unwrap();
    let charged = orders.into_iter().filter(|case| case.order["total"] != "0.00");
    for (number, case) in charged.take(ORDERS).enumerate() {
        let mut order = case.order_dp6;
        order["payment_method"] = json!("bacs");
        order["customer_id"] = json!(0);
        order["billing"]["email"] = json!(format!("buyer{number}@example.test"));
        order["billing"]["first_name"] = json!(format!("Buyer {number}"));
        station.take(order);
    }
    station.xero.clear_log();
    station.pass(Duration::from_mins(10));
    let took = settle(&station).await;
    let calls = station.xero.calls().len();
    let states = station.states_count().await;
    println!("1,000 paid orders: {took:?} of the limit's time, {calls} calls, {states:?}");
    let paid = station.invoices("PAID");
    // Each order and its customer.
    assert_eq!((states[&JobState::Done], paid), (2 * ORDERS as u64, ORDERS));
    assert_eq!(refused_for_rate(&station), 0);
    assert!(calls <= 66, "{calls} calls");
    assert!(took <= Duration::from_secs(75), "{took:?}");
}
