//! Every limit of a call trips, under its own name, and the next call is sound.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use tillbook_ffi::engine::{self, Core, Failure, Limits};
use wasmtime::{Engine, Module};

/// A core that does with a request what its first letter says.
const WAT: &str = r#"(module (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (data (i32.const 16) "asked to")
  (func (export "tillbook_abi_version") (result i32) (i32.const 1))
  (func (export "tillbook_alloc") (param i32) (result i32)
    (global.get $next) (global.set $next (i32.add (global.get $next) (local.get 0))))
  (func (export "tillbook_panic") (result i64)
    (select (i64.const 0x1000000008) (i64.const 0)
      (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 112))))
  (func (export "tillbook_call") (param i32 i32 i32 i32) (result i64) (local $what i32)
    (local.set $what (i32.load8_u (local.get 0)))
    (if (i32.eq (local.get $what) (i32.const 108)) (then (loop (br 0))))
    (if (i32.eq (local.get $what) (i32.const 109)) (then (drop (memory.grow (i32.const 100)))))
    (if (i32.eq (local.get $what) (i32.const 112)) (then (unreachable)))
    (if (i32.eq (local.get $what) (i32.const 116)) (then (unreachable)))
    (if (i32.eq (local.get $what) (i32.const 98)) (then (return (i64.const 0x7fffffff))))
    (i64.or (i64.shl (i64.extend_i32_u (local.get 2)) (i64.const 32))
      (i64.extend_i32_u (local.get 3)))))"#;

fn core(wat: &str) -> Result<Core, Failure> {
    let engine = Engine::new(&engine::config().unwrap()).unwrap();
    let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
    Core::with(engine, &module, Limits { memory_bytes_max: 4 << 20, fuel: 100_000 })
}

#[test]
fn each_limit_has_its_name() {
    let core = core(WAT).unwrap();
    for (operation, code) in [
        ("loop", "sandbox.out_of_fuel"),
        ("memory", "sandbox.out_of_memory"),
        ("panic", "sandbox.panicked"),
        ("trap", "sandbox.trapped"),
        ("big", "sandbox.response_too_large"),
    ] {
        let failure = core.call(operation.as_bytes(), b"{}").unwrap_err();
        assert_eq!(failure.code(), code, "{failure}");
        assert_eq!(core.call(b"echo", b"{\"a\":1}").unwrap(), b"{\"a\":1}");
    }
    let panicked = core.call(b"panic", b"{}").unwrap_err();
    assert_eq!(panicked.to_string(), "the core stopped: asked to");
}

#[test]
fn a_request_that_is_too_long_is_refused() {
    let request = vec![b' '; engine::REQUEST_BYTES_MAX];
    let failure = core(WAT).unwrap().call(b"e", &request).unwrap_err();
    assert_eq!(failure.code(), "sandbox.request_too_large");
}

#[test]
fn another_version_is_refused() {
    let wat = WAT.replace(
        "(i32.const 1))\n  (func (export \"tillbook_alloc\")",
        "(i32.const 2))\n  (func (export \"tillbook_alloc\")",
    );
    let failure = core(&wat).unwrap_err();
    assert_eq!(failure.code(), "sandbox.abi", "{failure}");
}
