//! Facts from a WooCommerce shop, for the worker and for previews.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::value::RawValue;
use tillbook_core::{settings::Settings, shop::Shop};

use crate::{
    config::ShopConfig,
    door::Sale,
    facts::{
        FactSource, Facts, FactsError, Listed, ListedRecord, ListedRefund, RETRY_LATER,
        RETRY_MUCH_LATER, Records,
    },
    shop_client::{Credentials, OrderQuery, ShopClient, ShopClientError},
};

/// Amounts are read with six decimals: the finest that WooCommerce keeps.
const DECIMALS: Option<u32> = Some(6);

/// Orders read at the same time; a small shop's server has few workers.
const READS_AT_ONCE: usize = 4;

/// From so many orders on they are read by the page.
const TOGETHER_MIN: usize = 3;

/// What is true of the whole shop.
#[derive(Debug, Clone)]
pub struct Background {
    /// The shop's profile.
    pub shop: Shop,
    /// `GET /taxes`
    pub tax_rates: Vec<Box<RawValue>>,
    /// `GET /payment_gateways`
    pub gateways: Vec<Box<RawValue>>,
}

/// A WooCommerce shop as a source of facts.
#[derive(Debug, Clone)]
pub struct ShopSource {
    client: ShopClient,
    /// Whether customers are read, for their roles.
    with_roles: bool,
}

impl ShopSource {
    /// For the configured shop; connects only when it is asked.
    ///
    /// # Errors
    /// [`ShopClientError::Address`].
    pub fn open(config: &ShopConfig) -> Result<Self, ShopClientError> {
        let credentials = Credentials::ConsumerKey {
            key: config.consumer_key.reveal().to_owned(),
            secret: config.consumer_secret.reveal().to_owned(),
        };
        Ok(Self { client: ShopClient::new(&config.url, credentials)?, with_roles: false })
    }

    /// The same, reading what these settings ask for: customers only where their roles count.
    #[must_use]
    pub fn for_settings(self, settings: &Settings) -> Self {
        Self { with_roles: settings.ask_for_roles(), ..self }
    }

    /// The client that asks the shop.
    #[must_use]
    pub const fn client(&self) -> &ShopClient {
        &self.client
    }

    /// The shop's address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.client.base_url()
    }

    /// Reads profile, tax rates and gateways.
    ///
    /// # Errors
    /// [`ShopClientError`].
    pub async fn read_background(&self) -> Result<Background, ShopClientError> {
        let profile = self.client.settings().await?;
        Ok(Background {
            shop: Shop {
                url: profile.url,
                currency: profile.currency,
                num_decimals: profile.num_decimals,
                prices_include_tax: profile.prices_include_tax,
                tax_round_at_subtotal: profile.tax_round_at_subtotal,
                default_country: profile.default_country,
                shipping_tax_class: profile.shipping_tax_class,
                timezone: profile.timezone,
            },
            tax_rates: self.client.tax_rates().await?,
            gateways: self.client.gateways().await?,
        })
    }

    /// Reads the order with a number that people see.
    ///
    /// # Errors
    /// [`ShopClientError`].
    pub async fn find_order(&self, number: &str) -> Result<Option<Facts>, ShopClientError> {
        match self.client.order_by_number(number, DECIMALS).await? {
            Some(order) => self.complete(vec![order]).await.map(Some),
            None => Ok(None),
        }
    }

    async fn read_orders(&self, order_ids: &[u64]) -> Result<Facts, ShopClientError> {
        let mut found = self.read_together(order_ids).await?;
        let rest: Vec<u64> =
            order_ids.iter().copied().filter(|id| !found.contains_key(id)).collect();
        let alone: Vec<(u64, Option<Box<RawValue>>)> = stream::iter(rest)
            .map(|id| async move {
                match self.client.order(id, DECIMALS).await {
                    // Security and cache plugins answer with objects of their own: no order is no
                    // reason to take its invoice back.
                    Ok(order) if id_of(&order) != id => Err(ShopClientError::Shape {
                        why: format!("it was asked for order {id} and gave something else"),
                    }),
                    Ok(order) => Ok((id, Some(order))),
                    Err(ShopClientError::NotFound { .. }) => Ok((id, None)),
                    Err(error) => Err(error),
                }
            })
            .buffered(READS_AT_ONCE)
            .try_collect()
            .await?;
        found.extend(alone.into_iter().filter_map(|(id, order)| Some((id, order?))));
        let orders = order_ids.iter().filter_map(|id| found.remove(id)).collect();
        self.complete(orders).await
    }

    /// Many orders at once, a page for a hundred: those that are in the trash or gone are not among
    /// them, and are asked for one by one.
    async fn read_together(
        &self,
        order_ids: &[u64],
    ) -> Result<BTreeMap<u64, Box<RawValue>>, ShopClientError> {
        if order_ids.len() < TOGETHER_MIN {
            return Ok(BTreeMap::new());
        }
        let orders = self.client.whole_orders_by_id(order_ids, DECIMALS).await?;
        let asked: BTreeSet<u64> = order_ids.iter().copied().collect();
        let orders = orders.into_iter().map(|order| (id_of(&order), order));
        Ok(orders.filter(|(id, _)| asked.contains(id)).collect())
    }

    /// Reads what belongs to orders: refunds where they have any, their products, and their
    /// customers where roles count.
    async fn complete(&self, orders: Vec<Box<RawValue>>) -> Result<Facts, ShopClientError> {
        let mut facts = Facts::default();
        // An order that cannot be read this far is the core's to judge.
        let heads: Vec<Head> = orders
            .iter()
            .map(|order| serde_json::from_str(order.get()).unwrap_or_default())
            .collect();
        let customers = self.customers(&heads).await?;
        let mut product_ids = BTreeSet::new();
        for (order, head) in orders.into_iter().zip(heads) {
            product_ids.extend(head.line_items.iter().map(|line| line.product_id));
            let refunds = if head.refunds.is_empty() {
                Vec::new()
            } else {
                self.client.refunds(head.id, DECIMALS).await?
            };
            let customer = customers.get(&head.customer_id).cloned();
            facts.sales.push((head.id, Sale { order, refunds, customer }));
        }
        let ids: Vec<u64> = product_ids.into_iter().filter(|id| *id > 0).collect();
        if !ids.is_empty() {
            facts.products = self.client.products(&ids).await?;
        }
        Ok(facts)
    }

    /// Products by id with all their variations; for a variation's id its product with these.
    async fn changed_products(&self, ids: &[u64]) -> Result<Vec<Box<RawValue>>, ShopClientError> {
        let mut products = self.client.products(ids).await?;
        let found: BTreeSet<u64> = products.iter().map(|product| id_of(product)).collect();
        let mut parents = BTreeSet::new();
        // The list of products leaves variations out.
        for id in ids.iter().filter(|id| !found.contains(id)) {
            match self.client.product(*id).await {
                Ok(variation) => parents.extend(Some(parent_of(&variation)).filter(|id| *id > 0)),
                Err(ShopClientError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let missing: Vec<u64> = parents.difference(&found).copied().collect();
        if !missing.is_empty() {
            products.extend(self.client.products(&missing).await?);
        }
        let mut variations = Vec::new();
        for product in products.iter().filter(|product| has_variations(product)) {
            variations.extend(self.client.variations(id_of(product)).await?);
        }
        products.extend(variations);
        Ok(products)
    }

    async fn customers(
        &self,
        orders: &[Head],
    ) -> Result<BTreeMap<u64, Box<RawValue>>, ShopClientError> {
        let ids: BTreeSet<u64> = orders.iter().map(|order| order.customer_id).collect();
        let ids: Vec<u64> = ids.into_iter().filter(|id| *id > 0).collect();
        if !self.with_roles || ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let customers = self.client.customers_by_id(&ids).await?;
        Ok(customers.into_iter().map(|customer| (id_of(&customer), customer)).collect())
    }
}

fn id_of(order: &RawValue) -> u64 {
    serde_json::from_str::<Head>(order.get()).unwrap_or_default().id
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    id: u64,
    customer_id: u64,
    line_items: Vec<HeadLine>,
    refunds: Vec<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProductHead {
    parent_id: u64,
    variations: Vec<serde::de::IgnoredAny>,
}

fn product_head(product: &RawValue) -> ProductHead {
    serde_json::from_str(product.get()).unwrap_or_default()
}

fn parent_of(product: &RawValue) -> u64 {
    product_head(product).parent_id
}

fn has_variations(product: &RawValue) -> bool {
    !product_head(product).variations.is_empty()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HeadLine {
    product_id: u64,
}

impl FactSource for ShopSource {
    async fn read_facts(&self, order_ids: &[u64]) -> Result<Facts, FactsError> {
        Ok(self.read_orders(order_ids).await?)
    }

    async fn read_records(
        &self,
        product_ids: &[u64],
        customer_ids: &[u64],
    ) -> Result<Records, FactsError> {
        let mut records = Records::default();
        if !product_ids.is_empty() {
            records.products = self.changed_products(product_ids).await?;
        }
        if !customer_ids.is_empty() {
            records.customers = self.client.customers_by_id(customer_ids).await?;
        }
        Ok(records)
    }

    async fn list_orders(&self) -> Result<Vec<Listed>, FactsError> {
        Ok(self.listed(OrderQuery::default()).await?)
    }

    async fn list_changed(&self, since: &str) -> Result<Vec<Listed>, FactsError> {
        let moment = NaiveDateTime::parse_from_str(since, NAIVE).map(|moment| moment.and_utc());
        let query = moment.map(OrderQuery::modified_after).unwrap_or_default();
        Ok(self.listed(query).await?)
    }

    async fn list_refunds(
        &self,
        since: Option<&str>,
    ) -> Result<Option<Vec<ListedRefund>>, FactsError> {
        match self.client.all_refunds("id,parent_id,date_created_gmt", since).await {
            Ok(refunds) => {
                let refunds = refunds.iter().map(|refund| read(refund));
                let listed = refunds.map(|brief| ListedRefund {
                    refund_id: brief.id,
                    order_id: brief.parent_id,
                    created: brief.date_created_gmt.unwrap_or_default(),
                });
                Ok(Some(listed.filter(|refund| refund.order_id > 0).collect()))
            }
            // Where there is no WooCommerce at all, the orders say so.
            Err(ShopClientError::NoWooCommerce) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn refunds_of(&self, order_ids: &[u64]) -> Result<Option<Vec<u64>>, FactsError> {
        let orders = self.client.orders_by_id(order_ids, "id,refunds", "any").await?;
        Ok(Some(orders.iter().flat_map(|order| read(order).refunds).map(|one| one.id).collect()))
    }

    async fn list_products(&self, since: &str) -> Result<Vec<ListedRecord>, FactsError> {
        let found = self.client.products_changed("id,date_modified_gmt", since).await?;
        Ok(found.iter().map(|product| read(product).into()).collect())
    }

    async fn list_customers(&self) -> Result<Vec<ListedRecord>, FactsError> {
        let found = self.client.customers_brief("id,date_modified_gmt").await?;
        Ok(found.iter().map(|customer| read(customer).into()).collect())
    }

    async fn missing_orders(&self, order_ids: &[u64]) -> Result<Vec<u64>, FactsError> {
        let mut missing: BTreeSet<u64> = order_ids.iter().copied().collect();
        // `any` leaves out the trash.
        for status in ["any", "trash"] {
            let ids: Vec<u64> = missing.iter().copied().collect();
            for order in self.client.orders_by_id(&ids, "id", status).await? {
                missing.remove(&read(&order).id);
            }
        }
        Ok(missing.into_iter().collect())
    }
}

/// WooCommerce's naive form of a moment.
const NAIVE: &str = "%Y-%m-%dT%H:%M:%S";

/// What lists show of an object.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Brief {
    id: u64,
    parent_id: u64,
    date_created_gmt: Option<String>,
    date_modified_gmt: Option<String>,
    refunds: Vec<BriefRefund>,
}

/// What an order says of a refund.
#[derive(Default, Deserialize)]
#[serde(default)]
struct BriefRefund {
    id: u64,
}

fn read(object: &RawValue) -> Brief {
    serde_json::from_str(object.get()).unwrap_or_default()
}

impl From<Brief> for ListedRecord {
    fn from(brief: Brief) -> Self {
        Self { id: brief.id, modified: brief.date_modified_gmt.unwrap_or_default() }
    }
}

impl ShopSource {
    async fn listed(&self, query: OrderQuery) -> Result<Vec<Listed>, ShopClientError> {
        // Fewer fields cost the shop's server half the time.
        let query = OrderQuery { fields: Some(vec![String::from("status")]), ..query };
        let mut pages = self.client.orders(query);
        let mut listed = Vec::new();
        while let Some(page) = pages.next_page().await? {
            for order in page {
                let brief = read(&order);
                if brief.id > 0 {
                    let modified = brief.date_modified_gmt.unwrap_or_default();
                    listed.push(Listed { order_id: brief.id, modified });
                }
            }
        }
        listed.sort_by_key(|listed| listed.order_id);
        listed.dedup_by_key(|listed| listed.order_id);
        Ok(listed)
    }
}

impl From<ShopClientError> for FactsError {
    fn from(error: ShopClientError) -> Self {
        let retry_after = match &error {
            ShopClientError::TooManyRequests { retry_after: Some(wait) } => *wait,
            error if error.is_passing() => RETRY_LATER,
            _ => RETRY_MUCH_LATER,
        };
        Self { message: error.to_string(), retry_after }
    }
}
