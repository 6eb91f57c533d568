//! The accounting API: routes, and what every collection shares.

mod accounts;
mod allocations;
mod bank_transfers;
mod contacts;
mod documents;
mod fields;
mod filter;
mod history;
mod items;
mod list;
mod manual_journals;
mod payments;
mod settings;
mod tax_rates;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::call::{Call, Reply};
use super::clock::bare_stamp;
use super::json::{Fields, Json, WireStyle};
use super::model::document::DocumentKind;
use super::model::organisation::Organisation;
use super::unknowns::Unknowns;

/// What a call is answered with beside the organisation.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) now: DateTime<Utc>,
    pub(crate) unknowns: Unknowns,
    /// Id of the call: the envelope's `Id` and `Xero-Correlation-Id`.
    pub(crate) call_id: Uuid,
    /// Name of the calling app.
    pub(crate) provider: String,
    pub(crate) style: WireStyle,
    /// Decimals of `UnitAmount`: 4 with `unitdp=4`, else 2.
    pub(crate) unit_places: u32,
    /// `PUT`: create, never update.
    pub(crate) create_only: bool,
    /// `summarizeErrors`: one bad element fails the whole request.
    pub(crate) summarize: bool,
    /// `allowBackorders`.
    pub(crate) allow_backorders: bool,
}

impl Context {
    pub(crate) fn new(call: &Call, unknowns: &Unknowns, now: DateTime<Utc>, call_id: Uuid) -> Self {
        Self {
            now,
            unknowns: unknowns.clone(),
            call_id,
            provider: String::new(),
            style: WireStyle::Compact,
            unit_places: if call.param("unitdp").is_some_and(|text| text == "4") { 4 } else { 2 },
            create_only: call.method == "PUT",
            summarize: call.flag("summarizeErrors") != Some(false),
            allow_backorders: call.flag("allowBackorders") == Some(true),
        }
    }

    /// The envelope around a collection.
    pub(crate) fn envelope(
        &self,
        collection: &str,
        list: Vec<Json>,
        pagination: Option<Fields>,
    ) -> Reply {
        let mut fields = Fields::default();
        fields
            .put("Id", self.call_id)
            .put("Status", "OK")
            .put("ProviderName", self.provider.as_str())
            .put("DateTimeUTC", bare_stamp(self.now))
            .put_some("pagination", pagination)
            .put(collection, list);
        Reply::json(200, &fields.into(), self.style)
    }
}

/// Answers one call to `/api.xro/2.0/…`; `path` is what follows.
pub(crate) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    path: &[&str],
) -> Reply {
    let [resource, rest @ ..] = path else { return Reply::not_found() };
    match resource.to_ascii_lowercase().as_str() {
        "organisation" | "organisations" => {
            settings::organisation(organisation, context, call, rest)
        }
        "accounts" => accounts::answer(organisation, context, call, rest),
        "taxrates" => tax_rates::answer(organisation, context, call, rest),
        "brandingthemes" => settings::branding_themes(organisation, context, call, rest),
        "currencies" => settings::currencies(organisation, context, call, rest),
        "trackingcategories" => settings::tracking_categories(organisation, context, call, rest),
        "contacts" => contacts::answer(organisation, context, call, rest),
        "invoices" => documents::answer(organisation, context, call, DocumentKind::Invoice, rest),
        "creditnotes" => {
            documents::answer(organisation, context, call, DocumentKind::CreditNote, rest)
        }
        "banktransactions" => {
            documents::answer(organisation, context, call, DocumentKind::BankTransaction, rest)
        }
        "items" => items::answer(organisation, context, call, rest),
        "payments" => payments::answer(organisation, context, call, rest),
        "banktransfers" => bank_transfers::answer(organisation, context, call, rest),
        "manualjournals" => manual_journals::answer(organisation, context, call, rest),
        name if UNBUILT.contains(&name) => Reply::not_implemented(),
        _ => Reply::not_found(),
    }
}

/// Collections that Xero has and the simulator has not.
const UNBUILT: [&str; 18] = [
    "batchpayments",
    "budgets",
    "contactgroups",
    "expenseclaims",
    "invoicereminders",
    "journals",
    "linkedtransactions",
    "overpayments",
    "paymentservices",
    "prepayments",
    "purchaseorders",
    "quotes",
    "receipts",
    "repeatinginvoices",
    "reports",
    "setup",
    "users",
    "files",
];

/// Collections whose writes take `summarizeErrors`.
const BY_ELEMENT: [&str; 8] = [
    "Allocations",
    "BankTransactions",
    "Contacts",
    "CreditNotes",
    "Invoices",
    "Items",
    "ManualJournals",
    "Payments",
];

/// What became of one element of a request.
pub(crate) struct Outcome {
    /// The element as it is answered, without its verdict.
    pub(crate) body: Fields,
    /// Reasons for which it was refused; empty when it was accepted.
    pub(crate) errors: Vec<String>,
    /// What was accepted with a warning.
    pub(crate) warnings: Vec<String>,
}

/// The elements of a request body: a plural array, a bare array, or one bare object.
pub(crate) fn elements(
    call: &Call,
    collection: &str,
    unknowns: &Unknowns,
) -> Result<Vec<Json>, Box<Reply>> {
    let bad = |reason: &str| Box::new(Reply::bad_post_data(reason));
    let text = std::str::from_utf8(&call.body).map_err(|_| bad("the body is not UTF-8"))?;
    if text.trim().is_empty() {
        return Err(bad("the body is empty"));
    }
    let json = Json::parse(text).map_err(|error| bad(&error))?;
    if unknowns.explicit_null == super::unknowns::ExplicitNull::Refused && fields::has_null(&json) {
        return Err(bad("Error converting value {null}"));
    }
    match json.get(collection) {
        Some(Json::List(list)) => Ok(list.clone()),
        Some(one @ Json::Object(_)) => Ok(vec![one.clone()]),
        _ => match json {
            Json::List(list) => Ok(list),
            one @ Json::Object(_) => Ok(vec![one]),
            _ => Err(bad("an object was expected")),
        },
    }
}

/// Writes each element of a request and gives each its verdict (section 1.4).
pub(crate) fn write_all(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    collection: &str,
    mut write: impl FnMut(&mut Organisation, &Json) -> Outcome,
) -> Reply {
    let list = match elements(call, collection, &context.unknowns) {
        Ok(list) => list,
        Err(reply) => return *reply,
    };
    // A body that cannot be read is refused as a whole, before anything is done.
    if let Some(reason) = list.iter().find_map(fields::unreadable) {
        return Reply::bad_post_data(&reason);
    }
    // Other collections have no `summarizeErrors`.
    let summarize = context.summarize || !BY_ELEMENT.contains(&collection);
    let undo = (summarize && list.len() > 1 && !context.unknowns.good_siblings_persist)
        .then(|| organisation.clone());
    let mut outcomes = Vec::with_capacity(list.len());
    for element in &list {
        outcomes.push(write(organisation, element));
    }
    if summarize && outcomes.iter().any(|one| !one.errors.is_empty()) {
        if let Some(undo) = undo {
            *organisation = undo;
        }
        return refuse_all(context, outcomes);
    }
    let list = outcomes.into_iter().map(|one| finish(one, !summarize)).collect();
    context.envelope(collection, list, None)
}

/// 400 with the elements that were refused.
fn refuse_all(context: &Context, outcomes: Vec<Outcome>) -> Reply {
    let refused = outcomes.into_iter().filter(|one| !one.errors.is_empty());
    let mut fields = Fields::default();
    fields
        .put("ErrorNumber", 10_u32)
        .put("Type", "ValidationException")
        .put("Message", "A validation exception occurred")
        .put("Elements", refused.map(|one| finish(one, false)).collect::<Vec<_>>());
    Reply::json(400, &fields.into(), context.style)
}

/// Puts the verdict at the end of an element.
fn finish(outcome: Outcome, attribute: bool) -> Json {
    let mut body = outcome.body;
    if attribute {
        let verdict = if !outcome.errors.is_empty() {
            "ERROR"
        } else if outcome.warnings.is_empty() {
            "OK"
        } else {
            "WARNING"
        };
        body.put("StatusAttributeString", verdict);
    }
    if !outcome.errors.is_empty() {
        body.put("ValidationErrors", messages(&outcome.errors));
    }
    if !outcome.warnings.is_empty() {
        body.put("Warnings", messages(&outcome.warnings));
    }
    body.into()
}

/// `[{"Message":…}]`.
pub(crate) fn messages(list: &[String]) -> Vec<Json> {
    list.iter()
        .map(|message| {
            let mut fields = Fields::default();
            fields.put("Message", message);
            fields.into()
        })
        .collect()
}
