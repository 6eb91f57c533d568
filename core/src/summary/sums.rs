//! The sums of documents in the making.

use alloc::{format, string::String, vec::Vec};

use crate::{
    json::strict::record,
    mapping::takings::{Share, TakingLine},
    money::Amount,
    register::Register,
};

use super::Member;

record! {
    /// One line of a document in the making.
    SumLine {
        /// What it is told apart by.
        line: TakingLine,
        /// Number of the document that it adjusts; empty where it adjusts none.
        adjusts: String,
        /// Sum of the amounts, with tax.
        gross: Amount,
        /// Sum of the tax in them.
        tax: Amount,
        /// How many shares it is the sum of.
        shares: u32,
        /// Setting that chose the account; of several the first by name.
        account_rule: String,
        /// The same for the tax type.
        tax_rule: String,
    }
}

record! {
    /// A document in the making.
    Sum {
        /// Its key: `daily/{group}/{currency}/{day}` or `payout/{source}/{id}/{month}`.
        key: String,
        /// Currency.
        currency: String,
        /// Payment methods of the orders in it, for its reference.
        methods: Vec<String>,
        /// Orders, refunds and entries in it.
        members: u32,
        /// Whether it was sent: then it only counts towards the deposit of its payout.
        sent: bool,
        /// Its lines, in the order in which they first came.
        lines: Vec<SumLine>,
    }
}

/// All documents in the making.
#[derive(Debug, Default)]
pub struct Sums {
    documents: Register<Open>,
}

#[derive(Debug, Default)]
struct Open {
    sum: Sum,
    lines: Register<SumLine>,
}

impl Sums {
    /// Takes up the sums of the parts before.
    #[must_use]
    pub fn resume(before: &[Sum]) -> Self {
        let mut documents = Register::default();
        for sum in before {
            let mut lines = Register::default();
            for line in &sum.lines {
                lines.put(line_key(&line.line, &line.adjusts), line.clone());
            }
            let sum = Sum { lines: Vec::new(), ..sum.clone() };
            documents.put(sum.key.clone(), Open { sum, lines });
        }
        Self { documents }
    }

    /// The sums, for the parts after.
    #[must_use]
    pub fn suspend(self) -> Vec<Sum> {
        let close = |open: Open| Sum { lines: open.lines.into_things(), ..open.sum };
        self.documents.into_things().into_iter().map(close).collect()
    }

    /// Adds what a member brought to a document that was sent.
    pub(super) fn add_sent(&mut self, member: &Member) {
        let gross = Amount(member.shares.iter().map(|share| share.gross.0).sum());
        let share = Share { gross, ..Share::default() };
        self.add(&member.document, &member.currency, "", "", &[share]);
        if let Some(open) = self.documents.get_mut(&member.document) {
            open.sum.sent = true;
        }
    }

    /// Adds a member to a document.
    pub(super) fn add(
        &mut self,
        key: &str,
        currency: &str,
        method: &str,
        adjusts: &str,
        shares: &[Share],
    ) {
        if self.documents.get(key).is_none() {
            let sum = Sum { key: key.into(), currency: currency.into(), ..Sum::default() };
            self.documents.put(key.into(), Open { sum, lines: Register::default() });
        }
        let Some(open) = self.documents.get_mut(key) else { return };
        open.sum.members = open.sum.members.saturating_add(1);
        if !method.is_empty() && !open.sum.methods.iter().any(|known| known == method) {
            open.sum.methods.push(method.into());
        }
        for share in shares {
            add_line(&mut open.lines, share, adjusts);
        }
    }
}

fn add_line(lines: &mut Register<SumLine>, share: &Share, adjusts: &str) {
    let key = line_key(&share.line, adjusts);
    if let Some(line) = lines.get_mut(&key) {
        line.gross.0 += share.gross.0;
        line.tax.0 += share.tax.0;
        line.shares = line.shares.saturating_add(1);
        // Several settings can choose the same: the parts of a summary come in any order.
        let rules =
            [(&mut line.account_rule, &share.account_rule), (&mut line.tax_rule, &share.tax_rule)];
        for (known, rule) in rules {
            if rule < known {
                known.clone_from(rule);
            }
        }
        return;
    }
    let line = SumLine {
        line: share.line.clone(),
        adjusts: adjusts.into(),
        gross: share.gross,
        tax: share.tax,
        shares: 1,
        account_rule: share.account_rule.clone(),
        tax_rule: share.tax_rule.clone(),
    };
    lines.put(key, line);
}

/// What a line is found by. Kinds come in the order of the lines of a document.
pub(super) fn line_key(line: &TakingLine, adjusts: &str) -> String {
    let mut key = format!(
        "{adjusts}\t{:02}\t{}\t{}\t{}",
        line.kind as u8, line.account, line.tax_type, line.untaxed
    );
    for (category, option) in &line.tracking {
        key.push('\t');
        key.push_str(category);
        key.push('\t');
        key.push_str(option);
    }
    key
}

/// What has to be added to `posted` so that it becomes `wanted`, line by line.
pub(super) fn difference(wanted: &[Share], posted: &[&Share]) -> Vec<Share> {
    let mut lines: Register<Share> = Register::default();
    let signed = |share: &Share, sign: i64| {
        let sign = rust_decimal::Decimal::from(sign);
        let (gross, tax) = (Amount(share.gross.0 * sign), Amount(share.tax.0 * sign));
        Share { gross, tax, ..share.clone() }
    };
    let all = (wanted.iter().map(|share| signed(share, 1)))
        .chain(posted.iter().map(|share| signed(share, -1)));
    for share in all {
        let key = line_key(&share.line, "");
        match lines.get_mut(&key) {
            Some(known) => {
                known.gross.0 += share.gross.0;
                known.tax.0 += share.tax.0;
            }
            None => lines.put(key, share),
        }
    }
    let differs = |share: &Share| !share.gross.0.is_zero() || !share.tax.0.is_zero();
    lines.into_things().into_iter().filter(differs).collect()
}
