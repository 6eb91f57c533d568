//! `tillbook queue`: what waits, and what people may do about it.

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, miette};
use tillbook::{
    config::Config,
    store::{Activity, BoardEntry, BoardFilter, JobState, ObjectKey, Store},
    time::Timestamp,
};

use super::{Exit, Global, context, table};

/// Show what waits and why; look again, exclude, pause
///
/// Reads and writes the store only, so it works beside a running server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook queue                              how many objects stand where
  tillbook queue list --state held            what a person must look at, with the findings
  tillbook queue show 1201                    what was seen, planned, sent and answered for order 1201
  tillbook queue retry 1201                   look at it again, before all others
  tillbook queue push 1100 1101               send orders that are older than the sync
  tillbook queue exclude 1201 --reason \"a test order\"
  tillbook queue include 1201
  tillbook queue pause --reason \"stocktaking\"   nothing is sent; what comes in is kept
  tillbook queue resume

States: waiting, running, retrying (when, why), held (by a finding), done, excluded.")]
pub(crate) struct QueueArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// The organisation; needed only where there are several
    #[arg(long, global = true, value_name = "ID")]
    organisation: Option<String>,
    /// The shop's slug; needed only where there are several
    #[arg(long, global = true, value_name = "SLUG")]
    shop: Option<String>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List objects
    List {
        /// Only those that stand there
        #[arg(long, value_parser = parse_state)]
        state: Option<JobState>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Machine-readable
        #[arg(long)]
        json: bool,
    },
    /// Show where one object stands and its history
    Show {
        /// The order's id
        id: u64,
        /// product or customer instead of order
        #[arg(long, default_value = "order")]
        kind: String,
    },
    /// Look at orders again, before all others
    Retry {
        /// The orders' ids
        #[arg(required = true)]
        ids: Vec<u64>,
    },
    /// Send orders though they are older than the sync
    Push {
        /// The orders' ids
        #[arg(required = true)]
        ids: Vec<u64>,
    },
    /// Take orders out of the sync
    Exclude {
        /// The orders' ids
        #[arg(required = true)]
        ids: Vec<u64>,
        /// Why; it is shown wherever the order is
        #[arg(long)]
        reason: String,
    },
    /// Take orders in again
    Include {
        /// The orders' ids
        #[arg(required = true)]
        ids: Vec<u64>,
    },
    /// Send nothing for the organisation until it is resumed
    Pause {
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Go on
    Resume,
}

fn parse_state(word: &str) -> Result<JobState, String> {
    let words: Vec<&str> = JobState::ALL.iter().map(|state| state.as_str()).collect();
    JobState::parse(word).ok_or_else(|| format!("one of {}", words.join(", ")))
}

/// Whose queue is meant.
struct Desk {
    store: Store,
    organisation: String,
    /// The shop's address.
    shop: String,
    who: String,
    now: Timestamp,
}

pub(crate) async fn run(global: &Global, args: QueueArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::open_store(&config).await?;
    let desk = Desk::find(&config, store, args.organisation, args.shop).await?;
    let exit = match args.what {
        None => desk.counts().await?,
        Some(What::List { state, limit, json }) => desk.list(state, limit, json).await?,
        Some(What::Show { id, kind }) => desk.show(id, &kind).await?,
        Some(What::Retry { ids }) => desk.wish(&ids, Wish::Retry).await?,
        Some(What::Push { ids }) => desk.wish(&ids, Wish::Push).await?,
        Some(What::Include { ids }) => desk.wish(&ids, Wish::Include).await?,
        Some(What::Exclude { ids, reason }) => desk.wish(&ids, Wish::Exclude(&reason)).await?,
        Some(What::Pause { reason }) => desk.set(Activity::Paused, &reason).await?,
        Some(What::Resume) => desk.set(Activity::Active, "").await?,
    };
    desk.store.close().await;
    Ok(exit)
}

/// What a person wishes for some orders.
#[derive(Clone, Copy)]
enum Wish<'a> {
    Retry,
    Push,
    Include,
    Exclude(&'a str),
}

impl Desk {
    /// The organisation and shop that are named, or the only ones.
    async fn find(
        config: &Config,
        store: Store,
        organisation: Option<String>,
        slug: Option<String>,
    ) -> miette::Result<Self> {
        let shops = store.shops().await.into_diagnostic()?;
        let mut own: Vec<(String, String, String)> = shops
            .into_iter()
            .map(|shop| (shop.slug, shop.organisation, shop.url))
            .filter(|(_, id, _)| organisation.as_ref().is_none_or(|wanted| wanted == id))
            .filter(|(own, ..)| slug.as_ref().is_none_or(|wanted| wanted == own))
            .collect();
        if own.is_empty() && slug.is_none() && config.has_shop() && config.has_xero() {
            let url = config.shop.url.trim_end_matches('/').to_owned();
            own.push((String::new(), config.organisation_id(), url));
        }
        if own.len() > 1 {
            let slugs: Vec<&str> = own.iter().map(|(slug, ..)| slug.as_str()).collect();
            return Err(miette!("there are several shops; name one with --shop: {slugs:?}"));
        }
        let (_, organisation, shop) =
            own.pop().ok_or_else(|| miette!("there is no such shop; `tillbook shop list`"))?;
        let who = std::env::var("USER").unwrap_or_else(|_| String::from("command line"));
        Ok(Self { store, organisation, shop, who, now: context::clock().now() })
    }

    async fn counts(&self) -> miette::Result<Exit> {
        let counts = self.store.board_counts(&self.organisation, self.now).await;
        let counts = counts.into_diagnostic()?;
        let mut shown = table::table(&["state", "objects"], &[1]);
        for state in JobState::ALL {
            let count = counts.get(&state).copied().unwrap_or_default();
            shown.add_row([state.as_str().to_owned(), count.to_string()]);
        }
        println!("{shown}");
        if let Some(since) =
            self.store.oldest_waiting(&self.organisation).await.into_diagnostic()?
        {
            println!("The oldest has waited since {since}.");
        }
        let next = self.store.next_run(&self.organisation, &self.shop).await.into_diagnostic()?;
        match next {
            Some((due, reason)) if !reason.is_empty() => println!("Parked until {due}: {reason}"),
            Some((due, _)) if due > self.now => println!("Next run: {due}."),
            _ => {}
        }
        if self.store.is_paused(&self.organisation).await.into_diagnostic()? {
            println!("Paused: `tillbook queue resume` goes on.");
        }
        let held = counts.get(&JobState::Held).copied().unwrap_or_default();
        Ok(if held > 0 { Exit::Attention } else { Exit::Ok })
    }

    async fn list(&self, state: Option<JobState>, limit: u32, json: bool) -> miette::Result<Exit> {
        let filter = BoardFilter { state, limit, ..BoardFilter::default() };
        let board = self.store.board(&self.organisation, &filter, self.now).await;
        let board = board.into_diagnostic()?;
        if json {
            println!("{}", serde_json::to_string_pretty(&board).into_diagnostic()?);
            return Ok(Exit::Ok);
        }
        let mut shown =
            table::table(&["object", "state", "since", "tries", "not before", "why"], &[3]);
        for entry in &board {
            shown.add_row(row(entry));
        }
        println!("{shown}");
        Ok(Exit::Ok)
    }

    async fn show(&self, id: u64, kind: &str) -> miette::Result<Exit> {
        let key = ObjectKey { kind: kind.to_owned(), ..ObjectKey::invoice(&self.shop, id) };
        let filter = BoardFilter {
            object_id: Some(id.to_string()),
            shop: Some(self.shop.clone()),
            limit: 10,
            ..BoardFilter::default()
        };
        let board = self.store.board(&self.organisation, &filter, self.now).await;
        for entry in board.into_diagnostic()?.iter().filter(|entry| entry.key.kind == kind) {
            println!("{} {id} is {}. {}", table::capital(kind), entry.state.as_str(), entry.reason);
            print!("{}", table::findings(&entry.findings));
        }
        let history = self.store.history(&self.organisation, &key).await.into_diagnostic()?;
        if history.is_empty() {
            println!("Nothing is known of {kind} {id}.");
            return Ok(Exit::Attention);
        }
        let mut shown = table::table(&["when", "what", ""], &[]);
        for line in history {
            shown.add_row([line.at.to_string(), line.what.as_str().to_owned(), line.detail]);
        }
        println!("{shown}");
        Ok(Exit::Ok)
    }

    async fn wish(&self, ids: &[u64], wish: Wish<'_>) -> miette::Result<Exit> {
        let (store, id, who, now) = (&self.store, &self.organisation, &self.who, self.now);
        for order in ids {
            let key = ObjectKey::invoice(&self.shop, *order);
            let done = match wish {
                Wish::Retry => store.retry(id, &key, who, now).await,
                Wish::Push => store.push(id, &key, who, now).await,
                Wish::Include => store.include(id, &key, who, now).await,
                Wish::Exclude(reason) => store.exclude(id, &key, (reason, who), now).await,
            };
            done.into_diagnostic()?;
        }
        let words = match wish {
            Wish::Exclude(_) => "taken out of the sync: nothing of it is sent or changed any more",
            _ => "first in the queue: a server looks at once, else `tillbook sync now` does",
        };
        println!("{} orders are {words}.", ids.len());
        Ok(Exit::Ok)
    }

    async fn set(&self, activity: Activity, reason: &str) -> miette::Result<Exit> {
        let set = self.store.set_organisation_activity(&self.organisation, activity, reason);
        if !set.await.into_diagnostic()? {
            return Err(miette!(
                help = "`tillbook shop add` adds a shop with its organisation",
                "no server works for this organisation"
            ));
        }
        match activity {
            Activity::Paused => println!("Paused after the call that is on its way, if any."),
            Activity::Active => println!("It goes on with the next round."),
        }
        Ok(Exit::Ok)
    }
}

fn row(entry: &BoardEntry) -> [String; 6] {
    let first = entry.findings.first();
    let why = first.map_or_else(|| entry.reason.clone(), |finding| finding.message.clone());
    [
        format!("{} {}", entry.key.kind, entry.key.object_id),
        entry.state.as_str().to_owned(),
        entry.since.to_string(),
        entry.attempts.to_string(),
        entry
            .run_after
            .filter(|_| entry.state == JobState::Retrying)
            .map(|at| at.to_string())
            .unwrap_or_default(),
        why,
    ]
}
