//! A thousand orders that nobody has seen before: at most twenty calls, and none the second time.

use crate::world::{self, World};
use tillbook::store::OutcomeKind;
use tillbook_practice::shop::generate;
use tillbook_practice::xero::Unknowns;

#[tokio::test]
async fn a_thousand_orders_take_twenty_calls() {
    let cases = generate::orders(7, 1_000, world::BATCH).unwrap();
    let orders = cases.iter().map(|case| case.order_dp6.clone()).collect();
    let world = World::open(orders, Unknowns::default()).await;
    assert_eq!(world.sweep().await, 1_000);
    let (sum, _) = world.drain().await;
    println!("{sum:?} in {} calls that create invoices", world.writes());
    assert_eq!(sum.posted + sum.skipped + sum.held, 1_000);
    assert_eq!(sum.refused + sum.returned, 0);
    let outcomes = world.outcomes().await;
    for held in outcomes.iter().filter(|one| one.kind == OutcomeKind::Held) {
        println!("held {}: {:?}", held.key.object_id, held.findings);
    }
    assert!(sum.posted >= 700, "{sum:?}");
    assert!(world.writes() <= 20, "{} calls", world.writes());
    world.assert_each_once(sum.posted).await;
    let writes = world.writes();
    assert_eq!(world.sweep().await, 0);
    world.drain().await;
    assert_eq!(world.writes(), writes);
    // Nothing was refused for its rate on the way.
    assert!(world.xero.calls().iter().all(|call| call.status == 200));
}
