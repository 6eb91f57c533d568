//! What a shop tells by itself.

use std::path::Path;
use tillbook::shop_client::webhook;
use tillbook::shop_client::webhook::Notice;
use tillbook_practice::shop::corpus;

/// The practice shop's signatures are checked by the client's own reading of `WordPress`.
#[tokio::test]
async fn webhooks_of_the_shop_are_believed_and_forged_ones_not() {
    let body = br#"{"id":45}"#;
    let signature = "C6n6N3pZsm1CBb0gW8wVtTqwMNrZ9uRYBgHrYB6iM6k=";
    assert!(webhook::verify("wrong", body, signature).is_err());
    for bad in ["", "not base64!", "AAAA"] {
        assert!(webhook::verify("secret", body, bad).is_err(), "{bad}");
    }
    let right = "wMJuF27ojrvExX7hbQ/EgNT28e3hRoyKY3Z2XxVDigA=";
    assert!(webhook::verify("a&b'c", body, right).is_ok());
    assert!(webhook::verify("a&amp;b&#039;c", body, right).is_ok());
    assert!(webhook::verify("a&amp;amp;b'c", body, right).is_err());
    assert!(webhook::verify("a&b'c", br#"{"id":46}"#, right).is_err());
}

#[test]
fn recorded_deliveries_are_read() {
    let mut read = 0;
    for (name, delivery) in corpus::deliveries() {
        check_delivery(name, &delivery.headers, &delivery.body);
        read += 1;
    }
    assert_eq!(read, 12);
    let Some(shared) = std::env::var_os("TILLBOOK_SHARED") else {
        println!("skipped: TILLBOOK_SHARED is not set, only the sample was read");
        return;
    };
    let folder = Path::new(&shared).join("fixtures/woocommerce/webhooks");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let delivery: corpus::Delivery =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        check_delivery(&path.display().to_string(), &delivery.headers, &delivery.body);
        read += 1;
    }
    assert!(read > 80, "{read}");
}

/// The recording's secret is not known: its signatures must be well formed and fit no other secret.
fn check_delivery(name: &str, headers: &[(String, String)], body: &str) {
    let header = |wanted: &str| {
        headers.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str())
    };
    let topic = header("X-WC-Webhook-Topic");
    let notice = Notice::read(topic, body.as_bytes());
    let Some(topic) = topic else {
        assert!(matches!(notice, Notice::Ping { .. }), "{name}: {notice:?}");
        assert!(header("X-WC-Webhook-Signature").is_none());
        return;
    };
    match notice {
        Notice::Object { resource, event, id } => {
            assert_eq!(format!("{resource}.{event}"), topic, "{name}");
            assert!(id > 0, "{name}");
        }
        Notice::Action { action, id } => {
            assert_eq!(format!("action.{action}"), topic, "{name}");
            assert!(id.is_some(), "{name}");
        }
        // Seven products were gone before their webhook went out.
        Notice::Error { code } => {
            assert_eq!(
                (topic, code.as_str()),
                ("product.created", "woocommerce_rest_product_invalid_id")
            );
        }
        other => panic!("{name}: {other:?}"),
    }
    let signature = header("X-WC-Webhook-Signature").unwrap();
    assert_eq!(signature.len(), 44, "{name}");
    assert!(webhook::verify("not the secret", body.as_bytes(), signature).is_err(), "{name}");
}

#[test]
fn errors_and_odd_bodies_are_no_objects() {
    let gone = br#"{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID."}"#;
    let read = |body: &[u8]| Notice::read(Some("order.updated"), body);
    let code = "woocommerce_rest_shop_order_invalid_id".to_owned();
    assert_eq!(read(gone), Notice::Error { code });
    assert_eq!(read(b"[]"), Notice::Unknown);
    assert_eq!(read(b"webhook_id=3"), Notice::Unknown);
    assert_eq!(Notice::read(None, b"webhook_id=3"), Notice::Ping { webhook_id: 3 });
    assert_eq!(Notice::read(None, b"a=b"), Notice::Unknown);
    let action = br#"{"action":"woocommerce_order_note_added","arg":[]}"#;
    let action = Notice::read(Some("action.woocommerce_order_note_added"), action);
    let name = "woocommerce_order_note_added".to_owned();
    assert_eq!(action, Notice::Action { action: name, id: None });
}
