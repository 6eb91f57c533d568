//! What every store must keep of what connects a shop and of what people ask for from its pages.

use std::time::Duration;

use tempfile::TempDir;
use tillbook::store::{
    Activity, Choice, ConsentRow, Hint, LogPlace, NOT_ON, ObjectKey, Priority, ShopRow, Store,
};
use tillbook::time::Timestamp;

const SHOP: &str = "https://shop.example";

/// A store of each engine that there is.
async fn stores() -> Vec<(Option<TempDir>, Store)> {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let mut stores = vec![(Some(folder), store)];
    if let Some(address) = crate::postgres::database() {
        stores.push((None, Store::connect(&address).await.unwrap()));
    }
    stores
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_ms(secs * 1_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_and_for_a_while() {
    for (_folder, store) in stores().await {
        let (first, second) =
            (store.add_pairing(at(0)).await.unwrap(), store.add_pairing(at(1)).await.unwrap());
        assert_ne!(first, second);
        assert_eq!(store.pairing("AAAA-AAAA", at(1)).await.unwrap(), None);
        let id = store.pairing(&first, at(1)).await.unwrap().unwrap();
        assert!(store.take_pairing(&id, at(1)).await.unwrap());
        assert!(!store.take_pairing(&id, at(1)).await.unwrap(), "once");
        assert_eq!(store.pairing(&first, at(1)).await.unwrap(), None);
        assert!(store.pairing(&second, at(900)).await.unwrap().is_some());
        assert_eq!(store.pairing(&second, at(901)).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_comes_back_once() {
    for (_folder, store) in stores().await {
        let id = ConsentRow::id_of("the state");
        let consent = ConsentRow {
            id: id.clone(),
            shop: String::from("main"),
            verifier: vec![1, 2],
            redirect_uri: String::from("https://host.example/xero/callback"),
            return_to: String::from("https://shop.example/"),
        };
        store.add_consent(&consent, at(0)).await.unwrap();
        assert!(store.take_consent("another state", at(1)).await.unwrap().is_none());
        let taken = store.take_consent("the state", at(1)).await.unwrap().unwrap();
        assert_eq!((taken.verifier, taken.shop.as_str()), (vec![1, 2], "main"));
        assert!(store.take_consent("the state", at(1)).await.unwrap().is_none());
        let choice = Choice { id: String::from("org-1"), name: String::from("Main Ltd") };
        store.keep_choices((&id, "main"), std::slice::from_ref(&choice)).await.unwrap();
        assert_eq!(store.choices("main").await.unwrap(), [choice]);
        assert!(store.choices("other").await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_replaced_only_where_nobody_was_quicker() {
    for (_folder, store) in stores().await {
        let place = ("org", SHOP);
        let first = store.replace_settings(place, "{}", None, at(0)).await.unwrap().unwrap();
        assert_eq!(store.replace_settings(place, "[]", None, at(0)).await.unwrap(), None);
        let second = store.replace_settings(place, "[1]", Some(&first), at(0)).await.unwrap();
        assert!(second.is_some());
        assert_eq!(store.replace_settings(place, "[2]", Some(&first), at(0)).await.unwrap(), None);
        assert_eq!(store.settings("org", SHOP).await.unwrap().unwrap().json, "[1]");
    }
}

fn shop() -> ShopRow {
    ShopRow {
        slug: String::from("main"),
        organisation: String::new(),
        url: SHOP.to_owned(),
        secrets: Vec::new(),
        activity: Activity::Paused,
        reason: NOT_ON.to_owned(),
        activated: at(0),
        switches: String::from("{}"),
        marks: String::from("{}"),
        added: at(0),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_gets_its_organisation_and_takes_along_what_was_said() {
    for (_folder, store) in stores().await {
        store.put_shop(&shop()).await.unwrap();
        // Never switched on, it can neither be paused nor resumed.
        assert!(!store.set_shop_activity("main", Activity::Active, "").await.unwrap());
        assert!(!store.set_shop_activity("main", Activity::Paused, "x").await.unwrap());
        let key = ObjectKey::invoice(SHOP, 7);
        let hint = Hint {
            key: key.clone(),
            mark: String::from("m"),
            priority: Priority::Now,
            source: String::from("a webhook"),
        };
        store.hint("", &[hint], at(1)).await.unwrap();
        store.exclude("", &key, ("a gift", "anna"), at(2)).await.unwrap();
        assert!(store.set_shop_organisation(&shop(), "org").await.unwrap());
        let row = store.shop("main").await.unwrap().unwrap();
        assert_eq!((row.organisation.as_str(), row.was_on()), ("org", false));
        assert_eq!(store.exclusions("org", SHOP).await.unwrap(), [(7, String::from("a gift"))]);
        assert_eq!(store.history("org", &key).await.unwrap().len(), 2);
        assert_eq!(store.job_count("", SHOP).await.unwrap(), 0);
        store.activate_shop("main", at(3)).await.unwrap();
        assert!(store.set_shop_activity("main", Activity::Paused, "x").await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_back_line_by_line() {
    for (_folder, store) in stores().await {
        for (order, second) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
            let key = ObjectKey::invoice(SHOP, order);
            store.exclude("org", &key, ("x", "anna"), at(second)).await.unwrap();
        }
        let mut place = Some(LogPlace { at: Timestamp::from_ms(i64::MAX), passed: 0 });
        let mut seen = Vec::new();
        while let Some(from) = place {
            let (entries, next) = store.log(("org", SHOP), from, 1).await.unwrap();
            seen.extend(entries.into_iter().map(|entry| entry.object_id));
            place = next;
        }
        assert_eq!(seen, ["4", "1", "2", "3"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_borrowed_organisation_keeps_its_next_round() {
    const MINUTE: Duration = Duration::from_mins(1);
    for (_folder, store) in stores().await {
        let lease = store.claim("org", "worker", at(0), MINUTE).await.unwrap().unwrap();
        assert!(store.borrow("org", "page", at(1), MINUTE).await.unwrap().is_none());
        store.release(&lease, at(600), "Xero: the day is used up").await.unwrap();
        let borrowed = store.borrow("org", "page", at(2), MINUTE).await.unwrap().unwrap();
        assert!(store.borrow("org", "another", at(3), MINUTE).await.unwrap().is_none());
        store.give_back(&borrowed).await.unwrap();
        let next = store.next_round("org").await.unwrap().unwrap();
        assert_eq!(next, (at(600), String::from("Xero: the day is used up")));
        assert!(store.claim("org", "worker", at(3), MINUTE).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_for_a_plan_is_kept_until_it_is_answered() {
    for (_folder, store) in stores().await {
        store.want_plan(("org", "main"), "abc", "anna", at(1)).await.unwrap();
        assert!(store.plans_wanted("org", "other").await.unwrap().is_empty());
        let wanted = store.plans_wanted("org", "main").await.unwrap();
        assert_eq!((wanted[0].plan.as_str(), wanted[0].failure.as_str()), ("abc", ""));
        store.plan_answered("org", "abc", Some("changed")).await.unwrap();
        assert_eq!(store.plans_wanted("org", "main").await.unwrap()[0].failure, "changed");
        store.want_plan(("org", "main"), "abc", "anna", at(2)).await.unwrap();
        assert_eq!(store.plans_wanted("org", "main").await.unwrap()[0].failure, "");
        store.plan_answered("org", "abc", None).await.unwrap();
        assert!(store.plans_wanted("org", "main").await.unwrap().is_empty());
    }
}
