//! Metrics for Prometheus. No label names an organisation, shop or order: they would be many, and
//! nobody else's business.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{
    config::XeroConfig,
    store::{JobState, Store, StoreError},
    time::Timestamp,
    xero_client::budgets,
};

/// Histograms are summed up this often, or they would grow for ever.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// What is read from the store is not read again within this time, however often it is asked.
const FRESH: Duration = Duration::from_secs(5);
/// Held objects that are looked through for their codes.
const HELD_MAX: u32 = 10_000;
/// Seconds: an intake answers within milliseconds, a call to Xero within seconds.
const BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Gives the metrics as text.
#[derive(Clone, Default)]
pub struct Meter {
    handle: Option<PrometheusHandle>,
    seen: Arc<Mutex<Seen>>,
}

/// What was set at the last look.
#[derive(Debug, Default)]
struct Seen {
    at: Option<Timestamp>,
    codes: BTreeSet<String>,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

impl Meter {
    /// The meter of this process; from the first call on all that is counted is kept.
    #[must_use]
    pub fn install() -> Self {
        let handle = RECORDER.get_or_init(|| {
            // Fails only without buckets.
            let builder = PrometheusBuilder::new();
            let recorder = match builder.set_buckets(&BUCKETS) {
                Ok(builder) => builder.build_recorder(),
                Err(_) => PrometheusBuilder::new().build_recorder(),
            };
            let handle = recorder.handle();
            // Where another recorder is installed already, ours stays empty.
            metrics::set_global_recorder(recorder).ok();
            describe();
            handle
        });
        Self { handle: Some(handle.clone()), seen: Arc::default() }
    }

    /// Sums up histograms from time to time, for ever.
    pub async fn keep_up(self) {
        let Some(handle) = self.handle else { return };
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            handle.run_upkeep();
        }
    }

    /// All metrics in Prometheus' text format.
    pub async fn render(&self, store: &Store, xero: &XeroConfig, now: Timestamp) -> String {
        if self.is_due(now)
            && let Err(error) = self.look(store, xero, now).await
        {
            tracing::warn!(%error, "the queue cannot be measured");
        }
        self.handle.as_ref().map(PrometheusHandle::render).unwrap_or_default()
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let due = seen.at.is_none_or(|at| now.since(at) >= FRESH);
        if due {
            seen.at = Some(now);
        }
        due
    }

    /// Measures the queue, and what is held, over all organisations.
    async fn look(
        &self,
        store: &Store,
        xero: &XeroConfig,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut states: BTreeMap<JobState, u64> = BTreeMap::new();
        let mut oldest = Duration::ZERO;
        for organisation in store.organisations().await? {
            for (state, count) in store.board_counts(&organisation.id, now).await? {
                *states.entry(state).or_default() += count;
            }
            if let Some(since) = store.oldest_waiting(&organisation.id).await? {
                oldest = oldest.max(now.since(since));
            }
        }
        for (state, count) in states {
            metrics::gauge!("tillbook_queue_objects", "state" => state.as_str()).set(number(count));
        }
        metrics::gauge!("tillbook_queue_oldest_seconds").set(number(oldest.as_secs()));
        let budgets = budgets(store, xero).await?;
        let left = budgets.values().filter_map(|budget| budget.day_remaining).min();
        // Until Xero has said something, the whole day is left.
        metrics::gauge!("tillbook_xero_day_calls_left").set(left.unwrap_or(xero.calls_per_day));
        let troubled = budgets.values().filter(|budget| budget.trouble.is_some()).count();
        let troubled = u32::try_from(troubled).unwrap_or(u32::MAX);
        metrics::gauge!("tillbook_xero_organisations_in_trouble").set(troubled);
        self.count_held(store).await
    }

    async fn count_held(&self, store: &Store) -> Result<(), StoreError> {
        let mut codes: BTreeMap<String, u64> = BTreeMap::new();
        for held in store.held("", "", HELD_MAX).await? {
            let found: BTreeSet<String> =
                held.findings.iter().map(|finding| finding.code.clone()).collect();
            for code in found {
                *codes.entry(code).or_default() += 1;
            }
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // What is cured must fall to nothing, not stay as it was.
        for code in &seen.codes {
            codes.entry(code.clone()).or_default();
        }
        for (code, count) in &codes {
            metrics::gauge!("tillbook_held_objects", "code" => code.clone()).set(number(*count));
        }
        seen.codes = codes.into_keys().collect();
        Ok(())
    }
}

fn number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn describe() {
    metrics::describe_counter!(
        "tillbook_intake_deliveries_total",
        "Webhooks and events, by source and by what became of them"
    );
    metrics::describe_histogram!(
        "tillbook_intake_seconds",
        metrics::Unit::Seconds,
        "From the head of a delivery to its answer, the commit included"
    );
    metrics::describe_histogram!("tillbook_intake_batch_deliveries", "Deliveries in one commit");
    metrics::describe_gauge!("tillbook_queue_objects", "Objects in the queue, by state");
    metrics::describe_gauge!(
        "tillbook_queue_oldest_seconds",
        metrics::Unit::Seconds,
        "How long the oldest waiting object waits"
    );
    metrics::describe_gauge!("tillbook_held_objects", "Objects that are held, by finding");
    metrics::describe_counter!(
        "tillbook_xero_calls_total",
        "Calls to Xero, by what they are for and by what became of them"
    );
    metrics::describe_gauge!(
        "tillbook_xero_day_calls_left",
        "Calls left today, of the organisation that has fewest"
    );
    metrics::describe_gauge!(
        "tillbook_xero_organisations_in_trouble",
        "Organisations that are left alone because Xero is in trouble"
    );
}
