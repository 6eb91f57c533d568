//! `tillbook token`: who may use the API.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, miette};
use tillbook::{
    store::{NewToken, Role, TokenRow},
    time::Timestamp,
};

use super::{Exit, Global, context, table};

/// Give, list and take back tokens for the API
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook token add dashboard --role view
  tillbook token add plugin --role operate --shop main --days 365
  tillbook token list
  tillbook token revoke 5f1c20a9b3e4")]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Give a token; it is printed once, and only its hash is kept
    Add(AddArgs),
    /// All tokens, also those that are no good any more
    List,
    /// Take a token back, for good
    Revoke {
        /// Its public name, as `tillbook token list` shows it
        id: String,
    },
}

#[derive(Debug, Args)]
struct AddArgs {
    /// What it is for
    name: String,
    /// What it may do; each role may what those before it may
    #[arg(long, value_enum)]
    role: RoleArg,
    /// The only shop it is good for
    #[arg(long)]
    shop: Option<String>,
    /// Days until it ends by itself
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: Option<u32>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleArg {
    /// Look
    View,
    /// Pause, resume, retry, exclude, push, sync
    Operate,
    /// Give and take back tokens
    Configure,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::View => Self::View,
            RoleArg::Operate => Self::Operate,
            RoleArg::Configure => Self::Configure,
        }
    }
}

pub(crate) async fn run(global: &Global, args: TokenArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::open_store(&config).await?;
    let now = context::clock().now();
    match args.command {
        TokenCommand::Add(args) => {
            if let Some(shop) = &args.shop
                && store.shop(shop).await.into_diagnostic()?.is_none()
            {
                return Err(miette!("there is no shop `{shop}`"));
            }
            let days = |days: u32| now.plus(Duration::from_hours(24 * u64::from(days)));
            let expires = args.days.map(days);
            let new =
                NewToken { name: args.name, role: args.role.into(), shop: args.shop, expires };
            let (row, token) = store.add_token(&new, now).await.into_diagnostic()?;
            eprintln!("Token {} for `{}`. It is shown here and never again:", row.id, row.name);
            println!("{}", token.reveal());
        }
        TokenCommand::List => list(&store.tokens().await.into_diagnostic()?, now),
        TokenCommand::Revoke { id } => {
            if !store.revoke_token(&id, now).await.into_diagnostic()? {
                return Err(miette!("there is no token `{id}`"));
            }
            println!("Token {id} is no good any more.");
        }
    }
    store.close().await;
    Ok(Exit::Ok)
}

fn list(tokens: &[TokenRow], now: Timestamp) {
    let mut rows = table::table(&["id", "name", "role", "shop", "state", "last used"], &[]);
    for token in tokens {
        let state = match (token.revoked, token.expires) {
            (Some(at), _) => format!("taken back {at}"),
            (None, Some(at)) if at <= now => format!("ended {at}"),
            (None, Some(at)) => format!("good until {at}"),
            (None, None) => String::from("good"),
        };
        rows.add_row([
            token.id.clone(),
            token.name.clone(),
            token.role.as_str().to_owned(),
            token.shop.clone().unwrap_or_else(|| String::from("all")),
            state,
            token.used.map_or_else(|| String::from("never"), |at| at.to_string()),
        ]);
    }
    println!("{rows}");
}
