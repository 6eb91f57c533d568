//! What was sent and never answered: what Xero has of it is ours, whatever the shop says by now.
//!
//! An order may have been changed, cancelled or deleted since; then nothing in it would tell what
//! was made for it from what a person made.

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    json::{Fields, FromFields, Json, bounded, lenient_text as text, objects, raw_object},
    xero::standing::{Standing, StandingLine},
};

use super::{
    call::{Action, Step},
    known::{Known, Link, LinkState, Purpose},
};

raw_object!(RawSent { reference "Reference", date "Date", lines "LineItems" });
raw_object!(RawLine {
    description "Description", quantity "Quantity", unit_amount "UnitAmount", account "AccountCode",
});

/// What the body of a step says.
struct Sent {
    reference: String,
    date: Option<Date>,
    lines: Vec<SentLine>,
}

struct SentLine {
    description: String,
    quantity: Option<Decimal>,
    unit_amount: Option<Decimal>,
    account: String,
}

impl Sent {
    fn read(body: &str) -> Option<Self> {
        let json = Json::parse(body).ok()?;
        let raw = RawSent::from_fields(Fields::of(&json)?);
        let line = |raw: RawLine<'_>| SentLine {
            description: text(raw.description).into_owned(),
            quantity: bounded(&text(raw.quantity)),
            unit_amount: bounded(&text(raw.unit_amount)),
            account: text(raw.account).into_owned(),
        };
        Some(Self {
            reference: text(raw.reference).into_owned(),
            date: Date::parse_xero(&text(raw.date)).ok(),
            lines: objects::<RawLine<'_>>(raw.lines).map(line).collect(),
        })
    }

    /// Whether a document has these lines, one by one.
    fn has_lines_of(&self, standing: &Standing) -> bool {
        let same = |(sent, line): (&SentLine, &StandingLine)| {
            sent.description == line.description
                && sent.account == line.account_code
                && sent.quantity == Some(line.quantity)
                && sent.unit_amount == Some(line.unit_amount)
        };
        self.lines.len() == standing.lines.len() && self.lines.iter().zip(&standing.lines).all(same)
    }
}

impl Known {
    /// Links what unanswered steps have made or changed, as far as Xero has it; gives these links.
    /// Steps of one order come in the order in which they were sent. What we changed is told from
    /// what a person did by its lines: they are the ones that were sent.
    #[must_use]
    pub fn recognise(&mut self, steps: &[Step]) -> Vec<Link> {
        let mut found = Vec::new();
        // Summaries are found again by their own way, contacts and items by their keys.
        for step in steps.iter().filter(|step| step.key.is_empty()) {
            if let Some(link) = self.made_by(step) {
                self.link(link.clone());
                found.push(link);
            }
        }
        found
    }

    fn made_by(&self, step: &Step) -> Option<Link> {
        let sent = Sent::read(&step.body)?;
        match step.action {
            Action::Create => {
                let standing = self.numbered(step.document, &step.number)?;
                let is_free = !self.is_linked(&standing.id)
                    && self
                        .document(step.document, step.id)
                        .is_none_or(|link| link.state != LinkState::Live);
                (is_free && is_as_sent(standing, step, &sent)).then(|| document(step, standing))
            }
            Action::Update => {
                let link = self.document(step.document, step.id)?;
                let standing = self.standing(&link.xero_id)?;
                let is_changed = link.state == LinkState::Live
                    && link.sha256 != step.sha256
                    && link.ledger_sha256 != standing.sha256;
                let is_ours =
                    is_changed && is_as_sent(standing, step, &sent) && sent.has_lines_of(standing);
                is_ours.then(|| document(step, standing))
            }
            Action::Pay => self.paid_by(step, &sent),
            Action::Spend if self.fee(step.order_id).is_none() => {
                let spend = self.spend_for(&sent.lines.first()?.description)?;
                let is_as_sent = Some(spend.total) == bounded(&step.amount);
                is_as_sent.then(|| link(step, Purpose::Fee, &spend.id))
            }
            _ => None,
        }
    }

    fn paid_by(&self, step: &Step, sent: &Sent) -> Option<Link> {
        let purpose = if step.deposit { Purpose::Deposit } else { Purpose::Payment };
        if self.payment(purpose, step.document, step.id).is_some() {
            return None;
        }
        let owner = self.document(step.document, step.id)?;
        let standing = self.standing(&owner.xero_id).filter(|standing| standing.is_live())?;
        let amount = bounded(&step.amount)?;
        let own = standing.payments.iter().find(|one| {
            one.amount == amount
                && one.date == sent.date
                && one.reference == sent.reference
                && !self.is_linked(&one.id)
        });
        own.map(|own| link(step, purpose, &own.id))
    }
}

fn is_as_sent(standing: &Standing, step: &Step, sent: &Sent) -> bool {
    standing.is_live()
        && standing.reference == sent.reference
        && Some(standing.total) == bounded(&step.amount)
}

fn document(step: &Step, standing: &Standing) -> Link {
    let link = link(step, Purpose::Document, &standing.id);
    Link { ledger_sha256: standing.sha256.clone(), ..link }
}

fn link(step: &Step, purpose: Purpose, xero_id: &str) -> Link {
    Link {
        document: step.document,
        purpose,
        id: step.id,
        order_id: step.order_id,
        xero_id: xero_id.into(),
        number: step.number.clone(),
        sha256: step.sha256.clone(),
        ..Link::default()
    }
}
