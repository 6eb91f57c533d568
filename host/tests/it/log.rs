//! With the log wide open, no line says who somebody is, nor any secret.

use std::collections::BTreeSet;

use tillbook_practice::shop::{PracticeShop, generate};
use tillbook_practice::xero::{PracticeXero, Preset};
use tokio::process::Command;

/// Everything but the compiler of the core, which sees no orders and says millions of lines.
const OPEN: &str = "trace,cranelift_codegen=warn,cranelift_frontend=warn,regalloc2=warn,\
    wasmtime=warn,wasmtime_internal_cranelift=warn,wasmtime_environ=warn,wasmparser=warn";

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_with_every_line_names_nobody() {
    let cases = generate::orders(11, 12, "GB-incl").unwrap();
    let mut names = BTreeSet::new();
    for case in &cases {
        for part in ["billing", "shipping"] {
            for (key, value) in case.order[part].as_object().unwrap() {
                let text = value.as_str().unwrap_or_default();
                if !["country", "state", "postcode", "city"].contains(&&**key) && text.len() >= 5 {
                    names.insert(text.to_owned());
                }
            }
        }
    }
    assert!(names.iter().any(|name| name.contains('@')), "{names:?}");
    let shop = PracticeShop::builder().cases(cases).start().await.unwrap();
    let xero = PracticeXero::builder().organisation(Preset::Gb).start().await.unwrap();
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_tillbook"))
            .args(["sync", "--accept-proposed", "-vv"])
            .current_dir(folder.path())
            .env_clear()
            .env("TILLBOOK_LOG", OPEN)
            .env("TILLBOOK_LOG_FORMAT", format)
            .env("TILLBOOK_DATA_FOLDER", folder.path().join("data"))
            .env("TILLBOOK_SHOP_URL", &shop.base_url)
            .env("TILLBOOK_SHOP_CONSUMER_KEY", &shop.consumer_key)
            .env("TILLBOOK_SHOP_CONSUMER_SECRET", &shop.consumer_secret)
            .env("TILLBOOK_XERO_API_URL", format!("{}/api.xro/2.0", xero.base_url()))
            .env("TILLBOOK_XERO_IDENTITY_URL", format!("{}/connect/token", xero.base_url()))
            .env("TILLBOOK_XERO_CLIENT_ID", xero.client_id())
            .env("TILLBOOK_XERO_CLIENT_SECRET", xero.client_secret())
            .env("TILLBOOK_XERO_TENANT_ID", xero.tenant().to_string())
            .output()
            .await
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(log.lines().count() > 50, "the log is shut: {log}");
        if format == "json" {
            let lines = log.lines().filter(|line| line.starts_with('{'));
            assert!(lines.count() > 50, "no JSON: {log}");
        }
        let secrets = [&shop.consumer_secret, xero.client_secret()];
        for name in names.iter().map(String::as_str).chain(secrets) {
            let line = log.lines().find(|line| line.contains(name));
            assert!(line.is_none(), "`{name}` is in the log: {line:?}");
        }
    }
    xero.shutdown().await;
}
