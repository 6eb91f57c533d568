//! Templates: text with `{fields}`.

use alloc::{borrow::Cow, string::String, vec::Vec};

/// Fields of an order's templates (`invoice.reference`).
pub const ORDER_FIELDS: [&str; 8] = [
    "number",
    "id",
    "status",
    "payment_method",
    "payment_method_title",
    "transaction_id",
    "customer_id",
    "company",
];

/// Fields of a contact's name template.
pub const CONTACT_FIELDS: [&str; 5] = ["first_name", "last_name", "company", "email", "id"];

/// Fields of a line's templates.
pub const LINE_FIELDS: [&str; 5] = ["name", "sku", "attributes", "quantity", "coupons"];

/// The fields that a template names.
#[must_use]
pub fn fields(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((field, after)) = after.split_once('}') else { break };
        found.push(field);
        rest = after;
    }
    found
}

/// Fills a template. White space is folded, and brackets that stay empty go.
#[must_use]
pub fn fill<'a>(template: &str, value: impl Fn(&str) -> Cow<'a, str>) -> String {
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((field, after)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        text.push_str(&value(field));
        rest = after;
    }
    text.push_str(rest);
    let mut tidy = String::with_capacity(text.len());
    for word in text.replace("()", "").split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}
