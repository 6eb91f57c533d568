//! What each finding names as its cure does cure it: a second case shows so.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cases;
use tillbook_core::finding::{Code, Severity};

const UNJOINED: &str = "0153-summarise-charges-that-cannot-be-joined";
const JOINED: &str = "0180-summarise-charges-that-could-not-be-joined-cured";
const BROKEN_FILE: &str = "0178-read-payouts-of-a-broken-file";
const WHOLE_FILE: &str = "0179-read-payouts-of-a-broken-file-cured";

/// Code, a case that raises it, a case with its cure applied.
const CURES: &[(&str, &str, &str)] = &[
    ("payment.gateway_unmapped", "0012-au-inclusive-exact", "0110-au-inclusive-exact-cured"),
    (
        "tracking.unknown",
        "0036-unknown-tracking-and-branding",
        "0111-unknown-tracking-and-branding-cured",
    ),
    (
        "branding.unknown",
        "0036-unknown-tracking-and-branding",
        "0111-unknown-tracking-and-branding-cured",
    ),
    ("number.prefix_missing", "0048-no-prefix", "0112-no-prefix-cured"),
    ("order.status_unknown", "0049-status-without-a-row", "0113-status-without-a-row-cured"),
    ("currency.not_enabled", "0050-currency-not-enabled", "0114-currency-not-enabled-cured"),
    ("date.locked", "0051-locked-period", "0115-locked-period-cured"),
    ("tax.set_unmapped", "0052-unmapped-set", "0116-unmapped-set-cured"),
    ("tax.untaxed_unmapped", "0053-untaxed-unmapped", "0117-untaxed-unmapped-cured"),
    ("tax.type_unknown", "0054-tax-type-not-in-xero", "0118-tax-type-not-in-xero-cured"),
    ("tax.type_not_for_sales", "0055-tax-type-not-for-sales", "0119-tax-type-not-for-sales-cured"),
    ("tax.rate_differs", "0056-tax-type-of-another-rate", "0120-tax-type-of-another-rate-cured"),
    ("tax.differs", "0056-tax-type-of-another-rate", "0120-tax-type-of-another-rate-cured"),
    (
        "tax.line_account_missing",
        "0057-tax-line-without-account",
        "0121-tax-line-without-account-cured",
    ),
    (
        "account.unknown",
        "0058-accounts-that-cannot-be-used",
        "0122-accounts-that-cannot-be-used-cured",
    ),
    (
        "account.archived",
        "0058-accounts-that-cannot-be-used",
        "0122-accounts-that-cannot-be-used-cured",
    ),
    (
        "account.not_for_lines",
        "0058-accounts-that-cannot-be-used",
        "0122-accounts-that-cannot-be-used-cured",
    ),
    ("account.unmapped", "0059-account-not-chosen", "0123-account-not-chosen-cured"),
    (
        "balance.out_of_balance",
        "0060-total-that-does-not-fit",
        "0124-total-that-does-not-fit-cured",
    ),
    (
        "balance.rounding_account_missing",
        "0061-rounding-without-account",
        "0125-rounding-without-account-cured",
    ),
    (
        "settings.out_of_range",
        "0063-rounding-cap-out-of-range",
        "0126-rounding-cap-out-of-range-cured",
    ),
    (
        "template.unknown_field",
        "0064-template-with-an-unknown-field",
        "0127-template-with-an-unknown-field-cured",
    ),
    ("order.negative", "0065-negative-total", "0128-negative-total-cured"),
    ("order.empty", "0066-order-without-lines", "0129-order-without-lines-cured"),
    (
        "number.invalid",
        "0067-number-that-xero-cannot-bear",
        "0130-number-that-xero-cannot-bear-cured",
    ),
    (
        "input.not_json",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.missing",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.wrong_type",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.not_an_amount",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.too_large",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.not_a_date",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.not_a_currency",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.too_many_lines",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "input.duplicate",
        "0068-broken-orders-hold-up-no-other",
        "0131-broken-orders-hold-up-no-other-cured",
    ),
    (
        "chart.incomplete",
        "0069-a-chart-that-cannot-be-read",
        "0132-a-chart-that-cannot-be-read-cured",
    ),
    (
        "refund.exceeds",
        "0079-refunds-that-exceed-wait-or-cannot-be-read",
        "0133-refunds-that-exceed-wait-or-cannot-be-read-cured",
    ),
    (
        "refund.of_held",
        "0079-refunds-that-exceed-wait-or-cannot-be-read",
        "0133-refunds-that-exceed-wait-or-cannot-be-read-cured",
    ),
    (
        "change.ask",
        "0085-plan-an-edited-order-that-is-paid-and-ask",
        "0134-plan-an-edited-order-that-is-paid-and-ask-cured",
    ),
    (
        "fee.currency_differs",
        "0135-a-fee-in-the-orders-own-currency",
        "0136-a-fee-in-the-orders-own-currency-cured",
    ),
    (
        "fee.account_wrong",
        "0103-map-gateway-fees-to-an-account-that-takes-none",
        "0137-map-gateway-fees-to-an-account-that-takes-none-cured",
    ),
    (
        "contact.ambiguous",
        "0101-match-customers-with-suggestions",
        "0138-match-customers-with-suggestions-cured",
    ),
    (
        "contact.archived",
        "0101-match-customers-with-suggestions",
        "0138-match-customers-with-suggestions-cured",
    ),
    (
        "item.unmapped",
        "0106-plan-an-order-with-products-that-are-no-items",
        "0139-plan-an-order-with-products-that-are-no-items-cured",
    ),
    ("payment.not_due", "0087-plan-leaves-what-people-did", "0088-plan-once-people-have-cured-it"),
    (
        "payment.removed_by_hand",
        "0087-plan-leaves-what-people-did",
        "0088-plan-once-people-have-cured-it",
    ),
    (
        "ledger.number_taken",
        "0087-plan-leaves-what-people-did",
        "0088-plan-once-people-have-cured-it",
    ),
    ("ledger.missing", "0087-plan-leaves-what-people-did", "0088-plan-once-people-have-cured-it"),
    (
        "ledger.edit_conflict",
        "0087-plan-leaves-what-people-did",
        "0088-plan-once-people-have-cured-it",
    ),
    (
        "ledger.paid_by_hand",
        "0087-plan-leaves-what-people-did",
        "0088-plan-once-people-have-cured-it",
    ),
    (
        "ledger.total_differs",
        "0087-plan-leaves-what-people-did",
        "0088-plan-once-people-have-cured-it",
    ),
    ("refund.stays", "0087-plan-leaves-what-people-did", "0088-plan-once-people-have-cured-it"),
    (
        "change.switched_off",
        "0208-plan-with-refunds-switched-off",
        "0209-plan-with-refunds-switched-off-cured",
    ),
    (
        "change.switched_off",
        "0211-plan-with-payments-switched-off",
        "0212-plan-with-payments-switched-off-cured",
    ),
    (
        "order.before_start",
        "0201-plan-orders-made-before-the-start",
        "0202-plan-orders-made-before-the-start-cured",
    ),
    (
        "order.switched_off",
        "0203-plan-with-orders-switched-off",
        "0204-plan-with-orders-switched-off-cured",
    ),
    (
        "order.excluded",
        "0205-plan-orders-that-a-person-took-out",
        "0206-plan-orders-that-a-person-took-out-cured",
    ),
    ("payment.date_locked", "0089-plan-in-a-locked-period", "0090-plan-for-the-next-open-day"),
    (
        "order.refunded",
        "0080-refunds-that-were-not-handed-in",
        "0076-refunds-by-line-shipping-and-fee",
    ),
    ("payment.account_wrong", "0011-check-broken-settings", "0010-check-proposed-settings"),
    ("settings.unused", "0011-check-broken-settings", "0010-check-proposed-settings"),
    ("xero.refused", "0094-read-an-answer-to-a-batch", "0140-read-an-answer-to-a-batch-cured"),
    (
        "summary.out_of_balance",
        "0154-summarise-entries-that-are-not-the-deposit",
        "0148-summarise-the-worked-example",
    ),
    (
        "summary.overlaps",
        "0157-summarise-a-range-that-overlaps-another",
        "0151-summarise-days-of-23-and-25-hours",
    ),
    ("payout.unmatched", UNJOINED, JOINED),
    ("payout.in_daily", UNJOINED, JOINED),
    ("payout.order_waits", UNJOINED, JOINED),
    ("payout.amount_differs", UNJOINED, JOINED),
    ("payout.unreadable", BROKEN_FILE, WHOLE_FILE),
    ("payout.row_unreadable", BROKEN_FILE, WHOLE_FILE),
    ("payout.duplicate", BROKEN_FILE, WHOLE_FILE),
    ("payout.rest", BROKEN_FILE, WHOLE_FILE),
];

/// Codes whose cure nothing in a request can show.
const OF_PEOPLE: &[(&str, &str)] =
    &[("xero.warning", "Xero took the document; its words are for a person to read")];

fn answer(name: &str) -> Value {
    let case = cases::named(name);
    serde_json::from_str(&tillbook_core::call(&case.operation, &case.request)).unwrap()
}

/// How often a code stands among the findings of an answer, at any depth.
fn count(answer: &Value, code: &str) -> usize {
    match answer {
        Value::Object(fields) => {
            let own = fields.get("code").is_some_and(|found| found == code);
            usize::from(own) + fields.values().map(|value| count(value, code)).sum::<usize>()
        }
        Value::Array(values) => values.iter().map(|value| count(value, code)).sum(),
        _ => 0,
    }
}

#[test]
fn a_finding_is_gone_once_its_cure_is_applied() {
    for (code, raising, cured) in CURES {
        assert!(count(&answer(raising), code) > 0, "{raising} does not raise {code}");
        let cured_answer = answer(cured);
        assert!(cured_answer["ok"].is_object(), "{cured}: {cured_answer}");
        assert_eq!(count(&cured_answer, code), 0, "{cured} still raises {code}");
    }
}

#[test]
fn what_was_held_is_posted_once_it_is_cured() {
    for (_, _, cured) in CURES {
        let answer = answer(cured);
        for sale in answer["ok"]["sales"].as_array().into_iter().flatten() {
            let refunds = sale["refunds"].as_array().into_iter().flatten();
            for document in refunds.chain([sale]) {
                assert_ne!(document["outcome"], "hold", "{cured}: {document}");
            }
        }
        for row in answer["ok"]["rows"].as_array().into_iter().flatten() {
            assert_ne!(row["fate"], "hold", "{cured}: {row}");
        }
    }
}

/// Everything that stops or bends a posting, but for what needs no cure.
#[test]
fn every_finding_with_a_cure_has_its_case() {
    let known: BTreeSet<&str> =
        CURES.iter().map(|row| row.0).chain(OF_PEOPLE.iter().map(|row| row.0)).collect();
    let wanted = Code::ALL.iter().filter(|code| {
        code.severity() != Severity::Info
            && !code.cure().starts_with("Nothing to do")
            && !code.as_str().starts_with("guess.")
    });
    let missing: Vec<&str> =
        wanted.map(|code| code.as_str()).filter(|code| !known.contains(code)).collect();
    assert!(missing.is_empty(), "no case cures {missing:?}");
}
