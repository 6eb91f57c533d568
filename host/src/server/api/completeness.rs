//! Whether anything of a month is missing, day by day.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::extract::State;
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use tillbook_core::plan::completeness::{Account, Standing};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, answer::ApiError},
    body::{Body, InPath, InQuery, OutsideRefusals, Refusals, ShopPath, aside, shop_of},
};

/// What was reckoned so lately is given again: a page asks every few seconds.
const FRESH: Duration = Duration::from_mins(1);

/// Held objects that are told from those that wait.
const HELD_MAX: u32 = 10_000;

/// Which month
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Month {
    /// As `2026-11`
    #[param(min_length = 7, max_length = 7, pattern = "^[0-9]{4}-[0-9]{2}$", example = "2026-11")]
    month: String,
}

/// How many orders and refunds stand where
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct Standings {
    /// All of them are in Xero
    posted: u32,
    /// They are not posted, for a reason
    excluded: u32,
    /// They are still to be posted
    pending: u32,
    /// They wait for a person
    held: u32,
}

/// One day
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Day {
    /// The day on which they were made, local to the shop
    #[schema(example = "2026-11-22")]
    day: String,
    #[serde(flatten)]
    standings: Standings,
}

/// A month, day by day
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Completeness {
    month: String,
    /// Every day of the month
    days: Vec<Day>,
    totals: Standings,
}

/// Whether every order and refund of a month is in Xero, and if not, how many wait; the shop is read
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/completeness",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Month),
    responses(
        (status = 200, description = "Day by day", body = Completeness), Refusals, OutsideRefusals
    )
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(Month { month }): InQuery<Month>,
) -> Result<Body<Completeness>, ApiError> {
    aside(move || async move {
        let (first, last) = days_of(&month)
            .ok_or_else(|| ApiError::bad_request("`month` is no month; write it as 2026-11"))?;
        let shop = shop_of(&app, &shop).await?;
        let (key, now) = ((shop.slug.clone(), month.clone()), app.clock.now());
        if let Some(kept) = app.months.get(&key, now, FRESH) {
            return Ok(Body(kept));
        }
        let branch = app.branches()?.get(&shop).await?;
        let books = app.books()?;
        let between = (first.to_string(), last.to_string());
        let (accounts, _) = books.account(&branch, (&between.0, &between.1)).await?;
        let held = app.store.held(&shop.organisation, &shop.url, HELD_MAX).await?;
        let held: Vec<u64> = held
            .iter()
            .filter(|row| row.key.kind == "order")
            .filter_map(|row| row.key.object_id.parse().ok())
            .collect();
        let completeness = count(month, (first, last), &accounts, &held);
        app.months.put(key, completeness.clone(), now);
        Ok(Body(completeness))
    })
    .await
}

fn days_of(month: &str) -> Option<(NaiveDate, NaiveDate)> {
    let first: NaiveDate = format!("{month}-01").parse().ok().filter(|_| month.len() == 7)?;
    let last = first.checked_add_months(Months::new(1))?.checked_sub_days(Days::new(1))?;
    Some((first, last))
}

fn count(
    month: String,
    (first, last): (NaiveDate, NaiveDate),
    accounts: &[Account],
    held: &[u64],
) -> Completeness {
    let days = first.iter_days().take_while(|day| *day <= last);
    let mut days: BTreeMap<String, Standings> =
        days.map(|day| (day.to_string(), Standings::default())).collect();
    let mut totals = Standings::default();
    for account in accounts {
        let Some(day) = account.created.get(..10).and_then(|day| days.get_mut(day)) else {
            continue;
        };
        for standings in [day, &mut totals] {
            match account.standing {
                Standing::Posted => standings.posted += 1,
                Standing::Excluded => standings.excluded += 1,
                Standing::Pending if held.contains(&account.order_id) => standings.held += 1,
                Standing::Pending => standings.pending += 1,
            }
        }
    }
    let days = days.into_iter().map(|(day, standings)| Day { day, standings }).collect();
    Completeness { month, days, totals }
}
