//! `read_payouts`: what a gateway said → payouts and their entries.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    finding::Finding,
    json::{
        Fields, Json,
        strict::{Misread, closed, needed, optional},
    },
    money::Amount,
    shop::payout::{self, Source},
    summary::{Entry, Payout},
};

use super::{CONTRACT_VERSION, CORE_VERSION, Request, ZoneInput};

#[cfg(feature = "schema")]
use super::types::AnyObject;

/// What `read_payouts` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReadPayoutsRequest", deny_unknown_fields))]
pub struct ReadPayoutsRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// Whose payouts they are.
    pub source: Source,
    /// The declared zone (`summary.zone`, or the shop's own).
    #[serde(default)]
    pub zone: ZoneInput,
    /// Payouts, as the gateway gives them: elements of `GET payments/deposits` of WooPayments or of
    /// Stripe's `GET /v1/payouts`. PayPal and files have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub payouts: Vec<D>,
    /// Movements: elements of WooPayments' `GET payments/reports/transactions`, of Stripe's `GET
    /// /v1/balance_transactions` with the payout's id put in as `payout`, or of PayPal's
    /// `transaction_details`; rows of a file as objects by column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub entries: Vec<D>,
}

impl<'a> Request<'a> for ReadPayoutsRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("source", &mut self.source),
                optional("zone", &mut self.zone),
                optional("payouts", &mut self.payouts),
                optional("entries", &mut self.entries),
            ],
        )
    }
}

/// What `read_payouts` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadPayoutsResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// What reached the bank, or is to.
    pub payouts: Vec<Payout>,
    /// The movements of the gateway's balance; those of a payout add up to it.
    pub entries: Vec<Entry>,
    /// What could not be read, and what does not add up.
    pub findings: Vec<Finding>,
}

pub(super) fn read_payouts(request: &ReadPayoutsRequest<&Json<'_>>) -> ReadPayoutsResponse {
    let zone = request.zone.zone();
    let read = payout::read(request.source, &request.payouts, &request.entries, &zone);
    ReadPayoutsResponse {
        contract: CONTRACT_VERSION,
        core: CORE_VERSION.into(),
        payouts: read.payouts.into_iter().map(payout).collect(),
        entries: read.entries.into_iter().map(entry).collect(),
        findings: read.findings,
    }
}

fn payout(payout: payout::Payout) -> Payout {
    Payout {
        id: payout.id,
        source: payout.source,
        currency: payout.currency.as_str().into(),
        amount: Amount(payout.amount),
        date: format!("{}", payout.date),
        state: payout.state,
    }
}

fn entry(entry: payout::Entry) -> Entry {
    let (sold_amount, sold_currency) = match entry.sold {
        Some((amount, currency)) => (Amount(amount), currency.as_str().into()),
        None => (Amount::default(), String::new()),
    };
    Entry {
        id: entry.id,
        payout: entry.payout,
        source: entry.source,
        kind: entry.kind,
        date: format!("{}", entry.date),
        currency: entry.currency.as_str().into(),
        amount: Amount(entry.amount),
        fee: Amount(entry.fee),
        description: entry.description,
        keys: entry.keys,
        refund_keys: entry.refund_keys,
        sold_amount,
        sold_currency,
    }
}
