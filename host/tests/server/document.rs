//! The API's document.

use std::path::Path;

use serde_json::Value;

use crate::stage::Stage;

/// The committed document is the one that is served; `UPDATE_GOLDEN=1` rewrites it.
#[tokio::test]
async fn the_document_is_the_committed_one() {
    let document = tillbook::server::openapi();
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    // As values: how JSON's keys are ordered hangs on what else is built.
    let (written, made): (Value, Value) =
        (serde_json::from_str(&committed).unwrap(), serde_json::from_str(&text).unwrap());
    assert!(written == made, "the API has changed: UPDATE_GOLDEN=1, then read the difference");
    let stage = Stage::start().await;
    let answer = stage.client.get(stage.url("/api/v1/openapi.json")).send().await.unwrap();
    let served: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(served, written);
}
