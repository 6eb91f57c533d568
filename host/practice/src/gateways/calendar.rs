//! The days a ledger covers: when payouts are made, and which weeks are kept quiet.

use chrono::{DateTime, Datelike as _, Duration, Months, NaiveDate, NaiveTime, Utc};

use super::ledger::Gateway;

/// Days between two payouts of a gateway.
const WEEK: i64 = 7;
/// Days from a card payment to when a payout may take it.
const CLEARING_DAYS: i64 = 2;

/// What a gateway's ledger covers, in UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar {
    /// First moment.
    pub(crate) start: DateTime<Utc>,
    /// First moment that is no longer covered; a midnight.
    pub(crate) end: DateTime<Utc>,
    /// Whose ledger it is; each gateway pays out on a day of its own.
    pub(crate) gateway: Gateway,
}

impl Calendar {
    /// The last payout that is made before the end.
    pub(crate) fn last_cut(&self) -> DateTime<Utc> {
        self.end
            - Duration::days(match self.gateway {
                Gateway::WooPayments => 1,
                Gateway::Stripe => 2,
                Gateway::PayPal => 3,
            })
    }

    /// The payout `weeks` before the last one.
    pub(crate) fn cut(&self, weeks: i64) -> DateTime<Utc> {
        self.last_cut() - Duration::days(WEEK * weeks)
    }

    /// The payout that takes what is available at a moment; none when it comes after the end.
    pub(crate) fn payday(&self, available_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ahead = self.last_cut() - available_at;
        (ahead >= Duration::zero()).then(|| self.cut(ahead.num_seconds() / (WEEK * 86_400)))
    }

    /// When a payout may take what was paid or refunded at a moment.
    pub(crate) fn clears(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        match self.gateway {
            Gateway::PayPal => at,
            Gateway::WooPayments | Gateway::Stripe => at + Duration::days(CLEARING_DAYS),
        }
    }

    /// The payout whose week gets no charge, so that it has only disputes and refunds in it.
    ///
    /// The gateways' quiet weeks differ, and no month ends in one.
    pub(crate) fn quiet(&self) -> DateTime<Utc> {
        let weeks = match self.gateway {
            Gateway::WooPayments => 6,
            Gateway::Stripe => 5,
            Gateway::PayPal => 4,
        };
        let busy = |cut: DateTime<Utc>| {
            let dates = self.month_ends();
            dates.iter().any(|first| (cut - Duration::days(WEEK)..=cut).contains(first))
        };
        let later = [weeks, weeks + 1].map(|weeks| self.cut(weeks));
        later.into_iter().find(|cut| !busy(*cut)).unwrap_or_else(|| self.cut(weeks))
    }

    /// Midnights at which a month ends and another begins.
    pub(crate) fn month_ends(&self) -> Vec<DateTime<Utc>> {
        let first = self.start.date_naive().with_day(1);
        let months =
            (1..).map_while(|months| first?.checked_add_months(Months::new(months)).map(midnight));
        months.take_while(|moment| *moment < self.end).collect()
    }

    /// Whether the ledger covers a moment.
    pub(crate) fn covers(&self, moment: DateTime<Utc>) -> bool {
        (self.start..self.end).contains(&moment)
    }
}

/// The first moment of a day in UTC.
pub(crate) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
