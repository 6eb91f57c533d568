//! Gateways that pay out: their balances, and what reaches the bank.

use rust_decimal::Decimal;

use crate::{
    clock::{Clock, day_text},
    json::{Json, object, text},
    random::Random,
    sale::{Refund, Sale, digits_of},
    woo::round,
};

/// A movement of a balance.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) payout: String,
    pub(crate) source: &'static str,
    pub(crate) kind: &'static str,
    at: i64,
    pub(crate) currency: String,
    pub(crate) amount: Decimal,
    pub(crate) fee: Decimal,
    /// What the customer was charged, in the order's currency, where that is another.
    sold: Option<(Decimal, String)>,
    /// The order whose part of the request it comes in.
    pub(crate) order: Option<u64>,
    pub(crate) refund: Option<u64>,
    refund_key: Option<String>,
    /// Not shown yet; something without a name stands for it.
    hidden: bool,
    pub(crate) gone: bool,
}

/// A deposit.
#[derive(Debug, Clone)]
pub(crate) struct Payout {
    pub(crate) id: String,
    pub(crate) source: &'static str,
    pub(crate) currency: String,
    pub(crate) amount: Decimal,
    pub(crate) day: i64,
}

/// One that pays out.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) source: &'static str,
    pub(crate) method: String,
    pub(crate) currency: String,
    next_payout: i64,
    pub(crate) entries: Vec<Entry>,
    pub(crate) payouts: Vec<Payout>,
}

impl Gateway {
    pub(crate) fn new(source: &'static str, method: &str, currency: &str, start: i64) -> Self {
        Self {
            source,
            method: method.into(),
            currency: currency.into(),
            next_payout: start + 3,
            entries: Vec::new(),
            payouts: Vec::new(),
        }
    }

    fn entry(&mut self, kind: &'static str, at: i64, amount: Decimal, fee: Decimal) -> &mut Entry {
        self.entries.push(Entry {
            id: format!("txn_{}_{}", self.source, self.entries.len()),
            payout: String::new(),
            source: self.source,
            kind,
            at,
            currency: self.currency.clone(),
            amount: round(amount, digits_of(&self.currency)),
            fee: round(fee, digits_of(&self.currency)),
            sold: None,
            order: None,
            refund: None,
            refund_key: None,
            hidden: false,
            gone: false,
        });
        self.entries.last_mut().unwrap()
    }

    /// An amount of an order's currency in the gateway's.
    fn moved(&mut self, kind: &'static str, at: i64, sale: &Sale, amount: Decimal) -> &mut Entry {
        let amount = round(amount, digits_of(&sale.currency));
        let home = self.currency == sale.currency;
        let rate = if home { Decimal::ONE } else { Decimal::new(8_137, 4) };
        let fee = if kind == "charge" { amount * Decimal::new(29, 3) } else { Decimal::ZERO };
        let entry = self.entry(kind, at, amount * rate, fee * rate);
        entry.order = Some(sale.id);
        entry.sold = (!home).then(|| (amount, sale.currency.clone()));
        entry
    }

    /// A customer pays: at once, in parts, or more or less than the order.
    pub(crate) fn charge(&mut self, sale: &Sale, at: i64, random: &mut Random) {
        let total = sale.total;
        match random.below(12) {
            0 => {
                let part = round(total * Decimal::new(4, 1), digits_of(&sale.currency));
                self.moved("charge", at, sale, part);
                self.moved("charge", at + 7_200, sale, total - part);
            }
            1 => {
                self.moved("charge", at, sale, total + Decimal::TEN);
                self.moved("charge", at + 60, sale, -Decimal::TEN);
            }
            2 => drop(self.moved("charge", at, sale, total + Decimal::ONE)),
            _ => drop(self.moved("charge", at, sale, total)),
        }
    }

    /// Money goes back.
    pub(crate) fn refund(&mut self, sale: &Sale, refund: &Refund) {
        let entry = self.moved("refund", refund.created + 30, sale, -refund.amount);
        entry.refund = Some(refund.id);
        entry.refund_key.clone_from(&refund.key);
    }

    /// What moves a balance without a sale.
    pub(crate) fn stir(&mut self, at: i64, sales: &[Sale], random: &mut Random) {
        let amount = Decimal::new(i64::try_from(random.between(100, 99_999)).unwrap(), 2);
        match random.below(8) {
            0 => drop(self.entry("fee", at, -amount, Decimal::ZERO)),
            1 => {
                self.entry("reserve", at, -amount, Decimal::ZERO);
                self.entry("reserve", at + 900_000, amount, Decimal::ZERO);
            }
            2 => drop(self.entry("adjustment", at, amount, Decimal::ONE)),
            3 => drop(self.entry("transfer", at, -amount * Decimal::TEN, Decimal::ZERO)),
            4 => drop(self.entry("charge", at, amount, Decimal::ONE)),
            5 => drop(self.entry("refund", at, -amount, Decimal::ZERO)),
            _ => {
                let paid = |sale: &&Sale| sale.method == self.method && sale.paid.is_some();
                if let Some(sale) = sales.iter().rfind(paid) {
                    self.moved("dispute", at, sale, -sale.total);
                }
            }
        }
    }

    /// Pays out when it is time.
    pub(crate) fn pay_out(&mut self, today: i64, until: i64, random: &mut Random) {
        if today < self.next_payout {
            return;
        }
        self.next_payout = today + i64::try_from(random.between(2, 9)).unwrap();
        let id = format!("po_{}_{}", self.source, self.payouts.len());
        let mut amount = Decimal::ZERO;
        let mut members = Vec::new();
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if entry.payout.is_empty() && entry.at < until {
                entry.payout.clone_from(&id);
                amount += entry.amount - entry.fee;
                members.push(index);
            }
        }
        if members.is_empty() {
            return;
        }
        if random.chance(10) && amount > Decimal::ZERO {
            // Everything but this is held back: nothing reaches the bank.
            let entry = self.entry("reserve", until - 1, -amount, Decimal::ZERO);
            entry.payout.clone_from(&id);
            amount = Decimal::ZERO;
        }
        if members.len() > 1 && random.chance(15) {
            let index = *random.pick(&members);
            let (at, net) = {
                let entry = &mut self.entries[index];
                entry.hidden = true;
                (entry.at, entry.amount - entry.fee)
            };
            let rest = self.entry("adjustment", at, net, Decimal::ZERO);
            rest.payout.clone_from(&id);
            rest.id = format!("{id}:rest");
        }
        let day = today + i64::try_from(random.below(4)).unwrap();
        let currency = self.currency.clone();
        self.payouts.push(Payout { id, source: self.source, currency, amount, day });
    }

    /// One more payout, so that adjustments find a document.
    pub(crate) fn close(&mut self, at: i64, until: i64, today: i64, random: &mut Random) {
        self.entry("transfer", at, Decimal::ONE_HUNDRED, Decimal::ZERO);
        self.next_payout = today;
        self.pay_out(today, until, random);
        if let Some(last) = self.payouts.last_mut() {
            last.day = today;
        }
    }

    /// What was not shown is shown.
    pub(crate) fn reveal(&mut self) {
        for entry in &mut self.entries {
            entry.gone |= entry.id.ends_with(":rest");
            entry.hidden = false;
        }
    }
}

impl Entry {
    /// Whether it is among what the gateway shows.
    pub(crate) fn shown(&self, until: i64) -> bool {
        !self.hidden && !self.gone && self.at < until
    }

    /// An element of `entries`.
    pub(crate) fn request(&self, clock: &Clock) -> String {
        let keys = self.order.map(|order| text(format!("ch_{order}")));
        let unknown = text(format!("ch_of_{}", self.id));
        let keys = vec![keys.unwrap_or(unknown)];
        let refund_keys = self.refund_key.iter().map(|key| text(&**key)).collect();
        let mut fields = vec![
            ("id", text(&*self.id)),
            ("payout", text(&*self.payout)),
            ("source", text(self.source)),
            ("kind", text(self.kind)),
            ("date", text(day_text(clock.day(self.at)))),
            ("currency", text(&*self.currency)),
            ("amount", text(self.amount.to_string())),
            ("fee", text(self.fee.to_string())),
            ("description", text(self.kind)),
            ("keys", Json::List(keys)),
            ("refund_keys", Json::List(refund_keys)),
        ];
        if let Some((amount, currency)) = &self.sold {
            fields.push(("sold_amount", text(amount.to_string())));
            fields.push(("sold_currency", text(&**currency)));
        }
        Json::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect()).write()
    }

    /// What it moved in an order's currency.
    pub(crate) fn moved_for(&self) -> Decimal {
        self.sold.as_ref().map_or(self.amount, |(amount, _)| *amount)
    }
}

impl Payout {
    /// An element of `payouts`.
    pub(crate) fn request(&self, today: i64) -> String {
        object([
            ("id", text(&*self.id)),
            ("source", text(self.source)),
            ("currency", text(&*self.currency)),
            ("amount", text(self.amount.to_string())),
            ("date", text(day_text(self.day))),
            ("state", text(if self.day <= today { "paid" } else { "coming" })),
        ])
        .write()
    }
}
