//! Loads and stores of each width: aligned or not, hinted right or wrong, at and beyond the end.

use std::fmt::Write as _;

use crate::runner::{CORNERS_32, CORNERS_64, Random, call, compare};

/// Operator, what it takes or gives, its bytes.
const LOADS: [(&str, &str, u32); 12] = [
    ("i32.load", "i32", 4),
    ("i32.load8_s", "i32", 1),
    ("i32.load8_u", "i32", 1),
    ("i32.load16_s", "i32", 2),
    ("i32.load16_u", "i32", 2),
    ("i64.load", "i64", 8),
    ("i64.load8_s", "i64", 1),
    ("i64.load8_u", "i64", 1),
    ("i64.load16_s", "i64", 2),
    ("i64.load16_u", "i64", 2),
    ("i64.load32_s", "i64", 4),
    ("i64.load32_u", "i64", 4),
];

const STORES: [(&str, &str, u32); 7] = [
    ("i32.store", "i32", 4),
    ("i32.store8", "i32", 1),
    ("i32.store16", "i32", 2),
    ("i64.store", "i64", 8),
    ("i64.store8", "i64", 1),
    ("i64.store16", "i64", 2),
    ("i64.store32", "i64", 4),
];

const OFFSETS: [u32; 6] = [0, 1, 2, 3, 4, 65_530];

/// What tells the whole of memory apart: a sum over its bytes, each by its place.
const DIGEST: &str = r#"
  (func (export "digest") (result i64) (local i32 i64)
    (loop
      (local.set 1 (i64.add (i64.mul (local.get 1) (i64.const 1099511628211))
        (i64.load8_u (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get 0) (i32.const 600))))
    (local.set 0 (i32.const 64900))
    (loop
      (local.set 1 (i64.add (i64.mul (local.get 1) (i64.const 1099511628211))
        (i64.load8_u (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get 0) (i32.const 65536))))
    (local.get 1))
"#;

/// Bytes of every kind at both ends of the memory.
fn module() -> String {
    let bytes: String = (0..520_u32).fold(String::new(), |mut text, number| {
        write!(text, "\\{:02x}", (number * 37 + number / 7) % 256).unwrap();
        text
    });
    format!(
        "(module (memory (export \"memory\") 1 3) (data (i32.const 3) \"{bytes}\") \
         (data (i32.const 65016) \"{bytes}\") {DIGEST}"
    )
}

/// Alignments that a width may be hinted with.
fn hints(bytes: u32) -> impl Iterator<Item = u32> {
    [1, 2, 4, 8].into_iter().filter(move |hint| *hint <= bytes)
}

fn addresses(offset: u32, bytes: u32) -> Vec<i64> {
    let end = 65_536 - i64::from(offset) - i64::from(bytes);
    let mut addresses: Vec<i64> = (0..9).chain(end - 5..end + 4).collect();
    addresses.extend([0x7fff_fffc, 0xffff_fff0, 0xffff_ffff]);
    addresses.retain(|address| *address >= 0);
    addresses
}

#[test]
fn loads() {
    let (mut wat, mut calls) = (module(), Vec::new());
    for (operator, of, bytes) in LOADS {
        for (offset, hint) in OFFSETS.iter().flat_map(|&offset| {
            hints(bytes).map(move |hint| (offset, hint))
        }) {
            let name = format!("{operator}-{offset}-{hint}");
            let access = format!("{operator} offset={offset} align={hint}");
            // From a local, from a sum, from a multiple of four, and from a constant.
            writeln!(
                wat,
                "(func (export \"{name}\") (param i32) (result {of}) ({access} (local.get 0)))\
                 (func (export \"{name}-s\") (param i32) (result {of}) \
                 ({access} (i32.add (local.get 0) (i32.const 0xfffffffe))))\
                 (func (export \"{name}-m\") (param i32) (result {of}) \
                 ({access} (i32.shl (local.get 0) (i32.const 2))))"
            )
            .unwrap();
            for address in addresses(offset, bytes) {
                calls.push(call(&name, &[address]));
                calls.push(call(&format!("{name}-s"), &[(address + 2) & 0xffff_ffff]));
                calls.push(call(&format!("{name}-m"), &[address / 4]));
            }
            for address in [0, 1, 2, 3, 65_528, 65_531, 65_532, 65_535, 65_536, 0xffff_ffff_u32] {
                writeln!(
                    wat,
                    "(func (export \"{name}-c{address}\") (result {of}) \
                     ({access} (i32.const {address})))"
                )
                .unwrap();
                calls.push(call(&format!("{name}-c{address}"), &[]));
            }
        }
    }
    wat.push(')');
    let said = compare(&wat, &calls);
    assert!(said.iter().any(|said| said == "trap"));
    assert!(calls.len() > 10_000);
}

#[test]
fn stores() {
    let (mut wat, mut calls) = (module(), Vec::new());
    for (operator, of, bytes) in STORES {
        let values = if of == "i32" { &CORNERS_32[..] } else { &CORNERS_64[..] };
        for (offset, hint) in OFFSETS.iter().flat_map(|&offset| {
            hints(bytes).map(move |hint| (offset, hint))
        }) {
            let name = format!("{operator}-{offset}-{hint}");
            let access = format!("{operator} offset={offset} align={hint}");
            writeln!(
                wat,
                "(func (export \"{name}\") (param i32 {of}) \
                 ({access} (local.get 0) (local.get 1)))\
                 (func (export \"{name}-m\") (param i32 {of}) \
                 ({access} (i32.shl (local.get 0) (i32.const 2)) \
                 ({of}.add (local.get 1) ({of}.const 1))))"
            )
            .unwrap();
            for (place, &address) in addresses(offset, bytes).iter().enumerate() {
                let value = values[(place * 5 + bytes as usize) % values.len()];
                calls.push(call(&name, &[address, value]));
                calls.push(call("digest", &[]));
                calls.push(call(&format!("{name}-m"), &[address / 4, value]));
                calls.push(call("digest", &[]));
            }
            for address in [0, 1, 2, 3, 65_528, 65_531, 65_532, 65_535, 65_536_u32] {
                let value = values[address as usize % values.len()];
                writeln!(
                    wat,
                    "(func (export \"{name}-c{address}\") \
                     ({access} (i32.const {address}) ({of}.const {value})))"
                )
                .unwrap();
                calls.push(call(&format!("{name}-c{address}"), &[]));
                calls.push(call("digest", &[]));
            }
        }
    }
    wat.push(')');
    let said = compare(&wat, &calls);
    assert!(said.iter().any(|said| said == "trap"));
    assert!(calls.len() > 4_000);
}

/// A value that was read and is written elsewhere goes from word to word: also onto itself.
#[test]
fn what_is_read_and_written_at_once_does_not_eat_itself() {
    let mut wat = module();
    wat.push_str(
        r#"(func (export "move64") (param i32 i32)
             (i64.store (local.get 0) (i64.load (local.get 1))))
           (func (export "move64-4") (param i32 i32)
             (i64.store offset=4 (local.get 0) (i64.load offset=8 (local.get 1))))
           (func (export "move32") (param i32 i32)
             (i64.store32 (local.get 0) (i64.load32_s (local.get 1))))
           (func (export "both") (param i32 i32) (result i64)
             (i64.load (local.get 0)) (i64.load (local.get 1))
             (i64.store (local.get 0) (i64.const 5)) (i64.xor)))"#,
    );
    let mut calls = Vec::new();
    for to in 0..14 {
        for from in [0, 4, 5, 8, 12, 65_528, 65_529, 65_532] {
            for name in ["move64", "move64-4", "move32"] {
                calls.push(call(name, &[to, from]));
                calls.push(call("digest", &[]));
            }
            calls.push(call("both", &[to, from]));
        }
    }
    compare(&wat, &calls);
}

#[test]
fn stretches_are_copied_and_filled() {
    let mut wat = module();
    wat.push_str(
        r#"(func (export "copy") (param i32 i32 i32)
             (memory.copy (local.get 0) (local.get 1) (local.get 2)))
           (func (export "copy24") (param i32 i32)
             (memory.copy (local.get 0) (local.get 1) (i32.const 24)))
           (func (export "fill") (param i32 i32 i32)
             (memory.fill (local.get 0) (local.get 1) (local.get 2))))"#,
    );
    let mut calls = Vec::new();
    let mut random = Random(77);
    let edges = [0, 1, 2, 3, 4, 5, 8, 30, 65_500, 65_504, 65_535, 65_536, 65_537, 0xffff_ffff];
    for _ in 0..400 {
        let length = *random.pick(&[0, 1, 3, 4, 7, 8, 16, 31, 32, 33, 40, 100, 36, 0xffff_ffff]);
        let (to, from) = (*random.pick(&edges), *random.pick(&edges));
        calls.push(call("copy", &[to, from, length]));
        calls.push(call("digest", &[]));
        calls.push(call("copy24", &[to, from]));
        calls.push(call("digest", &[]));
        let value = i64::from(u32::try_from(random.next() >> 32).unwrap());
        calls.push(call("fill", &[to, value, length]));
        calls.push(call("digest", &[]));
    }
    let said = compare(&wat, &calls);
    assert!(said.iter().filter(|said| *said == "trap").count() > 100);
}

#[test]
fn memory_grows_to_its_own_limit_with_zeros() {
    let wat = r#"(module (memory 1 3)
      (func (export "size") (result i32) (memory.size))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1))))"#;
    let mut calls = Vec::new();
    for pages in [0, 1, 3, 0, 1, 1, 0xffff] {
        calls.push(call("load", &[65_536 + 65_532]));
        calls.push(call("size", &[]));
        calls.push(call("grow", &[pages]));
        calls.push(call("size", &[]));
        calls.push(call("store", &[65_532, pages]));
        calls.push(call("load", &[65_532]));
    }
    compare(wat, &calls);
}

/// A module that keeps a stack as compilers do: what goes through its pointer is not checked, and
/// must be right all the same.
#[test]
fn the_stack_holds_what_was_laid_there_and_ends() {
    let wat = r#"(module (memory 2) (global $sp (mut i32) (i32.const 65536))
      (func $sum (export "sum") (param i32) (result i64) (local i32 i64)
        (global.set $sp (local.tee 1 (i32.sub (global.get $sp) (i32.const 48))))
        (i32.store offset=12 (local.get 1) (local.get 0))
        (i64.store offset=16 (local.get 1) (i64.extend_i32_u (local.get 0)))
        (i32.store8 offset=25 (local.get 1) (local.get 0))
        (i32.store16 offset=26 (local.get 1) (local.get 0))
        (i64.store offset=32 align=1 (local.get 1) (i64.load offset=16 (local.get 1)))
        (if (local.get 0) (then
          (local.set 2 (call $sum (i32.sub (local.get 0) (i32.const 1))))))
        (local.set 2 (i64.add (local.get 2) (i64.load offset=16 (local.get 1))))
        (local.set 2 (i64.add (local.get 2) (i64.load offset=32 (local.get 1))))
        (local.set 2 (i64.add (local.get 2) (i64.extend_i32_u (i32.load offset=12 (local.get 1)))))
        (local.set 2 (i64.add (local.get 2) (i64.load8_s offset=25 (local.get 1))))
        (local.set 2 (i64.add (local.get 2) (i64.load16_u offset=26 (local.get 1))))
        (local.set 2 (i64.add (local.get 2) (i64.load8_u offset=25 (i32.add (local.get 1) (i32.const 1)))))
        (global.set $sp (i32.add (local.get 1) (i32.const 48)))
        (local.get 2))
      (func (export "pointer") (result i32) (global.get $sp)))"#;
    let calls = [
        call("sum", &[0]),
        call("sum", &[10]),
        call("sum", &[1000]),
        call("pointer", &[]),
        // 48 bytes each: no room for so many.
        call("sum", &[5000]),
        call("pointer", &[]),
        call("sum", &[1364]),
        call("sum", &[1365]),
    ];
    let said = compare(wat, &calls);
    assert_eq!([&said[4], &said[7]], ["trap", "trap"]);
}

/// A global that only looks like one is none, and keeps its whole range.
#[test]
fn a_global_that_is_no_stack_pointer_goes_where_it_wants() {
    let wat = r#"(module (memory 1) (global $g (mut i32) (i32.const 64))
      (global $wide (mut i64) (i64.const -5)) (global $fixed i32 (i32.const -7))
      (func (export "down") (result i32) (local i32)
        (global.set $g (local.tee 0 (i32.sub (global.get $g) (i32.const 48)))) (local.get 0))
      (func (export "set") (param i32) (global.set $g (local.get 0)))
      (func (export "get") (result i32) (global.get $g))
      (func (export "load") (result i32) (i32.load (global.get $g)))
      (func (export "swap") (param i32) (result i32)
        (global.get $g) (global.set $g (local.get 0)))
      (func (export "wide") (param i64) (result i64)
        (global.set $wide (i64.add (global.get $wide) (local.get 0))) (global.get $wide))
      (func (export "fixed") (result i32) (global.get $fixed)))"#;
    let mut calls = Vec::new();
    for value in [5, 0xffff_ffff, 65_532, 65_533] {
        calls.push(call("down", &[]));
        calls.push(call("down", &[]));
        calls.push(call("set", &[value]));
        calls.push(call("load", &[]));
        calls.push(call("swap", &[17]));
        calls.push(call("get", &[]));
        calls.push(call("wide", &[i64::MAX]));
        calls.push(call("fixed", &[]));
    }
    compare(wat, &calls);
}
