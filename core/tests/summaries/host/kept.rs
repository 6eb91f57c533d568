//! What the host keeps of what it asked and sent.

use rust_decimal::Decimal;

use crate::{
    clock::{day_of_text, day_text},
    json::{Json, number, object, text},
};

/// An order, refund or entry: its kind and id.
pub(crate) type Subject = (String, String);

/// What a member brings to one line.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) kind: String,
    /// All that tells its line apart.
    pub(crate) line: String,
    pub(crate) account: String,
    pub(crate) tax_type: String,
    pub(crate) gross: Decimal,
    pub(crate) tax: Decimal,
}

/// A member of a document.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) object: Subject,
    pub(crate) stands_for: Subject,
    pub(crate) order: u64,
    pub(crate) document: String,
    pub(crate) adjusts: String,
    pub(crate) currency: String,
    pub(crate) shares: Vec<Share>,
    pub(super) raw: Json,
}

/// What `takings` said of an order or refund.
#[derive(Debug, Clone)]
pub(crate) struct Taking {
    pub(crate) order: u64,
    pub(crate) state: String,
    pub(crate) route: String,
    pub(crate) group: String,
    pub(crate) reason: String,
    pub(crate) day: String,
    pub(crate) amount: Decimal,
    pub(super) raw: Json,
}

/// A document as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) key: String,
    pub(crate) number: String,
    pub(crate) credit: bool,
    pub(crate) body: Json,
    /// As the plan states it, never below zero.
    pub(crate) total: Decimal,
    pub(crate) begins: i64,
    pub(crate) ends: i64,
    pub(crate) date: String,
    pub(crate) state: State,
    pub(super) xero_id: String,
}

/// What is known of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Live,
    /// Xero has it, and nobody knows.
    Lost,
    Undone,
    /// Undone, and made again since.
    Replaced,
}

/// An object's `kind` and `id`.
pub(crate) fn subject(json: &Json, name: &str) -> Subject {
    let of = |json: &Json| (json.str_at("kind").to_owned(), json.str_at("id").to_owned());
    json.get(name).map(of).unwrap_or_default()
}

pub(super) fn decimal(json: &Json, name: &str) -> Decimal {
    let found = json.str_at(name);
    if found.is_empty() { Decimal::ZERO } else { found.parse().unwrap() }
}

/// The order that a JSON object names.
pub(super) fn order_of(json: &Json) -> u64 {
    json.str_at("order_id").parse().unwrap_or_default()
}

/// Reads a member.
pub(crate) fn member(json: &Json) -> Member {
    let share = |json: &Json| {
        let line = json.get("line").unwrap();
        let tracking: Vec<String> = line.list_at("tracking").iter().map(Json::write).collect();
        let parts = ["kind", "account", "tax_type", "untaxed"].map(|name| line.str_at(name));
        Share {
            kind: parts[0].into(),
            line: format!("{}\t{}", parts.join("\t"), tracking.join("\t")),
            account: parts[1].into(),
            tax_type: parts[2].into(),
            gross: decimal(json, "gross"),
            tax: decimal(json, "tax"),
        }
    };
    Member {
        object: subject(json, "object"),
        stands_for: subject(json, "stands_for"),
        order: order_of(json),
        document: json.str_at("document").into(),
        adjusts: json.str_at("adjusts").into(),
        currency: json.str_at("currency").into(),
        shares: json.list_at("shares").iter().map(share).collect(),
        raw: json.clone(),
    }
}

/// Kinds of lines of payouts that belong to no sale.
const NOT_SOLD: [&str; 7] = [
    "gateway_fees",
    "reserves",
    "chargebacks",
    "adjustments",
    "transfers",
    "invoices",
    "unmatched",
];

impl Share {
    /// Whether it is a part of the order or refund itself.
    pub(crate) fn is_sold(&self) -> bool {
        !NOT_SOLD.contains(&&*self.kind)
    }
}

impl Member {
    /// What it brings of an order or refund itself.
    pub(crate) fn sold(&self) -> Decimal {
        let own = self.shares.iter().filter(|share| share.is_sold());
        own.map(|share| share.gross).sum()
    }

    /// All that it brings.
    pub(crate) fn gross(&self) -> Decimal {
        self.shares.iter().map(|share| share.gross).sum()
    }

    /// The order or refund that it is about.
    pub(crate) fn fact(&self) -> &Subject {
        if self.object.0 == "entry" { &self.stands_for } else { &self.object }
    }
}

/// What becomes of a document that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Answered,
    /// Xero makes it, and its answer gets lost.
    Lost,
    /// Xero refuses it.
    Refused,
}

impl Sent {
    /// Whether it is a payout's.
    pub(crate) fn is_payout(&self) -> bool {
        self.key.starts_with("payout/")
    }

    pub(super) fn link(&self, xero_id: &str) -> Json {
        let state = if self.state == State::Undone { "undone" } else { "live" };
        object([
            ("document", text(if self.credit { "credit_note" } else { "invoice" })),
            ("purpose", text("summary")),
            ("id", number(0)),
            ("order_id", number(0)),
            ("xero_id", text(xero_id)),
            ("number", text(&*self.number)),
            ("sha256", text("")),
            ("state", text(state)),
            ("key", text(&*self.key)),
            ("begins", number(self.begins)),
            ("ends", number(self.ends)),
        ])
    }

    /// The document as Xero has it.
    pub(super) fn standing(&self) -> Json {
        let word = if self.credit { "CreditNote" } else { "Invoice" };
        let live = matches!(self.state, State::Live | State::Lost);
        let status = if live { self.body.str_at("Status") } else { "VOIDED" };
        let fields = vec![
            (format!("{word}ID"), text(&*self.xero_id)),
            (format!("{word}Number"), text(&*self.number)),
            ("Status".into(), text(status)),
            ("Total".into(), number(self.total)),
            ("Date".into(), text(day_text(day_of_text(&self.date)))),
            ("CurrencyCode".into(), text(self.body.str_at("CurrencyCode"))),
        ];
        Json::Object(fields)
    }
}
