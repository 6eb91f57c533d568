//! What was posted: links of documents, payments, fees, contacts and items.

use sha2::{Digest, Sha256};
use sqlx::{Row, any::AnyRow};
use tillbook_core::{
    plan::{Link, LinkState, Purpose, RecordKind, RecordLink},
    xero::document::DocumentKind,
};

use super::{Lease, Store, StoreError, Writing, sql};
use crate::time::Timestamp;

/// A document that stands in Xero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedDocument {
    /// The shop's id of the order, or of the refund for a credit note.
    pub object_id: String,
    /// Whether it is an invoice; else it is a credit note.
    pub is_invoice: bool,
    /// Its number.
    pub number: String,
    /// Xero's id of it.
    pub xero_id: String,
    /// SHA-256 of the bytes that made or changed it last; empty where that was before it was kept.
    pub body_sha256: String,
}

impl Store {
    /// Contacts and items that a shop's customers and products are linked to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn records(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Vec<RecordLink>, StoreError> {
        let rows = sqlx::query(sql::LINK_RECORDS)
            .bind(organisation)
            .bind(shop)
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &AnyRow| {
            Ok(RecordLink {
                kind: match row.try_get::<&str, _>(4)? {
                    "product" => RecordKind::Item,
                    _ => RecordKind::Contact,
                },
                key: row.try_get(0)?,
                xero_id: row.try_get(1)?,
                name: row.try_get(2)?,
                sha256: row.try_get(3)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Keeps links of contacts or items, such as a person has confirmed.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn keep_records(
        &self,
        lease: &Lease,
        shop: &str,
        records: &[RecordLink],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        put_records(&mut transaction, lease, shop, records, now).await?;
        transaction.commit().await
    }

    /// Ends links of contacts or items; nothing changes in Xero.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn end_records(
        &self,
        lease: &Lease,
        shop: &str,
        records: &[(RecordKind, String)],
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        for (kind, key) in records {
            let kind = match kind {
                RecordKind::Contact => "customer",
                RecordKind::Item => "product",
            };
            sqlx::query(sql::plugin::LINK_END)
                .bind(&lease.organisation)
                .bind(shop)
                .bind(kind)
                .bind(key)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// All that was posted for a shop's orders and refunds, as the core takes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn core_links(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Vec<Link>, StoreError> {
        let rows =
            sqlx::query(sql::LINK_CORE).bind(organisation).bind(shop).fetch_all(&self.pool).await?;
        rows.iter().map(read_link).collect()
    }

    /// The invoice and the credit notes of an order that stand in Xero.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn documents_of(
        &self,
        organisation: &str,
        shop: &str,
        order_id: u64,
    ) -> Result<Vec<PostedDocument>, StoreError> {
        let rows = sqlx::query(sql::plugin::LINK_DOCUMENTS)
            .bind(organisation)
            .bind(shop)
            .bind(i64::try_from(order_id).unwrap_or_default())
            .fetch_all(&self.pool)
            .await?;
        let mut documents = Vec::new();
        for row in &rows {
            if state_of(row.try_get(6)?) != LinkState::Live {
                continue;
            }
            documents.push(PostedDocument {
                object_id: row.try_get(1)?,
                is_invoice: row.try_get::<&str, _>(2)? == "invoice",
                number: row.try_get(3)?,
                xero_id: row.try_get(4)?,
                body_sha256: row.try_get(5)?,
            });
        }
        Ok(documents)
    }

    /// All summaries that were posted for a shop, as the core takes them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn summary_links(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Vec<Link>, StoreError> {
        let rows = sqlx::query(sql::LINK_SUMMARIES)
            .bind(organisation)
            .bind(shop)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_link).collect()
    }
}

const fn purpose_word(link: &Link) -> &'static str {
    match (link.purpose, link.document) {
        (Purpose::Document, DocumentKind::Invoice) => "invoice",
        (Purpose::Document, DocumentKind::CreditNote) => "credit_note",
        (Purpose::Payment, _) => "payment",
        (Purpose::Deposit, _) => "deposit",
        (Purpose::Fee, _) => "fee",
        (Purpose::Summary, _) => "summary",
    }
}

pub(super) async fn put_links(
    transaction: &mut Writing,
    lease: &Lease,
    shop: &str,
    links: &[Link],
    now: Timestamp,
) -> Result<(), StoreError> {
    for link in links {
        let state = match link.state {
            LinkState::Live => "posted",
            LinkState::Withdrawn => "withdrawn",
            LinkState::Undone => "undone",
        };
        let summary = link.purpose == Purpose::Summary;
        sqlx::query(sql::LINK_PUT)
            .bind(&lease.organisation)
            .bind(shop)
            .bind(if summary { "summary" } else { link.document.object() })
            .bind(if summary { link.key.clone() } else { link.id.to_string() })
            .bind(purpose_word(link))
            .bind(&link.xero_id)
            .bind(&link.number)
            .bind(&link.sha256)
            .bind(state)
            .bind(now.ms())
            .bind(i64::try_from(link.order_id).unwrap_or_default())
            .bind(&link.ledger_sha256)
            .bind(link.document.as_str())
            .bind(link.begins)
            .bind(link.ends)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Keeps of which bytes a document was made. What bears a name in place of an id was not sent so.
pub(super) async fn put_body(
    transaction: &mut Writing,
    lease: &Lease,
    shop: &str,
    link: &Link,
    body: &str,
) -> Result<(), StoreError> {
    if link.purpose != Purpose::Document || body.is_empty() {
        return Ok(());
    }
    sqlx::query(sql::plugin::LINK_BODY)
        .bind(&lease.organisation)
        .bind(shop)
        .bind(link.document.object())
        .bind(link.id.to_string())
        .bind(purpose_word(link))
        .bind(hex::encode(Sha256::digest(body)))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

pub(super) async fn put_records(
    transaction: &mut Writing,
    lease: &Lease,
    shop: &str,
    records: &[RecordLink],
    now: Timestamp,
) -> Result<(), StoreError> {
    for record in records {
        let (kind, purpose) = match record.kind {
            RecordKind::Contact => ("customer", "contact"),
            RecordKind::Item => ("product", "item"),
        };
        sqlx::query(sql::LINK_PUT)
            .bind(&lease.organisation)
            .bind(shop)
            .bind(kind)
            .bind(&record.key)
            .bind(purpose)
            .bind(&record.xero_id)
            .bind(&record.name)
            .bind(&record.sha256)
            .bind("posted")
            .bind(now.ms())
            .bind(0_i64)
            .bind("")
            .bind("")
            .bind(0_i64)
            .bind(0_i64)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

fn read_link(row: &AnyRow) -> Result<Link, StoreError> {
    let (kind, purpose, state): (String, String, String) =
        (row.try_get(0)?, row.try_get(2)?, row.try_get(6)?);
    let id: String = row.try_get(1)?;
    if kind == "summary" {
        return read_summary_link(row, id, &state);
    }
    let id: u64 = id.parse().map_err(|_| StoreError::Corrupt(format!("link of `{id}`")))?;
    let order_id: i64 = row.try_get(7)?;
    Ok(Link {
        document: match kind.as_str() {
            "order" => DocumentKind::Invoice,
            "refund" => DocumentKind::CreditNote,
            other => return Err(StoreError::Corrupt(format!("link kind `{other}`"))),
        },
        purpose: match purpose.as_str() {
            "payment" => Purpose::Payment,
            "deposit" => Purpose::Deposit,
            "fee" => Purpose::Fee,
            _ => Purpose::Document,
        },
        id,
        // Links of the first version are all of orders.
        order_id: u64::try_from(order_id).ok().filter(|id| *id > 0).unwrap_or(id),
        xero_id: row.try_get(3)?,
        number: row.try_get(4)?,
        sha256: row.try_get(5)?,
        ledger_sha256: row.try_get(8)?,
        state: state_of(&state),
        ..Link::default()
    })
}

fn read_summary_link(row: &AnyRow, key: String, state: &str) -> Result<Link, StoreError> {
    let document: String = row.try_get(9)?;
    Ok(Link {
        document: match document.as_str() {
            "credit_note" => DocumentKind::CreditNote,
            _ => DocumentKind::Invoice,
        },
        purpose: Purpose::Summary,
        xero_id: row.try_get(3)?,
        number: row.try_get(4)?,
        sha256: row.try_get(5)?,
        ledger_sha256: row.try_get(8)?,
        state: state_of(state),
        key,
        begins: row.try_get(10)?,
        ends: row.try_get(11)?,
        ..Link::default()
    })
}

fn state_of(word: &str) -> LinkState {
    match word {
        "withdrawn" => LinkState::Withdrawn,
        "undone" => LinkState::Undone,
        _ => LinkState::Live,
    }
}
