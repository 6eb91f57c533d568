//! Runs the same calls in wasmtime and, translated, in PHP.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use tillbook_php::{Options, translate};
use wasmtime::{Engine, ExternType, Instance, Linker, Module, Store, Val, ValType};

/// One call of an export; integers as the module takes them.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Vec<i64>,
}

pub(crate) fn call(name: &str, arguments: &[i64]) -> Call {
    Call { name: name.into(), arguments: arguments.to_vec() }
}

/// Values at which arithmetic goes wrong first.
pub(crate) const CORNERS_32: [i64; 19] = [
    0,
    1,
    2,
    3,
    7,
    8,
    31,
    32,
    33,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xffff_fffe,
    0xffff_ffff,
];

pub(crate) const CORNERS_64: [i64; 21] = [
    0,
    1,
    2,
    -1,
    -2,
    7,
    63,
    64,
    65,
    0x80,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    -0x8000_0000,
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
    i64::MIN + 1,
];

/// What wasmtime says to each call; after a trap a new instance goes on.
fn expected(wasm: &[u8], calls: &[Call]) -> Vec<String> {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm).unwrap();
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&module).unwrap();
    let new = || {
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate(&mut store, &module).unwrap();
        (store, instance)
    };
    let mut running: (Store<()>, Instance) = new();
    let mut said = Vec::new();
    for call in calls {
        let (store, instance) = &mut running;
        let function = instance.get_func(&mut *store, &call.name).expect("an export");
        let kind = function.ty(&*store);
        let arguments: Vec<Val> = kind
            .params()
            .zip(&call.arguments)
            .map(|(kind, &argument)| match kind {
                ValType::I32 => Val::I32(i32::from_ne_bytes(
                    u32::try_from(argument).unwrap().to_ne_bytes(),
                )),
                _ => Val::I64(argument),
            })
            .collect();
        let mut results = vec![Val::I32(0); kind.results().len()];
        match function.call(&mut *store, &arguments, &mut results) {
            Ok(()) => said.push(match results.first() {
                None => String::from("done"),
                Some(Val::I32(number)) => number.cast_unsigned().to_string(),
                Some(Val::I64(number)) => number.to_string(),
                Some(other) => panic!("{other:?}"),
            }),
            Err(_) => {
                said.push(String::from("trap"));
                running = new();
            }
        }
    }
    assert!(module.exports().all(|export| !matches!(export.ty(), ExternType::Tag(_))));
    said
}

/// What PHP says.
fn actual(wasm: &[u8], calls: &[Call]) -> Vec<String> {
    let package = translate(wasm, Options { exports: "", part_bytes: 2000 }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for file in &package.files {
        fs::write(folder.path().join(&file.name), &file.text).unwrap();
    }
    let mut text = String::from("start\n");
    for call in calls {
        write!(text, "{}", call.name).unwrap();
        for argument in &call.arguments {
            write!(text, " {argument}").unwrap();
        }
        text.push('\n');
    }
    let path = folder.path().join("calls");
    fs::write(&path, text).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run.php");
    let output = Command::new("php")
        .args(["-d", "memory_limit=1G", "-d", "error_reporting=-1", "-d", "display_errors=1"])
        .arg(script)
        .arg(folder.path())
        .arg(&path)
        .output()
        .expect("php is needed for this test");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.lines().map(String::from).collect()
}

/// Demands that both say the same to every call.
pub(crate) fn compare(wat: &str, calls: &[Call]) -> Vec<String> {
    let wasm = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
    let (expected, actual) = (expected(&wasm, calls), actual(&wasm, calls));
    assert_eq!(expected.len(), actual.len(), "{actual:?}");
    let wrong: Vec<String> = calls
        .iter()
        .zip(expected.iter().zip(&actual))
        .filter(|(_, (expected, actual))| expected != actual)
        .map(|(call, (expected, actual))| {
            format!("{} {:?}: {expected}, but in PHP {actual}", call.name, call.arguments)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), calls.len(), {
        wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    });
    expected
}

/// Numbers that a seed repeats.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from((self.next() >> 33) % end as u64).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A number of so many bits, now and then a corner.
    pub(crate) fn number(&mut self, wide: bool) -> i64 {
        match (self.below(3), wide) {
            (0, true) => self.next().cast_signed(),
            (0, false) => i64::from(u32::try_from(self.next() >> 32).unwrap()),
            (_, true) => *self.pick(&CORNERS_64),
            (_, false) => *self.pick(&CORNERS_32),
        }
    }
}
