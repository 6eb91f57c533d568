//! What is not translated exactly is refused, by its name and with its function.

use tillbook_php::{Options, translate};

fn refusal(wat: &str) -> String {
    let wasm = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
    let options = Options { exports: "", ..Options::default() };
    translate(&wasm, options).expect_err(wat).to_string()
}

#[test]
fn instructions_are_named_with_their_function() {
    let cases = [
        ("f32.add", "(drop (f32.add (f32.const 1) (f32.const 2)))", "f32.const"),
        ("f64.load", "(drop (f64.load (i32.const 0)))", "f64.load"),
        ("trunc", "(drop (i32.reinterpret_f32 (f32.load (i32.const 0))))", "f32.load"),
        ("memory.init", "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))", "memory.init"),
        ("data.drop", "(data.drop $d)", "data.drop"),
        ("table.get", "(drop (table.get 0 (i32.const 0)))", "table.get"),
        ("table.size", "(drop (table.size 0))", "table.size"),
        ("ref.null", "(drop (ref.null func))", "ref.null"),
        ("ref.func", "(drop (ref.func $f))", "ref.func"),
        ("v128", "(drop (v128.const i64x2 0 0))", "v128.const"),
        ("i32x4.add", "(drop (i32x4.add (v128.load (i32.const 0)) (v128.load (i32.const 0))))", "v128.load"),
        ("atomic", "(drop (i32.atomic.load (i32.const 0)))", "i32.atomic_load"),
        ("return_call", "(return_call $f)", "return_call"),
        // Also where it can never run.
        ("dead", "(unreachable) (drop (f64.const 1))", "f64.const"),
    ];
    for (what, body, name) in cases {
        let said = refusal(&format!(
            "(module (memory 1) (table 1 funcref) (data $d \"x\") (elem declare func $f) \
             (func $first) (func $f (export \"f\") {body}))"
        ));
        assert!(said.contains(&format!("`{name}`")), "{what}: {said}");
        assert!(said.starts_with("function 1, offset 0x"), "{what}: {said}");
    }
}

#[test]
fn types_are_named_with_their_function() {
    let cases = [
        ("(func (export \"f\") (param f64))", "function 0: a parameter of type f64"),
        ("(func (export \"f\") (local f32))", "function 0: a local of type f32"),
        ("(func (export \"f\") (result i32 i32) (i32.const 1) (i32.const 2))",
         "function 0: more than one result"),
        ("(func (export \"f\") (i32.const 1) (block (param i32) (drop)))",
         "function 0: a block with parameters"),
        ("(func (export \"f\") (param externref))", "function 0: a parameter of type externref"),
        ("(import \"a\" \"b\" (func $i (param f32))) (func (export \"f\") (param i32) \
          (if (i32.eqz (local.get 0)) (then (call $i (unreachable)))))",
         "function 1: an argument of type f32"),
    ];
    for (body, expected) in cases {
        let said = refusal(&format!("(module {body})"));
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn sections_and_imports_are_named() {
    let function = "(func (export \"f\"))";
    let cases = [
        ("(memory 1) (memory 1)", "more than one memory"),
        ("(memory i64 1)", "a memory of 64-bit addresses"),
        ("(memory 1 2 shared)", "a shared memory"),
        ("(table 1 funcref) (table 1 funcref)", "more than one table"),
        ("(table 1 externref)", "a table of anything but functions"),
        ("(func $s) (start $s)", "a start function"),
        ("(tag)", "exception tags"),
        ("(global f64 (f64.const 1))", "a global of type f64"),
        ("(global i32 (i32.const 1)) (global i32 (global.get 0))", "a constant expression with"),
        ("(memory 1) (data (i32.const 65536) \"x\")", "data beyond the memory's end"),
        ("(table 1 funcref) (func $e) (elem (i32.const 1) $e)", "table entries beyond"),
    ];
    for (section, expected) in cases {
        let said = refusal(&format!("(module {section} {function})"));
        assert!(said.contains(expected), "{section}: {said}");
    }
    for (what, expected) in [
        ("(memory 1)", "a memory"),
        ("(table 1 funcref)", "a table"),
        ("(global i32)", "a global"),
    ] {
        let said = refusal(&format!("(module (import \"./glue.js\" \"x\" {what}) {function})"));
        assert!(said.contains("imports `./glue.js::x`") && said.contains(expected), "{said}");
    }
    let nothing = translate(&wat::parse_str("(module)").unwrap(), Options::default());
    assert!(nothing.unwrap_err().to_string().contains("exports no function"));
    let rubbish = translate(b"\0asm\x01\0\0\0\xff", Options::default());
    assert!(rubbish.unwrap_err().to_string().starts_with("the module is not valid"));
}
