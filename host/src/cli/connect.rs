//! `tillbook connect`: lets Tillbook into Xero, lists who it may speak for, and ends that again.

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, miette};
use tillbook::{
    config::{Config, XeroConfig},
    store::{Connection, ConnectionKind},
    xero_client::{
        self, App, Grant, Keeper, Reached, XeroClient,
        consent::{self, Callback, Consent},
        scope,
    },
};

use super::{Exit, Global, context, table};

/// Let Tillbook into Xero, and keep it in
///
/// Prints an address. Whoever may give consent opens it, chooses the organisations, and comes back
/// to this machine; then the connection is kept, its tokens sealed, and stays alive by itself. Asks
/// for no more than the settings need: when they need more later, connect again.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  tillbook connect --set xero.client_id=…                 an app without a secret (PKCE)
  TILLBOOK_XERO_CLIENT_ID=… TILLBOOK_XERO_CLIENT_SECRET=… tillbook connect
                                                          a web app, with its secret
  tillbook connect --custom                               a custom connection: nobody signs in
  tillbook connect --organisation \"Demo Company (UK)\"     of several, this one
  tillbook connect list                                   who is connected, and what is wrong
  tillbook connect end ID                                 end a connection, here and in Xero

The app's redirect URI in developer.xero.com must be http://localhost:8400/callback (or --port)."
)]
pub(crate) struct ConnectArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// The organisation's name or id, or `all`; without, the only one, else they are listed
    #[arg(long, value_name = "NAME|ID|all")]
    organisation: Option<String>,
    /// Use a custom connection: client id and secret are enough
    #[arg(long)]
    custom: bool,
    /// Port of this machine that Xero sends the person back to
    #[arg(long, value_name = "PORT", conflicts_with = "custom")]
    port: Option<u16>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List connections, their organisations, and what they may do
    List,
    /// End a connection, here and in Xero
    End {
        /// Its id, or the beginning of it, as `list` shows it
        connection: String,
    },
    /// Seal all stored secrets by the present key, after `data.key` has changed
    Reseal,
}

/// What every way here needs.
struct Desk {
    config: Config,
    keeper: Keeper,
}

impl Desk {
    async fn open(global: &Global) -> miette::Result<Self> {
        let (config, _) = context::configure(global)?;
        let store = context::open_store(&config).await?;
        let wire = xero_client::open_wire(&config.xero).into_diagnostic()?;
        let keeper = Keeper::open(&config, store, context::clock(), wire).into_diagnostic()?;
        Ok(Self { config, keeper })
    }
}

pub(crate) async fn run(global: &Global, args: ConnectArgs) -> miette::Result<Exit> {
    let desk = Desk::open(global).await?;
    let done = match &args.what {
        None => connect(&desk, &args).await,
        Some(What::List) => list(&desk).await,
        Some(What::End { connection }) => end(&desk, connection).await,
        Some(What::Reseal) => {
            let resealed = desk.keeper.store.reseal_connections(&desk.keeper.vault).await;
            println!("Connections sealed anew: {}.", resealed.into_diagnostic()?);
            Ok(Exit::Ok)
        }
    };
    desk.keeper.store.close().await;
    done
}

async fn connect(desk: &Desk, args: &ConnectArgs) -> miette::Result<Exit> {
    let xero = &desk.config.xero;
    if xero.client_id.is_empty() || args.custom && xero.client_secret.is_empty() {
        eprintln!("Set `xero.client_id` (and `xero.client_secret`, where the app has one) first:");
        eprintln!("developer.xero.com/app/manage shows them.");
        return Ok(Exit::Config);
    }
    let app = App { client_id: xero.client_id.clone(), client_secret: xero.client_secret.clone() };
    let kind = match (args.custom, app.client_secret.is_empty()) {
        (true, _) => ConnectionKind::Custom,
        (false, false) => ConnectionKind::Web,
        (false, true) => ConnectionKind::Pkce,
    };
    let settings = context::stored_settings(&desk.config).await?;
    let needed = scope::needed(settings.as_ref());
    let grant = match kind {
        ConnectionKind::Custom => {
            let needed: Vec<&str> =
                needed.iter().copied().filter(|one| *one != scope::OFFLINE).collect();
            let now = context::clock().now();
            let granted = desk.keeper.identity.grant_to_app(&app, &needed.join(" "), now).await;
            granted.into_diagnostic()?
        }
        ConnectionKind::Web | ConnectionKind::Pkce => {
            let port = args.port.unwrap_or(xero.callback_port);
            ask(desk, &app, &needed, port).await?
        }
    };
    // On disk before it is used: a grant that is lost would have to be asked for again.
    let id = desk.keeper.keep(kind, &app, &grant).await.into_diagnostic()?;
    let chosen = choose(desk, kind, &grant, args.organisation.as_deref()).await?;
    let Some(chosen) = chosen else {
        desk.keeper.store.forget_connection(&id).await.into_diagnostic()?;
        return Ok(Exit::Config);
    };
    let now = context::clock().now();
    desk.keeper.store.link_organisations(&id, &chosen, now).await.into_diagnostic()?;
    for (organisation, name) in &chosen {
        println!("Connected to {name} ({organisation}).");
    }
    let missing = scope::missing(&grant.scopes, &needed);
    if !missing.is_empty() {
        println!("Not given, though the settings need it: {}.", missing.join(", "));
        return Ok(Exit::Attention);
    }
    Ok(Exit::Ok)
}

/// Waits for a person's consent.
async fn ask(desk: &Desk, app: &App, scopes: &[&str], port: u16) -> miette::Result<Grant> {
    let callback = Callback::open(port).await.into_diagnostic()?;
    let url = &desk.config.xero.authorise_url;
    let consent = Consent::ask(url, &app.client_id, scopes, callback.port()).into_diagnostic()?;
    println!("Open this address, sign in to Xero and give consent:\n\n  {}\n", consent.address);
    println!("It asks for: {}.", scopes.join(", "));
    println!("Waiting ten minutes for Xero at {} …", consent.redirect_uri);
    let code = callback.wait(&consent, consent::PATIENCE).await.into_diagnostic()?;
    let proof = (code.as_str(), consent.verifier.as_str(), consent.redirect_uri.as_str());
    desk.keeper.identity.grant_for_code(app, proof, context::clock().now()).await.into_diagnostic()
}

/// The organisations that the connection shall speak for; `None`, and says so, when a person must
/// choose.
async fn choose(
    desk: &Desk,
    kind: ConnectionKind,
    grant: &Grant,
    wanted: Option<&str>,
) -> miette::Result<Option<Vec<(String, String)>>> {
    if kind == ConnectionKind::Custom {
        let config = XeroConfig { scopes: grant.scopes.clone(), ..desk.config.xero.clone() };
        let client = XeroClient::new(&config, context::clock()).into_diagnostic()?;
        let organisation = client.read_organisation().await.into_diagnostic()?;
        let name = XeroClient::text_field(&organisation, "Name").unwrap_or_default();
        return Ok(Some(vec![(desk.config.organisation_id(), name)]));
    }
    let reached = desk.keeper.identity.connections(&grant.access_token).await.into_diagnostic()?;
    let is_wanted = |one: &Reached| match wanted {
        None => reached.len() == 1,
        Some("all") => true,
        Some(text) => one.tenant_id == text || one.tenant_name.eq_ignore_ascii_case(text),
    };
    let pair = |one: &Reached| (one.tenant_id.clone(), one.tenant_name.clone());
    let chosen: Vec<(String, String)> =
        reached.iter().filter(|one| is_wanted(one)).map(pair).collect();
    if !chosen.is_empty() {
        return Ok(Some(chosen));
    }
    match wanted {
        Some(text) => eprintln!("Consent was not given for `{text}`. It was given for:"),
        None if reached.is_empty() => eprintln!("Consent was given for no organisation."),
        None => eprintln!("Consent was given for several organisations:"),
    }
    for one in &reached {
        eprintln!("  {}  {}", one.tenant_id, one.tenant_name);
    }
    eprintln!("Connect again with --organisation NAME, ID or `all`; nothing was kept.");
    Ok(None)
}

async fn list(desk: &Desk) -> miette::Result<Exit> {
    let store = &desk.keeper.store;
    let connections = store.connections().await.into_diagnostic()?;
    if connections.is_empty() {
        println!("Nobody is connected; `tillbook connect` does it.");
        return Ok(Exit::Ok);
    }
    let settings = context::stored_settings(&desk.config).await?;
    let mut needed = scope::needed(settings.as_ref());
    needed.retain(|one| *one != scope::OFFLINE);
    let mut exit = Exit::Ok;
    let mut rows = table::table(&["Connection", "Kind", "App", "Organisations", "State"], &[]);
    for one in &connections {
        let organisations = store.organisations_of(&one.id).await.into_diagnostic()?;
        let names: Vec<String> = organisations.into_iter().map(|(_, name)| name).collect();
        let missing = scope::missing(&one.scopes, &needed);
        let state = match &one.needs_person {
            Some(reason) => reason.clone(),
            None if missing.is_empty() => format!("well, refreshed {}", one.refreshed),
            None => format!("lacks {}: connect again to widen it", missing.join(", ")),
        };
        if one.needs_person.is_some() || !missing.is_empty() {
            exit = Exit::Attention;
        }
        let short = one.id.get(..8).unwrap_or(&one.id).to_owned();
        rows.add_row([
            short,
            one.kind.as_str().into(),
            one.client_id.clone(),
            names.join("\n"),
            state,
        ]);
    }
    println!("{rows}");
    Ok(exit)
}

async fn end(desk: &Desk, wanted: &str) -> miette::Result<Exit> {
    let all = desk.keeper.store.connections().await.into_diagnostic()?;
    let found: Vec<&Connection> = all.iter().filter(|one| one.id.starts_with(wanted)).collect();
    let [one] = found.as_slice() else {
        return Err(miette!(
            help = "`tillbook connect list` shows them",
            "{} begin with `{wanted}`",
            if found.is_empty() { "no connections" } else { "several connections" }
        ));
    };
    desk.keeper.end(one).await.into_diagnostic()?;
    println!("Ended. What waits for its organisations stays in the queue.");
    if one.kind == ConnectionKind::Custom {
        println!("The custom connection itself ends in Xero: Settings → Connected apps.");
    }
    Ok(Exit::Ok)
}
