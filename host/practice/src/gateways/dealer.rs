//! Deals orders over the payment methods.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use serde_json::Value;

use super::calendar::{Calendar, midnight};
use super::ledger::Gateway;
use super::{Gateways, booking, imprint, incident, payday};
use crate::shop::clock::{print_gmt, print_local};
use crate::shop::corpus::Case;
use crate::shop::generate::dice::Dice;
use crate::shop::generate::{date, read_gmt};
use crate::shop::order::{set, text};

/// Days over which orders are spread that were recorded within a few minutes.
const SPREAD_DAYS: u32 = 84;
/// Orders that lie further apart than this are not spread unless asked for.
const APART_DAYS: i64 = 56;
/// Days before the end on which no order is paid any more, so that the last ones are paid out.
const TAIL_DAYS: i64 = 4;
/// Days after its order's payment by which a refund of a spread order is made.
const REFUND_DAYS_MAX: u64 = 18;
/// What the first orders get: each gateway one.
const OPENING: [&str; 3] = ["woocommerce_payments", "stripe", "ppcp-gateway"];
/// What every further nine orders get, shuffled.
const DECK: [&str; 9] = [
    "woocommerce_payments",
    "woocommerce_payments",
    "stripe",
    "stripe",
    "ppcp-gateway",
    "ppcp-gateway",
    "bacs",
    "cheque",
    "cod",
];

/// How orders are to be dealt.
#[derive(Debug, Clone)]
pub struct Dealer {
    seed: u64,
    keep_methods: bool,
    spread_days: Option<u32>,
    until: Option<NaiveDate>,
}

impl Dealer {
    /// Starts with the choices of [`Gateways::deal`].
    #[must_use]
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed, keep_methods: false, spread_days: None, until: None }
    }

    /// Keeps each order's recorded payment method; only ids, fees and ledgers are made.
    ///
    /// A gateway may then have charges in the week that is otherwise kept free for a negative
    /// payout.
    #[must_use]
    pub const fn keep_methods(mut self, yes: bool) -> Self {
        self.keep_methods = yes;
        self
    }

    /// Spreads the paid orders evenly over so many days, refunds following after days; 0 keeps all
    /// dates. Unless said, orders within eight weeks are spread over twelve, others are kept.
    #[must_use]
    pub const fn spread_days(mut self, days: u32) -> Self {
        self.spread_days = Some(days);
        self
    }

    /// Sets the last day, in UTC, that the ledgers cover; the last day of the orders when not said.
    #[must_use]
    pub const fn until(mut self, day: NaiveDate) -> Self {
        self.until = Some(day);
        self
    }

    /// Deals the orders and keeps the gateways' ledgers for them.
    ///
    /// Only orders with `date_paid` and a positive total are charged. The account's currency is that
    /// of the first order's store.
    #[must_use]
    pub fn deal(&self, cases: impl IntoIterator<Item = Case>) -> Gateways {
        let mut dice = Dice::new(self.seed);
        let mut cases: Vec<Case> = cases.into_iter().collect();
        let mut paid = paid_orders(&cases);
        let end = midnight(self.last_day(&cases) + Days::new(1));
        let start = self.spread(&mut cases, &paid, end, &mut dice);
        paid.sort_by_key(|at| cases.get(*at).map(|case| (paid_at(case), case.id)));
        let calendars = Gateway::ALL.map(|gateway| Calendar { start, end, gateway });
        if !self.keep_methods {
            deal_methods(&mut cases, &paid, &calendars, &mut dice);
        }
        let currency = cases.first().map_or_else(String::new, |case| case.store.currency.clone());
        let mut accounts = Vec::new();
        for calendar in &calendars {
            let charged = paid.iter().filter_map(|at| cases.get(*at)).filter(|case| {
                text(&case.order_dp6, "payment_method") == calendar.gateway.method()
            });
            let mut account = booking::book(charged, calendar, &currency, &mut dice);
            if !account.entries.is_empty() {
                incident::add(&mut account, calendar, &mut dice);
                payday::pay_out(&mut account, calendar, &mut dice);
                accounts.push(account);
            }
        }
        imprint::write(&mut cases, &accounts, &mut dice);
        Gateways { cases, accounts, closed_at: end - Duration::seconds(1) }
    }

    fn last_day(&self, cases: &[Case]) -> NaiveDate {
        let refunds = cases.iter().flat_map(|case| &case.refunds_dp6);
        let refunded = refunds.filter_map(|refund| read_gmt(refund, "date_created_gmt"));
        let last = cases.iter().filter_map(paid_at).chain(refunded).max();
        self.until.unwrap_or_else(|| last.unwrap_or_default().date_naive())
    }

    /// Gives the orders new dates where they need them; answers the first covered moment.
    fn spread(
        &self,
        cases: &mut [Case],
        paid: &[usize],
        end: DateTime<Utc>,
        dice: &mut Dice,
    ) -> DateTime<Utc> {
        let first = paid.iter().filter_map(|at| cases.get(*at)).filter_map(paid_at).min();
        let close = first.is_none_or(|first| end - first < Duration::days(APART_DAYS));
        let days = self.spread_days.unwrap_or(if close { SPREAD_DAYS } else { 0 });
        if days == 0 {
            return first.map_or(end, |first| midnight(first.date_naive()));
        }
        let start = end - Duration::days(i64::from(days));
        let seconds = (end - start).num_seconds() - TAIL_DAYS * 86_400;
        let step = seconds.max(1) / i64::try_from(paid.len().max(1)).unwrap_or(1);
        let mut from = start;
        for at in paid {
            let within = dice.below(u64::try_from(step.max(1)).unwrap_or(1));
            let moment = from + Duration::seconds(i64::try_from(within).unwrap_or_default());
            if let Some(case) = cases.get_mut(*at) {
                redate(case, moment, end, dice);
            }
            from += Duration::seconds(step);
        }
        start
    }
}

/// Orders with a payment, in the order they were paid.
fn paid_orders(cases: &[Case]) -> Vec<usize> {
    let positive = |case: &Case| {
        let currency = text(&case.order_dp6, "currency");
        super::money::to_minor(&text(&case.order_dp6, "total"), &currency) > 0
    };
    let mut paid: Vec<_> = cases.iter().enumerate().filter(|(_, case)| positive(case)).collect();
    paid.retain(|(_, case)| paid_at(case).is_some());
    paid.sort_by_key(|(_, case)| (paid_at(case), case.id));
    paid.into_iter().map(|(at, _)| at).collect()
}

/// When an order was paid, in UTC.
pub(super) fn paid_at(case: &Case) -> Option<DateTime<Utc>> {
    read_gmt(&case.order_dp6, "date_paid_gmt")
}

/// Moves an order to a moment, and its refunds to some days later, all before the end.
fn redate(case: &mut Case, moment: DateTime<Utc>, end: DateTime<Utc>, dice: &mut Dice) {
    let zone = case.store.timezone.parse().unwrap_or(chrono_tz::Tz::UTC);
    date(case, moment, zone);
    let origin = paid_at(case).unwrap_or(moment);
    // What was recorded days after the order's making keeps to the moment all the same.
    let late = origin - moment;
    let put = |item: &mut Value, name: &str, at: DateTime<Utc>| {
        set(item, name, print_local(at, zone).into());
        set(item, &format!("{name}_gmt"), print_gmt(at).into());
    };
    if late > Duration::days(1) {
        put(&mut case.order_dp6, "date_paid", moment);
    }
    let mut last = None;
    for refund in &mut case.refunds_dp6 {
        let days = i64::try_from(1 + dice.below(REFUND_DAYS_MAX)).unwrap_or(1);
        let at = (moment + Duration::days(days)).min(end - Duration::days(1));
        put(refund, "date_created", at);
        last = last.max(Some(at));
    }
    if let Some(at) = last {
        put(&mut case.order_dp6, "date_modified", at);
    }
}

/// Gives every paid order a method; none to a gateway in its quiet week.
fn deal_methods(cases: &mut [Case], paid: &[usize], calendars: &[Calendar], dice: &mut Dice) {
    let mut hand: Vec<&'static str> = OPENING.to_vec();
    for at in paid {
        if hand.is_empty() {
            hand = shuffled(dice);
        }
        let Some(case) = cases.get_mut(*at) else { continue };
        let Some(moment) = paid_at(case) else { continue };
        let quiet = |method: &str| {
            let calendar = calendars.iter().find(|calendar| calendar.gateway.method() == method);
            calendar.is_some_and(|calendar| {
                calendar.payday(calendar.clears(moment)) == Some(calendar.quiet())
            })
        };
        // Refunds are to reach the gateways, so orders with some take their cards first.
        let refunded = !case.refunds_dp6.is_empty();
        let free = hand
            .iter()
            .position(|method| {
                !quiet(method) && (!refunded || Gateway::of_method(method).is_some())
            })
            .or_else(|| hand.iter().position(|method| !quiet(method)));
        let method = free.map_or("bacs", |at| hand.remove(at));
        set(&mut case.order_dp6, "payment_method", method.into());
        set(&mut case.order_dp6, "payment_method_title", title(method).into());
    }
}

fn shuffled(dice: &mut Dice) -> Vec<&'static str> {
    let mut deck = DECK.to_vec();
    let mut hand = Vec::with_capacity(deck.len());
    while !deck.is_empty() {
        let count = u64::try_from(deck.len()).unwrap_or(1);
        hand.push(deck.swap_remove(usize::try_from(dice.below(count)).unwrap_or_default()));
    }
    hand
}

/// Titles as the recorded shop's methods had them.
pub(super) fn title(method: &str) -> &'static str {
    match method {
        "woocommerce_payments" => "WooPayments",
        "stripe" => "Credit Card (Stripe)",
        "ppcp-gateway" => "PayPal",
        "cheque" => "Cheque",
        "cod" => "Cash on delivery",
        _ => "Direct bank transfer",
    }
}
