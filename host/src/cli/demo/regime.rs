//! One shop with its tax regime and its organisation.

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use miette::{IntoDiagnostic, WrapErr, miette};
use rust_decimal::Decimal;
use tillbook::{
    bookkeeper::Scope,
    branch::propose,
    config::{CALL_BYTES_MAX, DOCUMENTS_PER_CALL_MAX, Secret, ShopConfig},
    daemon::{Ended, StopSignal, drain},
    door::Door,
    shop_facts::ShopSource,
    worker::{Organisation, Worker},
    xero_client::XeroClient,
};
use tillbook_practice::{
    shop::{PracticeShop, Running, corpus},
    xero::{self, Preset, global},
};
use uuid::Uuid;

use super::report::{Charge, Ledger, Report};
use crate::cli::{context, practice_chart};

/// The kind of organisation that the shop of a recorded batch would have.
pub(super) fn preset(batch: &str) -> Preset {
    match batch.split('-').next() {
        Some("AU") => Preset::Au,
        Some("GB") => Preset::Gb,
        Some("US") => Preset::Us,
        Some("CA") => Preset::Ca,
        Some("JP") => global("JPY"),
        Some("BH") => global("BHD"),
        _ => global("EUR"),
    }
}

/// A shop with its organisation, ready to be synced.
pub(super) struct Regime {
    pub(super) name: String,
    pub(super) shop: Running,
    pub(super) organisation: Organisation<ShopSource>,
    pub(super) order_count: usize,
    /// What the shop charged, by order id.
    charged: BTreeMap<String, Charge>,
}

impl Regime {
    /// Opens the shop, reads shop and chart over HTTP, and lets the core propose settings.
    pub(super) async fn open(
        door: &Door,
        xero: &xero::Running,
        tenant: Uuid,
        batch: &str,
        count: usize,
    ) -> miette::Result<Self> {
        let cases: Vec<_> = corpus::orders(batch).into_iter().take(count).cloned().collect();
        let charged = cases
            .iter()
            .filter_map(|case| {
                let amount: Decimal = case.order.get("total")?.as_str()?.parse().ok()?;
                let currency = case.order.get("currency")?.as_str()?.to_owned();
                Some((case.id.to_string(), Charge { amount, currency }))
            })
            .collect();
        let order_count = cases.len();
        let shop = PracticeShop::builder()
            .cases(cases)
            .start()
            .await
            .into_diagnostic()
            .wrap_err("the practice shop")?;
        let facts = ShopSource::open(&ShopConfig {
            url: shop.base_url.clone(),
            consumer_key: Secret::new(&shop.consumer_key),
            consumer_secret: Secret::new(&shop.consumer_secret),
        })?;
        let background = facts.read_background().await?;
        let config = practice_chart::configure(xero, &tenant.to_string());
        let client = XeroClient::new(&config, context::clock()).into_diagnostic()?;
        let chart = client.read_chart().await.map_err(|failure| miette!("Xero: {failure}"))?;
        let settings = propose(door, &background, &chart).await.into_diagnostic()?;
        let organisation = Organisation {
            id: tenant.to_string(),
            shop_url: facts.url().to_owned(),
            shop: background.shop,
            facts: facts.for_settings(&settings),
            chart,
            settings,
            rules_sha256: String::from("proposed"),
            xero: client,
            documents_per_call: DOCUMENTS_PER_CALL_MAX,
            call_bytes_max: CALL_BYTES_MAX,
        };
        Ok(Self { name: batch.to_owned(), shop, organisation, order_count, charged })
    }

    /// Syncs the shop, reads back what Xero has, and syncs once more to see that nothing is sent.
    /// `None` when it was asked to stop.
    pub(super) async fn sync(
        &self,
        worker: &Worker,
        stop: StopSignal,
        bar: &ProgressBar,
    ) -> miette::Result<Option<Report>> {
        bar.set_message(self.name.clone());
        let organisation = &self.organisation;
        worker.sweep(organisation).await.into_diagnostic()?;
        let on_step = |progress: &tillbook::worker::Progress| bar.inc(progress.done() as u64);
        let ended = drain(worker, organisation, stop.clone(), on_step).await.into_diagnostic()?;
        match ended {
            Ended::Stopped => return Ok(None),
            Ended::Parked { reason, .. } => {
                return Err(miette!("{} cannot go on: {reason}", self.name));
            }
            Ended::Empty => {}
        }
        let calls = organisation.xero.call_count();
        worker.sweep(organisation).await.into_diagnostic()?;
        drain(worker, organisation, stop, |_| {}).await.into_diagnostic()?;
        let again = organisation.xero.call_count().writes - calls.writes;
        let ledger = Ledger::read(&organisation.xero).await?;
        let store = &worker.books.store;
        let links = store.core_links(&organisation.id, &organisation.shop_url).await;
        let plan = worker.books.plan(organisation, &Scope::default()).await.into_diagnostic()?;
        Ok(Some(Report::make(
            &self.name,
            store.outcomes(&organisation.id).await.into_diagnostic()?,
            &links.into_diagnostic()?,
            &self.charged,
            &ledger,
            (calls, again),
            plan.steps().count(),
        )))
    }
}
