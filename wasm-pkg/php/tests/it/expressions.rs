//! Expressions at random: what is known of a value must hold through whatever is done with it.

use std::fmt::Write as _;

use crate::runner::{Random, call, compare};

const BOTH: [&str; 15] = [
    "add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or", "xor", "shl", "shr_s",
    "shr_u", "rotl", "rotr",
];
const COMPARE: [&str; 10] =
    ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];

/// Four parameters (two of each kind) and four locals to write to.
struct Writer<'r> {
    random: &'r mut Random,
}

impl Writer<'_> {
    fn local(&mut self, wide: bool) -> usize {
        // 0, 1: i32 parameters; 2, 3: i64 parameters; 4, 5: i32 locals; 6, 7: i64 locals.
        [0, 1, 4, 5][self.random.below(4)] + if wide { 2 } else { 0 }
    }

    fn expression(&mut self, wide: bool, depth: usize) -> String {
        let of = if wide { "i64" } else { "i32" };
        if depth == 0 || self.random.below(8) == 0 {
            return if self.random.below(2) == 0 {
                format!("({of}.const {})", self.random.number(wide))
            } else {
                format!("(local.get {})", self.local(wide))
            };
        }
        let below = depth - 1;
        match self.random.below(if wide { 13 } else { 15 }) {
            0..=5 => {
                let operator = *self.random.pick(&BOTH);
                let (left, right) = (self.expression(wide, below), self.expression(wide, below));
                format!("({of}.{operator} {left} {right})")
            }
            6 => {
                let test = self.expression(false, below);
                let (left, right) = (self.expression(wide, below), self.expression(wide, below));
                format!("(select {left} {right} {test})")
            }
            7 => {
                let local = self.local(wide);
                let value = self.expression(wide, below);
                format!("(local.tee {local} {value})")
            }
            8 => {
                let operator = *self.random.pick(&["clz", "ctz", "popcnt"]);
                format!("({of}.{operator} {})", self.expression(wide, below))
            }
            9 => {
                let operator = *self.random.pick(&["extend8_s", "extend16_s"]);
                format!("({of}.{operator} {})", self.expression(wide, below))
            }
            10 => {
                let test = self.expression(false, below);
                let (left, right) = (self.expression(wide, below), self.expression(wide, below));
                format!("(if (result {of}) {test} (then {left}) (else {right}))")
            }
            11 if wide => {
                let operator = *self.random.pick(&["extend_i32_s", "extend_i32_u"]);
                format!("(i64.{operator} {})", self.expression(false, below))
            }
            11 => format!("(i32.wrap_i64 {})", self.expression(true, below)),
            12 => {
                let (test, value) = (self.expression(false, below), self.expression(wide, below));
                let other = self.expression(wide, below);
                format!("(block (result {of}) (br_if 0 {value} {test}) (drop) {other})")
            }
            13 => {
                let wide = self.random.below(2) == 0;
                let of = if wide { "i64" } else { "i32" };
                let operator = *self.random.pick(&COMPARE);
                let (left, right) = (self.expression(wide, below), self.expression(wide, below));
                format!("({of}.{operator} {left} {right})")
            }
            _ => format!("(i32.eqz {})", self.expression(false, below)),
        }
    }
}

#[test]
fn expressions_at_random() {
    let (mut wat, mut calls) = (String::from("(module"), Vec::new());
    let mut random = Random(0x7111_b00c);
    for number in 0..600 {
        let wide = number % 2 == 0;
        let of = if wide { "i64" } else { "i32" };
        let text = Writer { random: &mut random }.expression(wide, 2 + number % 5);
        writeln!(
            wat,
            "(func (export \"e{number}\") (param i32 i32 i64 i64) (result {of}) \
             (local i32 i32 i64 i64) {text})"
        )
        .unwrap();
        for _ in 0..16 {
            let arguments = [false, false, true, true].map(|wide| random.number(wide));
            calls.push(call(&format!("e{number}"), &arguments));
        }
    }
    wat.push(')');
    let said = compare(&wat, &calls);
    let traps = said.iter().filter(|said| *said == "trap").count();
    assert!(traps > 100 && traps < said.len() / 2, "{traps} of {} trap", said.len());
}
