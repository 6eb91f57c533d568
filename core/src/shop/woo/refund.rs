//! One refund: an element of `GET /orders/{id}/refunds`.

use alloc::{format, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding, stops},
    json::{Fields, FromFields, Json, Reader},
    shop::{order::Line, refund::Refund},
};

use super::{
    keys::{REFUND_KEYS, keys},
    order::{RawOrder, moment, read_lines, required},
    plain_text,
};

/// Reads one refund. With an error among the findings there is no refund; warnings go with one.
pub(crate) fn read_refund(json: &Json<'_>) -> (Option<u64>, Option<Refund>, Vec<Finding>) {
    let mut reader = Reader::new("refund", "");
    let Some(fields) = Fields::of(json) else {
        reader.note(Code::InputNotJson, "", "the refund is not a JSON object".into());
        return (None, None, reader.findings);
    };
    let raw = RawOrder::from_fields(fields);
    let id = reader.id("id", raw.id).filter(|id| *id > 0);
    match id {
        Some(id) => reader.name(&format!("{id}")),
        None => reader.missing("id"),
    }
    let refund = id.and_then(|id| read_facts(&mut reader, &raw, id));
    let refund = refund.filter(|_| !stops(&reader.findings));
    (id, refund, reader.findings)
}

fn read_facts(reader: &mut Reader, raw: &RawOrder<'_>, id: u64) -> Option<Refund> {
    let created = required(reader, "date_created", raw.date_created, Reader::date);
    let amount = required(reader, "amount", raw.amount, Reader::amount);
    let lines = read_lines(reader, raw).into_iter().map(turned_round).collect();
    let reason = plain_text(&reader.text("reason", raw.reason).unwrap_or_default());
    // The REST API prints `amount` above zero; an order's short list below.
    Some(Refund {
        id,
        created: created?,
        created_at: moment(raw.date_created_gmt),
        amount: amount?.abs(),
        reason,
        keys: keys("", raw.meta_data, &REFUND_KEYS),
        lines,
    })
}

/// WooCommerce writes what is given back below zero; a refunded surcharge that was itself below
/// zero comes out below zero here.
fn turned_round(mut line: Line) -> Line {
    line.quantity = line.quantity.abs();
    for amount in [&mut line.net, &mut line.tax, &mut line.subtotal, &mut line.subtotal_tax] {
        *amount = turn(*amount);
    }
    for tax in &mut line.taxes {
        tax.total = turn(tax.total);
    }
    line
}

fn turn(amount: Decimal) -> Decimal {
    if amount.is_zero() { Decimal::ZERO } else { -amount }
}
