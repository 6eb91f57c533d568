//! Every limit of the sandbox has a test that trips it, on modules made to misbehave.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tillbook::sandbox::{Limits, Sandbox, SandboxError};

const LIMITS: Limits = Limits {
    memory_bytes_max: 8 << 20,
    fuel: 10_000_000,
    request_bytes_max: 1 << 20,
    response_bytes_max: 1 << 20,
    concurrent_max: 2,
};

/// Gives the request back.
const ECHO: &str = "(i64.or (i64.shl (i64.extend_i32_u (local.get 2)) (i64.const 32))
    (i64.extend_i32_u (local.get 3)))";

/// A module with the raw face; `body` is that of `tillbook_call`.
fn module(body: &str, more: &str) -> Vec<u8> {
    let text = format!(
        r#"(module {more}
        (memory (export "memory") 33)
        (global $next (mut i32) (i32.const 65536))
        (data (i32.const 16) "core/src/money.rs:7: too many pennies")
        (func (export "tillbook_abi_version") (result i32) (i32.const 1))
        (func (export "tillbook_alloc") (param $len i32) (result i32) (local $at i32)
            (local.set $at (global.get $next))
            (global.set $next (i32.add (global.get $next) (local.get $len)))
            (local.get $at))
        (func (export "tillbook_free") (param i32 i32))
        (func (export "tillbook_panic") (result i64)
            (select (i64.or (i64.shl (i64.const 16) (i64.const 32)) (i64.const 37)) (i64.const 0)
                (i32.eq (i32.load8_u (i32.const 0)) (i32.const 1))))
        (func (export "tillbook_call") (param i32 i32 i32 i32) (result i64) {body}))"#
    );
    wat::parse_str(text).unwrap()
}

fn sandbox(body: &str, limits: Limits) -> Sandbox {
    Sandbox::new(&module(body, ""), limits, None).unwrap()
}

#[test]
fn text_goes_in_and_comes_out() {
    let sandbox = sandbox(ECHO, LIMITS);
    assert_eq!(sandbox.call("map", b"{\"a\":1}").unwrap(), b"{\"a\":1}");
    assert_eq!(sandbox.call("", b"").unwrap(), b"");
}

#[test]
fn nothing_survives_from_call_to_call() {
    // Counts in memory: every call must see the first value.
    let counts = "(i32.store8 (i32.const 8) (i32.add (i32.load8_u (i32.const 8)) (i32.const 49)))
        (i64.or (i64.shl (i64.const 8) (i64.const 32)) (i64.const 1))";
    let sandbox = sandbox(counts, LIMITS);
    for _ in 0..3 {
        assert_eq!(sandbox.call("map", b"").unwrap(), b"1");
    }
}

#[test]
fn a_request_over_the_limit_is_refused() {
    let limits = Limits { request_bytes_max: 10, ..LIMITS };
    let sandbox = sandbox(ECHO, limits);
    assert!(sandbox.call("map", b"1234567").is_ok());
    let error = sandbox.call("map", b"12345678").unwrap_err();
    assert!(matches!(error, SandboxError::RequestTooLarge { len: 11, max: 10 }), "{error}");
}

#[test]
fn a_response_over_the_limit_is_refused() {
    let limits = Limits { response_bytes_max: 7, ..LIMITS };
    let sandbox = sandbox(ECHO, limits);
    assert!(sandbox.call("map", b"1234567").is_ok());
    let error = sandbox.call("map", b"12345678").unwrap_err();
    assert!(matches!(error, SandboxError::ResponseTooLarge { len: 8, max: 7 }), "{error}");
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let error = sandbox("(loop $l (br $l)) (unreachable)", LIMITS).call("map", b"").unwrap_err();
    assert!(matches!(error, SandboxError::OutOfFuel { fuel: 10_000_000 }), "{error}");
}

#[test]
fn memory_does_not_grow_past_the_limit() {
    // Grows page by page for ever, and would stop at the first refusal that it is told of.
    let grows = "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (i64.const 0)";
    let endless = Limits { fuel: u64::MAX, ..LIMITS };
    let error = sandbox(grows, endless).call("map", b"").unwrap_err();
    assert!(matches!(error, SandboxError::OutOfMemory { max } if max == 8 << 20), "{error}");
    // 33 pages are the module's own; with less it does not even start.
    let error =
        Sandbox::new(&module(ECHO, ""), Limits { memory_bytes_max: 2 << 20, ..LIMITS }, None)
            .unwrap_err();
    assert!(!error.to_string().is_empty());
}

#[test]
fn no_more_calls_run_at_once_than_allowed() {
    let sandbox = sandbox(
        "(loop $l (br $l)) (unreachable)",
        Limits { concurrent_max: 1, fuel: 400_000_000, ..LIMITS },
    );
    let errors: Vec<SandboxError> = std::thread::scope(|scope| {
        let calls: Vec<_> =
            (0..4).map(|_| scope.spawn(|| sandbox.call("map", b"").unwrap_err())).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(
        errors.iter().any(|error| matches!(error, SandboxError::TooManyCalls { max: 1 })),
        "{errors:?}"
    );
    assert!(errors.iter().any(|error| matches!(error, SandboxError::OutOfFuel { .. })));
}

#[test]
fn a_panic_is_told_in_its_own_words() {
    let panics = "(i32.store8 (i32.const 0) (i32.const 1)) (unreachable)";
    let sandbox = sandbox(panics, LIMITS);
    for _ in 0..2 {
        let error = sandbox.call("map", b"").unwrap_err();
        assert!(
            matches!(&error, SandboxError::Panicked(text) if text.ends_with("too many pennies")),
            "{error}"
        );
    }
}

#[test]
fn a_trap_without_words_is_a_trap() {
    let error = sandbox("(unreachable)", LIMITS).call("map", b"").unwrap_err();
    assert!(matches!(error, SandboxError::Trapped(_)), "{error}");
}

#[test]
fn an_answer_that_points_outside_is_refused() {
    let outside = "(i64.or (i64.shl (i64.const 4294967295) (i64.const 32)) (i64.const 100))";
    let error = sandbox(outside, LIMITS).call("map", b"").unwrap_err();
    assert!(matches!(error, SandboxError::Abi(_)), "{error}");
}

#[test]
fn a_module_that_wants_the_outside_is_refused() {
    let wasi =
        r#"(import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))"#;
    let error = Sandbox::new(&module(ECHO, wasi), LIMITS, None).unwrap_err();
    assert!(
        matches!(&error, SandboxError::ForbiddenImport(name) if name.contains("random_get")),
        "{error}"
    );
}

#[test]
fn the_glue_may_be_named_but_traps_when_it_is_called() {
    let glue = r#"(import "./tillbook_bg.js" "now" (func $now (result i64)))"#;
    let sandbox = Sandbox::new(&module("(call $now)", glue), LIMITS, None).unwrap();
    assert!(matches!(sandbox.call("map", b"").unwrap_err(), SandboxError::Trapped(_)));
}

#[test]
fn other_bytes_and_other_versions_are_refused() {
    let error = Sandbox::new(b"<html>", LIMITS, None).unwrap_err();
    assert!(matches!(error, SandboxError::Compile(_)), "{error}");
    let empty = wat::parse_str("(module (memory (export \"memory\") 1))").unwrap();
    let error = Sandbox::new(&empty, LIMITS, None).unwrap_err();
    assert!(matches!(error, SandboxError::Abi(_)), "{error}");
    let newer = wat::parse_str(
        r#"(module (memory (export "memory") 1)
        (func (export "tillbook_abi_version") (result i32) (i32.const 2)))"#,
    )
    .unwrap();
    let error = Sandbox::new(&newer, LIMITS, None).unwrap_err();
    assert!(error.to_string().contains("version 2"), "{error}");
}

#[test]
fn the_cache_is_used_and_a_damaged_file_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let wasm = module(ECHO, "");
    let open = || Sandbox::new(&wasm, LIMITS, Some(&cache)).unwrap();
    assert!(!open().loaded_from_cache());
    assert!(open().loaded_from_cache());
    let files: Vec<_> = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);

    for damage in [&b""[..], b"short", &[0_u8; 4096]] {
        fs::write(file, damage).unwrap();
        assert!(!open().loaded_from_cache());
        assert!(open().loaded_from_cache());
    }
    // Half a file, as a full disk leaves it.
    let bytes = fs::read(file).unwrap();
    fs::remove_file(file).unwrap();
    fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(!open().loaded_from_cache());

    // A file that others may write is not trusted.
    fs::set_permissions(file, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(!open().loaded_from_cache());

    // Another configuration has another key.
    let other = Limits { concurrent_max: 3, memory_bytes_max: 16 << 20, ..LIMITS };
    Sandbox::new(&wasm, other, Some(&cache)).unwrap();
    assert!(open().loaded_from_cache());
}

#[test]
fn a_cache_that_cannot_be_written_costs_only_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let sandbox = Sandbox::new(&module(ECHO, ""), LIMITS, Some(&file)).unwrap();
    assert_eq!(sandbox.call("map", b"x").unwrap(), b"x");
}

#[test]
fn the_module_that_is_carried_answers() {
    let sandbox = Sandbox::embedded(Limits::default(), None).unwrap();
    let reply = sandbox.call("nonsense", b"{}").unwrap();
    assert!(String::from_utf8(reply).unwrap().contains("core.unknown_operation"));
    assert_eq!(sandbox.sha256().len(), 64);
}
