//! Orders of new shape: recorded ones put together, with totals that stay WooCommerce's.
//!
//! A generated order holds the lines of one to four recorded orders of the same batch that share
//! currency, address for tax, and tax exemption. Every total is the sum of the totals that WooCommerce
//! computed, so a line still rounds as it did, and the order's total differs from its lines only by
//! what the parts differed by: at most one minor unit, as in the recording. Ids, numbers, dates,
//! customers and references are new.

mod blend;
pub(crate) mod dice;
mod payment;
mod person;

use chrono::{DateTime, Duration, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::clock::{print_gmt, print_local};
use super::corpus::{self, Case};
use super::decimals;
use super::order::{set, text};
use blend::Blend;
use dice::Dice;

/// First id of a generated order; recorded ids are below.
const FIRST_ID: u64 = 100_001;
/// Ids an order and its refunds take up.
const ID_STEP: u64 = 10;
/// Days over which the orders are spread, back from the last recorded day.
const DAYS: i64 = 180;
/// Most recorded orders that are tried as further parts of one generated order.
const TRIES_MAX: u64 = 8;

/// There is no batch of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no batch of the recorded shop; `mixed` takes them all in turn")]
pub struct UnknownRegime(pub String);

/// Makes `count` orders; the same seed gives the same orders.
///
/// `regime` is a batch name (`AU-incl`) or `mixed`, which takes the batches in turn.
///
/// # Errors
/// [`UnknownRegime`].
pub fn orders(seed: u64, count: usize, regime: &str) -> Result<Vec<Case>, UnknownRegime> {
    let batches = match regime {
        "mixed" => corpus::batches(),
        name => corpus::batches().into_iter().filter(|batch| *batch == name).collect(),
    };
    if batches.is_empty() {
        return Err(UnknownRegime(regime.to_owned()));
    }
    let mut dice = Dice::new(seed);
    let turns = batches.iter().cycle().take(count);
    Ok(turns.zip(0_u64..).filter_map(|(batch, at)| order(&mut dice, batch, at)).collect())
}

/// Makes one order; none only for a batch without orders, which there is not.
fn order(dice: &mut Dice, batch: &str, at: u64) -> Option<Case> {
    let sources = corpus::orders(batch);
    let id = FIRST_ID + at * ID_STEP;
    let mut blend = Blend::of(pick(dice, &sources)?, id);
    for _ in 0..=dice.below(TRIES_MAX) {
        blend.try_add(pick(dice, &sources)?);
    }
    let mut case = blend.finish();
    let zone: Tz = case.store.timezone.parse().unwrap_or(Tz::UTC);
    let refunded = !case.refunds_dp6.is_empty();
    let moment = moment(dice);
    date(&mut case, moment, zone);
    let buyer = person::Person::new(dice, id);
    buyer.sign(&mut case.order_dp6);
    reference(&mut case.order_dp6, dice, id, refunded);
    payment::pay(&mut case.order_dp6, dice);
    let dp = case.store.num_decimals;
    case.order = decimals::at(&case.order_dp6, dp);
    case.refunds = case.refunds_dp6.iter().map(|refund| decimals::at(refund, dp)).collect();
    Some(case)
}

fn pick(dice: &mut Dice, sources: &[&'static Case]) -> Option<&'static Case> {
    let count = u64::try_from(sources.len()).unwrap_or(1);
    sources.get(usize::try_from(dice.below(count)).unwrap_or_default()).copied()
}

/// A second within the days before the recording.
fn moment(dice: &mut Dice) -> DateTime<Utc> {
    let last = Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).single().unwrap_or_default();
    let seconds = dice.below(u64::try_from(DAYS * 86_400).unwrap_or(1));
    last - Duration::seconds(i64::try_from(seconds).unwrap_or_default())
}

/// Dates the order, and shifts what happened later by as much as it happened later.
pub(crate) fn date(case: &mut Case, moment: DateTime<Utc>, zone: Tz) {
    let origin = read_gmt(&case.order_dp6, "date_created_gmt").unwrap_or(moment);
    let shift = moment - origin;
    let move_date = |item: &mut Value, name: &str| {
        let Some(old) = read_gmt(item, &format!("{name}_gmt")) else { return };
        // A recorded order may have been given a creation date long before it was paid.
        let later = (old - origin).min(Duration::days(3)).max(Duration::zero());
        let new = origin + later + shift;
        set(item, name, print_local(new, zone).into());
        set(item, &format!("{name}_gmt"), print_gmt(new).into());
    };
    for name in ["date_created", "date_modified", "date_completed", "date_paid"] {
        move_date(&mut case.order_dp6, name);
    }
    for refund in &mut case.refunds_dp6 {
        move_date(refund, "date_created");
    }
}

pub(crate) fn read_gmt(item: &Value, name: &str) -> Option<DateTime<Utc>> {
    super::clock::read_naive(item.get(name)?.as_str()?).map(|naive| naive.and_utc())
}

/// Keys and references that no other order has.
fn reference(order: &mut Value, dice: &mut Dice, id: u64, refunded: bool) {
    let key = format!("wc_order_{}", dice.letters(13));
    let url = format!(
        "{}/classic-checkout/order-pay/{id}/?pay_for_order=true&key={key}",
        corpus::RECORDED_URL
    );
    set(order, "order_key", key.into());
    set(order, "payment_url", url.into());
    set(order, "cart_hash", dice.hex(32).into());
    if !text(order, "transaction_id").is_empty() {
        set(order, "transaction_id", format!("ch_{}", dice.letters(24)).into());
    }
    if !refunded {
        set(order, "refunds", json!([]));
    }
}
