//! Orders of several days with their refunds, as the shop has them.

use rust_decimal::Decimal;

use crate::{
    clock::{Clock, moment_text},
    json::{Json, number, object, text},
    orders::{self, Expected},
    random::Random,
    shop::{Shop, TERMS_ROLE},
    woo::round,
};

/// An order.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not by itself")]
pub(crate) struct Sale {
    pub(crate) id: u64,
    drawn: Json,
    pub(crate) total: Decimal,
    /// Decimals that Xero and the shop both have.
    pub(crate) digits: u32,
    pub(crate) currency: String,
    pub(crate) method: String,
    pub(crate) status: &'static str,
    pub(crate) created: i64,
    pub(crate) paid: Option<i64>,
    pub(crate) completed: Option<i64>,
    wholesale: bool,
    /// Made so that it does not add up.
    pub(crate) spoilt: bool,
    pub(crate) refunds: Vec<Refund>,
    /// Changed since it was last asked for.
    pub(crate) changed: bool,
    /// Deleted in the shop.
    pub(crate) gone: bool,
}

/// A refund of it.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) id: u64,
    pub(crate) amount: Decimal,
    pub(crate) created: i64,
    lines: Vec<(&'static str, Json)>,
    /// What the gateway calls it, where the shop knows.
    pub(crate) key: Option<String>,
    pub(crate) gone: bool,
}

/// What has become of an order or refund, by what the shop says alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Sold,
    Unpaid,
    Dropped,
    Unknown,
}

/// Replaces a field, or adds it.
pub(crate) fn set(json: &mut Json, name: &str, value: Json) {
    let Json::Object(fields) = json else { panic!("no object") };
    match fields.iter_mut().find(|(known, _)| known == name) {
        Some(field) => field.1 = value,
        None => fields.push((name.into(), value)),
    }
}

fn decimal(json: &Json, name: &str) -> Decimal {
    json.str_at(name).parse().unwrap_or_default()
}

/// Decimals of a currency of the generator.
pub(crate) fn digits_of(currency: &str) -> u32 {
    match currency {
        "JPY" => 0,
        "BHD" => 3,
        _ => 2,
    }
}

const LISTS: [&str; 3] = ["line_items", "shipping_lines", "fee_lines"];

impl Sale {
    /// Draws an unpaid order.
    pub(crate) fn draw(shop: &Shop, id: u64, at: i64, method: &str, random: &mut Random) -> Self {
        let drawn = orders::draw(shop, id, random);
        let currency = drawn.order.str_at("currency").to_owned();
        let digits = shop.rounding.digits.min(digits_of(&currency)).min(2);
        Self {
            id,
            total: decimal(&drawn.order, "total"),
            digits,
            currency,
            method: method.into(),
            status: "pending",
            created: at,
            paid: None,
            completed: None,
            wholesale: random.chance(10),
            spoilt: matches!(drawn.expected, Expected::Hold(_)),
            refunds: Vec::new(),
            changed: true,
            gone: false,
            drawn: drawn.order,
        }
    }

    /// Somebody edits the order: other lines, another total.
    pub(crate) fn edit(&mut self, shop: &Shop, random: &mut Random) {
        let other = orders::draw(shop, self.id, random);
        self.spoilt = matches!(other.expected, Expected::Hold(_));
        self.total = decimal(&other.order, "total");
        self.drawn = other.order;
        self.changed = true;
    }

    /// The total as it is posted.
    pub(crate) fn posted_total(&self) -> Decimal {
        round(self.total, self.digits)
    }

    /// What has become of it.
    pub(crate) fn stage(&self, skips_zero: bool) -> Stage {
        let zero = self.total.is_zero();
        match self.status {
            "backordered" => Stage::Unknown,
            "cancelled" | "failed" | "trash" => Stage::Dropped,
            _ if zero && skips_zero => Stage::Dropped,
            "processing" | "completed" | "refunded" if zero || self.paid.is_some() => Stage::Sold,
            _ => Stage::Unpaid,
        }
    }

    /// The moment that decides its day.
    pub(crate) fn moment(&self, by: &str) -> Option<i64> {
        match by {
            "created" => Some(self.created),
            "completed" => self.completed,
            _ if self.total.is_zero() && self.paid.is_none() => Some(self.created),
            _ => self.paid,
        }
    }

    /// What is posted of each refund: rounded, and never more than is left.
    pub(crate) fn refunded(&self, clock: &Clock) -> Vec<(u64, Decimal)> {
        let (mut left, mut unrounded) = (self.posted_total(), self.total);
        let mut refunds: Vec<&Refund> = self.live_refunds().collect();
        refunds.sort_by_key(|refund| (clock.wall(refund.created).div_euclid(86_400), refund.id));
        let mut posted = Vec::new();
        for refund in refunds {
            let amount = round(refund.amount, self.digits);
            unrounded -= refund.amount;
            // More than there is: a person has to look.
            let amount = if unrounded < Decimal::ZERO { amount } else { amount.min(left) };
            left -= amount;
            posted.push((refund.id, -amount));
        }
        posted
    }

    /// Whether more was given back than it comes to now.
    pub(crate) fn overdrawn(&self) -> bool {
        self.live_refunds().map(|refund| refund.amount).sum::<Decimal>() > self.total
    }

    /// Refunds that the shop has.
    pub(crate) fn live_refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.iter().filter(|refund| !refund.gone)
    }

    /// Draws a refund of what is left: of one line, of a part, or of all.
    pub(crate) fn refund(
        &mut self,
        shop: &Shop,
        id: u64,
        at: i64,
        random: &mut Random,
    ) -> Option<&Refund> {
        let given: Decimal = self.live_refunds().map(|refund| refund.amount).sum();
        let left = self.total - given;
        let digits = shop.rounding.digits;
        if left <= Decimal::ZERO {
            return None;
        }
        let (amount, lines) = match random.below(4) {
            0 => (left, Vec::new()),
            1 => (round(left * Decimal::new(3_333, 4), digits), Vec::new()),
            2 if given.is_zero() => (left, self.lines_back(usize::MAX)),
            _ => {
                let lines = self.lines_back(1);
                let gross =
                    |(_, line): &(_, Json)| -(decimal(line, "total") + decimal(line, "total_tax"));
                (round(lines.iter().map(gross).sum(), digits), lines)
            }
        };
        if amount <= Decimal::ZERO || amount > left {
            return None;
        }
        let key = random.chance(80).then(|| format!("re_{id}"));
        self.refunds.push(Refund { id, amount, created: at, lines, key, gone: false });
        self.changed = true;
        self.refunds.last()
    }

    /// Its first lines above zero, turned round as WooCommerce stores a refund's.
    fn lines_back(&self, most: usize) -> Vec<(&'static str, Json)> {
        let turned =
            |value: &str| text(if value.is_empty() { String::new() } else { minus(value) });
        let back = |line: &Json| {
            let mut line = line.clone();
            let refunded =
                object([("key", text("_refunded_item_id")), ("value", text(line.str_at("id")))]);
            let taxes: Vec<Json> = line.list_at("taxes").to_vec();
            let taxes = taxes.into_iter().map(|mut tax| {
                let total = turned(tax.str_at("total"));
                set(&mut tax, "total", total);
                tax
            });
            let taxes = Json::List(taxes.collect());
            for name in ["total", "total_tax", "subtotal", "subtotal_tax"] {
                let value = turned(line.str_at(name));
                if line.get(name).is_some() {
                    set(&mut line, name, value);
                }
            }
            set(&mut line, "taxes", taxes);
            set(&mut line, "meta_data", Json::List(vec![refunded]));
            line
        };
        let each = |list: &'static str| {
            let above = |line: &&Json| decimal(line, "total") > Decimal::ZERO;
            self.drawn.list_at(list).iter().filter(above).map(move |line| (list, back(line)))
        };
        LISTS.into_iter().flat_map(each).take(most).collect()
    }

    /// An element of `sales`, on clocks that the shop shows.
    pub(crate) fn request(&self, clock: &Clock) -> String {
        let mut order = self.drawn.clone();
        let dates = [
            ("date_created", Some(self.created)),
            ("date_paid", self.paid),
            ("date_completed", self.completed),
        ];
        for (name, moment) in dates {
            let local = moment.map_or(Json::Null, |at| text(moment_text(clock.wall(at))));
            let utc = moment.map_or(Json::Null, |at| text(moment_text(at)));
            set(&mut order, name, local);
            set(&mut order, &format!("{name}_gmt"), utc);
        }
        set(&mut order, "status", text(self.status));
        set(&mut order, "number", text(self.id.to_string()));
        set(&mut order, "currency", text(&*self.currency));
        set(&mut order, "payment_method", text(&*self.method));
        set(&mut order, "transaction_id", text(format!("ch_{}", self.id)));
        let mut fields = vec![("order".to_owned(), order)];
        if self.wholesale {
            let customer = object([("id", number(7)), ("role", text(TERMS_ROLE))]);
            fields.push(("customer".into(), customer));
        }
        let refunds = self.live_refunds().map(|refund| refund.request(clock)).collect();
        fields.push(("refunds".into(), Json::List(refunds)));
        Json::Object(fields).write()
    }
}

fn minus(value: &str) -> String {
    value.strip_prefix('-').map_or_else(|| format!("-{value}"), ToOwned::to_owned)
}

impl Refund {
    fn request(&self, clock: &Clock) -> Json {
        let key =
            |key: &String| object([("key", text("_stripe_refund_id")), ("value", text(&**key))]);
        let of = |list: &str| {
            let own = self.lines.iter().filter(|(known, _)| *known == list);
            Json::List(own.map(|(_, line)| line.clone()).collect())
        };
        object([
            ("id", number(self.id)),
            ("date_created", text(moment_text(clock.wall(self.created)))),
            ("date_created_gmt", text(moment_text(self.created))),
            ("amount", text(self.amount.to_string())),
            ("reason", text("")),
            ("meta_data", Json::List(self.key.iter().map(key).collect())),
            ("line_items", of("line_items")),
            ("shipping_lines", of("shipping_lines")),
            ("fee_lines", of("fee_lines")),
        ])
    }
}
