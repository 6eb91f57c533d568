//! A server with two shops and a filled queue, for programs that try its API. One of them is a
//! practice shop that answers; Xero does not.
//!
//! Prints its address and a token that may do everything, and serves until its input is closed.

use std::{error::Error, sync::Arc, time::Duration};

use tillbook::{
    branch::ShopSecrets,
    config::{Config, DataConfig, ServerConfig, XeroConfig},
    daemon::stop_signal,
    door::Door,
    intake::{ObjectKind, ShopKeys},
    sandbox::Sandbox,
    server::{App, Bounds, meter::Meter, router, serve},
    store::{Activity, Hint, NewToken, OrganisationRow, Role, ShopRow, Store},
    time::{Clock, SystemClock, Timestamp},
    vault::Vault,
};
use tillbook_practice::shop::{PracticeShop, Running};
use tokio::{
    io::{AsyncReadExt, stdin},
    net::TcpListener,
};

const ORGANISATION: &str = "org-1";
/// An address of this machine at which nobody listens.
const NOBODY: &str = "http://127.0.0.1:9";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path()).await?;
    let server = ServerConfig {
        token_calls_per_minute: 1_000_000,
        address_calls_per_minute: 1_000_000,
        shutdown_secs: 1,
        ..ServerConfig::default()
    };
    let config = Config {
        data: DataConfig { folder: folder.path().to_owned(), ..DataConfig::default() },
        xero: XeroConfig {
            api_url: format!("{NOBODY}/api.xro/2.0"),
            identity_url: format!("{NOBODY}/connect/token"),
            ..XeroConfig::default()
        },
        server,
        ..Config::default()
    };
    let vault = Vault::open(&config)?;
    let shop = PracticeShop::builder().batch("GB-incl").start().await?;
    fill(&store, &vault, &shop).await?;
    let new = NewToken {
        name: String::from("practice"),
        role: Role::Configure,
        shop: None,
        expires: None,
    };
    let (_, token) = store.add_token(&new, SystemClock.now()).await?;
    let keys = Arc::new(ShopKeys::new(vault));
    let app = App::new(store, keys, Arc::new(SystemClock), &config, Meter::install())?;
    app.set_core(Ok(Door::new(Sandbox::embedded(config.limits(), None)?)));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{} {}", listener.local_addr()?, token.reveal());
    let (switch, stop) = stop_signal();
    tokio::spawn(async move {
        stdin().read_to_end(&mut Vec::new()).await.ok();
        switch.send(true).ok();
    });
    serve(listener, router(&app), Bounds::from(&config.server), stop).await;
    Ok(())
}

async fn fill(store: &Store, vault: &Vault, practice: &Running) -> Result<(), Box<dyn Error>> {
    let now = SystemClock.now();
    let organisation = OrganisationRow {
        id: ORGANISATION.to_owned(),
        connection: String::new(),
        name: String::from("Practice Ltd"),
        activity: Activity::Active,
        reason: String::new(),
    };
    store.put_organisation(&organisation, now).await?;
    let urls = [("main", practice.base_url.clone()), ("other", practice.base_url.clone())];
    for (slug, url) in urls {
        let secrets = ShopSecrets {
            consumer_key: practice.consumer_key.clone(),
            consumer_secret: practice.consumer_secret.clone(),
            hook_secret: format!("secret of {slug}"),
        };
        let shop = ShopRow {
            slug: slug.to_owned(),
            organisation: ORGANISATION.to_owned(),
            url,
            secrets: secrets.seal(vault, slug),
            activity: Activity::Active,
            reason: String::new(),
            activated: Timestamp::from_ms(0),
            switches: String::from("{}"),
            marks: String::from("{}"),
            added: now,
        };
        store.put_shop(&shop).await?;
        let hints: Vec<Hint> = (1..=120)
            .map(|id| Hint {
                source: String::from("webhook order.updated"),
                ..Hint::new(ObjectKind::Order.key(&shop.url, id), "")
            })
            .collect();
        store.hint(ORGANISATION, &hints, now.minus(Duration::from_mins(1))).await?;
    }
    Ok(())
}
