//! Draws payouts from the entries of an account.

use chrono::{DateTime, Duration, Utc};

use super::booking::id;
use super::calendar::Calendar;
use super::incident::STRAY_WEEKS;
use super::ledger::{Account, Gateway, Payout};
use crate::shop::generate::dice::Dice;

/// Days from a payout to the bank.
const ARRIVAL_DAYS: i64 = 2;
/// The part of the balance, in hundredths, that PayPal's one partial withdrawal takes.
const PART: i64 = 60;

/// Pays out every week in which something became available or was left from before.
pub(super) fn pay_out(account: &mut Account, calendar: &Calendar, dice: &mut Dice) {
    let paydays = account.entries.iter().filter_map(|entry| calendar.payday(entry.available_at));
    let Some(first) = paydays.min() else { return };
    let mut at = first;
    let mut brought_forward = 0;
    while at <= calendar.last_cut() {
        let due = |moment: DateTime<Utc>| calendar.payday(moment) == Some(at);
        let taken = account.entries.iter().filter(|entry| due(entry.available_at));
        let (count, sum) = taken.fold((0, 0), |(count, sum), entry| (count + 1, sum + entry.net));
        if count > 0 || brought_forward != 0 {
            let mut payout = payout(account.gateway, calendar, at, dice);
            let balance: i64 = brought_forward + sum;
            let partial = account.gateway == Gateway::PayPal
                && at == calendar.cut(STRAY_WEEKS)
                && balance > 0;
            payout.amount = if partial { balance * PART / 100 } else { balance };
            payout.brought_forward = brought_forward;
            payout.left = balance - payout.amount;
            brought_forward = payout.left;
            for entry in account.entries.iter_mut().filter(|entry| due(entry.available_at)) {
                entry.payout = Some(payout.id.clone());
            }
            account.payouts.push(payout);
        }
        at += Duration::days(7);
    }
}

fn payout(gateway: Gateway, calendar: &Calendar, at: DateTime<Utc>, dice: &mut Dice) -> Payout {
    let (own, entry) = match gateway {
        Gateway::PayPal => {
            let own = id("", dice);
            (own.clone(), own)
        }
        _ => (id("po", dice), id("txn", dice)),
    };
    let arrives_at = at + Duration::days(ARRIVAL_DAYS);
    Payout {
        id: own,
        entry,
        created_at: at,
        arrives_at,
        amount: 0,
        brought_forward: 0,
        left: 0,
        paid: arrives_at < calendar.end,
    }
}
