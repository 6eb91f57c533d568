//! The laws of accounting, each a property of generated orders.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "laws/json.rs"]
mod json;
#[path = "laws/oracle.rs"]
mod oracle;
#[path = "laws/random.rs"]
mod random;
#[path = "laws/real.rs"]
mod real;
#[path = "laws/woo.rs"]
mod woo;

/// The generator is only worth something if it reckons as WooCommerce does.
#[test]
fn the_generator_reckons_as_woocommerce_does() {
    let Some(recordings) = real::recordings() else { return };
    let report = real::compare(&recordings);
    println!("{report:?}");
    assert_eq!(report.orders, 170);
    assert_eq!(report.lines, report.orders, "taxes of lines");
    assert_eq!(report.line_rounding, report.orders, "rounding of lines' taxes");
    // One classic order was added up in the session of its customer, from taxes not stored.
    assert!(report.totals >= 169, "totals");
    // One client placed its order before taxes were reckoned.
    assert!(report.negative_fees_alike + 1 >= report.negative_fees, "negative fees");
}
