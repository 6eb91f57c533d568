//! `tillbook match`: who in the shop is whom in Xero.

use clap::Args;
use miette::{IntoDiagnostic, miette};
use tillbook::{
    bookkeeper::read_all, daemon::PATIENCE, door::as_refs, facts::FactSource, worker::LEASE,
    xero_client::XeroClient,
};
use tillbook_core::{
    contract::{CONTRACT_VERSION, CustomerMatch, MatchRequest},
    matching::By,
    plan::{RecordKind, RecordLink},
    settings::ContactMode,
};

use super::{Exit, Global, context, parse_pair, setup::Setup, table};

/// Show who in the shop is whom in Xero, and confirm what cannot be known
///
/// Customers are found by the link that is kept, contact number, e-mail address, tax number, or the
/// same name at the same postcode; two candidates are never guessed between. Nothing is changed in
/// Xero: `tillbook plan` makes and fills in contacts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook match                                  who is new, who is unclear, and suggestions
  tillbook match --all                            also those that were found, and by what
  tillbook match --confirm 12=39808ef5-1b33-5d7a-84fe-2a2d863f4a66

Exit code 4 when it is unclear who somebody is.")]
pub(crate) struct MatchArgs {
    /// Also customers that were found
    #[arg(long)]
    all: bool,
    /// Link a customer to a contact: the key that `match` shows, and Xero's `ContactID`; may be repeated
    #[arg(long, value_name = "KEY=CONTACT_ID", value_parser = parse_pair)]
    confirm: Vec<(String, String)>,
    /// Machine-readable
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(global: &Global, args: MatchArgs) -> miette::Result<Exit> {
    let Some(setup) = Setup::open(global, "match").await? else { return Ok(Exit::Config) };
    if !args.confirm.is_empty() {
        return confirm(&setup, args.confirm).await;
    }
    if setup.organisation.settings.contact.mode != ContactMode::Each {
        println!("All orders go to one contact: set `contact.mode` to `each` to match customers.");
        return Ok(Exit::Ok);
    }
    let found = find(&setup).await?;
    let unclear = found.iter().any(|customer| !customer.findings.is_empty());
    if args.json {
        println!("{}", serde_json::to_string_pretty(&found).into_diagnostic()?);
    } else {
        show(&found, args.all);
    }
    setup.worker.books.store.close().await;
    Ok(if unclear { Exit::Attention } else { Exit::Ok })
}

async fn find(setup: &Setup) -> miette::Result<Vec<CustomerMatch>> {
    let organisation = &setup.organisation;
    let listed = organisation.facts.list_orders().await.into_diagnostic()?;
    let ids: Vec<u64> = listed.iter().map(|listed| listed.order_id).collect();
    let facts = organisation.facts.read_facts(&ids).await.into_diagnostic()?;
    let contacts = contacts(setup).await?;
    let records = setup.worker.books.store.records(&organisation.id, &organisation.shop_url).await;
    let request = MatchRequest {
        contract: CONTRACT_VERSION,
        settings: organisation.settings.clone(),
        sales: facts.sales.iter().map(|(_, sale)| sale.as_input()).collect(),
        contacts: as_refs(&contacts),
        records: records.into_diagnostic()?,
    };
    Ok(setup.worker.books.door.match_customers(&request).await.into_diagnostic()?.customers)
}

async fn contacts(setup: &Setup) -> miette::Result<Vec<Box<serde_json::value::RawValue>>> {
    let xero = &setup.organisation.xero;
    read_all(xero, "Contacts?includeArchived=true", PATIENCE, |_, _| ()).await.into_diagnostic()
}

fn show(found: &[CustomerMatch], all: bool) {
    let mut shown = table::table(&["customer", "name", "e-mail", "in Xero"], &[]);
    let mut counts = [0_usize; 3];
    for customer in found {
        let in_xero = match (&customer.contact_name, customer.by, customer.findings.first()) {
            (Some(name), Some(by), _) => {
                counts[0] += 1;
                if !all {
                    continue;
                }
                format!("{name} ({})", by_words(by))
            }
            (_, _, Some(finding)) => {
                counts[2] += 1;
                format!("{}\n{}", finding.message, suggested(customer))
            }
            _ => {
                counts[1] += 1;
                format!("new\n{}", suggested(customer))
            }
        };
        shown.add_row([&customer.key, &customer.name, &customer.email, in_xero.trim_end()]);
    }
    println!("{shown}");
    let [there, new, unclear] = counts;
    println!(
        "{there} found, {new} new, {unclear} unclear. To link one: tillbook match --confirm KEY=CONTACT_ID"
    );
}

fn suggested(customer: &CustomerMatch) -> String {
    let lines: Vec<String> = customer
        .suggestions
        .iter()
        .map(|one| format!("{} %: {} {} ({})", one.score, one.contact_id, one.name, one.reason))
        .collect();
    lines.join("\n")
}

const fn by_words(by: By) -> &'static str {
    match by {
        By::Link => "linked",
        By::Number => "contact number",
        By::Email => "e-mail",
        By::TaxNumber => "tax number",
        By::NameAndPostcode => "name and postcode",
    }
}

/// Keeps links that a person has confirmed, if Xero has those contacts.
async fn confirm(setup: &Setup, pairs: Vec<(String, String)>) -> miette::Result<Exit> {
    let there = contacts(setup).await?;
    let mut records = Vec::new();
    for (key, id) in pairs {
        let own = |contact: &&serde_json::value::RawValue| {
            let found = XeroClient::text_field(contact, "ContactID");
            found.is_some_and(|found| found.eq_ignore_ascii_case(&id))
        };
        let contact = there.iter().map(AsRef::as_ref).find(own).ok_or_else(|| {
            miette!(help = "`tillbook match` shows the ids", "Xero has no contact `{id}`")
        })?;
        let name = XeroClient::text_field(contact, "Name").unwrap_or_default();
        println!("Customer {key} is {name} from now on.");
        let (kind, sha256) = (RecordKind::Contact, String::new());
        records.push(RecordLink { kind, key, xero_id: id, name, sha256 });
    }
    let (store, organisation) = (&setup.worker.books.store, &setup.organisation);
    let now = context::clock().now();
    let claimed = store.claim(&organisation.id, &setup.worker.books.owner, now, LEASE).await;
    let Some(lease) = claimed.into_diagnostic()? else {
        return Err(miette!("another worker is busy with this organisation"));
    };
    store.keep_records(&lease, &organisation.shop_url, &records, now).await.into_diagnostic()?;
    store.release(&lease, now, "").await.into_diagnostic()?;
    store.close().await;
    Ok(Exit::Ok)
}
