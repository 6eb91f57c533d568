//! Requests and replies, version 1.
//!
//! Requests are generic over what a document of WooCommerce or Xero is held as: text such as
//! `serde_json`'s `RawValue` where they are written, a tree of its own where the core reads them.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    finding::{Finding, Subject},
    json::{
        Fields, Json,
        strict::{Misread, Slot, closed, needed, object, optional, record},
    },
    mapping::Exactness,
    plan::RecordLink,
    settings::Settings,
    shop::Shop,
    xero::chart::RawChart,
};

use super::Request;

/// Documents that other systems wrote, taken as they are: in JSON Schema, any object.
#[cfg(feature = "schema")]
pub(super) type AnyObject = alloc::collections::BTreeMap<String, serde_json::Value>;

/// What `map` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MapRequest", deny_unknown_fields))]
pub struct MapRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// The shop's settings that bear on amounts.
    pub shop: Shop,
    /// The user's choices.
    pub settings: Settings,
    /// What the Xero organisation has.
    pub chart: ChartInput<D>,
    /// The orders, each with its refunds.
    pub sales: Vec<SaleInput<D>>,
    /// Products and variations of the orders, as WooCommerce gives them, where account rules go
    /// by category or type. A product mapped to a Xero item bears its code as `item_code`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<D>,
    /// Contacts and items that customers and products are linked to: invoices name these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordLink>,
    /// Those of the orders that stand in summaries: they have no documents of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summarised: Vec<SummarisedOrder>,
}

record! {
    /// An order that stands in a summary: there it stays, whatever the rules say today.
    SummarisedOrder {
        /// WooCommerce's id.
        order_id: u64,
        /// Key of the document.
        document: String,
    }
}

impl<'a> Request<'a> for MapRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("shop", &mut self.shop),
                needed("settings", &mut self.settings),
                needed("chart", &mut self.chart),
                needed("sales", &mut self.sales),
                optional("products", &mut self.products),
                optional("records", &mut self.records),
                optional("summarised", &mut self.summarised),
            ],
        )
    }
}

/// One order with what belongs to it.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SaleInput", deny_unknown_fields))]
pub struct SaleInput<D> {
    /// The order, as `GET /orders/{id}` gives it; with `dp=6` its amounts are finest.
    pub order: D,
    /// Its refunds, as `GET /orders/{id}/refunds` gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<D>,
    /// The customer, as `GET /customers/{id}` gives it; for terms by role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<D>,
}

impl<'a> Slot<'a> for SaleInput<&'a Json<'a>> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(
            json,
            &mut [
                needed("order", &mut self.order),
                optional("refunds", &mut self.refunds),
                optional("customer", &mut self.customer),
            ],
        )
    }
}

/// The chart: the collections of Xero's own answers, element for element.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ChartInput", deny_unknown_fields))]
pub struct ChartInput<D> {
    /// The element of `GET /Organisation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<D>,
    /// `Accounts` of `GET /Accounts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<AnyObject>>"))]
    pub accounts: Option<D>,
    /// `TaxRates` of `GET /TaxRates`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<AnyObject>>"))]
    pub tax_rates: Option<D>,
    /// `TrackingCategories` of `GET /TrackingCategories`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<AnyObject>>"))]
    pub tracking_categories: Option<D>,
    /// `Currencies` of `GET /Currencies`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<AnyObject>>"))]
    pub currencies: Option<D>,
    /// `BrandingThemes` of `GET /BrandingThemes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<AnyObject>>"))]
    pub branding_themes: Option<D>,
}

impl<'a> Slot<'a> for ChartInput<&'a Json<'a>> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(
            json,
            &mut [
                optional("organisation", &mut self.organisation),
                optional("accounts", &mut self.accounts),
                optional("tax_rates", &mut self.tax_rates),
                optional("tracking_categories", &mut self.tracking_categories),
                optional("currencies", &mut self.currencies),
                optional("branding_themes", &mut self.branding_themes),
            ],
        )
    }
}

impl<'a> ChartInput<&'a Json<'a>> {
    pub(super) fn raw(&self) -> RawChart<'a> {
        RawChart {
            organisation: self.organisation,
            accounts: self.accounts,
            tax_rates: self.tax_rates,
            tracking_categories: self.tracking_categories,
            currencies: self.currencies,
            branding_themes: self.branding_themes,
        }
    }
}

/// What `map` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MapResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// One outcome for each order, in the request's order.
    pub sales: Vec<SaleOutcome>,
    /// Findings that concern no single order, such as a part of the chart that cannot be read.
    pub findings: Vec<Finding>,
}

/// What is to become of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The document is to be sent.
    Post,
    /// Nothing is to be sent, for the reason that a finding gives.
    Skip,
    /// Something has to be put right first: the errors among the findings.
    Hold,
}

/// One order's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SaleOutcome {
    /// Position in the request's `sales`.
    pub index: u32,
    /// WooCommerce's id; absent when the order has none that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<u64>,
    /// The number that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Status of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the shop charged, a decimal with the shop's decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<String>,
    /// Currency of `charged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What is to become of it.
    pub outcome: Outcome,
    /// The document, when there is one to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// One outcome for each refund that was handed in, in the order in which they were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundOutcome>,
    /// All findings on the order, errors first.
    pub findings: Vec<Finding>,
}

/// One refund's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefundOutcome {
    /// WooCommerce's id; absent when the refund has none that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<u64>,
    /// What is to become of it.
    pub outcome: Outcome,
    /// The credit note, when there is one to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// All findings on the refund, errors first.
    pub findings: Vec<Finding>,
}

/// A document as Xero will have it. Amounts are decimals with two places, in `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Document {
    /// `invoice` or `credit_note`.
    pub kind: String,
    /// `InvoiceNumber` or `CreditNoteNumber`
    pub number: String,
    /// `Reference`
    pub reference: String,
    /// Name of the contact.
    pub contact: String,
    /// `CurrencyCode`
    pub currency: String,
    /// `Date`, `2026-11-22`
    pub date: String,
    /// `DueDate`; absent on a credit note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<String>,
    /// `Status`
    pub status: String,
    /// `Exclusive`, `Inclusive` or `NoTax`
    pub line_amount_types: String,
    /// Total without tax, by Xero's arithmetic.
    pub sub_total: String,
    /// Tax, by Xero's arithmetic.
    pub total_tax: String,
    /// What is due, by Xero's arithmetic.
    pub total: String,
    /// The payment of a deposit, when the customer has paid one beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<PaymentView>,
    /// Whether a payment is to follow: of an invoice by the customer, of a credit note to them. A
    /// credit note that awaits none is to be allocated to its invoice.
    pub awaits_payment: bool,
    /// The payment of the whole, or of what a deposit leaves, when one is to follow and there is an
    /// account for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentView>,
    /// What the gateway kept of the payment, when fees are posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<FeeView>,
    /// How the document came to equal the order.
    pub exactness: Exactness,
    /// What was needed to make it equal.
    pub residue: Residue,
    /// The lines, with what made them.
    pub lines: Vec<DocumentLine>,
    /// Tax by set of rates, the shop's and Xero's.
    pub tax: Vec<TaxComparison>,
    /// The element of `{"Invoices":[…]}` or `{"CreditNotes":[…]}` to send, byte for byte.
    pub body: String,
    /// SHA-256 of `body`, lower-case hexadecimal.
    pub sha256: String,
}

/// The payment of an invoice by the customer, or of a credit note to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentView {
    /// Code of the bank or clearing account.
    pub account_code: String,
    /// Day the money moved, `2026-11-22`, local to the shop.
    pub date: String,
    /// Gross, a decimal in the document's currency.
    pub amount: String,
    /// The gateway's transaction id; may be empty.
    pub reference: String,
    /// The setting that chose the account.
    pub rule: String,
}

/// What a payment gateway kept: a `SPEND` bank transaction, tax included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeeView {
    /// Code of the bank or clearing account that it is taken from.
    pub bank_account_code: String,
    /// Code of the account that bears it.
    pub account_code: String,
    /// `TaxType`
    pub tax_type: String,
    /// Day of the order's payment, `2026-11-22`, local to the shop.
    pub date: String,
    /// Gross, a decimal in `currency`.
    pub amount: String,
    /// Currency of the gateway's account.
    pub currency: String,
    /// Name of the contact that is paid.
    pub contact: String,
}

/// What was needed to make a document equal its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Residue {
    /// Lines that state their tax because Xero would reckon it otherwise.
    pub tax_amount_lines: u32,
    /// The sum of what they state over what Xero would reckon.
    pub tax_amount: String,
    /// The rounding line, 0.00 when there is none.
    pub rounding_line: String,
    /// The most that the rounding line could have been.
    pub bound: String,
}

/// One line, and why it is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DocumentLine {
    /// `Description`
    pub description: String,
    /// `Quantity`
    pub quantity: String,
    /// `UnitAmount`, up to four decimals
    pub unit_amount: String,
    /// What Xero will make of quantity × unit amount.
    pub line_amount: String,
    /// `AccountCode`
    pub account_code: String,
    /// `TaxType`
    pub tax_type: String,
    /// The tax, reckoned by Xero or stated.
    pub tax_amount: String,
    /// Whether the line states its tax.
    pub tax_amount_sent: bool,
    /// `ItemCode`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_code: Option<String>,
    /// `Tracking`: category and option.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracking: Vec<TrackingView>,
    /// The order's lines behind it; none for a rounding line.
    pub source: Vec<Subject>,
    /// The rules that chose account and tax type.
    pub rules: LineRules,
}

/// A tracking category and its option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackingView {
    /// Name of the category.
    pub category: String,
    /// Name of the option.
    pub option: String,
}

/// The settings that decided a line, as paths such as `accounts.rules.category.tea`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineRules {
    /// Which setting chose the account.
    pub account: String,
    /// Which setting chose the tax type.
    pub tax: String,
}

/// The tax of one set of rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaxComparison {
    /// Ids of the rates; empty for lines without tax.
    pub rates: Vec<u64>,
    /// The tax type, or the account of the tax line.
    pub tax_type: String,
    /// How many lines bear it.
    pub lines: u32,
    /// The tax that the shop stored for them.
    pub shop: String,
    /// The tax by Xero's arithmetic.
    pub xero: String,
}

/// What `propose_settings` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ProposeRequest", deny_unknown_fields))]
pub struct ProposeRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// The shop's settings that bear on amounts.
    pub shop: Shop,
    /// What the Xero organisation has.
    pub chart: ChartInput<D>,
    /// The shop's tax rates, as `GET /taxes` gives them.
    #[serde(default)]
    pub tax_rates: Vec<D>,
    /// The shop's payment gateways, as `GET /payment_gateways` gives them.
    #[serde(default)]
    pub gateways: Vec<D>,
}

impl<'a> Request<'a> for ProposeRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("shop", &mut self.shop),
                needed("chart", &mut self.chart),
                optional("tax_rates", &mut self.tax_rates),
                optional("gateways", &mut self.gateways),
            ],
        )
    }
}

/// What `propose_settings` gives: settings that work, and a finding for each guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProposeResponse {
    /// Version of the contract.
    pub contract: u32,
    /// A complete first version.
    pub settings: Settings,
    /// What was guessed, and what could not be.
    pub findings: Vec<Finding>,
}

/// What `check_settings` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "CheckRequest", deny_unknown_fields))]
pub struct CheckRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// The settings.
    pub settings: Settings,
    /// What the Xero organisation has.
    pub chart: ChartInput<D>,
    /// The shop's tax rates, to find sets that no row names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_rates: Vec<D>,
    /// The shop's payment gateways, to find those without an account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gateways: Vec<D>,
}

impl<'a> Request<'a> for CheckRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("settings", &mut self.settings),
                needed("chart", &mut self.chart),
                optional("tax_rates", &mut self.tax_rates),
                optional("gateways", &mut self.gateways),
            ],
        )
    }
}

/// What `check_settings` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Whether nothing stops the settings from being used.
    pub ok: bool,
    /// What is wrong or worth knowing, errors first.
    pub findings: Vec<Finding>,
}

/// What `describe` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DescribeResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// The operations behind the door.
    pub operations: Vec<String>,
    /// The limits that requests are held to.
    pub limits: Limits,
    /// Every finding code with its meaning and cure.
    pub findings: Vec<FindingInfo>,
    /// Settings as they are when nothing is chosen.
    pub default_settings: Settings,
    /// JSON Schema (draft 2020-12) of the requests and replies, by name.
    #[cfg_attr(feature = "schema", schemars(with = "AnyObject"))]
    pub schemas: RawSchemas,
}

/// Limits of the core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limits {
    /// Largest request, in bytes.
    pub request_bytes_max: u32,
    /// Most lines of one order.
    pub order_lines_max: u32,
    /// Largest amount, whole units of the currency.
    pub amount_max: String,
}

/// A finding code explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingInfo {
    /// The stable code.
    pub code: String,
    /// What it does to the document.
    pub severity: crate::finding::Severity,
    /// What it means.
    pub meaning: String,
    /// What cures it.
    pub cure: String,
}

/// JSON Schemas by name, kept as the text of one object and compared as text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawSchemas(pub alloc::boxed::Box<RawValue>);

impl PartialEq for RawSchemas {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for RawSchemas {}
