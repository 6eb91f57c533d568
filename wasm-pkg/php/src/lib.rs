//! Translates the finished module into plain PHP that computes exactly the same.
//!
//! What comes out needs nothing but a 64-bit PHP 8.1: no extension, no `eval`. What cannot be
//! translated exactly is refused by its name, never passed over. Floating point is refused as a
//! whole: the core has none.

mod error;
mod facts;
mod function;
mod module;
mod operator;
mod package;
mod place;
mod reach;
mod value;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

pub use error::Refusal;
use function::{Failure, Plan, StackPointer};
use module::Module;
pub use package::File;
use reach::Reach;

/// What is to be translated.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Only exports whose names begin so, and what they reach.
    pub exports: &'a str,
    /// About how many bytes of functions come into one file. A file is read when something in it
    /// is called first.
    pub part_bytes: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { exports: "tillbook_", part_bytes: 24 << 10 }
    }
}

/// The module as PHP.
#[derive(Debug)]
pub struct Package {
    /// `core.php`, which is to be loaded, and what it loads when it is needed.
    pub files: Vec<File>,
    /// SHA-256 of the module, in hex.
    pub sha256: String,
    /// Functions that were translated.
    pub functions: usize,
    /// Functions of the module that none of the exports asked for can reach.
    pub left_out: usize,
}

/// Translates a module.
///
/// # Errors
/// [`Refusal`] names what is not translated exactly, and where it stands.
pub fn translate(wasm: &[u8], options: Options<'_>) -> Result<Package, Refusal> {
    let module = Module::read(wasm)?;
    let mut roots: Vec<u32> = module
        .exports
        .iter()
        .filter(|(name, _)| name.starts_with(options.exports))
        .map(|(_, &function)| function)
        .collect();
    roots.dedup();
    if roots.is_empty() {
        return Err(Refusal::NoExport);
    }
    let reach = reach::walk(&module, &roots)?;
    let classes = place::place(&module, &reach, options.part_bytes);
    let pointer = stack_pointer(&module);
    let bodies = match translate_all(&module, &reach, &classes, pointer) {
        Err(Failure::NoStackPointer) => translate_all(&module, &reach, &classes, None),
        other => other,
    };
    let bodies = bodies.map_err(|failure| match failure {
        Failure::Refused(refusal) => refusal,
        Failure::NoStackPointer => {
            Refusal::Defect { what: "a stack pointer where none was looked for", function: 0 }
        }
    })?;
    let sha256 = hex::encode(Sha256::digest(wasm));
    let functions = bodies.len();
    let left_out = module.function_count().saturating_sub(reach.functions.len());
    let files = package::files(&module, options.exports, &reach, &classes, &bodies, &sha256);
    Ok(Package { files, sha256, functions, left_out })
}

fn translate_all(
    module: &Module<'_>,
    reach: &Reach,
    classes: &BTreeMap<u32, String>,
    stack_pointer: Option<StackPointer>,
) -> Result<BTreeMap<u32, String>, Failure> {
    let plan = Plan { module, classes, stack_pointer };
    let mut bodies = BTreeMap::new();
    for &function in classes.keys() {
        bodies.insert(function, function::translate(&plan, function)?);
    }
    debug_assert!(bodies.len() <= reach.functions.len());
    Ok(bodies)
}

/// The first global that may be the stack pointer: nobody outside sees it, and it begins at a
/// multiple of 16 inside the memory. Whether it is one shows while the functions are translated.
fn stack_pointer(module: &Module<'_>) -> Option<StackPointer> {
    let mut candidates = (0_u32..).zip(&module.globals).filter(|(_, global)| {
        let inside = u64::try_from(global.initial).is_ok_and(|top| top <= module.memory_bytes());
        global.mutable
            && !global.wide
            && !global.exported
            && inside
            && global.initial > 0
            && global.initial % 16 == 0
    });
    candidates.next().map(|(global, found)| StackPointer { global, top: found.initial })
}
