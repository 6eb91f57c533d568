//! The program as people run it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tillbook::module;

use crate::world::recorded;

/// Runs `tillbook` with no configuration but a folder that keeps the compiled core.
fn tillbook(arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Output {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillbook"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TILLBOOK_DATA_FOLDER", folder.join("cli-data"))
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text} {output:?}"))
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn the_demo_syncs_every_regime_to_the_cent() {
    let output = tillbook(&["demo", "--json"], "", &[]);
    let report = json(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["exact"], true);
    assert_eq!(report["module_sha256"], module::SHA256);
    assert!(report["total"]["orders"].as_u64().unwrap() >= 100);
    assert!(report["total"]["invoices"].as_u64().unwrap() >= 100);
    assert_eq!(report["total"]["write_calls_of_second_run"], 0);
    assert_eq!(report["total"]["credit_notes"], 43);
    assert_eq!(report["total"]["steps_left"], 0);
    for regime in report["regimes"].as_array().unwrap() {
        let differences = regime["difference"].as_object().unwrap();
        assert!(!differences.is_empty(), "{regime}");
        assert!(differences.values().all(|difference| difference == "0.00"), "{regime}");
        // A shop with more decimals than Xero keeps is the one case where amounts differ.
        let cut = regime["cut_to_cents"].as_u64().unwrap() > 0;
        assert!(cut || regime["charged"] == regime["in_xero"], "{regime}");
        // Invoices, credit notes, payments, and the one or other allocation.
        assert!(regime["write_calls"].as_u64().unwrap() <= 8, "{regime}");
    }
}

#[test]
fn a_preview_is_the_body_with_its_hash() {
    let order = recorded(1).remove(0);
    let from_input = tillbook(&["preview", "-", "--json"], &order.to_string(), &[]);
    let printed = json(&from_input);
    assert_eq!(from_input.status.code(), Some(0), "{printed}");
    let body = printed["body"].as_str().unwrap();
    assert_eq!(printed["sha256"], hex::encode(Sha256::digest(body)));
    assert_eq!(printed["module_sha256"], module::SHA256);
    let total = printed["sale"]["document"]["total"].as_str().unwrap();
    assert_eq!(total, order["total"].as_str().unwrap());

    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("order.json");
    std::fs::write(&file, order.to_string()).unwrap();
    let from_file = tillbook(&["preview", file.to_str().unwrap(), "--json"], "", &[]);
    assert_eq!(json(&from_file), printed);

    let table = text(&tillbook(&["preview", file.to_str().unwrap()], "", &[]));
    for word in [total, printed["sha256"].as_str().unwrap(), module::SHA256, "proposed"] {
        assert!(table.contains(word), "{word}: {table}");
    }
}

#[test]
fn a_held_order_wants_attention() {
    let mut order = recorded(1).remove(0);
    order["status"] = "lost-in-space".into();
    let output = tillbook(&["preview", "-"], &order.to_string(), &[]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    assert!(text(&output).contains("order.status_unknown"));
}

#[test]
fn what_cannot_be_done_is_said_with_a_cure() {
    for (arguments, code, words) in [
        (&["preview", "nothing.json"][..], 1, "name a JSON file"),
        (&["preview", "999999"], 1, "no shop is configured"),
        (&["preview", "-"], 1, "standard input"),
        (&["sync"], 3, "tillbook doctor"),
        (&["practice", "--shop", "XX"], 1, "there are AU-incl"),
        (&["doctor", "--set", "xero.client=x"], 3, "no setting"),
        (&["demo", "--orders", "0"], 2, "--orders"),
        (&["doctor", "--config", "nowhere.toml"], 3, "nowhere.toml"),
    ] {
        let output = tillbook(arguments, "{\"a\":1}", &[]);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", text(&output));
        // Long lines are wrapped on a terminal; words stay whole.
        let flat = text(&output).replace(['\n', '│'], " ");
        let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{arguments:?} {flat}");
    }
    let misspelt = tillbook(&["doctor"], "", &[("TILLBOOK_SHOPURL", "x")]);
    assert_eq!(misspelt.status.code(), Some(3), "{}", text(&misspelt));
}

#[test]
fn the_doctor_says_what_is_missing_and_shows_no_secret() {
    let environment = [
        ("TILLBOOK_SHOP_URL", "http://127.0.0.1:9"),
        ("TILLBOOK_SHOP_CONSUMER_KEY", "ck_hunter2"),
        ("TILLBOOK_SHOP_CONSUMER_SECRET", "cs_hunter2"),
        ("TILLBOOK_DATA_FOLDER", "doctor-data"),
    ];
    let output = tillbook(&["doctor", "--settings"], "", &environment);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    let said = text(&output);
    assert!(!said.contains("hunter2"), "{said}");
    for word in ["***", "WRONG shop", module::SHA256, "no organisation is configured", "shop.url"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn completions_are_written() {
    let output = tillbook(&["completions", "bash"], "", &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output).contains("preview"));
}
