//! Summaries with what they are made of, and what gateways said of payouts.

use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};
use tillbook_core::{
    contract::{DocumentLine, Sent, SummarisedOrder, SummedLine},
    money::Amount,
    plan::{Link, Purpose},
    summary::{Entry, Member, Payout},
    xero::document::DocumentKind,
};

use super::{Lease, Store, StoreError, Writing, from_json, sql, to_json};

/// A summary that is to be sent, or was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedSummary {
    /// Its key.
    pub key: String,
    /// SHA-256 of the document: what its link bears.
    pub sha256: String,
    /// Invoice or credit note.
    pub document: DocumentKind,
    /// `InvoiceNumber` or `CreditNoteNumber`
    pub number: String,
    /// What it comes to, a decimal in `currency`, never below zero.
    pub total: String,
    /// `CurrencyCode`
    pub currency: String,
    /// `Date`
    pub date: String,
    /// First moment of what it covers, in seconds since 1970 UTC; 0 for payouts.
    pub begins: i64,
    /// The moment after the last.
    pub ends: i64,
    /// Its lines, each with what it is the sum of.
    pub lines: Vec<(DocumentLine, SummedLine)>,
    /// Its orders, refunds and entries; empty where only the summary itself was read.
    #[serde(default)]
    pub members: Vec<Member>,
}

impl PlannedSummary {
    /// As the core looks it up, where its answer was lost.
    #[must_use]
    pub fn as_sent(&self) -> Sent {
        Sent {
            link: Link {
                document: self.document,
                purpose: Purpose::Summary,
                number: self.number.clone(),
                sha256: self.sha256.clone(),
                key: self.key.clone(),
                begins: self.begins,
                ends: self.ends,
                ..Link::default()
            },
            total: Amount(self.total.parse().unwrap_or_default()),
        }
    }
}

impl Store {
    /// What stands in summaries of a shop that are dated on a day (`2026-11-01`) or later, and in
    /// earlier ones of some orders and their refunds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn summary_members(
        &self,
        organisation: &str,
        shop: &str,
        day: &str,
        orders: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Member>, StoreError> {
        let rows = sqlx::query(sql::SUMMARY_MEMBERS)
            .bind(organisation)
            .bind(shop)
            .bind(day)
            .fetch_all(&self.pool)
            .await?;
        let mut members: Vec<Member> = rows.iter().map(read_json).collect::<Result<_, _>>()?;
        for order_id in orders {
            let rows = sqlx::query(sql::SUMMARY_MEMBERS_OF_ORDER)
                .bind(organisation)
                .bind(shop)
                .bind(i64::try_from(order_id).unwrap_or_default())
                .bind(day)
                .fetch_all(&self.pool)
                .await?;
            for row in &rows {
                members.push(read_json(row)?);
            }
        }
        Ok(members)
    }

    /// The orders that stand in summaries of a shop, with the document of each.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn summarised_orders(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Vec<SummarisedOrder>, StoreError> {
        let rows = sqlx::query(sql::SUMMARISED)
            .bind(organisation)
            .bind(shop)
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &AnyRow| {
            let order_id: i64 = row.try_get(0)?;
            let order_id = u64::try_from(order_id).unwrap_or_default();
            Ok(SummarisedOrder { order_id, document: row.try_get(1)? })
        };
        rows.iter().map(read).collect()
    }

    /// Summaries that may have been sent and have no link: their answers were lost, or they were
    /// refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unlinked_summaries(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Vec<PlannedSummary>, StoreError> {
        let rows = sqlx::query(sql::SUMMARY_UNLINKED)
            .bind(organisation)
            .bind(shop)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_summary).collect()
    }

    /// The summaries that bear a number, with their members.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn summaries_numbered(
        &self,
        organisation: &str,
        shop: &str,
        number: &str,
    ) -> Result<Vec<PlannedSummary>, StoreError> {
        let rows = sqlx::query(sql::SUMMARY_FIND)
            .bind(organisation)
            .bind(shop)
            .bind(number)
            .fetch_all(&self.pool)
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let mut summary = read_summary(row)?;
            let rows = sqlx::query(sql::SUMMARY_MEMBERS_OF)
                .bind(organisation)
                .bind(shop)
                .bind(&summary.key)
                .bind(&summary.sha256)
                .fetch_all(&self.pool)
                .await?;
            summary.members = rows.iter().map(read_json).collect::<Result<_, _>>()?;
            found.push(summary);
        }
        Ok(found)
    }

    /// Keeps what a gateway said of payouts; what it says of a payout replaces what it said before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_payouts(
        &self,
        organisation: &str,
        shop: &str,
        payouts: &[Payout],
        entries: &[Entry],
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for payout in payouts {
            let source = to_json(&payout.source)?;
            sqlx::query(sql::PAYOUT_PUT)
                .bind(organisation)
                .bind(shop)
                .bind(&source)
                .bind(&payout.id)
                .bind(&payout.date)
                .bind(to_json(payout)?)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(sql::ENTRIES_FORGET)
                .bind(organisation)
                .bind(shop)
                .bind(&source)
                .bind(&payout.id)
                .execute(&mut *transaction)
                .await?;
        }
        for entry in entries {
            sqlx::query(sql::ENTRY_PUT)
                .bind(organisation)
                .bind(shop)
                .bind(to_json(&entry.source)?)
                .bind(&entry.id)
                .bind(&entry.payout)
                .bind(&entry.date)
                .bind(to_json(entry)?)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// The payouts that arrived on a day (`2026-11-01`) or later.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payouts_since(
        &self,
        organisation: &str,
        shop: &str,
        day: &str,
    ) -> Result<Vec<Payout>, StoreError> {
        let rows = sqlx::query(sql::PAYOUTS)
            .bind(organisation)
            .bind(shop)
            .bind(day)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_json).collect()
    }

    /// The entries of payouts from a day (`2026-11-01`) on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries_since(
        &self,
        organisation: &str,
        shop: &str,
        day: &str,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(sql::ENTRIES)
            .bind(organisation)
            .bind(shop)
            .bind(day)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_json).collect()
    }
}

/// Writes down summaries that are to be sent, with what they are made of.
pub(super) async fn put_summaries(
    transaction: &mut Writing,
    lease: &Lease,
    shop: &str,
    summaries: &[PlannedSummary],
) -> Result<(), StoreError> {
    for summary in summaries {
        sqlx::query(sql::SUMMARY_PUT)
            .bind(&lease.organisation)
            .bind(shop)
            .bind(&summary.key)
            .bind(&summary.sha256)
            .bind(summary.document.as_str())
            .bind(&summary.number)
            .bind(&summary.total)
            .bind(&summary.currency)
            .bind(&summary.date)
            .bind(summary.begins)
            .bind(summary.ends)
            .bind(to_json(&summary.lines)?)
            .execute(&mut **transaction)
            .await?;
        sqlx::query(sql::SUMMARY_MEMBERS_FORGET)
            .bind(&lease.organisation)
            .bind(shop)
            .bind(&summary.key)
            .bind(&summary.sha256)
            .execute(&mut **transaction)
            .await?;
        for (place, member) in (0_i64..).zip(&summary.members) {
            sqlx::query(sql::SUMMARY_MEMBER_PUT)
                .bind(&lease.organisation)
                .bind(shop)
                .bind(&summary.key)
                .bind(&summary.sha256)
                .bind(&member.object.kind)
                .bind(&member.object.id)
                .bind(place)
                .bind(i64::try_from(member.order_id).unwrap_or_default())
                .bind(&member.stands_for.kind)
                .bind(to_json(member)?)
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}

fn read_json<T: serde::de::DeserializeOwned>(row: &AnyRow) -> Result<T, StoreError> {
    from_json(row.try_get(0)?)
}

fn read_summary(row: &AnyRow) -> Result<PlannedSummary, StoreError> {
    let document: String = row.try_get(2)?;
    let lines: String = row.try_get(9)?;
    Ok(PlannedSummary {
        key: row.try_get(0)?,
        sha256: row.try_get(1)?,
        document: match document.as_str() {
            "credit_note" => DocumentKind::CreditNote,
            _ => DocumentKind::Invoice,
        },
        number: row.try_get(3)?,
        total: row.try_get(4)?,
        currency: row.try_get(5)?,
        date: row.try_get(6)?,
        begins: row.try_get(7)?,
        ends: row.try_get(8)?,
        lines: from_json(&lines)?,
        members: Vec::new(),
    })
}
