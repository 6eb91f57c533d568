//! The proof that nothing is missing: posted, excluded and pending are all that the shop has.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::Subject,
    json::strict::{choice, record},
    money::Amount,
    register::Register,
    summary::{Member, Route, Taking, TakingState},
};

use super::known::{Link, LinkState, Purpose};

choice! {
    /// Where an order or refund stands.
    Standing {
        Posted "All of it is in Xero.",
        Excluded "It is not posted, for the reason that stands with it.",
        Pending "Something of it is still to be posted, for the reason that stands with it.",
    }
}

record! {
    /// One order or refund, and where it stands: `amount` is the sum of the three amounts after it.
    Account {
        /// `order` or `refund`, with WooCommerce's id.
        object: Subject,
        /// WooCommerce's id of the order.
        order_id: u64,
        /// Number of the order.
        number: String,
        /// The day it was made, local to the shop.
        created: String,
        /// Currency of the amounts.
        currency: String,
        /// What the shop has: the order's total, or the refund's amount below zero; 0 for what the
        /// shop no longer has.
        amount: Amount,
        /// What is posted of it.
        posted: Amount,
        /// What is excluded of it.
        excluded: Amount,
        /// What is still to be posted of it, or to be taken back.
        pending: Amount,
        /// Where it stands.
        standing: Standing,
        /// Numbers of the documents that it is in.
        documents: Vec<String>,
        /// Why it is not all posted, as a stable word.
        reason: String,
        /// The same as a sentence.
        message: String,
    }
}

record! {
    /// The sums of one currency.
    Total {
        /// Currency of the amounts.
        currency: String,
        /// Orders and refunds.
        count: u32,
        /// Of these, in Xero.
        posted_count: u32,
        /// Of these, excluded.
        excluded_count: u32,
        /// Of these, pending.
        pending_count: u32,
        /// What the shop has.
        amount: Amount,
        /// What is in Xero.
        posted: Amount,
        /// What is excluded.
        excluded: Amount,
        /// What is still to be posted.
        pending: Amount,
    }
}

/// What is known of postings.
#[derive(Debug, Default)]
pub struct Postings<'a> {
    /// Links of individual documents and of summaries.
    pub links: &'a [Link],
    /// What stands in summaries.
    pub members: &'a [Member],
}

/// Accounts for orders and refunds, and for what stands in summaries of what is gone.
#[must_use]
pub fn account_for(takings: &[Taking], gone: &[Subject], postings: &Postings<'_>) -> Vec<Account> {
    let mut own: Register<&Link> = Register::default();
    let mut numbers: Register<&str> = Register::default();
    for link in postings.links.iter().filter(|link| link.state == LinkState::Live) {
        match link.purpose {
            Purpose::Document => own.put(format!("{} {}", link.document.object(), link.id), link),
            Purpose::Summary => numbers.put(link.key.clone(), &link.number),
            _ => {}
        }
    }
    let mut members: Register<Vec<&Member>> = Register::default();
    for member in postings.members {
        let object =
            if member.object.kind == "entry" { &member.stands_for } else { &member.object };
        let key = format!("{} {}", object.kind, object.id);
        match members.get_mut(&key) {
            Some(known) => known.push(member),
            None => members.put(key, alloc::vec![member]),
        }
    }
    let all = takings.iter().map(|taking| {
        let key = format!("{} {}", taking.object.kind, taking.object.id);
        let found = members.get(&key).map(Vec::as_slice).unwrap_or_default();
        one(taking, own.get(&key).copied(), found, &numbers)
    });
    let lost = gone.iter().filter_map(|object| {
        let key = format!("{} {}", object.kind, object.id);
        let found = members.get(&key)?;
        let order_id = found.first().map_or(0, |member| member.order_id);
        let taking = Taking {
            object: object.clone(),
            order_id,
            currency: found.first().map(|member| member.currency.clone()).unwrap_or_default(),
            state: TakingState::Excluded,
            reason: "gone".into(),
            message: "the shop no longer has it".into(),
            ..Taking::default()
        };
        Some(one(&taking, None, found, &numbers))
    });
    all.chain(lost).collect()
}

fn one(
    taking: &Taking,
    own: Option<&Link>,
    members: &[&Member],
    numbers: &Register<&str>,
) -> Account {
    let amount = taking.amount.0;
    let mut documents: Vec<String> = own.iter().map(|link| link.number.clone()).collect();
    for member in members {
        let number = numbers.get(&member.document).map_or(&*member.document, |number| number);
        if !documents.iter().any(|known| known == number) {
            documents.push(number.into());
        }
    }
    let brought: Decimal = members.iter().map(|member| brought(member)).sum();
    // In another currency nobody can say which part of it is there.
    let converted = members.iter().any(|member| member.currency != taking.currency);
    let posted = if own.is_some() || (converted && !brought.is_zero()) { amount } else { brought };
    let out = matches!(taking.state, TakingState::Excluded) && own.is_none();
    let excluded = match out {
        // What stands of it stays.
        true if taking.kept => amount - posted,
        true => amount,
        false => Decimal::ZERO,
    };
    let pending = amount - posted - excluded;
    let standing = if !pending.is_zero() || (members.is_empty() && own.is_none() && !out) {
        Standing::Pending
    } else if out && (members.is_empty() || (taking.kept && !excluded.is_zero())) {
        Standing::Excluded
    } else {
        Standing::Posted
    };
    let (reason, message) = match standing {
        Standing::Posted => (String::new(), String::new()),
        Standing::Pending if !members.is_empty() => {
            ("adjustment".into(), "it has changed; the next summary adjusts it".into())
        }
        Standing::Pending if taking.reason.is_empty() && taking.route == Route::Payout => {
            ("awaits_payout".into(), "it has not been paid out yet".into())
        }
        Standing::Pending if taking.reason.is_empty() => {
            ("not_sent".into(), "it has not been sent yet".into())
        }
        _ => (taking.reason.clone(), taking.message.clone()),
    };
    Account {
        object: taking.object.clone(),
        order_id: taking.order_id,
        number: taking.number.clone(),
        created: taking.created.clone(),
        currency: taking.currency.clone(),
        amount: Amount(amount),
        posted: Amount(posted),
        excluded: Amount(excluded),
        pending: Amount(pending),
        standing,
        documents,
        reason,
        message,
    }
}

/// What a member brings of the order or refund itself: not what the gateway kept, held back or took
/// for other reasons, not the payment of an invoice, and not what was not matched.
fn brought(member: &Member) -> Decimal {
    let own = member.shares.iter().filter(|share| share.line.kind.is_sold());
    own.map(|share| share.gross.0).sum()
}

/// Adds accounts to the sums so far, by currency.
#[must_use]
pub fn total_up(before: &[Total], accounts: &[Account]) -> Vec<Total> {
    let mut totals: Register<Total> = Register::default();
    for total in before {
        totals.put(total.currency.clone(), total.clone());
    }
    for account in accounts {
        if totals.get(&account.currency).is_none() {
            let total = Total { currency: account.currency.clone(), ..Total::default() };
            totals.put(account.currency.clone(), total);
        }
        let Some(total) = totals.get_mut(&account.currency) else { continue };
        total.count += 1;
        match account.standing {
            Standing::Posted => total.posted_count += 1,
            Standing::Excluded => total.excluded_count += 1,
            Standing::Pending => total.pending_count += 1,
        }
        total.amount.0 += account.amount.0;
        total.posted.0 += account.posted.0;
        total.excluded.0 += account.excluded.0;
        total.pending.0 += account.pending.0;
    }
    totals.into_things()
}
