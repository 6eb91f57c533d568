//! Who counts the calls: this client alone, or all workers of all processes together.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    Failure,
    failure::RETRY_SOON,
    limiter::{AppWindow, Cause, Feedback, Limiter, Limits, Place, Urgency, Wait},
};
use crate::{
    config::XeroConfig,
    store::{Store, StoreError},
    time::Timestamp,
};

/// What a call may take beyond its timeout before its answer is given up.
const SLACK: Duration = Duration::from_secs(15);

/// Failures in a row after which calls rest.
const FAILURES_MAX: u32 = 5;

/// Rows of organisations and of apps.
const ORGANISATION: &str = "organisation:";
const APP: &str = "app:";

/// Counts calls.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Here(Mutex<(Limiter, AppWindow)>),
    Shared { store: Store, organisation: String, app: String },
}

/// The limits that a configuration sets, with all that only a shared budget keeps.
pub(super) fn shared_limits(config: &XeroConfig) -> Limits {
    Limits {
        per_minute: config.calls_per_minute,
        in_flight: config.calls_in_flight,
        per_day: config.calls_per_day,
        reserve_percent: config.reserve_percent,
        app_per_minute: config.app_calls_per_minute,
        answer_max: Duration::from_secs(config.timeout_secs.into()) + SLACK,
        failures_max: FAILURES_MAX,
    }
}

impl Budget {
    /// Counted by this client alone, which knows neither yesterday nor others: no reserve, no
    /// breaker.
    pub(super) fn here(config: &XeroConfig) -> Self {
        let limits = Limits {
            per_day: u32::MAX,
            reserve_percent: 0,
            failures_max: u32::MAX,
            ..shared_limits(config)
        };
        Self { limits, kept: Kept::Here(Mutex::default()) }
    }

    /// Counted in the store.
    pub(super) fn shared(limits: Limits, store: Store, client_id: &str, tenant_id: &str) -> Self {
        let organisation = format!("{ORGANISATION}{client_id}:{tenant_id}");
        let app = format!("{APP}{client_id}");
        Self { limits, kept: Kept::Shared { store, organisation, app } }
    }

    /// Takes a place.
    pub(super) async fn admit(&self, urgency: Urgency, now: Timestamp) -> Result<Place, Failure> {
        let limits = self.limits;
        let admitted = self
            .change(|limiter, app| {
                let place = limiter.admit(&limits, urgency, now)?;
                match app.admit(&limits, now) {
                    Ok(()) => Ok(place),
                    Err(wait) => {
                        limiter.withdraw(place);
                        Err(wait)
                    }
                }
            })
            .await;
        match admitted {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(wait)) => Err(not_now(&wait, now)),
            Err(error) => {
                let message = format!("calls cannot be counted: {error}");
                Err(Failure::NotDone { retry_after: RETRY_SOON, message })
            }
        }
    }

    /// Gives a place back after the answer. If that cannot be written down, the place counts until
    /// no answer could come any more: what Xero said must not be lost for it.
    pub(super) async fn finish(&self, place: Place, now: Timestamp, feedback: &Feedback) {
        let limits = self.limits;
        let done = self
            .change(|limiter, app| {
                limiter.finish(&limits, place, now, feedback);
                app.learn(&limits, feedback, now);
            })
            .await;
        if let Err(error) = done {
            tracing::warn!(%error, "a call's place was not given back");
        }
    }

    /// Gives a place back that was not used.
    pub(super) async fn withdraw(&self, place: Place) {
        let done = self
            .change(|limiter, app| {
                limiter.withdraw(place);
                app.withdraw();
            })
            .await;
        if let Err(error) = done {
            tracing::warn!(%error, "a call's place was not given back");
        }
    }

    /// When a call could be made: `None` for at once.
    pub(super) async fn wait_until(&self, urgency: Urgency, now: Timestamp) -> Option<Timestamp> {
        let limits = self.limits;
        let look = |limiter: &mut Limiter, app: &mut AppWindow| {
            let (mut limiter, mut app) = (limiter.clone(), app.clone());
            let place = limiter.admit(&limits, urgency, now);
            place.map(|_| ()).and_then(|()| app.admit(&limits, now)).err().map(|wait| wait.until)
        };
        self.change(look).await.unwrap_or_else(|_| Some(now.plus(RETRY_SOON)))
    }

    /// Tells of calls that an earlier process made; a shared budget knows them.
    pub(super) fn remember(&self, calls: &[Timestamp]) {
        if let Kept::Here(kept) = &self.kept {
            lock(kept).0.remember(calls);
        }
    }

    async fn change<T>(
        &self,
        change: impl FnOnce(&mut Limiter, &mut AppWindow) -> T,
    ) -> Result<T, StoreError> {
        match &self.kept {
            Kept::Here(kept) => {
                let (limiter, app) = &mut *lock(kept);
                Ok(change(limiter, app))
            }
            Kept::Shared { store, organisation, app } => {
                store
                    .change_budgets([organisation, app], |[organisation, app]| {
                        let mut limiter = read(organisation);
                        let mut window = read(app);
                        let result = change(&mut limiter, &mut window);
                        write(organisation, &limiter);
                        write(app, &window);
                        result
                    })
                    .await
            }
        }
    }
}

// The limiter has no half-changed states: a panic elsewhere does not spoil it.
fn lock<T>(kept: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What cannot be read begins anew: the server's own count is learned from its next answer.
fn read<T: Default + DeserializeOwned>(state: &str) -> T {
    serde_json::from_str(state).unwrap_or_else(|error| {
        tracing::warn!(%error, "the count of calls cannot be read");
        T::default()
    })
}

fn write<T: Serialize>(state: &mut String, value: &T) {
    if let Ok(text) = serde_json::to_string(value) {
        *state = text;
    }
}

/// Why there is no call now, as people understand it.
fn not_now(wait: &Wait, now: Timestamp) -> Failure {
    let message = match &wait.cause {
        Cause::Minute | Cause::InFlight | Cause::App => {
            String::from("Xero's limit of calls is used up for now")
        }
        Cause::Closed => String::from("Xero asked for a pause"),
        Cause::Day => String::from("Xero's limit of calls a day is used up"),
        Cause::Reserve => String::from(
            "what is left of Xero's calls today is kept for urgent work; the rest goes on by itself",
        ),
        Cause::Trouble(words) => {
            format!("Xero is in trouble and is left alone until {}: {words}", wait.until)
        }
    };
    Failure::NotDone { retry_after: wait.until.since(now), message }
}

/// What is known of one organisation's calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BudgetReport {
    /// Calls left today, as far as Xero has said.
    pub day_remaining: Option<u32>,
    /// Xero's last words, while it is in trouble and left alone.
    pub trouble: Option<String>,
}

/// What is known of every organisation's calls, by app and organisation (`CLIENT:TENANT`).
///
/// # Errors
/// [`StoreError::Database`].
pub async fn budgets(
    store: &Store,
    config: &XeroConfig,
) -> Result<BTreeMap<String, BudgetReport>, StoreError> {
    let limits = shared_limits(config);
    let mut reports = BTreeMap::new();
    for row in store.budget_names().await? {
        let Some(name) = row.strip_prefix(ORGANISATION) else { continue };
        let limiter: Limiter = read(&store.budget(&row).await?.unwrap_or_default());
        let report = BudgetReport {
            day_remaining: limiter.day_remaining(),
            trouble: limiter.trouble(&limits).map(str::to_owned),
        };
        reports.insert(name.to_owned(), report);
    }
    Ok(reports)
}

/// Gives back the places in flight of processes that died.
pub(super) async fn free_places_of_the_dead(
    store: &Store,
    now: Timestamp,
) -> Result<(), StoreError> {
    for row in store.budget_names().await? {
        if row.starts_with(ORGANISATION) {
            let free = |[state]: &mut [String; 1]| {
                let mut limiter: Limiter = read(state);
                limiter.free_places_of_the_dead(now);
                write(state, &limiter);
            };
            store.change_budgets([&row], free).await?;
        }
    }
    Ok(())
}
