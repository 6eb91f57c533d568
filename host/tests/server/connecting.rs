//! From a shop that is connected to one that is switched on.

use serde_json::{Value, json};
use tillbook::config::Secret;
use tillbook_practice::xero::{PracticeXero, Preset};
use url::Url;

use crate::plant::Plant;

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_is_connected_set_up_and_switched_on() {
    let plant = Plant::open(3).await;
    let plug = plant.pair().await;
    let status = plug.get("status").await;
    assert_eq!(status["xero"]["state"], "none", "{status}");
    assert_eq!(
        (&status["active_since"], &status["settings"]["state"]),
        (&Value::Null, &json!("none"))
    );
    let context = plug.get("context").await;
    assert_eq!((&context["chart"], &context["settings"]), (&Value::Null, &Value::Null));
    assert_eq!(context["shop"]["currency"], "GBP");
    // Nothing can be switched on yet, by no way.
    let (code, answer) = plug.post("activate", json!({})).await;
    assert_eq!(code, 409, "{answer}");
    assert_eq!(answer["missing"], json!(["xero", "settings"]), "{answer}");
    assert_eq!(plug.post("pause", json!({"reason": "x"})).await.0, 200);
    let (code, answer) = plug.post("resume", json!({})).await;
    assert_eq!((code, &answer["error"]["code"]), (409, &json!("not_ready")), "{answer}");
    let (code, answer) = plug.save(&json!({}), &Value::Null).await;
    assert_eq!((code, &answer["error"]["code"]), (409, &json!("not_connected")), "{answer}");
    // Xero.
    let wrong = json!({"client_id": plant.xero.client_id(), "client_secret": "hunter2"});
    let (code, answer) = plug.post("xero/custom", wrong).await;
    assert_eq!((code, &answer["error"]["code"]), (422, &json!("xero_refused")), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("invalid_client"), "{answer}");
    let connected = plug.connect().await;
    let status = plug.get("status").await;
    assert_eq!(status["xero"]["state"], "connected", "{status}");
    assert_eq!(status["xero"]["organisation"], connected["organisation"]);
    assert_eq!(status["xero"]["missing_scopes"], json!([]), "{status}");
    // Settings: proposed, refused, saved, changed meanwhile.
    let mut settings = plug.propose().await;
    let good = settings.clone();
    settings["accounts"]["sales"] = json!("99999");
    let (code, refused) = plug.save(&settings, &Value::Null).await;
    assert_eq!((code, &refused["error"]["code"]), (422, &json!("settings_refused")), "{refused}");
    assert!(!refused["findings"].as_array().unwrap().is_empty(), "{refused}");
    let (code, refused) = plug.save(&json!({"moon": 1}), &Value::Null).await;
    assert_eq!((code, &refused["findings"]), (422, &json!([])), "{refused}");
    let (code, saved) = plug.save(&good, &Value::Null).await;
    assert_eq!(code, 200, "{saved}");
    let (code, answer) = plug.save(&good, &Value::Null).await;
    assert_eq!((code, &answer["error"]["code"]), (409, &json!("changed_meanwhile")), "{answer}");
    let context = plug.get("context").await;
    assert_eq!(context["settings_sha256"], saved["sha256"]);
    assert_eq!(context["settings"], good);
    let (code, _) = plug.save(&good, &saved["sha256"]).await;
    assert_eq!(code, 200);
    // Nothing was sent, and nothing is until it is switched on.
    assert_eq!(plug.post("resume", json!({})).await.0, 409);
    plant.round().await;
    assert_eq!(plant.xero.invoices(plant.xero.tenant()).len(), 0);
    let (code, status) = plug.post("activate", json!({})).await;
    assert_eq!((code, &status["state"]), (200, &json!("active")), "{status}");
    assert!(status["active_since"].is_string(), "{status}");
    // A page of the shop itself, of another one, and no app for it.
    let own = json!({"return_to": format!("{}/wp-admin/", plant.shop.base_url)});
    let (code, answer) = plug.post("xero/consent", own).await;
    assert_eq!((code, &answer["error"]["code"]), (409, &json!("no_app")), "{answer}");
}

/// Goes where Xero sends a person; gives where that ends.
async fn walk(plant: &Plant, address: &str) -> Url {
    let answer = plant.client.get(address).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with("http://localhost:") && back.contains("/xero/callback?"), "{back}");
    let back = back.replace("http://localhost:", "http://127.0.0.1:");
    let answer = plant.client.get(&back).send().await.unwrap();
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    let end = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    // What came once is worth nothing the second time.
    assert_eq!(plant.client.get(&back).send().await.unwrap().status(), 400);
    end
}

fn word(end: &Url) -> String {
    let pair = end.query_pairs().find(|(name, _)| name == "tillbook_xero");
    pair.map(|(_, word)| word.into_owned()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gives_consent_and_comes_back_to_the_shop() {
    let xero = PracticeXero::builder().organisation(Preset::Gb).organisation(Preset::Au);
    let plant = Plant::with(0, xero, |config| {
        config.xero.client_id = String::from("practice-client");
        config.xero.client_secret = Secret::new("practice-secret");
    })
    .await;
    let plug = plant.pair().await;
    for elsewhere in ["https://evil.example/", "javascript:alert(1)", "/wp-admin", ""] {
        let (code, answer) = plug.post("xero/consent", json!({"return_to": elsewhere})).await;
        assert_eq!(code, 400, "{elsewhere}: {answer}");
    }
    let return_to = format!("{}/wp-admin/admin.php?page=tillbook", plant.shop.base_url);
    let (code, asked) = plug.post("xero/consent", json!({"return_to": return_to})).await;
    assert_eq!(code, 200, "{asked}");
    let end = walk(&plant, asked["address"].as_str().unwrap()).await;
    assert_eq!(word(&end), "connected", "{end}");
    assert!(end.as_str().starts_with(&return_to), "{end}");
    // Two organisations were reached: a person chooses.
    assert_eq!(plug.get("status").await["xero"]["state"], "none");
    let list = plug.get("xero/organisations").await;
    let organisations = list["organisations"].as_array().unwrap();
    assert_eq!((organisations.len(), &list["consent"]), (2, &json!(true)), "{list}");
    let (code, answer) = plug.post("xero/organisation", json!({"id": "another"})).await;
    assert_eq!((code, &answer["error"]["code"]), (422, &json!("not_reached")), "{answer}");
    let first = json!({"id": organisations[0]["id"]});
    let (code, chosen) = plug.post("xero/organisation", first).await;
    assert_eq!(code, 200, "{chosen}");
    let status = plug.get("status").await;
    assert_eq!(status["xero"]["state"], "connected", "{status}");
    assert_eq!(status["xero"]["organisation"]["id"], organisations[0]["id"]);
    assert!(plug.get("context").await["chart"].is_object());
}
