//! Organisation, branding themes, currencies and tracking categories.

use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::clock::{bare_stamp, day_stamp, stamp};
use super::super::json::{Fields, Json};
use super::super::model::chart::{TrackingCategory, TrackingOption};
use super::super::model::organisation::Organisation;
use super::super::preset::currency_of;
use super::{Context, Outcome, elements, fields, write_all};

/// `GET /Organisation` and `GET /Organisation/Actions`.
pub(super) fn organisation(
    organisation: &Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            context.envelope("Organisations", vec![render_organisation(organisation)], None)
        }
        ("GET", [word]) if word.eq_ignore_ascii_case("actions") => {
            let list = ACTIONS
                .iter()
                .map(|name| {
                    let mut fields = Fields::default();
                    fields.put("Name", *name).put("Status", "ALLOWED");
                    fields.into()
                })
                .collect();
            context.envelope("Actions", list, None)
        }
        ("GET", _) => Reply::not_found(),
        _ => Reply::empty(405),
    }
}

const ACTIONS: [&str; 13] = [
    "CreateApprovedInvoice",
    "CreateDraftPurchaseOrder",
    "CreateApprovedBill",
    "AttachFilesIntoInvoice",
    "UseMulticurrency",
    "CreateDraftInvoice",
    "CreateRepeatingInvoice",
    "CreateRepeatingBill",
    "CreateSentQuote",
    "CreateInvoicePayment",
    "CreateApprovedPurchaseOrder",
    "CreateDraftQuote",
    "CreateDraftBill",
];

fn render_organisation(organisation: &Organisation) -> Json {
    let profile = &organisation.profile;
    let mut address = Fields::default();
    address
        .put("AddressType", "POBOX")
        .put("AddressLine1", "23 Main Street")
        .put("AddressLine2", "Central City")
        .put("City", "Marineville")
        .put("Region", "")
        .put("PostalCode", "12345")
        .put("Country", "")
        .put("AttentionTo", "");
    let mut phone = Fields::default();
    phone.put("PhoneType", "OFFICE").put("PhoneNumber", "1234 5678").put("PhoneAreaCode", "800");
    let mut out = Fields::default();
    out.put("Name", profile.name.as_str())
        .put("LegalName", profile.name.as_str())
        .put("PaysTax", true)
        .put("Version", profile.version.as_str())
        .put("OrganisationType", "COMPANY")
        .put("BaseCurrency", profile.base_currency.as_str())
        .put("CountryCode", profile.country.as_str())
        .put("IsDemoCompany", true)
        .put("OrganisationStatus", "ACTIVE")
        .put("TaxNumber", profile.tax_number.as_str())
        .put("FinancialYearEndDay", profile.year_end.0)
        .put("FinancialYearEndMonth", profile.year_end.1)
        .put("SalesTaxBasis", profile.sales_tax_basis.as_str())
        .put("SalesTaxPeriod", profile.sales_tax_period.as_str())
        .put("DefaultSalesTax", "Remember previous")
        .put("DefaultPurchasesTax", "Remember previous")
        .put_some("PeriodLockDate", profile.period_lock.map(day_stamp))
        .put_some("EndOfYearLockDate", profile.year_lock.map(day_stamp))
        .put("CreatedDateUTC", bare_stamp(profile.created))
        .put("OrganisationEntityType", "COMPANY")
        .put("Timezone", profile.timezone.as_str())
        .put("ShortCode", profile.short_code.as_str())
        .put("OrganisationID", organisation.id)
        .put("Edition", "BUSINESS")
        .put("Class", "DEMO")
        .put_text("TaxNumberName", &profile.tax_number_name)
        .put("Addresses", vec![address.into()])
        .put("Phones", vec![phone.into()])
        .put("ExternalLinks", Vec::new())
        .put("PaymentTerms", Fields::default());
    out.into()
}

/// `GET /BrandingThemes[/{id}]`.
pub(super) fn branding_themes(
    organisation: &Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    let wanted = match (call.method.as_str(), rest) {
        ("GET", []) => None,
        ("GET", [id]) => Some(id.to_ascii_lowercase()),
        _ => return Reply::empty(405),
    };
    let list: Vec<Json> = organisation
        .branding_themes
        .iter()
        .filter(|one| wanted.as_ref().is_none_or(|id| *id == one.id.to_string()))
        .map(|one| {
            let mut fields = Fields::default();
            fields
                .put("BrandingThemeID", one.id)
                .put("Name", one.name.as_str())
                .put("Type", "INVOICE")
                .put("SortOrder", one.sort_order)
                .put("CreatedDateUTC", stamp(one.created));
            fields.into()
        })
        .collect();
    if list.is_empty() && wanted.is_some() {
        return Reply::not_found();
    }
    context.envelope("BrandingThemes", list, None)
}

/// `GET` and `PUT /Currencies`.
pub(super) fn currencies(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    let render = |code: &str, description: &str| {
        let mut fields = Fields::default();
        fields.put("Code", code).put("Description", description);
        fields
    };
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let list = organisation
                .currencies
                .iter()
                .map(|one| render(&one.code, &one.description).into())
                .collect();
            context.envelope("Currencies", list, None)
        }
        ("PUT", []) => write_all(organisation, context, call, "Currencies", |books, element| {
            let code = fields::filled(element, "Code").unwrap_or_default().to_ascii_uppercase();
            let known = currency_of(&code);
            let body = render(&code, &known.description);
            let mut errors = Vec::new();
            if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                errors.push("Currency code must be valid.".to_owned());
            } else if !books.currencies.contains(&known) {
                books.currencies.push(known);
            }
            Outcome { body, errors, warnings: Vec::new() }
        }),
        _ => Reply::empty(405),
    }
}

/// `/TrackingCategories` with `/{id}`, `/{id}/Options` and `/{id}/Options/{id}`.
pub(super) fn tracking_categories(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    let archived = call.flag("includeArchived") == Some(true);
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let list = organisation
                .tracking
                .iter()
                .filter(|one| one.status == "ACTIVE" || archived && one.status == "ARCHIVED")
                .map(render_category)
                .collect();
            context.envelope("TrackingCategories", list, None)
        }
        ("PUT", []) => {
            write_all(organisation, context, call, "TrackingCategories", create_category)
        }
        (method, [id]) => change_category(organisation, context, call, method, id),
        (method, [id, word, option @ ..]) if word.eq_ignore_ascii_case("options") => {
            change_option(organisation, context, call, method, id, option)
        }
        _ => Reply::empty(405),
    }
}

fn create_category(organisation: &mut Organisation, element: &Json) -> Outcome {
    const ACTIVE_MAX: usize = 2;
    const TOTAL_MAX: usize = 4;
    let name = fields::filled(element, "Name").unwrap_or_default();
    let mut errors = Vec::new();
    let count = |wanted: &[&str]| {
        organisation.tracking.iter().filter(|one| wanted.contains(&one.status.as_str())).count()
    };
    if name.is_empty() {
        errors.push("Name must be specified".to_owned());
    }
    if organisation.tracking.iter().any(|one| one.name.eq_ignore_ascii_case(&name)) {
        errors.push("Please enter a unique Name.".to_owned());
    }
    if count(&["ACTIVE"]) >= ACTIVE_MAX || count(&["ACTIVE", "ARCHIVED"]) >= TOTAL_MAX {
        errors.push("Maximum number of active tracking categories reached.".to_owned());
    }
    let id = if errors.is_empty() { organisation.new_id() } else { Uuid::nil() };
    let category = TrackingCategory { id, name, status: "ACTIVE".to_owned(), options: Vec::new() };
    let body = category_fields(&category);
    if errors.is_empty() {
        organisation.tracking.push(category);
    }
    Outcome { body, errors, warnings: Vec::new() }
}

fn change_category(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    method: &str,
    id: &str,
) -> Reply {
    let Some(place) = place_of(&organisation.tracking, id) else { return Reply::not_found() };
    let Some(category) = organisation.tracking.get_mut(place) else { return Reply::not_found() };
    match method {
        "GET" => {}
        "POST" => match elements(call, "TrackingCategories", &context.unknowns) {
            Err(reply) => return *reply,
            Ok(list) => {
                for element in &list {
                    if let Some(name) = fields::filled(element, "Name") {
                        category.name = name;
                    }
                    if let Some(status) = fields::filled(element, "Status") {
                        category.status = status.to_ascii_uppercase();
                    }
                }
            }
        },
        "DELETE" => "DELETED".clone_into(&mut category.status),
        _ => return Reply::empty(405),
    }
    context.envelope("TrackingCategories", vec![render_category(category)], None)
}

fn change_option(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    method: &str,
    id: &str,
    option: &[&str],
) -> Reply {
    let place = place_of(&organisation.tracking, id);
    let new_id = organisation.new_id();
    let Some(category) = place.and_then(|place| organisation.tracking.get_mut(place)) else {
        return Reply::not_found();
    };
    let name = || -> Result<String, Box<Reply>> {
        let list = elements(call, "Options", &context.unknowns)?;
        Ok(list.iter().find_map(|one| fields::filled(one, "Name")).unwrap_or_default())
    };
    let find = |options: &[TrackingOption], id: &str| {
        options.iter().position(|one| one.id.to_string().eq_ignore_ascii_case(id))
    };
    let place = match (method, option) {
        ("PUT", []) => {
            let name = match name() {
                Ok(name) => name,
                Err(reply) => return *reply,
            };
            let taken = category.options.iter().any(|one| one.name.eq_ignore_ascii_case(&name));
            if taken || name.is_empty() || name.chars().count() > 100 {
                return Reply::exception(10, "ValidationException", "Please enter a unique Name.");
            }
            category.options.push(TrackingOption { id: new_id, name, status: "ACTIVE".to_owned() });
            category.options.len() - 1
        }
        ("POST" | "DELETE", [option]) => {
            let Some(place) = find(&category.options, option) else { return Reply::not_found() };
            let Some(held) = category.options.get_mut(place) else { return Reply::not_found() };
            if method == "DELETE" {
                "DELETED".clone_into(&mut held.status);
            } else {
                match name() {
                    Ok(name) => held.name = name,
                    Err(reply) => return *reply,
                }
            }
            place
        }
        _ => return Reply::empty(405),
    };
    let list = category.options.get(place).map(render_option).into_iter().collect();
    context.envelope("Options", list, None)
}

fn place_of(list: &[TrackingCategory], id: &str) -> Option<usize> {
    list.iter().position(|one| one.id.to_string().eq_ignore_ascii_case(id))
}

fn category_fields(category: &TrackingCategory) -> Fields {
    let options = category.options.iter().filter(|one| one.status != "DELETED");
    let mut fields = Fields::default();
    fields
        .put("Name", category.name.as_str())
        .put("Status", category.status.as_str())
        .put("TrackingCategoryID", category.id)
        .put("Options", options.map(render_option).collect::<Vec<_>>());
    fields
}

fn render_category(category: &TrackingCategory) -> Json {
    category_fields(category).into()
}

fn render_option(option: &TrackingOption) -> Json {
    let mut fields = Fields::default();
    fields
        .put("TrackingOptionID", option.id)
        .put("Name", option.name.as_str())
        .put("Status", option.status.as_str())
        .put("HasValidationErrors", false)
        .put("IsDeleted", option.status == "DELETED")
        .put("IsArchived", option.status == "ARCHIVED")
        .put("IsActive", option.status == "ACTIVE");
    fields.into()
}
