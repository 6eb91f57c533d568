//! The invoice's own fields: number, reference, dates, terms, link.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use crate::{
    date::Date,
    finding::{Code, Finding},
    settings::{CurrencyRate, DateSource, InvoiceStatus, Locked, template::fill},
    shop::order::Order,
    xero::{
        arithmetic::LineAmountTypes,
        document::{DocumentKind, Invoice},
    },
};

use super::{Context, Notes, Posted, contact};

/// Xero's longest invoice number, reference and name (reference: Xero, sections 3.1 and 3.4).
pub(super) const SHORT_CHARS_MAX: usize = 255;

/// Xero's longest description.
pub(super) const DESCRIPTION_CHARS_MAX: usize = 4_000;

/// The invoice without its lines; `None` when a field stops it.
pub(super) fn header(context: &Context<'_>, order: &Order, notes: &mut Notes) -> Option<Invoice> {
    let settings = &context.settings.invoice;
    let number = number(context, order, notes);
    let reference = reference(order, &settings.reference, notes);
    let date = date(context, order, notes);
    let date = open_day(context, (DocumentKind::Invoice, order.id), date, notes);
    check_currency(context, order, notes);
    Some(Invoice {
        kind: DocumentKind::Invoice,
        number: number?,
        reference,
        contact: contact::contact(context, order, notes),
        date,
        due_date: date.plus_days(terms(context, order)),
        status: match settings.status {
            InvoiceStatus::Authorised => "AUTHORISED",
            InvoiceStatus::Draft => "DRAFT",
            InvoiceStatus::Submitted => "SUBMITTED",
        },
        line_amount_types: LineAmountTypes::Exclusive,
        currency: order.currency,
        currency_rate: match settings.currency_rate {
            CurrencyRate::Order if order.currency.as_str() != context.chart.base_currency => {
                order.exchange_rate
            }
            _ => None,
        },
        url: url(context, order),
        branding_theme_id: branding_theme(context, notes),
        lines: Vec::new(),
    })
}

/// Cuts a text to a number of characters, never inside one.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => text.get(..end).unwrap_or_default().into(),
        None => text.into(),
    }
}

/// Cuts a text to Xero's length and says so.
pub(super) fn shortened(field: &str, text: &str, chars_max: usize, notes: &mut Notes) -> String {
    let short = cut(text, chars_max);
    if short.len() < text.len() {
        notes.note(
            Code::TextShortened,
            field,
            format!("`{field}` is cut to {chars_max} characters"),
        );
    }
    short
}

fn number(context: &Context<'_>, order: &Order, notes: &mut Notes) -> Option<String> {
    let prefix = &context.settings.invoice.prefix;
    if prefix.trim().is_empty() {
        let message = "invoice numbers need a prefix";
        let finding =
            Finding::new(Code::NumberPrefixMissing, "settings", "invoice.prefix", message);
        notes.push(finding.at("invoice.prefix"));
        return None;
    }
    checked_number(format!("{prefix}{}", order.number), notes)
}

/// The reference from its template, cut to Xero's length.
pub(super) fn reference(order: &Order, template: &str, notes: &mut Notes) -> String {
    let reference = fill(template, |field| order_field(order, field));
    shortened("Reference", &reference, SHORT_CHARS_MAX, notes)
}

/// Whether Xero takes a text as a document's number.
pub(crate) fn is_number(number: &str) -> bool {
    let plain = number.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    plain && number.len() <= SHORT_CHARS_MAX
}

/// A document's number, if Xero takes it.
pub(super) fn checked_number(number: String, notes: &mut Notes) -> Option<String> {
    if is_number(&number) {
        return Some(number);
    }
    let shown = cut(&number, 40);
    notes.note(Code::NumberInvalid, "number", format!("`{shown}` cannot be an invoice number"));
    None
}

fn order_field<'a>(order: &'a Order, field: &str) -> Cow<'a, str> {
    match field {
        "number" => Cow::Borrowed(&order.number),
        "id" => Cow::Owned(format!("{}", order.id)),
        "status" => Cow::Borrowed(&order.status),
        "payment_method" => Cow::Borrowed(&order.payment_method),
        "payment_method_title" => Cow::Borrowed(&order.payment_method_title),
        "transaction_id" => Cow::Borrowed(&order.transaction_id),
        "customer_id" => Cow::Owned(format!("{}", order.customer_id)),
        "company" => Cow::Borrowed(&order.buyer.company),
        _ => Cow::Borrowed(""),
    }
}

fn date(context: &Context<'_>, order: &Order, notes: &mut Notes) -> Date {
    let (wanted, field) = match context.settings.invoice.date {
        DateSource::Created => (Some(order.created), "date_created"),
        DateSource::Paid => (order.paid, "date_paid"),
        DateSource::Completed => (order.completed, "date_completed"),
    };
    wanted.unwrap_or_else(|| {
        let message =
            format!("the order has no `{field}`, so the invoice is dated {}", order.created);
        notes.note(Code::DateFallback, field, message);
        order.created
    })
}

/// The day that a document of this object bears: its own, unless that is in a locked period. What
/// stands in Xero already keeps the day that it has there.
pub(super) fn open_day(
    context: &Context<'_>,
    owner: (DocumentKind, u64),
    date: Date,
    notes: &mut Notes,
) -> Date {
    let Some(locked) = context.chart.locked_until.filter(|locked| date <= *locked) else {
        return date;
    };
    if let Some(standing) = context.posted.documents.get(&Posted::key(owner)) {
        return *standing;
    }
    match context.settings.invoice.locked {
        Locked::Hold => {
            let message = format!("it would be dated {date}; Xero is locked up to {locked}");
            notes.note(Code::DateLocked, "date_created", message);
            date
        }
        Locked::NextOpenDay => {
            let open = locked.plus_days(1);
            let message = format!("{date} is locked in Xero, so it is dated {open}");
            notes.note(Code::DateMoved, "date_created", message);
            open
        }
    }
}

fn check_currency(context: &Context<'_>, order: &Order, notes: &mut Notes) {
    if !context.chart.has_currency(order.currency.as_str()) {
        let message = format!("{} is not enabled in Xero", order.currency);
        notes.note(Code::CurrencyNotEnabled, "currency", message);
    }
}

fn terms(context: &Context<'_>, order: &Order) -> u32 {
    let terms = &context.settings.invoice.terms;
    let days = terms
        .by_role
        .get(&order.buyer.role)
        .or_else(|| terms.by_gateway.get(&order.payment_method))
        .unwrap_or(&terms.days);
    *days
}

/// The order's page in wp-admin, as WooCommerce's order tables have it since 8.2; the older page
/// leads there.
fn url(context: &Context<'_>, order: &Order) -> Option<String> {
    let shop = context.shop.url.trim_end_matches('/');
    let absolute = shop.starts_with("http://") || shop.starts_with("https://");
    (context.settings.invoice.link_to_order && absolute)
        .then(|| format!("{shop}/wp-admin/admin.php?page=wc-orders&action=edit&id={}", order.id))
}

fn branding_theme(context: &Context<'_>, notes: &mut Notes) -> Option<String> {
    let wanted = &context.settings.invoice.branding_theme;
    if wanted.is_empty() {
        return None;
    }
    let themes = &context.chart.branding_themes;
    let found = themes.iter().find(|(id, name)| id == wanted || name == wanted);
    if found.is_none() {
        let message = format!("Xero has no branding theme `{wanted}`");
        let finding = Finding::new(Code::BrandingUnknown, "branding_theme", &**wanted, message);
        notes.push(finding.at("invoice.branding_theme"));
    }
    found.map(|(id, _)| id.clone())
}
