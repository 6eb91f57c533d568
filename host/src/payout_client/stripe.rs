//! Stripe's payouts and balance transactions (`docs.stripe.com/api/payouts`,
//! `docs.stripe.com/api/balance_transactions`).
//!
//! Only payouts that Stripe makes by itself can be asked for their balance transactions
//! (`docs.stripe.com/payouts/reconciliation`); the others come without entries. What awaits a
//! payout is not read: Stripe lists it only among everything that ever moved.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    Limits, Lists, PayoutError, RawJson, Span,
    transport::{Gateway, Rows, Transport},
};
use crate::config::{Secret, StripeConfig};

const GATEWAY: Gateway = Gateway {
    name: "Stripe",
    setting: "stripe.url",
    key_help: "set `stripe.secret_key` to a restricted key of this account (Stripe → Developers → \
               API keys) that may read payouts, balance transactions, charges, refunds and disputes",
};
/// The version whose fields the core knows; without it the account's own would decide.
const VERSION: &str = "2024-06-20";
/// Stripe gives no more rows at once.
const LIMIT_MAX: usize = 100;

/// Stripe's API with one account's key.
#[derive(Debug, Clone)]
pub struct Stripe {
    transport: Transport,
    secret_key: Secret,
}

#[derive(Deserialize)]
struct List {
    data: Vec<RawJson>,
    #[serde(default)]
    has_more: bool,
}

/// What reading needs to know of an object; the rest is the core's.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    id: String,
    automatic: Option<bool>,
}

impl Stripe {
    pub(super) fn new(config: &StripeConfig) -> Result<Self, PayoutError> {
        let setting = "stripe.secret_key";
        if config.secret_key.is_empty() {
            return Err(PayoutError::NotConfigured { gateway: GATEWAY.name, setting });
        }
        // It travels in a header as it is.
        if !config.secret_key.reveal().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(PayoutError::Key { setting });
        }
        let transport = Transport::new(GATEWAY, &config.url)?;
        Ok(Self { transport, secret_key: config.secret_key.clone() })
    }

    pub(super) fn with_limits(self, limits: Limits) -> Self {
        Self { transport: self.transport.with_limits(limits), ..self }
    }

    /// Payouts by day of arrival, and the balance transactions of each that Stripe made by itself.
    pub(super) async fn read(&self, span: Span) -> Result<Lists, PayoutError> {
        let payouts = self.list("/v1/payouts", &arrival(span)).await?;
        let mut entries = Vec::new();
        for payout in &payouts {
            let Head { id, automatic } = head(payout);
            if id.is_empty() || automatic == Some(false) {
                continue;
            }
            let query = [("payout", id.clone()), ("expand[]", "data.source".to_owned())];
            for row in self.list("/v1/balance_transactions", &query).await? {
                entries.push(self.with_payout(&row, &id)?);
            }
        }
        Ok((payouts, entries))
    }

    /// Both lists, as a restricted key may be let to one alone.
    pub(super) async fn probe(&self, span: Span) -> Result<(), PayoutError> {
        self.page("/v1/payouts", &arrival(span), 1, None).await?;
        self.page("/v1/balance_transactions", &[], 1, None).await?;
        Ok(())
    }

    /// Reads a whole list. A cursor stands at an object, so nothing that is added moves a page.
    async fn list(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Vec<RawJson>, PayoutError> {
        let limits = self.transport.limits;
        let size = limits.rows_per_page.clamp(1, LIMIT_MAX);
        let (mut rows, mut after) = (Rows::default(), None);
        for _ in 0..limits.list_pages_max {
            let List { data, has_more } = self.page(path, query, size, after.as_deref()).await?;
            let last = data.last().map(|row| head(row).id).unwrap_or_default();
            let mut new = 0;
            for row in data {
                new += usize::from(rows.put(&head(&row).id, row));
            }
            if !has_more {
                return Ok(rows.into_rows());
            }
            if last.is_empty() || new == 0 {
                return Err(self.transport.shape("its list has more, but no way to go on"));
            }
            after = Some(last);
        }
        Err(self.transport.list_too_long())
    }

    async fn page(
        &self,
        path: &str,
        query: &[(&str, String)],
        size: usize,
        after: Option<&str>,
    ) -> Result<List, PayoutError> {
        let mut request = self
            .transport
            .request(Method::GET, path)
            .bearer_auth(self.secret_key.reveal())
            .header("Stripe-Version", VERSION)
            .query(query)
            .query(&[("limit", size)]);
        if let Some(after) = after {
            request = request.query(&[("starting_after", after)]);
        }
        self.transport.ask(request).await
    }

    /// A balance transaction does not say which payout it is part of; every other text stays.
    fn with_payout(&self, row: &RawJson, payout: &str) -> Result<RawJson, PayoutError> {
        let unreadable = |_| self.transport.shape("a balance transaction is no object");
        let mut fields: BTreeMap<String, &RawValue> =
            serde_json::from_str(row.get()).map_err(unreadable)?;
        let payout = to_raw_value(payout).map_err(unreadable)?;
        fields.insert("payout".to_owned(), &payout);
        to_raw_value(&fields).map_err(unreadable)
    }
}

fn arrival(span: Span) -> [(&'static str, String); 2] {
    let (start, end) = (span.start().timestamp(), span.end().timestamp() - 1);
    [("arrival_date[gte]", start.to_string()), ("arrival_date[lte]", end.to_string())]
}

/// What cannot be read this far is the core's to judge.
fn head(row: &RawJson) -> Head {
    serde_json::from_str(row.get()).unwrap_or_default()
}
