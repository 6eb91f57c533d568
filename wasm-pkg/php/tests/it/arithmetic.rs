//! Every integer operator of the specification at its corners: with both sides given, and with a
//! constant on either side, since constants are translated otherwise.

use std::fmt::Write as _;

use crate::runner::{CORNERS_32, CORNERS_64, Call, call, compare};

const BINARY: [&str; 25] = [
    "add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or", "xor", "shl", "shr_s",
    "shr_u", "rotl", "rotr", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s",
    "ge_u",
];

/// Operator, what it takes, what it gives.
const UNARY: [(&str, &str, &str); 16] = [
    ("i32.clz", "i32", "i32"),
    ("i32.ctz", "i32", "i32"),
    ("i32.popcnt", "i32", "i32"),
    ("i32.eqz", "i32", "i32"),
    ("i32.extend8_s", "i32", "i32"),
    ("i32.extend16_s", "i32", "i32"),
    ("i32.wrap_i64", "i64", "i32"),
    ("i64.clz", "i64", "i64"),
    ("i64.ctz", "i64", "i64"),
    ("i64.popcnt", "i64", "i64"),
    ("i64.eqz", "i64", "i32"),
    ("i64.extend8_s", "i64", "i64"),
    ("i64.extend16_s", "i64", "i64"),
    ("i64.extend32_s", "i64", "i64"),
    ("i64.extend_i32_s", "i32", "i64"),
    ("i64.extend_i32_u", "i32", "i64"),
];

fn result(of: &str, operator: &str) -> String {
    let comparison = BINARY.iter().skip(15).any(|other| *other == operator);
    String::from(if comparison { "i32" } else { of })
}

fn corners(of: &str) -> &'static [i64] {
    if of == "i32" { &CORNERS_32 } else { &CORNERS_64 }
}

fn binary(of: &str) -> usize {
    let (mut wat, mut calls) = (String::from("(module"), Vec::new());
    let corners = corners(of);
    for operator in BINARY {
        let result = result(of, operator);
        writeln!(
            wat,
            "(func (export \"{operator}\") (param {of} {of}) (result {result}) \
             ({of}.{operator} (local.get 0) (local.get 1)))"
        )
        .unwrap();
        for (place, &constant) in corners.iter().enumerate() {
            writeln!(
                wat,
                "(func (export \"{operator}-r{place}\") (param {of}) (result {result}) \
                 ({of}.{operator} (local.get 0) ({of}.const {constant})))\
                 (func (export \"{operator}-l{place}\") (param {of}) (result {result}) \
                 ({of}.{operator} ({of}.const {constant}) (local.get 0)))\
                 (func (export \"{operator}-c{place}\") (result {result}) \
                 ({of}.{operator} ({of}.const {constant}) ({of}.const {})))",
                corners[(place * 7 + 3) % corners.len()]
            )
            .unwrap();
            calls.push(call(&format!("{operator}-c{place}"), &[]));
            for &other in corners {
                calls.push(call(operator, &[constant, other]));
                calls.push(call(&format!("{operator}-r{place}"), &[other]));
                calls.push(call(&format!("{operator}-l{place}"), &[other]));
            }
        }
    }
    wat.push(')');
    let said = compare(&wat, &calls);
    // Division by zero, and the one quotient that does not fit, are among them.
    assert!(said.iter().filter(|said| *said == "trap").count() > corners.len());
    calls.len()
}

#[test]
fn binary_operators_of_32_bits() {
    assert!(binary("i32") > 25_000);
}

#[test]
fn binary_operators_of_64_bits() {
    assert!(binary("i64") > 30_000);
}

#[test]
fn unary_operators_and_conversions() {
    let (mut wat, mut calls): (String, Vec<Call>) = (String::from("(module"), Vec::new());
    for (operator, takes, gives) in UNARY {
        writeln!(
            wat,
            "(func (export \"{operator}\") (param {takes}) (result {gives}) \
             ({operator} (local.get 0)))"
        )
        .unwrap();
        for &corner in corners(takes) {
            calls.push(call(operator, &[corner]));
        }
        for bit in 0..if takes == "i32" { 32 } else { 64 } {
            let power = 1_i64 << bit;
            for number in [power.wrapping_sub(1), power, power.wrapping_add(1)] {
                let fits = takes == "i64" || (0..=0xffff_ffff).contains(&number);
                calls.extend(fits.then(|| call(operator, &[number])));
            }
        }
        for (place, &corner) in corners(takes).iter().enumerate() {
            writeln!(
                wat,
                "(func (export \"{operator}-c{place}\") (result {gives}) \
                 ({operator} ({takes}.const {corner})))"
            )
            .unwrap();
            calls.push(call(&format!("{operator}-c{place}"), &[]));
        }
    }
    wat.push(')');
    compare(&wat, &calls);
    assert!(calls.len() > 1_500);
}
