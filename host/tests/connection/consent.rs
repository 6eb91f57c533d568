//! `tillbook connect` as people run it: an address, a consent, a callback.

use std::path::Path;
use std::process::{Output, Stdio};

use tempfile::TempDir;
use tillbook_practice::xero::{AppKind, PracticeXero, Preset, Running};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

async fn practice(kind: AppKind) -> Running {
    PracticeXero::builder()
        .organisation(Preset::Gb)
        .organisation(Preset::Nz)
        .app_kind(kind)
        .ask_consent()
        .start()
        .await
        .unwrap()
}

/// The program with an environment of its own.
fn tillbook(xero: &Running, folder: &Path, arguments: &[&str], with_secret: bool) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillbook"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("TILLBOOK_DATA_FOLDER", folder.join("data"))
        .env("TILLBOOK_XERO_API_URL", format!("{}/api.xro/2.0", xero.base_url()))
        .env("TILLBOOK_XERO_IDENTITY_URL", format!("{}/connect/token", xero.base_url()))
        .env(
            "TILLBOOK_XERO_AUTHORISE_URL",
            format!("{}/identity/connect/authorize", xero.base_url()),
        )
        .env("TILLBOOK_XERO_CLIENT_ID", xero.client_id())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if with_secret {
        command.env("TILLBOOK_XERO_CLIENT_SECRET", xero.client_secret());
    }
    command
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn get(address: &str) -> reqwest::Response {
    rustls::crypto::ring::default_provider().install_default().ok();
    // As a browser at a person's machine, who looks before following.
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .get(address)
        .send()
        .await
        .unwrap()
}

fn location(response: &reqwest::Response) -> String {
    assert_eq!(response.status(), 302);
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// What a person does who opens the address: reads the page, clicks, and is sent back.
async fn consent(address: &str, click: &str) -> String {
    let page = get(address).await.text().await.unwrap();
    assert!(page.contains("accounting.invoices"), "{page}");
    let link = page.split("href=\"").find(|part| part.contains(&format!("consent={click}")));
    let link = link.unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let address = address.split('?').next().unwrap();
    location(&get(&format!("{address}{link}")).await)
}

/// Runs `connect` until its end; `person` gets the address that it prints.
async fn connect(
    xero: &Running,
    folder: &Path,
    (arguments, with_secret): (&[&str], bool),
    person: impl AsyncFnOnce(String),
) -> Output {
    let arguments = [&["connect", "--port", "0"], arguments].concat();
    let mut child = tillbook(xero, folder, &arguments, with_secret).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut printed = String::new();
    let mut person = Some(person);
    while let Some(line) = lines.next_line().await.unwrap() {
        printed.push_str(&line);
        printed.push('\n');
        // The last line before it waits.
        if line.starts_with("Waiting") {
            let address = printed.lines().find(|line| line.trim().starts_with("http")).unwrap();
            person.take().unwrap()(address.trim().to_owned()).await;
        }
    }
    let mut output = child.wait_with_output().await.unwrap();
    output.stdout = printed.into_bytes();
    output
}

/// Every byte of a folder.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn whole_flow(kind: AppKind, with_secret: bool) {
    let xero = practice(kind).await;
    let folder = TempDir::new().unwrap();
    let arguments = ["--organisation", "all"];
    let output = connect(&xero, folder.path(), (&arguments, with_secret), async |address| {
        let back = consent(&address, "yes").await;
        // Somebody else's answer is sent away, and does not end the wait.
        let (before, _) = back.split_once("state=").unwrap();
        assert_eq!(get(&format!("{before}state=guessed")).await.status(), 400);
        let page = get(&back).await;
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains("Thank you"));
    })
    .await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let said = text(&output);
    for tenant in xero.tenants() {
        assert!(said.contains(&format!("({tenant})")), "{said}");
    }
    assert!(said.contains("accounting.payments") && !said.contains("banktransactions"), "{said}");

    let list = tillbook(&xero, folder.path(), &["connect", "list"], with_secret).output();
    let list = list.await.unwrap();
    assert_eq!(list.status.code(), Some(0), "{}", text(&list));
    let kind = if with_secret { "web" } else { "pkce" };
    assert!(text(&list).contains(kind) && text(&list).contains("well"), "{}", text(&list));

    // The stored connection is what the other commands use.
    let tenant = format!("xero.tenant_id={}", xero.tenant());
    let arguments = ["doctor", "--set", &tenant];
    let doctor = tillbook(&xero, folder.path(), &arguments, with_secret).output().await.unwrap();
    assert!(text(&doctor).contains("signed in to"), "{}", text(&doctor));

    // Neither tokens nor secret stand anywhere in clear.
    let data = bytes_of(&folder.path().join("data"));
    let mut secrets = vec![xero.client_secret().to_owned()];
    for call in xero.calls().iter().filter(|call| call.path == "/connect/token") {
        let answer: serde_json::Value = serde_json::from_str(&call.response_body).unwrap();
        for key in ["access_token", "refresh_token"] {
            secrets.push(answer[key].as_str().unwrap().to_owned());
        }
    }
    assert!(secrets.len() >= 3, "{secrets:?}");
    for secret in &secrets {
        assert!(!contains(&data, secret) && !said.contains(secret), "{secret}");
    }
    assert!(contains(&data, &xero.tenant().to_string()), "the search does not work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_app_is_connected() {
    whole_flow(AppKind::Web, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_a_secret_is_connected() {
    whole_flow(AppKind::Pkce, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_connection_needs_nobody() {
    let xero = PracticeXero::builder()
        .organisation(Preset::Gb)
        .app_kind(AppKind::Custom)
        .start()
        .await
        .unwrap();
    let folder = TempDir::new().unwrap();
    let run = async |arguments: &[&str]| {
        tillbook(&xero, folder.path(), arguments, true).output().await.unwrap()
    };
    let output = run(&["connect", "--custom"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("Connected to"), "{}", text(&output));
    let doctor = run(&["doctor"]).await;
    assert!(text(&doctor).contains("signed in to"), "{}", text(&doctor));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_organisations_a_person_chooses() {
    let xero = practice(AppKind::Web).await;
    let folder = TempDir::new().unwrap();
    let agree = async |address: String| {
        get(&consent(&address, "yes").await).await;
    };
    let output = connect(&xero, folder.path(), (&[], true), agree).await;
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    for tenant in xero.tenants() {
        assert!(text(&output).contains(&tenant.to_string()), "{}", text(&output));
    }
    let arguments = ["--organisation", &xero.tenants()[1].to_string()];
    let output = connect(&xero, folder.path(), (&arguments, true), agree).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(!text(&output).contains(&xero.tenant().to_string()), "{}", text(&output));

    // Ending it ends it in Xero, too.
    let list = tillbook(&xero, folder.path(), &["connect", "list"], true).output().await.unwrap();
    let list = text(&list);
    let id = list.lines().find(|line| line.contains("web")).unwrap();
    let id: String = id.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    let end = tillbook(&xero, folder.path(), &["connect", "end", &id], true).output();
    let end = end.await.unwrap();
    assert_eq!(end.status.code(), Some(0), "{}", text(&end));
    let revoked = |call: &&tillbook_practice::xero::LoggedCall| call.path == "/connect/revocation";
    assert_eq!(xero.calls().iter().filter(revoked).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_refused_says_so() {
    let xero = practice(AppKind::Web).await;
    let folder = TempDir::new().unwrap();
    let output = connect(&xero, folder.path(), (&[], true), async |address| {
        get(&consent(&address, "no").await).await;
    })
    .await;
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("access_denied"), "{}", text(&output));
}
