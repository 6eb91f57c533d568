//! Days: which summary an order or refund belongs to, and what changes what was sent.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{date::Date, finding::Subject, mapping::takings::Share, money::Amount};

use super::{
    Ground, Member, Part, Route, Taking, TakingState, Waiting,
    sums::{Sums, difference},
};

/// What a part adds: members, and what waits.
#[derive(Debug, Default)]
pub struct Found {
    /// Orders, refunds and entries that are in documents now.
    pub members: Vec<Member>,
    /// Those that are in none yet.
    pub waiting: Vec<Waiting>,
}

/// The key of a day's document.
#[must_use]
pub(super) fn daily_key(group: &str, currency: &str, day: &str) -> String {
    format!("daily/{group}/{currency}/{day}")
}

/// Adds the orders and refunds of daily summaries, and takes out those that are gone.
pub fn add_takings(ground: &Ground<'_>, part: &Part<'_>, sums: &mut Sums, found: &mut Found) {
    for taking in part.takings {
        let posted: Vec<&Member> =
            part.posted.iter().filter(|member| member.object == taking.object).collect();
        if !posted.is_empty() {
            // Where it was sent once it stays, whatever the rules say today.
            if let Some(shares) = wanted(taking)
                && !put_back(ground, taking, &posted, &shares, sums, found)
            {
                adjust(ground, &posted, &shares, sums, found);
            }
            continue;
        }
        match (taking.state, taking.route) {
            (TakingState::Ready, Route::Daily) => place(ground, taking, sums, found),
            (TakingState::Waiting | TakingState::Held, _) => {
                found.waiting.push(waiting(taking, &taking.reason, taking.message.clone()));
            }
            _ => {}
        }
    }
    for object in part.gone.iter().filter(|object| object.kind != "entry") {
        let posted: Vec<&Member> =
            part.posted.iter().filter(|member| member.object == *object).collect();
        if !posted.is_empty() {
            adjust(ground, &posted, &[], sums, found);
        }
    }
}

/// Notes which orders and refunds no payout has brought yet; once all entries of the part are in.
pub fn note_unpaid(part: &Part<'_>, found: &mut Found) {
    for taking in part.takings {
        let stands = |member: &Member| member.stands_for == taking.object;
        let awaits = (taking.state, taking.route) == (TakingState::Ready, Route::Payout)
            && !part.posted.iter().any(|member| member.object == taking.object || stands(member))
            && !found.members.iter().any(stands);
        if awaits {
            let message = "it has not been paid out yet".to_string();
            found.waiting.push(waiting(taking, "awaits_payout", message));
        }
    }
}

/// What should stand for an order or refund that has been sent; `None` where nobody can say now.
fn wanted(taking: &Taking) -> Option<Vec<Share>> {
    match taking.state {
        _ if taking.kept => None,
        TakingState::Ready => Some(taking.shares.clone()),
        TakingState::Excluded | TakingState::Waiting => Some(Vec::new()),
        TakingState::Held | TakingState::Individual => None,
    }
}

fn waiting(taking: &Taking, reason: &str, message: String) -> Waiting {
    Waiting {
        object: taking.object.clone(),
        order_id: taking.order_id,
        reason: reason.into(),
        message,
        currency: taking.currency.clone(),
        amount: taking.amount,
    }
}

/// Where the summary of its day was undone, what is missing goes there again, and waits till then:
/// only what adjusted it stands in others. `false` where that is not so.
fn put_back(
    ground: &Ground<'_>,
    taking: &Taking,
    posted: &[&Member],
    wanted: &[Share],
    sums: &mut Sums,
    found: &mut Found,
) -> bool {
    let key = daily_key(&taking.group, &taking.currency, &taking.day);
    let stands = posted.iter().any(|member| member.document == key);
    let undone = ground.undone(&key).filter(|_| taking.state == TakingState::Ready && !stands);
    let Some(undone) = undone else { return false };
    let before: Vec<&Share> = posted.iter().flat_map(|member| &member.shares).collect();
    let shares = difference(wanted, &before);
    if !shares.is_empty() {
        let amount = Amount(shares.iter().map(|share| share.gross.0).sum());
        let rest = Taking { amount, shares, ..taking.clone() };
        if undone.redone {
            place(ground, &rest, sums, found);
        } else {
            let message = format!("{} was undone", undone.number);
            found.waiting.push(waiting(&rest, "undone", message));
        }
    }
    true
}

/// Puts an order or refund into the summary of its day, or of the next open one.
fn place(ground: &Ground<'_>, taking: &Taking, sums: &mut Sums, found: &mut Found) {
    let Ok(day) = Date::parse(&taking.day) else {
        found.waiting.push(waiting(taking, "no_day", "it has no day yet".to_string()));
        return;
    };
    if day > ground.to {
        let message = format!("the day {day} is not over, or was not asked for");
        found.waiting.push(waiting(taking, "day_open", message));
        return;
    }
    let key = daily_key(&taking.group, &taking.currency, &taking.day);
    let (key, adjusts) = match ground.closed(&key) {
        Some(closed) if closed.undone => {
            let message = format!("{} was undone", closed.number);
            found.waiting.push(waiting(taking, "undone", message));
            return;
        }
        Some(closed) => {
            let Some(open) = next_open(ground, &taking.group, &taking.currency, day) else {
                let message = format!("{} was sent; it waits for the next summary", closed.number);
                found.waiting.push(waiting(taking, "next_summary", message));
                return;
            };
            (open, closed.number.clone())
        }
        None if day < ground.from => {
            let message = format!("the summary of {day} was not asked for");
            found.waiting.push(waiting(taking, "day_not_asked", message));
            return;
        }
        None => (key, String::new()),
    };
    let member = Member {
        object: taking.object.clone(),
        order_id: taking.order_id,
        document: key,
        adjusts,
        currency: taking.currency.clone(),
        shares: taking.shares.clone(),
        ..Member::default()
    };
    sums.add(&member.document, &member.currency, &taking.method, &member.adjusts, &member.shares);
    found.members.push(member);
}

/// The key of the first day asked for, after the one that is adjusted, whose summary has not been
/// sent.
fn next_open(ground: &Ground<'_>, group: &str, currency: &str, after: Date) -> Option<String> {
    let mut day = ground.from.max(after.plus_days(1));
    while day <= ground.to {
        let key = daily_key(group, currency, &format!("{day}"));
        if ground.closed(&key).is_none() {
            return Some(key);
        }
        let next = day.plus_days(1);
        if next == day {
            break;
        }
        day = next;
    }
    None
}

/// Brings what was sent for an order or refund to what it should be, in the next open summary.
fn adjust(
    ground: &Ground<'_>,
    posted: &[&Member],
    wanted: &[Share],
    sums: &mut Sums,
    found: &mut Found,
) {
    let Some(first) = posted.first() else { return };
    let before: Vec<&Share> = posted.iter().flat_map(|member| &member.shares).collect();
    let shares = difference(wanted, &before);
    if shares.is_empty() {
        return;
    }
    let mut parts = first.document.split('/');
    let (group, currency) = (parts.nth(1).unwrap_or_default(), parts.next().unwrap_or_default());
    let after = parts.next().and_then(|day| Date::parse(day).ok());
    let number = number_of(ground, &first.document);
    match next_open(ground, group, currency, after.unwrap_or(ground.from)) {
        Some(document) => {
            let member = Member {
                object: first.object.clone(),
                order_id: first.order_id,
                document,
                adjusts: number,
                currency: currency.into(),
                shares,
                ..Member::default()
            };
            sums.add(&member.document, currency, "", &member.adjusts, &member.shares);
            found.members.push(member);
        }
        None => found.waiting.push(waiting_adjustment(first, currency, &number, &shares)),
    }
}

pub(super) fn number_of(ground: &Ground<'_>, key: &str) -> String {
    ground.closed(key).map_or_else(|| key.to_string(), |closed| closed.number.clone())
}

pub(super) fn waiting_adjustment(
    first: &Member,
    currency: &str,
    number: &str,
    shares: &[Share],
) -> Waiting {
    Waiting {
        object: Subject { kind: first.object.kind.clone(), id: first.object.id.clone() },
        order_id: first.order_id,
        reason: "adjustment".into(),
        message: format!("it has changed since {number} was sent; the next summary adjusts it"),
        currency: currency.into(),
        amount: Amount(shares.iter().map(|share| share.gross.0).sum()),
    }
}
