//! `tillbook serve`: takes webhooks, answers the API, and does the work.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use miette::{IntoDiagnostic, WrapErr};
use tillbook::{
    branch::Branches,
    config::{Config, Secret},
    daemon::{Rounds, StopSignal, Upkeep},
    door::Door,
    intake::ShopKeys,
    lock::ProcessLock,
    server::{self, App, Bounds, meter::Meter},
    store::Store,
    vault::Vault,
    xero_client,
};
use tokio::net::TcpListener;

use super::{Exit, Global, context, pair};

/// Take webhooks and events, answer the API, and keep Xero up to date, until stopped
///
/// Put a reverse proxy with TLS before it. It may be stopped (SIGTERM, Ctrl-C) or killed at any
/// moment: what was answered with 200 is on disk, and what was on its way is carried on or looked
/// up by the next one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook serve                                          on 127.0.0.1:8747, with the file in `data.folder`
  tillbook serve --database postgres://tillbook@db/tillbook   any number of hosts share the work
  tillbook serve --no-work                                webhooks and API only; another host works

  POST /hooks/woocommerce/{shop}   webhooks     POST /events/{shop}         the plugin's events
  GET  /healthz  /readyz           for supervisors and load balancers
  GET  /metrics                    for Prometheus
  GET  /api/v1/openapi.json        the API; `tillbook token add` gives tokens for it")]
pub(crate) struct ServeArgs {
    /// Address and port to listen on, instead of `server.listen`
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Database of PostgreSQL, instead of `data.database`
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Do not plan and send; another host does
    #[arg(long)]
    no_work: bool,
}

pub(crate) async fn run(global: &Global, args: ServeArgs) -> miette::Result<Exit> {
    let (mut config, _) = context::configure(global)?;
    if let Some(listen) = args.listen {
        config.server.listen = listen.to_string();
    }
    if let Some(database) = args.database {
        config.data.database = Secret::new(database);
    }
    let stop = context::stop_when_asked();
    let store = context::open_store(&config).await?;
    let listener = TcpListener::bind(&config.server.listen)
        .await
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot listen on {}", config.server.listen))?;
    let address = listener.local_addr().into_diagnostic()?;
    if config.server.url.is_empty() {
        config.server.url = format!("http://localhost:{}", address.port());
    }
    let app = App::new(
        store.clone(),
        Arc::new(ShopKeys::new(Vault::open(&config).into_diagnostic()?)),
        context::clock(),
        &config,
        Meter::install(),
    )
    .into_diagnostic()?;
    tokio::spawn(app.meter().clone().keep_up());
    println!("Listening on http://{address}");
    greet(&store, &config).await?;
    let router = server::router(&app);
    let bounds = Bounds::from(&config.server);
    let leaving = async {
        stop.clone().wait().await;
        app.health().set_stopping();
        // Whoever waits for this must not see the end of it: only serving ends the server.
        std::future::pending::<()>().await;
    };
    let working = work(&config, &store, &app, args.no_work, stop.clone());
    let serving = server::serve(listener, router, bounds, stop.clone());
    let ended = tokio::select! {
        (ended, ()) = async { tokio::join!(serving, working) } => ended,
        () = leaving => server::Ended::Drained,
    };
    store.close().await;
    if let server::Ended::Cut(count) = ended {
        eprintln!("{count} connections were cut: they took longer than `server.shutdown_secs`.");
    }
    println!("Stopped.");
    Ok(Exit::Ok)
}

/// Says how the first shop is connected.
async fn greet(store: &Store, config: &Config) -> miette::Result<()> {
    if store.shops().await.into_diagnostic()?.is_empty() {
        println!("No shop is connected yet.");
        pair::print_code(store, config).await?;
    }
    Ok(())
}

/// Loads the core, then makes rounds until stopped. Without a core webhooks are taken all the
/// same: they are only written down.
async fn work(config: &Config, store: &Store, app: &App, no_work: bool, stop: StopSignal) {
    let limits = config.clone();
    let loaded = tokio::task::spawn_blocking(move || context::open_door(&limits)).await;
    let door = match loaded.into_diagnostic().and_then(|door| door) {
        Ok(door) => door,
        Err(error) => {
            eprintln!("{error:?}");
            app.set_core(Err(error.to_string()));
            return;
        }
    };
    let branches = app.set_core(Ok(door.clone()));
    let Some(branches) = branches.filter(|_| !no_work) else { return };
    if let Err(error) = make_rounds(config, store, app, (door, branches), stop).await {
        eprintln!("{error:?}");
    }
}

async fn make_rounds(
    config: &Config,
    store: &Store,
    app: &App,
    (door, branches): (Door, Arc<Branches>),
    stop: StopSignal,
) -> miette::Result<()> {
    // A file has one worker; who else works on it is waited for, such as one that is stopping.
    let _lock =
        if config.data.database.is_empty() { Some(take_lock(config, &stop).await?) } else { None };
    if config.data.database.is_empty() {
        // The lock shows that no other process is alive that could hold a lease.
        store.free_leases_of_the_dead().await.into_diagnostic()?;
        xero_client::free_what_the_dead_held(store, context::clock().now())
            .await
            .into_diagnostic()?;
    }
    let clock = context::clock();
    let owner = format!("serve {} {}", std::process::id(), uuid::Uuid::new_v4());
    let rounds = Rounds::open(config, store.clone(), door, clock.clone(), owner);
    // What pages show is what is sent.
    let rounds = Rounds { branches, ..rounds };
    let upkeep = Upkeep { store: store.clone(), config: config.clone(), clock };
    let at_once = usize::try_from(config.sync.at_once).unwrap_or(1);
    tokio::join!(rounds.run(at_once, stop.clone(), app.wake()), upkeep.run(stop));
    Ok(())
}

async fn take_lock(config: &Config, stop: &StopSignal) -> miette::Result<ProcessLock> {
    let mut is_told = false;
    loop {
        match ProcessLock::take(&config.data.folder) {
            Ok(lock) => return Ok(lock),
            Err(error @ tillbook::lock::LockError::Held(_)) if !stop.is_set() => {
                if !is_told {
                    eprintln!("{error}; this one takes webhooks and waits for its turn to work.");
                    is_told = true;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error).into_diagnostic(),
        }
    }
}
