//! Which way an order goes: individually, in a day's summary, or in its gateway's payouts.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
};

use crate::{
    json::{decimal, strict::choice},
    settings::{
        Settings,
        summary::{Mode, names_method},
    },
    shop::{order::Order, payout::Source, product::Product},
};

choice! {
    /// Which way an order goes.
    Route {
        Individual "It has documents of its own.",
        Daily "It is in the summary of a day and of its payment method or group.",
        Payout "It is in the summary of the payout that its charge is part of.",
    }
}

/// The group of orders without a payment method: those that cost nothing.
const FREE: &str = "free";

/// The way of an order that has not been posted, with the name of its group or source.
#[must_use]
pub fn route(
    settings: &Settings,
    order: &Order,
    products: &BTreeMap<u64, Product>,
) -> (Route, String) {
    let summary = &settings.summary;
    let day = format!("{}", order.created);
    if summary.mode_on(&day) == Mode::Individual || goes_alone(settings, order, products) {
        return (Route::Individual, String::new());
    }
    let method = &order.payment_method;
    // What costs nothing is never charged, so no payout will bring it.
    let charged = !order.total.amount().is_zero();
    let mut payers = summary.payouts.iter();
    if let Some(payer) = payers.find(|one| charged && names_method(&one.methods, method)) {
        return (Route::Payout, source_word(payer.source).into());
    }
    let group = summary.groups.iter().find(|group| names_method(&group.methods, method));
    let name = group.map_or(method, |group| &group.name);
    // Numbers are plain ASCII, and a method's id is any plugin's choice.
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let name: String = name.chars().map(plain).collect();
    (Route::Daily, if name.is_empty() { FREE.to_string() } else { name })
}

/// The word that names a source in keys.
#[must_use]
pub(super) const fn source_word(source: Source) -> &'static str {
    match source {
        Source::Woopayments => "woopayments",
        Source::Stripe => "stripe",
        Source::Paypal => "paypal",
        Source::Csv => "csv",
    }
}

/// Whether a rule of the hybrid takes the order.
fn goes_alone(settings: &Settings, order: &Order, products: &BTreeMap<u64, Product>) -> bool {
    let rules = &settings.summary.individually;
    let dear = decimal(&rules.total_from).is_some_and(|from| order.total.amount() >= from);
    let tagged = || {
        let ids = order.lines.iter().flat_map(|line| [line.product_id, line.variation_id]);
        let tags = ids.filter_map(|id| products.get(&id)).flat_map(|product| &product.tags);
        tags.into_iter().any(|tag| rules.product_tags.contains(tag))
    };
    names_method(&rules.gateways, &order.payment_method)
        || rules.roles.contains(&order.buyer.role)
        || dear
        || (!rules.product_tags.is_empty() && tagged())
}
