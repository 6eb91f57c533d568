//! Intake: durable events a second and their latency over real HTTP while a worker writes, as a
//! ratio to bare `INSERT … COMMIT` in the same run; memory when idle; cold start.
//!
//! `cargo bench --bench intake`; figures depend on the machine, ratios hardly.

use std::{
    error::Error,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sqlx::Connection as _;
use tillbook::{
    branch::ShopSecrets,
    config::Config,
    daemon::stop_signal,
    intake::ShopKeys,
    server::{App, Bounds, meter::Meter, router, serve},
    store::{Activity, Outcome, OutcomeKind, ShopRow, Store},
    time::{Clock, SystemClock, Timestamp},
    vault::Vault,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

#[path = "../tests/support/postgres.rs"]
#[expect(clippy::unwrap_used, reason = "a bench without its database fails by panicking")]
mod postgres;

type Any = Box<dyn Error + Send + Sync>;

const SECRET: &str = "the secret of a bench";
const URL: &str = "https://bench.example";
const CONNECTIONS: usize = 64;
const FOR: Duration = Duration::from_secs(5);
/// Settled by the worker in one transaction, as a full call is.
const BATCH: usize = 50;
const MEMORY_MB_MAX: u64 = 40;
const COLD_START_MAX: Duration = Duration::from_millis(100);

fn main() -> Result<(), Any> {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let cold = measure_program()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let bare = bare_commits(folder.path()).await?;
        println!("SQLite, bare INSERT … COMMIT: {bare}/s");
        for (name, keep) in [("kept connections", true), ("a connection each", false)] {
            let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
            let store = Store::open(folder.path()).await?;
            report(&format!("SQLite, {name}"), &measure(store, keep).await?, Some(bare));
        }
        if let Some(address) = postgres::database() {
            let store = Store::connect(&address).await?;
            report("PostgreSQL (no fsync), kept connections", &measure(store, true).await?, None);
        }
        Ok::<(), Any>(())
    })?;
    cold
}

/// What was seen in one run.
struct Seen {
    events: usize,
    elapsed: Duration,
    latencies: Vec<Duration>,
    settled: u64,
}

fn report(name: &str, seen: &Seen, bare: Option<u64>) {
    let per_second = seen.events as u128 * 1_000 / seen.elapsed.as_millis().max(1);
    let at = |per_mille: usize| {
        let place = seen.latencies.len() * per_mille / 1_000;
        seen.latencies.get(place).copied().unwrap_or_default()
    };
    let settled = u128::from(seen.settled) * 1_000 / seen.elapsed.as_millis().max(1);
    print!("{name}: {per_second}/s durable, p50 {:.1?}, p99 {:.1?}", at(500), at(990));
    print!(", while a worker settles {settled}/s");
    if let Some(bare) = bare {
        let percent = per_second * 100 / u128::from(bare.max(1));
        print!("; {}.{:02} of bare commits", percent / 100, percent % 100);
    }
    println!();
}

/// One row and one commit after the other, with the pragmas of the store.
async fn bare_commits(folder: &Path) -> Result<u64, Any> {
    let address = format!("sqlite://{}?mode=rwc", folder.join("bare.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&address).await?;
    for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"] {
        sqlx::query(pragma).execute(&mut connection).await?;
    }
    let table = "CREATE TABLE job (organisation TEXT, shop TEXT, kind TEXT, object_id TEXT, \
        purpose TEXT, version INTEGER, at_ms INTEGER, \
        PRIMARY KEY (organisation, shop, kind, object_id, purpose))";
    sqlx::query(table).execute(&mut connection).await?;
    let (began, mut count) = (Instant::now(), 0_u64);
    while began.elapsed() < FOR {
        count += 1;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO job VALUES ('org', $1, 'order', $2, 'invoice', 1, 0)")
            .bind(URL)
            .bind(count.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(count * 1_000 / u64::try_from(began.elapsed().as_millis())?.max(1))
}

async fn measure(store: Store, keep: bool) -> Result<Seen, Any> {
    let vault = Vault::with_keys(&STANDARD.encode([7; 32]), "the bench", [])?;
    let now = SystemClock.now();
    let secrets = ShopSecrets { hook_secret: SECRET.to_owned(), ..ShopSecrets::default() };
    let shop = ShopRow {
        slug: String::from("bench"),
        organisation: String::from("org"),
        url: URL.to_owned(),
        secrets: secrets.seal(&vault, "bench"),
        activity: Activity::Active,
        reason: String::new(),
        activated: Timestamp::from_ms(0),
        switches: String::from("{}"),
        marks: String::from("{}"),
        added: now,
    };
    store.put_shop(&shop).await?;
    let config = Config::default();
    let keys = Arc::new(ShopKeys::new(vault));
    let clock = Arc::new(SystemClock);
    let app = App::new(store.clone(), keys, clock, &config, Meter::install())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (switch, stop) = stop_signal();
    let serving = tokio::spawn(serve(listener, router(&app), Bounds::from(&config.server), stop));
    let (over, settled) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let working = tokio::spawn(work(store.clone(), Arc::clone(&over), Arc::clone(&settled)));
    let (next, began) = (Arc::new(AtomicU64::new(1)), Instant::now());
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(send(address, Arc::clone(&next), began, keep)))
        .collect();
    let mut latencies = Vec::new();
    for sender in senders {
        latencies.extend(sender.await??);
    }
    let elapsed = began.elapsed();
    over.store(true, Ordering::Relaxed);
    working.await??;
    latencies.sort();
    switch.send(true).ok();
    serving.await?;
    let settled = settled.load(Ordering::Relaxed);
    // Nothing that was answered is missing.
    let open = store.job_count("org", URL).await?;
    let done: u64 = store.outcome_counts("org").await?.iter().map(|row| row.count).sum();
    assert_eq!(open + done, latencies.len() as u64, "an event that was answered is not there");
    store.close().await;
    Ok(Seen { events: latencies.len(), elapsed, latencies, settled })
}

/// What a worker writes: claims, picks and settles, without Xero's slowness between.
async fn work(store: Store, over: Arc<AtomicBool>, settled: Arc<AtomicU64>) -> Result<(), Any> {
    let hour = Duration::from_hours(1);
    let lease = loop {
        let claimed = store.claim("org", "bench", SystemClock.now(), hour).await?;
        if let Some(lease) = claimed {
            break lease;
        }
    };
    while !over.load(Ordering::Relaxed) {
        let now = SystemClock.now();
        let jobs = store.pick(&lease, URL, now, BATCH).await?;
        if jobs.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        store.mark_running(&lease, &jobs).await?;
        let outcomes: Vec<Outcome> = jobs
            .into_iter()
            .map(|job| Outcome {
                key: job.key,
                version: job.version,
                mark: job.mark,
                kind: OutcomeKind::Posted,
                detail: String::new(),
                findings: Vec::new(),
            })
            .collect();
        store.settle(&lease, &outcomes, now).await?;
        settled.fetch_add(outcomes.len() as u64, Ordering::Relaxed);
        // Xero takes 60 calls a minute; this is a hundred times as many.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Sends one delivery after the other; gives how long each took.
async fn send(
    address: SocketAddr,
    next: Arc<AtomicU64>,
    began: Instant,
    keep: bool,
) -> Result<Vec<Duration>, Any> {
    let mut latencies = Vec::new();
    let mut kept: Option<TcpStream> = None;
    let mut answer = vec![0; 4_096];
    while began.elapsed() < FOR {
        let request = delivery(next.fetch_add(1, Ordering::Relaxed), keep)?;
        let sent = Instant::now();
        let mut stream = if let Some(stream) = kept.take() {
            stream
        } else {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            stream
        };
        stream.write_all(&request).await?;
        let read = stream.read(&mut answer).await?;
        assert!(answer.get(..read).unwrap_or_default().starts_with(b"HTTP/1.1 200"), "{answer:?}");
        latencies.push(sent.elapsed());
        kept = keep.then_some(stream);
    }
    Ok(latencies)
}

/// A delivery as WooCommerce sends it, with an order of usual length.
fn delivery(id: u64, keep: bool) -> Result<Vec<u8>, Any> {
    let body = format!(r#"{{"id":{id},"filler":"{}"}}"#, "x".repeat(4_000));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?.chain_update(&body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let connection = if keep { "keep-alive" } else { "close" };
    Ok(format!(
        "POST /hooks/woocommerce/bench HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\
         Content-Type: application/json\r\nX-WC-Webhook-Topic: order.updated\r\n\
         X-WC-Webhook-Signature: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes())
}

/// Starts the program as people do: how long until it answers, how much memory it takes.
fn measure_program() -> Result<Result<(), Any>, Any> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut starts = Vec::new();
    let mut memory = 0;
    for round in 0..6 {
        let began = Instant::now();
        let (mut child, address) = start(folder.path())?;
        let answered = ask(&address, "/healthz")?;
        let elapsed = began.elapsed();
        assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
        // Ready says that the core is loaded too; then it rests.
        while !ask(&address, "/readyz")?.starts_with("HTTP/1.1 200") {
            std::thread::sleep(Duration::from_millis(20));
        }
        let what = if round == 0 { "a new folder" } else { "the same folder" };
        println!(
            "cold start to the first 200 in {what}: {elapsed:.1?}, ready {:.1?}",
            began.elapsed()
        );
        if round > 0 {
            starts.push(elapsed);
        }
        if round == 5 {
            std::thread::sleep(Duration::from_secs(2));
            memory = resident_mb(child.id())?;
        }
        child.kill()?;
        child.wait()?;
    }
    starts.sort();
    let start = starts.get(2).copied().unwrap_or_default();
    println!("cold start, middle of five: {start:.1?} (at most {COLD_START_MAX:?})");
    println!("memory of an idle server: {memory} MB (at most {MEMORY_MB_MAX})");
    Ok(if start > COLD_START_MAX || memory > MEMORY_MB_MAX {
        Err("cold start or idle memory is above its bound".into())
    } else {
        Ok(())
    })
}

fn start(folder: &Path) -> Result<(Child, String), Any> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillbook"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .env_clear()
        .env("TILLBOOK_DATA_FOLDER", folder)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let stdout = child.stdout.take().ok_or("no output")?;
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().strip_prefix("Listening on http://").ok_or("no address")?.to_owned();
    Ok((child, address))
}

fn ask(address: &str, path: &str) -> Result<String, Any> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn resident_mb(pid: u32) -> Result<u64, Any> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kb: u64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
    Ok(kb / 1_024)
}
