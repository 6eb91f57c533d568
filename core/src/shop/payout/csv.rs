//! A file of rows: one object a row, by column. It is taken apart before it comes here.
//!
//! Columns: `payout_id`, `payout_date`, `payout_amount`, `currency`, `entry_id`, `type` (the words
//! of [`EntryKind`]), `date`, `amount`, `fee`, `net`, `order_number`, `transaction_id`,
//! `refund_id`, `description`, and where needed `charge_id`, `sold_amount`, `sold_currency`, and
//! `row`, the line in the file. Amounts are in major units with a point. A day alone is a day in
//! the declared time zone; a date and time without a zone is UTC. A row without `payout_id`
//! awaits its payout.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use super::{
    Entry, EntryKind, Payout, PayoutState, Source,
    gathered::Gathered,
    row::{Row, distinct, prefixed},
};
use crate::{
    date::{Date, Moment, Zone},
    finding::{Code, Finding},
    json::{Json, strict::Slot as _},
    money::{AMOUNT_MAX, Currency, plain},
    register::Register,
};

/// A payout as far as rows have said of it.
struct Said {
    id: String,
    currency: Currency,
    date: Option<Date>,
    amount: Option<Decimal>,
    /// Whether all its rows could be read.
    whole: bool,
}

pub(super) fn read(gathered: &mut Gathered<'_>, entries: &[&Json<'_>]) {
    let mut payouts: Register<Said> = Register::default();
    for (index, json) in entries.iter().enumerate() {
        let Some(fields) = gathered.object(Code::PayoutRowUnreadable, index, json) else {
            continue;
        };
        let row = Row::new(Code::PayoutRowUnreadable, fields, "entry_id", index);
        let line = row.text("row");
        let mut row =
            if line.is_empty() { row.placed(&format!("{}", index + 1)) } else { row.placed(&line) };
        let entry = read_row(gathered.zone, &mut payouts, &mut row);
        gathered.findings.append(&mut row.findings);
        if let Some(entry) = entry {
            gathered.entry(entry);
        } else if let Some(said) = payouts.get_mut(&row.text("payout_id")) {
            said.whole = false;
        }
    }
    let sums = gathered.sums();
    for said in payouts.into_things() {
        let sum = sums.get(&said.id).copied().unwrap_or_default();
        finish(gathered, said, sum);
    }
}

/// Makes the payout; without an amount of its own it is what its rows come to.
fn finish(gathered: &mut Gathered<'_>, said: Said, sum: Decimal) {
    let Said { id, currency, date, amount, whole } = said;
    let unreadable = |field: &str, message: &str| {
        Finding::new(Code::PayoutUnreadable, "payout", id.clone(), message).at(field)
    };
    let Some(date) = date else {
        let message = "no row of it has `payout_date`; expected a day such as `2026-11-22`";
        gathered.findings.push(unreadable("payout_date", message));
        return;
    };
    if amount.is_none() && !whole {
        let message = "it has no `payout_amount`, and a row of it cannot be read";
        gathered.findings.push(unreadable("payout_amount", message));
        return;
    }
    let amount = amount.unwrap_or(sum);
    if amount.abs() > AMOUNT_MAX {
        let message = "its rows add up to more than any amount may be";
        gathered.findings.push(unreadable("payout_amount", message));
        return;
    }
    let (source, state) = (gathered.source, PayoutState::Paid);
    gathered.payout(Payout { id, source, currency, amount, date, state });
}

fn read_row(zone: &Zone, payouts: &mut Register<Said>, row: &mut Row<'_>) -> Option<Entry> {
    let currency = row.currency("currency");
    let payout = row.text("payout_id");
    if let Some(currency) = currency.filter(|_| !payout.is_empty()) {
        read_payout(zone, payouts, row, &payout, currency);
    }
    let id = row.id("entry_id");
    let kind = read_kind(row);
    let day = read_day(zone, row, "date");
    if row.text("date").is_empty() {
        row.wrong("date", "", "a day such as `2026-11-22`");
    }
    let amount = row.needed("amount", 0);
    let fee = row.amount("fee", 0).unwrap_or_default();
    let net = row.amount("net", 0);
    if let (Some(amount), Some(net)) = (amount, net)
        && amount - fee != net
    {
        let expected = format!("amount less fee, {}", plain(amount - fee, 2));
        row.wrong("net", &row.text("net"), &expected);
    }
    let sold = read_sold(row, currency);
    if !row.findings.is_empty() {
        return None;
    }
    let (at, date) = day?;
    let kind = kind?;
    let refunded = kind == EntryKind::Refund;
    let number = row.text("order_number");
    let names = ["charge_id", "transaction_id"].map(|field| row.text(field).into_owned());
    let number = prefixed("number:", number.trim_start_matches('#'));
    Some(Entry {
        id: id?,
        payout: payout.into_owned(),
        source: Source::Csv,
        kind,
        at,
        date,
        currency: currency?,
        amount: amount?,
        fee,
        description: row.plain("description"),
        keys: distinct(names.into_iter().chain([number])),
        refund_keys: if refunded {
            distinct([row.text("refund_id").into_owned()])
        } else {
            Vec::new()
        },
        sold,
    })
}

/// Takes up what the row says of its payout; it must not contradict the rows before.
fn read_payout(
    zone: &Zone,
    payouts: &mut Register<Said>,
    row: &mut Row<'_>,
    id: &str,
    currency: Currency,
) {
    let date = read_day(zone, row, "payout_date").map(|(_, date)| date);
    let amount = row.amount("payout_amount", 0);
    let Some(said) = payouts.get_mut(id) else {
        payouts.put(id.into(), Said { id: id.into(), currency, date, amount, whole: true });
        return;
    };
    if said.currency != currency {
        let expected = format!("`{}` as in the payout's first row", said.currency);
        row.wrong("currency", currency.as_str(), &expected);
        return;
    }
    match (said.date, date) {
        (Some(first), Some(date)) if first != date => {
            let expected = format!("`{first}` as in the payout's first row");
            row.wrong("payout_date", &row.text("payout_date"), &expected);
        }
        (first, date) => said.date = first.or(date),
    }
    match (said.amount, amount) {
        (Some(first), Some(amount)) if first != amount => {
            let expected = format!("`{}` as in the payout's first row", plain(first, 2));
            row.wrong("payout_amount", &row.text("payout_amount"), &expected);
        }
        (first, amount) => said.amount = first.or(amount),
    }
}

fn read_kind(row: &mut Row<'_>) -> Option<EntryKind> {
    let word = row.text("type");
    let mut kind = EntryKind::default();
    let read = row.fields().get("type").map(|json| kind.read(json));
    match read {
        Some(Ok(())) => return Some(kind),
        Some(Err(misread)) => {
            let expected = misread.message.trim_start_matches("should be ");
            row.wrong("type", &word, expected);
        }
        None => row.wrong("type", "", "a word such as `charge`"),
    }
    None
}

/// A day, or a moment and its day; none where the column is empty.
fn read_day(zone: &Zone, row: &mut Row<'_>, field: &str) -> Option<(Moment, Date)> {
    let text = row.text(field);
    if text.is_empty() {
        return None;
    }
    if text.len() == 10
        && let Ok(date) = Date::parse(&text)
    {
        return Some((zone.start_of(date), date));
    }
    let moment = Moment::parse(&text).ok();
    let day = moment.and_then(|at| Some((at, zone.day(at)?)));
    if day.is_none() {
        row.wrong(field, &text, "a day such as `2026-11-22`");
    }
    day
}

fn read_sold(row: &mut Row<'_>, currency: Option<Currency>) -> Option<(Decimal, Currency)> {
    let amount = row.amount("sold_amount", 0)?;
    let sold = row.currency("sold_currency")?;
    (Some(sold) != currency).then_some((amount, sold))
}
