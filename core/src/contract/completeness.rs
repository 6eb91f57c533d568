//! `completeness`: whether all that the shop has is posted, excluded or pending, each for a reason.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    finding::Subject,
    json::{
        Fields,
        strict::{Misread, closed, needed, optional},
    },
    plan::{
        Link,
        completeness::{Account, Postings, Total, account_for, total_up},
    },
    summary::{Member, Taking},
};

use super::{CONTRACT_VERSION, CORE_VERSION, Request};

/// What `completeness` takes. Orders may come in parts: the totals of one go into the next.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct CompletenessRequest {
    /// Version of the contract: 1.
    pub contract: u32,
    /// The first day on which an order or refund was made, local to the shop; all when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// The last day; all when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// Orders and refunds of this part, as `takings` gave them.
    pub takings: Vec<Taking>,
    /// Orders and refunds that stand in summaries and that the shop no longer has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Subject>,
    /// Links of individual documents and of summaries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// What of this part stands in summaries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posted: Vec<Member>,
    /// The totals that the part before gave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<Total>,
}

impl<'a> Request<'a> for CompletenessRequest {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                optional("from", &mut self.from),
                optional("to", &mut self.to),
                needed("takings", &mut self.takings),
                optional("gone", &mut self.gone),
                optional("links", &mut self.links),
                optional("posted", &mut self.posted),
                optional("totals", &mut self.totals),
            ],
        )
    }
}

/// What `completeness` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompletenessResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// One for each order and refund of this part that was made in these days.
    pub accounts: Vec<Account>,
    /// The sums by currency, over all parts so far: what the shop has is what is posted, excluded
    /// and pending.
    pub totals: Vec<Total>,
}

pub(super) fn completeness(request: &CompletenessRequest) -> CompletenessResponse {
    let postings = Postings { links: &request.links, members: &request.posted };
    let mut accounts = account_for(&request.takings, &request.gone, &postings);
    let within = |account: &Account| {
        let day = account.created.as_str();
        day.is_empty()
            || (request.from.as_str() <= day && (request.to.is_empty() || day <= &*request.to))
    };
    accounts.retain(within);
    let totals = total_up(&request.totals, &accounts);
    CompletenessResponse { contract: CONTRACT_VERSION, core: CORE_VERSION.into(), accounts, totals }
}
