//! Blocks, loops, branches, tables and calls.

use crate::runner::{call, compare};

fn numbers(name: &str, numbers: &[i64]) -> Vec<crate::runner::Call> {
    numbers.iter().map(|&number| call(name, &[number])).collect()
}

#[test]
fn a_branch_table_goes_where_its_number_says() {
    let wat = r#"(module
      (func (export "table") (param i32) (result i32)
        (block $d (block $c (block $b (block $a
          (br_table $a $b $c $b $d (local.get 0)))
          (return (i32.const 10)))
          (return (i32.const 20)))
          (return (i32.const 30)))
        (i32.const 40))
      (func (export "value") (param i32) (result i32)
        (block $b (result i32)
          (i32.add (i32.const 100) (block $a (result i32)
            (br_table $a $b $a (i32.mul (local.get 0) (i32.const 3)) (local.get 0))))))
      (func (export "return") (param i32) (result i32)
        (block (br_table 0 1 0 (i32.const 7) (local.get 0)) (unreachable))
        (i32.const 8))
      (func (export "again") (param i32) (result i32) (local i32)
        (block $out (loop $in
          (local.set 1 (i32.add (local.get 1) (i32.const 1)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_table $out $in $in $in $in $out (local.get 0))))
        (local.get 1)))"#;
    // `return` leaves its value to the function: it is made without a block's result.
    let wat = wat.replace(
        r#"(block (br_table 0 1 0 (i32.const 7) (local.get 0)) (unreachable))
        (i32.const 8))"#,
        r#"(block $x (result i32) (br_table $x 1 $x (i32.const 7) (local.get 0)))
        (drop) (i32.const 8))"#,
    );
    let all = [0, 1, 2, 3, 4, 5, 6, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
    let mut calls = Vec::new();
    for name in ["table", "value", "return", "again"] {
        calls.extend(numbers(name, &all));
    }
    compare(&wat, &calls);
}

#[test]
fn loops_and_blocks_nest() {
    let wat = r#"(module
      (func (export "factorial") (param i64) (result i64) (local i64)
        (local.set 1 (i64.const 1))
        (block (loop
          (br_if 1 (i64.eqz (local.get 0)))
          (local.set 1 (i64.mul (local.get 1) (local.get 0)))
          (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
          (br 0)))
        (local.get 1))
      (func (export "primes") (param i32) (result i32) (local $n i32) (local $d i32) (local $c i32)
        (local.set $n (i32.const 2))
        (loop $next
          (local.set $d (i32.const 2))
          (block $composite
            (block $prime (loop $try
              (br_if $prime (i32.gt_u (i32.mul (local.get $d) (local.get $d)) (local.get $n)))
              (br_if $composite (i32.eqz (i32.rem_u (local.get $n) (local.get $d))))
              (local.set $d (i32.add (local.get $d) (i32.const 1)))
              (br $try)))
            (local.set $c (i32.add (local.get $c) (i32.const 1))))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $next (i32.le_u (local.get $n) (local.get 0))))
        (local.get $c))
      (func (export "late") (param i32) (result i32) (local $a i32) (local $b i32)
        ;; What a round leaves behind is there in the next one, also where it was skipped at first.
        (loop $next
          (if (i32.and (local.get 0) (i32.const 1))
            (then (local.set $a (i32.add (local.get $b) (i32.const 3))))
            (else (local.set $b (i32.sub (local.get $b) (local.get $a)))))
          (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))
          (br_if $next (local.get 0)))
        (i32.xor (local.get $a) (i32.shl (local.get $b) (i32.const 3))))
      (func (export "inner") (param i32) (result i32) (local $x i32) (local $i i32)
        ;; The inner loop writes $x behind its own exit, so only a second round of the outer sees it.
        (loop $outer
          (block $done (loop $inner
            (br_if $done (i32.ge_u (local.get $i) (local.get 0)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $inner (i32.rem_u (local.get $i) (i32.const 3)))
            (local.set $x (i32.add (local.get $x) (local.get $i)))
            (br $inner)))
          (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))
          (local.set $i (i32.const 0))
          (br_if $outer (local.get 0)))
        (local.get $x))
      (func (export "kept") (param i32) (result i32)
        ;; A value waits below a block in which its local changes.
        (local.get 0)
        (block (br_if 0 (i32.eqz (local.get 0))) (local.set 0 (i32.const 5)))
        (i32.add (local.get 0) (i32.const 1))
        (i32.sub))
      (func (export "if") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (if (result i32) (i32.eq (local.get 0) (i32.const 1))
            (then (i32.const 11)) (else (br 1 (i32.const 22)))))
          (else (i32.const 33))))
      (func (export "dead") (param i32) (result i32)
        (block (result i32)
          (br 0 (i32.const 4))
          (loop (br 0)) (unreachable) (i32.add (i32.const 1) (i32.const 2)))
        (if (i32.eqz (local.get 0)) (then (return (i32.const 9)) (unreachable)))
        (i32.add (local.get 0))))"#;
    let mut calls = numbers("factorial", &[0, 1, 5, 20, 21, 30, 70]);
    calls.extend(numbers("primes", &[2, 3, 100, 500]));
    for name in ["late", "inner", "kept", "if", "dead"] {
        calls.extend(numbers(name, &[0, 1, 2, 3, 5, 10, 0b1101_0110, 97]));
    }
    compare(wat, &calls);
}

#[test]
fn calls_through_the_table_ask_for_the_type() {
    let wat = r#"(module
      (type $one (func (param i32) (result i32))) (type $two (func (param i32 i32) (result i32)))
      (type $same (func (param i32) (result i32))) (type $none (func))
      (import "./glue.js" "outside" (func $outside (param i32) (result i32)))
      (table 8 funcref) (elem (i32.const 1) $double $add $outside $nothing $square)
      (memory 1)
      (func $double (type $one) (i32.shl (local.get 0) (i32.const 1)))
      (func $square (type $same) (i32.mul (local.get 0) (local.get 0)))
      (func $add (type $two) (i32.add (local.get 0) (local.get 1)))
      (func $nothing (type $none) (i32.store (i32.const 0) (i32.const 1)))
      (func (export "one") (param i32) (result i32)
        (call_indirect (type $one) (i32.const 65537) (local.get 0)))
      (func (export "two") (param i32) (result i32)
        (call_indirect (type $two) (i32.const 4) (i32.const 5) (local.get 0)))
      (func (export "none") (param i32) (result i32)
        (call_indirect (type $none) (local.get 0)) (i32.load (i32.const 0)))
      (func (export "outside") (param i32) (result i32) (call $outside (local.get 0)))
      (func (export "later") (param i32) (result i32)
        ;; The index is worked out last and used first.
        (i32.store (i32.const 4) (i32.const 3))
        (call_indirect (type $two) (i32.load (i32.const 4)) (call $double (local.get 0))
          (i32.load8_u (i32.add (local.get 0) (i32.const 2))))))"#;
    let mut calls = Vec::new();
    for name in ["one", "two", "none", "outside", "later"] {
        calls.extend(numbers(name, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xffff_ffff]));
    }
    let said = compare(wat, &calls);
    assert!(said.iter().filter(|said| *said == "trap").count() > 30);
}

#[test]
fn an_effect_keeps_its_place() {
    let wat = r#"(module (memory 1) (global $g (mut i32) (i32.const 1))
      (func $bump (result i32) (global.set $g (i32.mul (global.get $g) (i32.const 3)))
        (i32.store (i32.const 0) (global.get $g)) (global.get $g))
      (func (export "order") (param i32) (result i32)
        (i32.sub (i32.add (global.get $g) (i32.load (i32.const 0)))
          (i32.mul (call $bump) (i32.add (i32.load (i32.const 0)) (local.get 0)))))
      (func (export "tee") (param i32) (result i32)
        (i32.add (local.get 0) (i32.add (local.tee 0 (i32.const 40)) (local.get 0))))
      (func (export "select") (param i32) (result i32)
        ;; Both sides are worked out: one of them traps.
        (select (i32.const 1) (i32.div_u (i32.const 1) (local.get 0)) (i32.const 1)))
      (func (export "dropped") (param i32) (result i32)
        (drop (i32.load (local.get 0))) (drop (i32.rem_u (i32.const 1) (local.get 0))) (i32.const 6))
      (func (export "grown") (param i32) (result i32)
        (i32.sub (memory.size) (i32.add (memory.grow (local.get 0)) (memory.size))))
      (func (export "masked") (param i32) (result i32)
        (br_if 0 (i32.const 5) (i32.and (call $bump) (i32.const 2))) (drop) (i32.const 6))
      (func (export "unreachable") (param i32) (result i32)
        (if (local.get 0) (then (unreachable))) (i32.const 3)))"#;
    let mut calls = Vec::new();
    for name in ["order", "tee", "select", "dropped", "grown", "masked", "unreachable"] {
        calls.extend(numbers(name, &[1, 0, 2, 7, 0, 65_533, 1]));
    }
    let said = compare(wat, &calls);
    assert!(said.iter().any(|said| said == "trap"));
}
