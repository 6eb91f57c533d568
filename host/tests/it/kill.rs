//! A real `tillbook sync`, killed with SIGKILL at twenty random moments and started again.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use tillbook::store::Store;
use tillbook_core::plan::{Link, LinkState, Purpose};
use tillbook_core::xero::document::DocumentKind;
use tillbook_practice::shop::{PracticeShop, Running as Shop, generate};
use tillbook_practice::xero::{PracticeXero, Preset, Running as Xero};
use tokio::process::Command;

const KILLS: usize = 20;
/// New orders before each start, so that there is always something to do.
const ORDERS_A_ROUND: usize = 8;
/// A kill comes after at least four calls at Xero and so many more at most: one gets the token,
/// six read the chart, the others send.
const CALLS_MORE_MAX: u64 = 12;
/// And so many milliseconds later at most: inside a call, between two, or while one is settled.
const MOMENT_MS_MAX: u64 = 40;

/// The sequence of Marsaglia's xorshift64: the same seed, the same moments.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn seed() -> u64 {
    let given = std::env::var("TILLBOOK_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or(20_261_122)
}

fn sync(shop: &Shop, xero: &Xero, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillbook"));
    command
        .args(["sync", "--accept-proposed"])
        .current_dir(folder)
        .env_clear()
        .env("TILLBOOK_DATA_FOLDER", folder.join("data"))
        .env("TILLBOOK_SHOP_URL", &shop.base_url)
        .env("TILLBOOK_SHOP_CONSUMER_KEY", &shop.consumer_key)
        .env("TILLBOOK_SHOP_CONSUMER_SECRET", &shop.consumer_secret)
        .env("TILLBOOK_XERO_API_URL", format!("{}/api.xro/2.0", xero.base_url()))
        .env("TILLBOOK_XERO_IDENTITY_URL", format!("{}/connect/token", xero.base_url()))
        .env("TILLBOOK_XERO_CLIENT_ID", xero.client_id())
        .env("TILLBOOK_XERO_CLIENT_SECRET", xero.client_secret())
        .env("TILLBOOK_XERO_TENANT_ID", xero.tenant().to_string())
        .env("TILLBOOK_XERO_CALLS_PER_MINUTE", "100000")
        .env("TILLBOOK_SYNC_DOCUMENTS_PER_CALL", "3")
        .kill_on_drop(true);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_anywhere_each_order_is_in_xero_exactly_once() {
    let seed = seed();
    println!("TILLBOOK_TEST_SEED={seed}");
    let mut dice = Dice(seed.max(1));
    let mut cases = generate::orders(seed, ORDERS_A_ROUND * KILLS, "GB-incl").unwrap();
    let shop = PracticeShop::builder().cases(cases.drain(..1)).start().await.unwrap();
    let xero = PracticeXero::builder()
        .organisation(Preset::Gb)
        .lift_minute_limit()
        .latency(Duration::from_millis(15))
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    // The first start compiles the core; the moments should fall into the work.
    let warm = sync(&shop, &xero, folder.path()).arg("--dry-run").output().await.unwrap();
    assert!(warm.status.code() != Some(1), "{}", String::from_utf8_lossy(&warm.stderr));

    let (mut killed, mut writes) = (0, 0);
    for round in 0..KILLS {
        let count = cases.len().min(ORDERS_A_ROUND);
        cases.drain(..count).for_each(|case| shop.put_case(&case));
        xero.clear_log();
        let mut child =
            sync(&shop, &xero, folder.path()).stdout(std::process::Stdio::null()).spawn().unwrap();
        let calls = 4 + usize::try_from(dice.below(CALLS_MORE_MAX)).unwrap();
        let moment = Duration::from_millis(dice.below(MOMENT_MS_MAX));
        let ended = tokio::select! {
            _ = child.wait() => true,
            () = reached(&xero, calls, moment) => false,
        };
        if !ended {
            child.kill().await.unwrap();
            killed += 1;
        }
        let sent = count_writes(&xero);
        writes += sent;
        println!("round {round}: {calls} calls and {moment:?}, killed {}, {sent} writes", !ended);
    }
    assert!(killed >= KILLS / 2, "only {killed} of {KILLS} starts were alive to be killed");
    assert!(writes >= KILLS / 2, "only {writes} writes: the moments fall before the work");

    let last = sync(&shop, &xero, folder.path()).output().await.unwrap();
    println!("{}", String::from_utf8_lossy(&last.stdout));
    assert!(matches!(last.status.code(), Some(0 | 4)), "{last:?}");
    check(&shop, &xero, folder.path()).await;

    xero.clear_log();
    let again = sync(&shop, &xero, folder.path()).output().await.unwrap();
    assert!(matches!(again.status.code(), Some(0 | 4)), "{again:?}");
    assert_eq!(count_writes(&xero), 0, "a run after the last sends nothing");
    xero.shutdown().await;
}

fn count_writes(xero: &Xero) -> usize {
    xero.calls().iter().filter(|call| call.method == "PUT").count()
}

/// Waits until Xero has answered so many calls, and a moment longer.
async fn reached(xero: &Xero, calls: usize, moment: Duration) {
    while xero.calls().len() < calls {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(moment).await;
}

/// Shop, store and Xero agree: one invoice for each posted order, none without an order.
async fn check(shop: &Shop, xero: &Xero, folder: &Path) {
    let store = Store::open(&folder.join("data")).await.unwrap();
    let organisation = xero.tenant().to_string();
    let links = store.core_links(&organisation, &shop.base_url).await.unwrap();
    let links: Vec<Link> = links
        .into_iter()
        .filter(|link| (link.purpose, link.document) == (Purpose::Document, DocumentKind::Invoice))
        .collect();
    let outcomes = store.outcomes(&organisation).await.unwrap();
    assert_eq!(outcomes.len(), shop.order_ids().len(), "every order has an end");
    assert_eq!(store.job_count(&organisation, &shop.base_url).await.unwrap(), 0);
    assert!(store.open_plan(&organisation).await.unwrap().is_none());

    let mut invoices: BTreeMap<String, usize> = BTreeMap::new();
    for invoice in xero.invoices(xero.tenant()) {
        *invoices.entry(invoice.number).or_default() += 1;
    }
    assert!(invoices.values().all(|count| *count == 1), "{invoices:?}");
    let linked: Vec<&str> = links.iter().map(|link| link.number.as_str()).collect();
    let there: Vec<&str> = invoices.keys().map(String::as_str).collect();
    let mut sorted = linked.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, there);
    assert!(links.iter().all(|link| link.state == LinkState::Live));
    println!("{} orders, {} invoices, each once", outcomes.len(), links.len());
    store.close().await;
}
