//! What the ledger must hold in the end, reckoned from the shop's own facts without the core: every
//! order, refund, payment and fee exactly once, to the cent.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;
use tillbook::store::{Outcome, OutcomeKind};
use tillbook_core::{finding::Severity, settings::TaxSet};
use tillbook_practice::xero::model::{
    document::{Document, DocumentType, Status},
    posting::Payment,
};

use super::{
    process::{Place, Plant},
    shop::{LINE_LISTS, Shop, Snapshot, decimal},
    stage::Stage,
};

/// Statuses whose orders have been paid when they have a day of payment (ACCOUNTING section 1).
const PAID: [&str; 3] = ["processing", "completed", "refunded"];

/// Statuses whose orders are not to be posted, or taken back (ACCOUNTING section 1).
const NOT_POSTED: [&str; 5] = ["cancelled", "failed", "trash", "checkout-draft", "auto-draft"];

/// What stands in the ledger, by the number of the order's invoice.
struct Ledger {
    invoices: BTreeMap<String, Vec<Document>>,
    credit_notes: BTreeMap<String, Vec<Document>>,
    fees: BTreeMap<String, Vec<Document>>,
    payments: Vec<Payment>,
}

/// The number without what is put behind it when a document is made again, or for a refund.
fn order_number(number: &str) -> String {
    let parts: Vec<&str> = number.splitn(3, '-').collect();
    parts.iter().take(2).copied().collect::<Vec<_>>().join("-")
}

impl Ledger {
    fn read(plant: &Plant) -> Self {
        let (xero, tenant) = (&plant.xero, plant.xero.tenant());
        let by = |documents: Vec<Document>, key: &dyn Fn(&Document) -> String| {
            let mut found: BTreeMap<String, Vec<Document>> = BTreeMap::new();
            for one in documents.into_iter().filter(|one| !one.status.is_final()) {
                found.entry(key(&one)).or_default().push(one);
            }
            found
        };
        let number = |one: &Document| order_number(&one.number);
        let fee = |one: &Document| {
            let text = one.lines.first().map(|line| line.description.clone()).unwrap_or_default();
            text.strip_prefix("Gateway fee of ").unwrap_or(&text).to_owned()
        };
        Self {
            invoices: by(xero.invoices(tenant), &number),
            credit_notes: by(xero.credit_notes(tenant), &number),
            fees: by(xero.bank_transactions(tenant), &fee),
            payments: xero.payments(tenant).into_iter().filter(|one| !one.deleted).collect(),
        }
    }

    fn paid(&self, document: &Document) -> Vec<Decimal> {
        let own = self.payments.iter().filter(|one| one.document == document.id);
        own.map(|one| one.amount).collect()
    }
}

/// Holds the ledger against the shop.
///
/// # Errors
/// The first difference.
pub(super) fn compare(plant: &Plant, outcomes: &[Outcome]) -> Result<(), String> {
    let mut ledger = Ledger::read(plant);
    for place in &plant.places {
        for (id, now) in &place.shop.orders() {
            let number = format!("{}{id}", place.rules.settings.invoice.prefix);
            let invoices = ledger.invoices.remove(&number).unwrap_or_default();
            let notes = ledger.credit_notes.remove(&number).unwrap_or_default();
            let fees = ledger.fees.remove(&number).unwrap_or_default();
            let stage = &plant.stage;
            let order = Order { stage, place, id: *id, outcomes, invoices, notes, fees };
            let held = |why| format!("{number}: {why}; {:#?}", order.outcome());
            order.check(now.as_deref(), &ledger).map_err(held)?;
        }
    }
    let left: Vec<_> = [&ledger.invoices, &ledger.credit_notes, &ledger.fees]
        .into_iter()
        .flat_map(BTreeMap::keys)
        .collect();
    if left.is_empty() { Ok(()) } else { Err(format!("documents of no order: {left:?}")) }
}

/// One order with what the ledger holds of it.
struct Order<'a> {
    stage: &'a Stage,
    place: &'a Place,
    id: u64,
    outcomes: &'a [Outcome],
    invoices: Vec<Document>,
    notes: Vec<Document>,
    fees: Vec<Document>,
}

macro_rules! same {
    ($left:expr, $right:expr, $($what:tt)*) => {
        let (left, right) = ($left, $right);
        if left != right {
            return Err(format!("{}: {left:?}, not {right:?}", format!($($what)*)));
        }
    };
}

impl Order<'_> {
    fn outcome(&self) -> Option<&Outcome> {
        let id = self.id.to_string();
        self.outcomes.iter().find(|one| {
            one.key.kind == "order"
                && one.key.object_id == id
                && one.key.shop == self.place.shop.url()
        })
    }

    fn check(&self, now: Option<&Snapshot>, ledger: &Ledger) -> Result<(), String> {
        let Some(now) = now else {
            // What is gone for good is taken back.
            same!(self.invoices.len() + self.notes.len() + self.fees.len(), 0, "deleted");
            return Ok(());
        };
        let status = now.order["status"].as_str().unwrap_or_default();
        let nothing = self.invoices.len() + self.notes.len() + self.fees.len() == 0;
        let Some(outcome) = self.outcome() else {
            // Nobody need know of an order that went into the trash before anybody heard of it.
            let needless = NOT_POSTED.contains(&status) && nothing;
            return if needless { Ok(()) } else { Err(String::from("left open")) };
        };
        if outcome.kind == OutcomeKind::Refused {
            return Err(String::from("refused"));
        }
        if outcome.kind == OutcomeKind::Held {
            return self.check_held(outcome);
        }
        if NOT_POSTED.contains(&status) {
            same!(self.invoices.len() + self.notes.len() + self.fees.len(), 0, "{status}");
            return Ok(());
        }
        self.check_documents(now, status, ledger)?;
        self.check_fee(now, status)
    }

    /// What is held says so, and is there once at most. Nobody has been at work in this Xero, so
    /// whoever says that is wrong.
    fn check_held(&self, outcome: &Outcome) -> Result<(), String> {
        let errors = || outcome.findings.iter().filter(|one| one.severity == Severity::Error);
        let blames = errors().any(|one| one.code.starts_with("ledger."));
        if blames || errors().next().is_none() || self.invoices.len() > 1 || self.fees.len() > 1 {
            return Err(String::from("held"));
        }
        self.stage.count("orders visibly held");
        Ok(())
    }

    /// Whether the order's outcome says something.
    fn says(&self, code: &str) -> bool {
        let findings = self.outcome().map(|outcome| &outcome.findings);
        findings.into_iter().flatten().any(|finding| finding.code == code)
    }

    fn check_documents(&self, now: &Snapshot, status: &str, ledger: &Ledger) -> Result<(), String> {
        let shop = &self.place.shop;
        let [invoice] = self.invoices.as_slice() else {
            return Err(format!("{status}, and {} invoices", self.invoices.len()));
        };
        let total = shop.cents(&now.order["total"]);
        same!(invoice.totals.total, total, "L1, total");
        self.check_tax("invoice", &now.order, invoice)?;
        let is_paid = PAID.contains(&status) && now.order["date_paid"].is_string();
        let mut refunded = Decimal::ZERO;
        let mut numbers = BTreeSet::new();
        for refund in &now.refunds {
            let amount = shop.cents(&refund["amount"]);
            refunded += amount;
            let end = format!("-R{}", refund["id"]);
            let own = self.notes.iter().filter(|note| {
                note.number.ends_with(&end) || note.number.contains(&format!("{end}-"))
            });
            let own: Vec<&Document> = own.collect();
            same!(own.len(), usize::from(!amount.is_zero()), "credit notes of {}", refund["id"]);
            let Some(note) = own.first() else { continue };
            numbers.insert(note.number.clone());
            same!(note.totals.total, amount, "L3, credit note {}", note.number);
            if names_all(refund) {
                self.check_tax("credit note", refund, note)?;
            }
            // More was given back than was ever paid.
            if self.says("payment.not_due") {
                continue;
            }
            same!(note.outstanding(), Decimal::ZERO, "left on {}", note.number);
            let (out, used) = (ledger.paid(note), note.allocations.len());
            let wanted = if is_paid { (vec![amount], 0) } else { (Vec::new(), 1) };
            same!((out, used), wanted, "payments and allocations of {}", note.number);
        }
        same!(self.notes.len(), numbers.len(), "credit notes");
        if self.says("payment.not_due") {
            self.stage.count("payments visibly open");
            return Ok(());
        }
        let deposit = deposit(shop, now);
        let paid = ledger.paid(invoice);
        let sum: Decimal = paid.iter().sum();
        let wanted = if is_paid { total } else { deposit };
        same!(sum, wanted, "paid by {paid:?}");
        if paid.len() > 2 {
            return Err(format!("{} payments", paid.len()));
        }
        let credited = if is_paid { Decimal::ZERO } else { refunded };
        same!(invoice.credited, credited, "L4, allocated");
        same!(invoice.outstanding(), total - wanted - credited, "L4, due");
        Ok(())
    }

    /// L2: for each tax type, what the shop stored on its lines is what Xero has, within one unit of
    /// the currency's last digit a line.
    fn check_tax(&self, what: &str, sale: &Value, document: &Document) -> Result<(), String> {
        let sets = &self.place.rules.settings.tax.sets;
        let mut shop = stored_tax(sets, sale);
        shop.remove("");
        let mut xero: BTreeMap<String, Decimal> = BTreeMap::new();
        for line in &document.lines {
            let (key, amount) = if line.description.starts_with("Tax: ") {
                (line.account_code.clone(), line.line_amount)
            } else {
                (line.tax_type.clone(), line.tax_amount)
            };
            *xero.entry(key).or_default() += amount;
        }
        xero.retain(|key, amount| shop.contains_key(key) || !amount.is_zero());
        for (key, amount) in &xero {
            let (stored, lines) = shop.get(key).copied().unwrap_or_default();
            let bound = Decimal::new(i64::try_from(lines).unwrap_or(1), self.place.shop.digits());
            if (amount - stored).abs() > bound {
                return Err(format!("L2, {what}, {key}: {stored} on {lines} lines, Xero {amount}"));
            }
        }
        Ok(())
    }

    /// What the gateway kept is in Xero once, but for fees in another currency than the account's.
    fn check_fee(&self, now: &Snapshot, status: &str) -> Result<(), String> {
        let is_paid = PAID.contains(&status)
            && now.order["date_paid"].is_string()
            && !decimal(&now.order["total"]).is_zero();
        let kept = kept(&now.order)
            .filter(|(_, currency)| is_paid && *currency == self.place.rules.base_currency)
            .map(|(fee, _)| self.place.shop.cents(&fee.to_string().into()));
        let wanted: Vec<(DocumentType, Status, Decimal)> =
            kept.iter().map(|fee| (DocumentType::Spend, Status::Authorised, *fee)).collect();
        let found: Vec<(DocumentType, Status, Decimal)> =
            self.fees.iter().map(|one| (one.document_type, one.status, one.totals.total)).collect();
        // A fee that the order no longer names, or that was kept before the payment was taken back,
        // stays booked: nobody says that the gateway gave it back.
        if wanted.is_empty() && found.len() <= 1 {
            return Ok(());
        }
        same!(found, wanted, "gateway fees");
        Ok(())
    }
}

/// What was paid in advance of an order that is not paid yet.
fn deposit(shop: &Shop, now: &Snapshot) -> Decimal {
    let metas = now.order["meta_data"].as_array();
    let amount =
        metas.into_iter().flatten().find(|one| one["key"] == "_wc_deposits_deposit_amount");
    amount.map_or(Decimal::ZERO, |one| shop.cents(&one["value"]))
}

/// What a sale's lines say of tax, by tax type or account, with the number of lines.
fn stored_tax(sets: &[TaxSet], sale: &Value) -> BTreeMap<String, (Decimal, usize)> {
    // The amounts of a refund are negative.
    let sign = if sale["amount"].is_string() { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
    let mut found: BTreeMap<String, (Decimal, usize)> = BTreeMap::new();
    let lists = LINE_LISTS.iter().filter_map(|kind| sale[*kind].as_array());
    for line in lists.flatten() {
        let taxes = line["taxes"].as_array().into_iter().flatten();
        let taxes = taxes.filter(|tax| tax["total"].as_str().is_some_and(|text| !text.is_empty()));
        let taxes: Vec<(u64, Decimal)> = taxes
            .map(|tax| (tax["id"].as_u64().unwrap_or_default(), decimal(&tax["total"])))
            .collect();
        let mut rates: Vec<u64> = taxes.iter().map(|(rate, _)| *rate).collect();
        rates.sort_unstable();
        if let Some(key) = bearer(sets, &rates) {
            let entry = found.entry(key).or_default();
            entry.0 += taxes.iter().map(|(_, total)| *total * sign).sum::<Decimal>();
            entry.1 += 1;
            continue;
        }
        // A negative fee is taxed in parts: each of its rates for itself.
        for (rate, total) in taxes {
            let entry = found.entry(bearer(sets, &[rate]).unwrap_or_default()).or_default();
            entry.0 += total * sign;
            entry.1 += 1;
        }
    }
    found
}

/// The tax type of a set of rates, or the account of its tax as a line; empty for no rates.
fn bearer(sets: &[TaxSet], rates: &[u64]) -> Option<String> {
    if rates.is_empty() {
        return Some(String::new());
    }
    let same = |set: &&TaxSet| {
        let mut own = set.rates.clone();
        own.sort_unstable();
        own == rates
    };
    let set = sets.iter().find(same)?;
    Some(if set.tax_type.is_empty() { &set.line_account } else { &set.tax_type }.clone())
}

/// Whether a refund's own lines come to its amount.
fn names_all(refund: &Value) -> bool {
    let lists = LINE_LISTS.iter().filter_map(|kind| refund[*kind].as_array());
    let total = |line: &Value| decimal(&line["total"]) + decimal(&line["total_tax"]);
    let sum: Decimal = lists.flatten().map(total).sum();
    sum == -decimal(&refund["amount"])
}

/// The fee in an order's meta, of the gateway that it was paid by.
fn kept(order: &Value) -> Option<(Decimal, String)> {
    let meta = |key: &str| {
        let list = order["meta_data"].as_array()?;
        list.iter().find(|one| one["key"] == key).map(|one| one["value"].clone())
    };
    let (fee, currency) = match order["payment_method"].as_str()? {
        "stripe" => (meta("_stripe_fee")?, meta("_stripe_currency")?),
        "woocommerce_payments" => {
            (meta("_wcpay_transaction_fee")?, meta("_wcpay_intent_currency")?)
        }
        "ppcp-gateway" => {
            let fee = meta("_ppcp_paypal_fees")?["paypal_fee"].clone();
            (fee["value"].clone(), fee["currency_code"].clone())
        }
        _ => return None,
    };
    Some((decimal(&fee), currency.as_str()?.to_uppercase()))
}
