//! `--dry-run`: everything but the sending.

use miette::{IntoDiagnostic, miette};
use tillbook::{
    door::{Sale, as_refs},
    facts::FactSource,
    shop_facts::ShopSource,
    store::ObjectKey,
    worker::{Organisation, Worker},
};
use tillbook_core::contract::{CONTRACT_VERSION, MapRequest, Outcome, SaleOutcome};

use crate::cli::{Exit, table};

/// Orders that are read and mapped at once.
const ORDERS_AT_ONCE: usize = 50;

/// Maps every order that is not in Xero yet, and shows what would become of it.
pub(super) async fn run(
    worker: &Worker,
    organisation: &Organisation<ShopSource>,
) -> miette::Result<Exit> {
    let listed = organisation.facts.list_orders().await.into_diagnostic()?;
    let mut ids = Vec::new();
    for order in &listed {
        let key = ObjectKey::invoice(&organisation.shop_url, order.order_id);
        let link = worker.store.link_of(&organisation.id, &key).await.into_diagnostic()?;
        if link.is_none() {
            ids.push(order.order_id);
        }
    }
    let mut rows =
        table::table(&["Order", "Status", "Charged", "Would", "Invoice", "Total"], &[2, 5]);
    let (mut held, mut calls) = (Vec::new(), 0_usize);
    for chunk in ids.chunks(ORDERS_AT_ONCE) {
        let sales = map(worker, organisation, chunk).await?;
        calls += usize::from(sales.iter().any(|sale| sale.outcome == Outcome::Post));
        for sale in sales {
            rows.add_row(row(&sale));
            if sale.outcome == Outcome::Hold {
                held.push(sale);
            }
        }
    }
    println!("{rows}");
    for sale in &held {
        println!("\nOrder {} would be held:", sale.number.as_deref().unwrap_or("?"));
        print!("{}", table::findings(&sale.findings));
    }
    let already = listed.len() - ids.len();
    println!(
        "\n{already} of {} orders are in Xero already. About {calls} calls would be made; nothing was sent.",
        listed.len()
    );
    Ok(if held.is_empty() { Exit::Ok } else { Exit::Attention })
}

async fn map(
    worker: &Worker,
    organisation: &Organisation<ShopSource>,
    ids: &[u64],
) -> miette::Result<Vec<SaleOutcome>> {
    let facts = organisation.facts.read_facts(ids).await.into_diagnostic()?;
    let request = MapRequest {
        contract: CONTRACT_VERSION,
        shop: organisation.shop.clone(),
        settings: organisation.settings.clone(),
        chart: organisation.chart.as_input(),
        sales: facts.sales.iter().map(|(_, sale)| Sale::as_input(sale)).collect(),
        products: as_refs(&facts.products),
        records: Vec::new(),
    };
    Ok(worker.door.map(&request).await.map_err(|error| miette!("{error}"))?.sales)
}

fn row(sale: &SaleOutcome) -> [String; 6] {
    let (number, total) = sale
        .document
        .as_ref()
        .map(|document| (document.number.clone(), document.total.clone()))
        .unwrap_or_default();
    let would = match sale.outcome {
        Outcome::Post => "be posted",
        Outcome::Skip => "be skipped",
        Outcome::Hold => "be held",
    };
    let word = |text: &Option<String>| text.clone().unwrap_or_default();
    [word(&sale.number), word(&sale.status), word(&sale.charged), would.to_owned(), number, total]
}
