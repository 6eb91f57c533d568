//! What happens to an account beside its orders: disputes, fees, reserves, money from elsewhere.
//!
//! Each has its place in the calendar, so that every account with a few charges over some weeks has
//! all of them. What would lie before the account's first day is left out.

use chrono::{DateTime, Duration, Utc};

use super::booking::{self, Sum, about};
use super::calendar::Calendar;
use super::ledger::{Account, Entry, Kind};
use crate::shop::generate::dice::Dice;

/// What a dispute costs, in minor units.
const DISPUTE_FEE: i64 = 1_500;
/// What the account costs a month, in minor units.
const MONTHLY_FEE: i64 = 1_000;
/// What the gateway gives back after a month's end, in minor units.
const ADJUSTMENT: i64 = 250;
/// What the owner pays in, in minor units.
const TOP_UP: i64 = 20_000;
/// What somebody pays beside the shop, in minor units.
const STRAY: i64 = 4_950;
/// Payouts before the last one that takes the charge of no order.
pub(super) const STRAY_WEEKS: i64 = 2;
/// Payouts before the last one from which on nothing is held back any more.
const HOLD_WEEKS_MIN: i64 = 3;

/// Adds everything and sorts the entries by when they happened.
pub(super) fn add(account: &mut Account, calendar: &Calendar, dice: &mut Dice) {
    month_ends(account, calendar, dice);
    disputes(account, calendar, dice);
    let currency = account.currency.clone();
    let at = calendar.cut(STRAY_WEEKS) - Duration::days(4);
    if calendar.covers(at) {
        let sum = Sum::minor(STRAY, &currency, &currency);
        account.entries.push(booking::charge(calendar, at, &sum, None, dice));
    }
    // One is in the last payout, which is still on its way; one waits for the next.
    for at in [calendar.last_cut() - Duration::hours(6), calendar.end - Duration::hours(6)] {
        let mut top_up = plain(account, calendar, Kind::TopUp, at, TOP_UP, dice);
        "Top-up from the bank account".clone_into(&mut top_up.description);
        if calendar.covers(at) {
            account.entries.push(top_up);
        }
    }
    account.entries.sort_by_key(|entry| (entry.at, entry.id.clone()));
    reserve(account, calendar, dice);
    account.entries.sort_by_key(|entry| (entry.at, entry.id.clone()));
}

fn plain(
    account: &Account,
    calendar: &Calendar,
    kind: Kind,
    at: DateTime<Utc>,
    amount: i64,
    dice: &mut Dice,
) -> Entry {
    let sum = Sum::minor(amount, &account.currency, &account.currency);
    booking::entry(calendar, kind, at, &sum, dice)
}

/// The account's fee at each month's end, and something put right on a first: one payout takes both.
fn month_ends(account: &mut Account, calendar: &Calendar, dice: &mut Dice) {
    let mut adjusted = false;
    for first in calendar.month_ends() {
        let at = first - Duration::minutes(30);
        let mut fee = plain(account, calendar, Kind::AccountFee, at, -MONTHLY_FEE, dice);
        fee.description = format!("Account fee {}", at.format("%Y-%m"));
        let after = first + Duration::hours(9);
        let together =
            calendar.payday(at).is_some() && calendar.payday(at) == calendar.payday(after);
        account.entries.push(fee);
        if together && !adjusted {
            adjusted = true;
            let mut entry = plain(account, calendar, Kind::Adjustment, after, ADJUSTMENT, dice);
            "Fee correction".clone_into(&mut entry.description);
            account.entries.push(entry);
        }
    }
}

/// Two disputes in the quiet week, as far as there are charges; the first one is won later.
fn disputes(account: &mut Account, calendar: &Calendar, dice: &mut Dice) {
    let quiet = calendar.quiet();
    let opened = quiet - Duration::days(3);
    let refunded = |charge: &Entry| {
        let same = |entry: &Entry| entry.kind == Kind::Refund && entry.charge == charge.charge;
        account.entries.iter().any(same)
    };
    let mut charges: Vec<Entry> = account
        .entries_for(Kind::Charge)
        .filter(|charge| charge.at < opened - Duration::days(2))
        .cloned()
        .collect();
    charges.sort_by_key(|charge| (refunded(charge), charge.at, charge.id.clone()));
    for (charge, won) in charges.iter().zip([true, false]) {
        let lost = Sum::minor(-charge.presented, &charge.presented_currency, &account.currency);
        let at = opened + Duration::hours(if won { 0 } else { 30 });
        let mut dispute = booking::entry(calendar, Kind::Dispute, at, &lost, dice);
        about(&mut dispute, charge);
        dispute.fee = DISPUTE_FEE;
        dispute.net = dispute.gross - DISPUTE_FEE;
        dispute.description = format!("Chargeback withdrawal for {}", charge.source);
        let back = quiet + Duration::days(12);
        if won && calendar.covers(back) {
            let sum = Sum::minor(charge.presented, &charge.presented_currency, &account.currency);
            let mut entry = booking::entry(calendar, Kind::DisputeReversal, back, &sum, dice);
            about(&mut entry, charge);
            if !dispute.source.eq(&dispute.id) {
                entry.source.clone_from(&dispute.source);
            }
            entry.description = format!("Chargeback reversal for {}", charge.source);
            account.entries.push(entry);
        }
        account.entries.push(dispute);
    }
}

/// Holds back all that one payout would have paid, so that it pays nothing, and frees it later.
fn reserve(account: &mut Account, calendar: &Calendar, dice: &mut Dice) {
    let quiet = calendar.quiet();
    let latest = calendar.cut(HOLD_WEEKS_MIN);
    let paydays = account.entries.iter().filter_map(|entry| calendar.payday(entry.available_at));
    let mut paydays: Vec<DateTime<Utc>> =
        paydays.filter(|payday| *payday <= latest && *payday != quiet).collect();
    paydays.sort_unstable();
    paydays.dedup();
    let due = |payday: &DateTime<Utc>| -> i64 {
        let same = |entry: &&Entry| calendar.payday(entry.available_at) == Some(*payday);
        account.entries.iter().filter(same).map(|entry| entry.net).sum()
    };
    let Some(payday) = paydays.into_iter().find(|payday| due(payday) > 0) else { return };
    let amount = due(&payday);
    let next = payday + Duration::days(7);
    let freed = if next == quiet { next + Duration::days(7) } else { next };
    for (kind, at, amount, description) in [
        (Kind::ReserveHeld, payday, -amount, "Reserve held"),
        (Kind::ReserveReleased, freed, amount, "Reserve released"),
    ] {
        let at = at - Duration::hours(1);
        let mut entry = plain(account, calendar, kind, at, amount, dice);
        description.clone_into(&mut entry.description);
        account.entries.push(entry);
    }
}
