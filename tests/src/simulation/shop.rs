//! The shop: the lives of its orders, the hints it gives of them, and what it says when asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};
use tillbook::{
    door::Sale,
    facts::{FactSource, Facts, FactsError, Listed, ListedRefund},
};
use tillbook_practice::shop::{
    PracticeShop, Running,
    corpus::{self, Case},
};

use super::{
    dice::Dice,
    stage::{ActorId, Point, Stage},
};

/// First id of an order.
const FIRST_ID: u64 = 5_000;

/// Lists of an order's lines that hold amounts.
pub(super) const LINE_LISTS: [&str; 3] = ["line_items", "shipping_lines", "fee_lines"];

/// What the shop says of an order at one time; nothing once it is deleted.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) order: Value,
    pub(super) refunds: Vec<Value>,
    order_text: Box<RawValue>,
    refund_texts: Vec<Box<RawValue>>,
}

impl Snapshot {
    fn status(&self) -> &str {
        self.order["status"].as_str().unwrap_or_default()
    }

    fn modified(&self) -> &str {
        self.order["date_modified_gmt"].as_str().unwrap_or_default()
    }
}

/// All that an order has been, oldest first.
#[derive(Debug, Default)]
struct Past {
    versions: Vec<Option<Arc<Snapshot>>>,
    /// The newest version that anybody was told of: nothing older is said again.
    told: usize,
}

/// A hint on its way.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) order_id: u64,
    pub(super) mark: String,
    /// When it arrives, in milliseconds since 1970.
    pub(super) due_ms: i64,
    version: usize,
}

#[derive(Debug, Default)]
struct Books {
    pasts: BTreeMap<u64, Past>,
    mail: Vec<Letter>,
    letters: u64,
}

/// The shop with what became of its orders.
#[derive(Debug)]
pub(super) struct Shop {
    running: Running,
    cases: Vec<&'static Case>,
    digits: u32,
    url: String,
    books: Mutex<Books>,
    products: BTreeMap<u64, Box<RawValue>>,
}

/// A decimal out of a text or a number.
pub(super) fn decimal(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap_or_default()
}

impl Shop {
    /// An empty shop of a batch's settings.
    pub(super) fn open(batch: &str, url: &str) -> Self {
        let cases = corpus::orders(batch);
        let currency = &cases[0].store.currency;
        let plain = |case: &&&Case| {
            case.order["currency"] == currency.as_str()
                && decimal(&case.order["total"]) > Decimal::ZERO
        };
        let plain: Vec<&Case> = cases.iter().filter(plain).copied().collect();
        let digits = if currency == "JPY" { 0 } else { cases[0].store.num_decimals.min(2) };
        let settings = cases[0].store.clone();
        let running = PracticeShop::builder().store(settings).closed(url).unwrap();
        let products = corpus::products()
            .iter()
            .map(|one| (one["id"].as_u64().unwrap(), to_raw_value(one).unwrap()))
            .collect();
        Self {
            running,
            cases: plain,
            digits,
            url: url.to_owned(),
            books: Mutex::default(),
            products,
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rounds an amount as the shop shows it and Xero keeps it.
    pub(super) fn cents(&self, amount: &Value) -> Decimal {
        let strategy = RoundingStrategy::MidpointAwayFromZero;
        decimal(amount).round_dp_with_strategy(self.digits, strategy)
    }

    /// The shop's address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Decimals of the currency.
    pub(super) const fn digits(&self) -> u32 {
        self.digits
    }

    /// Every order that ever was, as it is now.
    pub(super) fn orders(&self) -> BTreeMap<u64, Option<Arc<Snapshot>>> {
        let books = self.books();
        books
            .pasts
            .iter()
            .map(|(id, past)| (*id, past.versions.last().cloned().flatten()))
            .collect()
    }

    /// Something happens to an order, or a new one comes; gives which and what.
    pub(super) fn happen(&self, dice: &mut Dice, now_ms: i64) -> (u64, &'static str) {
        self.set_clock(now_ms);
        let alive: Vec<(u64, Arc<Snapshot>)> =
            self.orders().into_iter().filter_map(|(id, now)| Some((id, now?))).collect();
        let (id, what) = if alive.is_empty() {
            (self.arrive(dice, now_ms), "arrived")
        } else {
            let (id, now) = &alive[dice.place(alive.len())];
            (*id, self.live(dice, *id, now))
        };
        if what != "nothing" {
            self.remember(id);
        }
        (id, what)
    }

    fn set_clock(&self, now_ms: i64) {
        self.running.set_clock(chrono::DateTime::from_timestamp_millis(now_ms).unwrap());
    }

    /// A new order comes.
    pub(super) fn arrive(&self, dice: &mut Dice, now_ms: i64) -> u64 {
        self.set_clock(now_ms);
        let case = self.cases[dice.place(self.cases.len())];
        let id = FIRST_ID + self.books().pasts.len() as u64;
        let mut order = case.order_dp6.clone();
        order["id"] = id.into();
        order["number"] = id.to_string().into();
        order["status"] = "on-hold".into();
        order["refunds"] = json!([]);
        for date in ["date_created", "date_paid", "date_completed"] {
            order[date] = Value::Null;
            order[format!("{date}_gmt")] = Value::Null;
        }
        self.charge(dice, &mut order);
        self.running.add_order(order).unwrap();
        if dice.hits(600) {
            self.running.set_status(id, "processing").unwrap();
        }
        id
    }

    /// Lets a gateway keep a fee of an order, more often than the recorded shop did.
    fn charge(&self, dice: &mut Dice, order: &mut Value) {
        if dice.hits(600) {
            let fee =
                Decimal::new(i64::try_from(dice.between(1, 3)).unwrap_or(1), self.digits.min(1));
            order["payment_method"] = "stripe".into();
            order["meta_data"] = json!([
                {"id": 1, "key": "_stripe_fee", "value": fee.to_string()},
                {"id": 2, "key": "_stripe_currency", "value": order["currency"]},
            ]);
        }
    }

    fn live(&self, dice: &mut Dice, id: u64, now: &Snapshot) -> &'static str {
        let shop = &self.running;
        if now.status() == "trash" {
            return if dice.hits(700) {
                shop.restore_order(id).unwrap();
                "taken out of the trash"
            } else {
                shop.delete_order(id).unwrap();
                "deleted"
            };
        }
        match dice.below(13) {
            0 | 1 => {
                shop.set_status(id, "processing").unwrap();
                "paid"
            }
            2 => {
                let unpay = |order: &mut Value| {
                    order["status"] = "on-hold".into();
                    order["date_paid"] = Value::Null;
                    order["date_paid_gmt"] = Value::Null;
                };
                shop.edit_order(id, unpay).unwrap();
                "no longer paid"
            }
            3 => {
                shop.set_status(id, "cancelled").unwrap();
                "cancelled"
            }
            4 => {
                let paid = now.order["date_paid"].is_string();
                shop.set_status(id, if paid { "completed" } else { "pending" }).unwrap();
                "restored"
            }
            5 | 6 if now.refunds.is_empty() => self.edit(dice, id),
            7 | 8 => self.refund(dice, id, now),
            9 if !now.refunds.is_empty() => {
                let at = dice.place(now.refunds.len());
                shop.delete_refund(now.refunds[at]["id"].as_u64().unwrap()).unwrap();
                "a refund deleted"
            }
            10 if now.refunds.is_empty() => self.pay_deposit(dice, id, now),
            11 => {
                shop.trash_order(id).unwrap();
                "put in the trash"
            }
            12 if dice.hits(150) => {
                shop.delete_order(id).unwrap();
                "deleted"
            }
            _ => "nothing",
        }
    }

    /// Lines, prices, coupons, address, gateway: all that another order of the shop has.
    fn edit(&self, dice: &mut Dice, id: u64) -> &'static str {
        let mut other = self.cases[dice.place(self.cases.len())].order_dp6.clone();
        self.charge(dice, &mut other);
        let edit = |order: &mut Value| {
            let dates = ["date_created", "date_paid", "date_completed"];
            let dates = dates.iter().flat_map(|date| [(*date).to_owned(), format!("{date}_gmt")]);
            let names = ["id", "number", "status", "currency", "refunds"].map(str::to_owned);
            for kept in names.into_iter().chain(dates) {
                other[&kept] = order[&kept].clone();
            }
            *order = other;
        };
        self.running.edit_order(id, edit).unwrap();
        "edited"
    }

    fn refund(&self, dice: &mut Dice, id: u64, now: &Snapshot) -> &'static str {
        let given: Decimal = now.refunds.iter().map(|one| self.cents(&one["amount"])).sum();
        let left = self.cents(&now.order["total"]) - given;
        let amount = match dice.below(3) {
            0 => left,
            _ => (left / Decimal::from(3)).round_dp(self.digits),
        };
        if amount <= Decimal::ZERO {
            return "nothing";
        }
        let body = match dice.below(3) {
            0 => self.refund_of_line(now, left),
            _ => None,
        };
        let body = body.unwrap_or_else(|| json!({"amount": amount.to_string(), "reason": ""}));
        match self.running.add_refund(id, &body) {
            Ok(_) => "refunded",
            Err(_) => "nothing",
        }
    }

    /// A refund of the first line with its taxes, where that is not more than is left.
    fn refund_of_line(&self, now: &Snapshot, left: Decimal) -> Option<Value> {
        let line = now.order["line_items"].as_array()?.first()?;
        let taxes: Vec<Value> = line["taxes"]
            .as_array()?
            .iter()
            .filter(|tax| tax["total"].as_str().is_some_and(|total| !total.is_empty()))
            .map(|tax| json!({"id": tax["id"], "refund_total": tax["total"]}))
            .collect();
        let tax: Decimal = taxes.iter().map(|tax| decimal(&tax["refund_total"])).sum();
        let sum = (decimal(&line["total"]) + tax)
            .round_dp_with_strategy(self.digits, RoundingStrategy::MidpointAwayFromZero);
        (sum > Decimal::ZERO && sum <= left && now.refunds.is_empty()).then(|| {
            json!({"amount": sum.to_string(), "reason": "", "line_items": [{
                "id": line["id"], "quantity": 0, "refund_total": line["total"],
                "refund_tax": taxes,
            }]})
        })
    }

    fn pay_deposit(&self, dice: &mut Dice, id: u64, now: &Snapshot) -> &'static str {
        let part = self.cents(&now.order["total"]) / Decimal::from(dice.between(2, 4));
        let edit = |order: &mut Value| {
            order["meta_data"] = json!([
                {"id": 1, "key": "_wc_deposits_deposit_paid", "value": "yes"},
                {"id": 2, "key": "_wc_deposits_deposit_amount", "value": part.to_string()},
            ]);
            order["status"] = "partially-paid".into();
            order["date_paid"] = Value::Null;
            order["date_paid_gmt"] = Value::Null;
        };
        self.running.edit_order(id, edit).unwrap();
        "a deposit paid"
    }

    /// Takes down what the shop says of an order now.
    pub(super) fn remember(&self, id: u64) {
        let now = self.running.order(id, Some(6)).map(|order| {
            let refunds = self.running.refunds(id, Some(6));
            let order_text = to_raw_value(&order).unwrap();
            let refund_texts = refunds.iter().map(|one| to_raw_value(one).unwrap()).collect();
            Arc::new(Snapshot { order, refunds, order_text, refund_texts })
        });
        self.books().pasts.entry(id).or_default().versions.push(now);
    }

    /// Sends the hint of an order's newest state, by the given delay.
    pub(super) fn post(&self, id: u64, due_ms: i64) {
        let mut books = self.books();
        books.letters += 1;
        let version = books.pasts.get(&id).map_or(0, |past| past.versions.len() - 1);
        let mark = format!("hook {}", books.letters);
        books.mail.push(Letter { order_id: id, mark, due_ms, version });
    }

    /// Whether a hint has arrived.
    pub(super) fn has_mail(&self, now_ms: i64) -> bool {
        self.books().mail.iter().any(|letter| letter.due_ms <= now_ms)
    }

    /// Takes one of the hints that have arrived.
    pub(super) fn take_mail(&self, dice: &mut Dice, now_ms: i64) -> Option<Letter> {
        let mut books = self.books();
        let due = books.mail.iter().enumerate().filter(|(_, letter)| letter.due_ms <= now_ms);
        let due: Vec<usize> = due.map(|(at, _)| at).collect();
        if due.is_empty() {
            return None;
        }
        let letter = books.mail.swap_remove(due[dice.place(due.len())]);
        let past = books.pasts.entry(letter.order_id).or_default();
        past.told = past.told.max(letter.version);
        Some(letter)
    }

    /// Forgets the hints that are still under way.
    pub(super) fn lose_mail(&self) {
        self.books().mail.clear();
    }
}

/// One process's view of the shop.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) stage: Stage,
    pub(super) actor: ActorId,
    pub(super) shop: Arc<Shop>,
}

impl Window {
    async fn ask(&self) -> Result<(), FactsError> {
        self.stage.point(self.actor, Point::Shop).await;
        if self.stage.strikes(|rates| rates.shop, "shop: not reachable") {
            return Err(FactsError {
                message: String::from("the shop cannot be reached"),
                retry_after: Duration::from_mins(1),
            });
        }
        Ok(())
    }

    /// What the shop says of an order: the newest, or something older that nobody was told more of.
    fn version(&self, id: u64) -> Option<Arc<Snapshot>> {
        let stale = self.stage.strikes(|rates| rates.shop, "shop: stale answers");
        let books = self.shop.books();
        let past = books.pasts.get(&id)?;
        let at = if stale {
            let last = past.versions.len() - 1;
            let told = past.told.min(last);
            self.stage.lock().dice.between(told as u64, last as u64)
        } else {
            past.versions.len() as u64 - 1
        };
        past.versions.get(usize::try_from(at).ok()?).cloned().flatten()
    }

    fn products_of(&self, sales: &[(u64, Sale)], orders: &[Arc<Snapshot>]) -> Vec<Box<RawValue>> {
        debug_assert_eq!(sales.len(), orders.len());
        let lines = orders.iter().filter_map(|now| now.order["line_items"].as_array()).flatten();
        let ids: BTreeSet<u64> = lines.filter_map(|line| line["product_id"].as_u64()).collect();
        ids.iter().filter_map(|id| self.shop.products.get(id).cloned()).collect()
    }
}

impl FactSource for Window {
    async fn read_facts(&self, order_ids: &[u64]) -> Result<Facts, FactsError> {
        self.ask().await?;
        let orders: Vec<(u64, Arc<Snapshot>)> =
            order_ids.iter().filter_map(|id| Some((*id, self.version(*id)?))).collect();
        let mut sales = Vec::new();
        for (id, now) in &orders {
            let mut refunds = Vec::new();
            if now.order["refunds"].as_array().is_some_and(|list| !list.is_empty()) {
                // They are read by a call of their own, and may have changed by then.
                self.ask().await?;
                if let Some(now) = self.version(*id) {
                    refunds.clone_from(&now.refund_texts);
                }
            }
            sales.push((*id, Sale { order: now.order_text.clone(), refunds, customer: None }));
        }
        let orders: Vec<Arc<Snapshot>> = orders.into_iter().map(|(_, now)| now).collect();
        let products = self.products_of(&sales, &orders);
        self.stage.note(|| {
            let said = orders.iter().map(|now| {
                format!("{} {} {} refunds", now.order["id"], now.status(), now.refunds.len())
            });
            format!("{} read {}", self.actor, said.collect::<Vec<_>>().join(", "))
        });
        Ok(Facts { sales, products })
    }

    async fn list_orders(&self) -> Result<Vec<Listed>, FactsError> {
        self.ask().await?;
        let ids: Vec<u64> = self.shop.books().pasts.keys().copied().collect();
        let mut listed = Vec::new();
        for order_id in ids {
            // Lists of an index that lags are another matter: the newest counts as told.
            let mut books = self.shop.books();
            let Some(past) = books.pasts.get_mut(&order_id) else { continue };
            past.told = past.versions.len() - 1;
            let now = past.versions.last().cloned().flatten();
            // The trash is listed too.
            if let Some(now) = now {
                listed.push(Listed { order_id, modified: now.modified().to_owned() });
            }
        }
        Ok(listed)
    }

    async fn list_refunds(
        &self,
        since: Option<&str>,
    ) -> Result<Option<Vec<ListedRefund>>, FactsError> {
        self.ask().await?;
        let mut listed = Vec::new();
        for (order_id, now) in self.shop.orders() {
            for refund in now.iter().flat_map(|now| &now.refunds) {
                let created = refund["date_created_gmt"].as_str().unwrap_or_default().to_owned();
                let refund_id = refund["id"].as_u64().unwrap_or_default();
                if since.is_none_or(|since| created.as_str() > since) {
                    listed.push(ListedRefund { refund_id, order_id, created });
                }
            }
        }
        Ok(Some(listed))
    }

    async fn missing_orders(&self, order_ids: &[u64]) -> Result<Vec<u64>, FactsError> {
        self.ask().await?;
        let orders = self.shop.orders();
        let there = |id: &&u64| !orders.get(*id).is_some_and(Option::is_some);
        Ok(order_ids.iter().filter(there).copied().collect())
    }
}
