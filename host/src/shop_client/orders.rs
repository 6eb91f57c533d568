//! Orders page by page, so that none is missed while the shop goes on selling.
//!
//! Paging by number shifts when orders change. So pages follow the date of change: each page asks
//! for what changed after the second before the last one seen, and drops what it has seen. Only
//! when one second holds a whole page (an import) are its pages read by number, from the last to
//! the first: an order that changes meanwhile leaves that second and moves the others forward, into
//! pages that are still to be read; itself it comes later.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use futures_util::Stream;
use serde::Deserialize;

use super::error::ShopClientError;
use super::transport::{Page, Transport, unreadable};
use super::{PER_PAGE_MAX, RawJson};

/// Which orders to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderQuery {
    /// Changed after this moment; WooCommerce compares whole seconds, exclusively.
    pub modified_after: Option<DateTime<Utc>>,
    /// Changed before this moment, exclusively.
    pub modified_before: Option<DateTime<Utc>>,
    /// Made after this moment, exclusively.
    pub created_after: Option<DateTime<Utc>>,
    /// Made before this moment, exclusively.
    pub created_before: Option<DateTime<Utc>>,
    /// Values of `status`, read one after the other. `any` leaves out the trash, so `trash` is one
    /// of its own.
    pub statuses: Vec<String>,
    /// Decimals of amounts, else the shop's own.
    pub dp: Option<u32>,
    /// Orders a page, at most [`PER_PAGE_MAX`].
    pub per_page: usize,
    /// Fields to read beside id and date of change, when not the whole order is needed.
    pub fields: Option<Vec<String>>,
}

impl Default for OrderQuery {
    fn default() -> Self {
        Self {
            modified_after: None,
            modified_before: None,
            created_after: None,
            created_before: None,
            statuses: vec!["any".to_owned(), "trash".to_owned()],
            dp: None,
            per_page: PER_PAGE_MAX,
            fields: None,
        }
    }
}

impl OrderQuery {
    /// All orders that changed after a moment, the trashed ones too.
    #[must_use]
    pub fn modified_after(moment: DateTime<Utc>) -> Self {
        Self { modified_after: Some(moment), ..Self::default() }
    }
}

/// Where reading stands.
#[derive(Debug, Clone)]
enum Step {
    /// Everything that changed after a second.
    After(Option<NaiveDateTime>),
    /// A page of one second by number; none is the last page, whose number is not known yet.
    Second(NaiveDateTime, Option<u64>),
}

/// Reads orders page by page, by rising date of change; an order that changes meanwhile comes again.
#[derive(Debug)]
pub struct OrderPages {
    transport: Transport,
    query: OrderQuery,
    /// Statuses that are still to be read, the present one last.
    statuses: Vec<String>,
    step: Step,
    /// Id and date of change of what a later page will show again.
    seen: BTreeSet<(u64, NaiveDateTime)>,
}

impl OrderPages {
    pub(super) fn new(transport: Transport, mut query: OrderQuery) -> Self {
        query.per_page = query.per_page.clamp(1, PER_PAGE_MAX);
        let statuses = query.statuses.iter().rev().cloned().collect();
        let step = Step::After(query.modified_after.map(|moment| moment.naive_utc()));
        Self { transport, query, statuses, step, seen: BTreeSet::new() }
    }

    /// Reads the next page that has something new; none when all is read.
    ///
    /// # Errors
    /// What any request may meet; calling again repeats the page.
    pub async fn next_page(&mut self) -> Result<Option<Vec<RawJson>>, ShopClientError> {
        while let Some(status) = self.statuses.last().cloned() {
            let page = self.fetch(&status).await?;
            let pages = page.pages;
            let orders = read_orders(page)?;
            self.check_progress(&orders, pages)?;
            let fresh = self.take_fresh(&orders);
            self.advance(&orders, pages);
            if !fresh.is_empty() {
                return Ok(Some(fresh));
            }
        }
        Ok(None)
    }

    /// The orders one by one.
    pub fn into_stream(self) -> impl Stream<Item = Result<RawJson, ShopClientError>> {
        let start = (self, Vec::new().into_iter());
        futures_util::stream::try_unfold(start, |(mut pages, mut page)| async move {
            loop {
                if let Some(order) = page.next() {
                    return Ok(Some((order, (pages, page))));
                }
                match pages.next_page().await? {
                    Some(orders) => page = orders.into_iter(),
                    None => return Ok(None),
                }
            }
        })
    }

    /// Reads all pages into one list.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn collect_all(mut self) -> Result<Vec<RawJson>, ShopClientError> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    async fn fetch(&self, status: &str) -> Result<Page, ShopClientError> {
        let second = TimeDelta::seconds(1);
        let (after, before, orderby, number) = match &self.step {
            Step::After(after) => (*after, self.bound_before(), "modified", 1),
            Step::Second(at, number) => {
                (Some(*at - second), Some(*at + second), "id", number.unwrap_or(1))
            }
        };
        let mut params = vec![
            ("status", status.to_owned()),
            ("per_page", self.query.per_page.to_string()),
            ("page", number.to_string()),
            ("orderby", orderby.to_owned()),
            ("order", "asc".to_owned()),
            // The dates below are naive UTC; a `Z` here would be shifted by the site's zone.
            ("dates_are_gmt", "true".to_owned()),
        ];
        let utc = |moment: Option<DateTime<Utc>>| moment.map(|moment| moment.naive_utc());
        for (name, bound) in [
            ("modified_after", after),
            ("modified_before", before),
            ("after", utc(self.query.created_after)),
            ("before", utc(self.query.created_before)),
        ] {
            if let Some(bound) = bound {
                params.push((name, bound.format("%Y-%m-%dT%H:%M:%S").to_string()));
            }
        }
        if let Some(fields) = &self.query.fields {
            params.push(("_fields", format!("id,date_modified_gmt,{}", fields.join(","))));
        }
        if let Some(dp) = self.query.dp {
            params.push(("dp", dp.to_string()));
        }
        self.transport.get("orders", &params).await
    }

    fn bound_before(&self) -> Option<NaiveDateTime> {
        self.query.modified_before.map(|moment| moment.naive_utc())
    }

    /// A full page that ends before it may begin would be read for ever, and the pages of a second
    /// that are not counted could not all be read.
    fn check_progress(&self, orders: &[Read], pages: Option<u64>) -> Result<(), ShopClientError> {
        if orders.len() < self.query.per_page {
            return Ok(());
        }
        match (&self.step, orders.last()) {
            (Step::After(Some(after)), Some(last)) if last.mark.1 <= *after => {
                Err(ShopClientError::DatesIgnored)
            }
            (Step::Second(..), _) if pages.is_none() => {
                let why = "a list comes without the header X-WP-TotalPages".to_owned();
                Err(ShopClientError::Shape { why })
            }
            _ => Ok(()),
        }
    }

    fn take_fresh(&mut self, orders: &[Read]) -> Vec<RawJson> {
        let fresh = orders.iter().filter(|order| !self.seen.contains(&order.mark));
        let fresh = fresh.map(|order| order.raw.clone()).collect();
        self.seen.extend(orders.iter().map(|order| order.mark));
        fresh
    }

    /// Moves on to the next page, the next second or the next status.
    fn advance(&mut self, orders: &[Read], pages: Option<u64>) {
        let full = orders.len() >= self.query.per_page;
        match self.step {
            Step::After(_) if !full => self.next_status(),
            Step::After(after) => {
                let Some(last) = orders.last().map(|order| order.mark.1) else { return };
                let before_last = last - TimeDelta::seconds(1);
                if after.is_none_or(|after| before_last > after) {
                    self.step = Step::After(Some(before_last));
                } else {
                    self.step = Step::Second(last, None);
                }
                self.seen.retain(|(_, changed)| *changed >= last);
            }
            Step::Second(at, number) => {
                let next = match number {
                    // The first answer told how many pages there are; it is page one.
                    None => pages.filter(|pages| *pages > 1),
                    Some(number) => Some(number - 1).filter(|next| *next > 0),
                };
                self.step = match next {
                    Some(next) => Step::Second(at, Some(next)),
                    None => Step::After(Some(at)),
                };
            }
        }
    }

    fn next_status(&mut self) {
        self.statuses.pop();
        self.seen.clear();
        self.step = Step::After(self.query.modified_after.map(|moment| moment.naive_utc()));
    }
}

/// An order and what paging needs of it.
struct Read {
    raw: RawJson,
    mark: (u64, NaiveDateTime),
}

fn read_orders(page: Page) -> Result<Vec<Read>, ShopClientError> {
    #[derive(Deserialize)]
    struct Mark {
        id: u64,
        date_modified_gmt: NaiveDateTime,
    }
    let read = |raw: RawJson| {
        let mark: Mark =
            serde_json::from_str(raw.get()).map_err(|error| unreadable(raw.get(), &error))?;
        Ok(Read { mark: (mark.id, mark.date_modified_gmt), raw })
    };
    page.many()?.into_iter().map(read).collect()
}
