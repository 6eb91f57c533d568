//! The house rules that no compiler keeps: which way dependencies point, how large things may
//! grow, and that the core stays pure.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use syn::{spanned::Spanned, visit::Visit};

/// A Rust file; discussed at 400, refused at this.
const RUST_FILE_LINES_MAX: usize = 600;

/// A Rust function.
const FUNCTION_LINES_MAX: usize = 70;

/// A JavaScript module.
const JS_FILE_LINES_MAX: usize = 250;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Files with an ending below a folder; generated and installed ones left out.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let generated = ["target", "node_modules", "dist", "corpus", "artifacts"];
                if !name.starts_with('.') && !generated.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no {ending} below {}", folder.display());
    found
}

fn is_test(path: &Path) -> bool {
    let inside = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    inside.starts_with("tests/")
        || inside.contains("/tests/")
        || inside.contains("/benches/")
        || inside.contains("/fuzz/")
}

#[test]
fn rust_files_stay_small() {
    let large: Vec<String> = files(&root(), ".rs")
        .into_iter()
        .filter(|path| !is_test(path))
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > RUST_FILE_LINES_MAX).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(large.is_empty(), "over {RUST_FILE_LINES_MAX} lines:\n{}", large.join("\n"));
}

#[derive(Default)]
struct Functions {
    large: Vec<String>,
}

impl Functions {
    fn measure(&mut self, name: &syn::Ident, span: proc_macro2::Span) {
        let lines = span.end().line - span.start().line + 1;
        if lines > FUNCTION_LINES_MAX {
            self.large.push(format!("{name}: {lines} lines"));
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig.ident, function.block.span());
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig.ident, function.block.span());
        syn::visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn functions_stay_small() {
    let mut large = Vec::new();
    for path in files(&root(), ".rs").into_iter().filter(|path| !is_test(path)) {
        let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
        let mut functions = Functions::default();
        functions.visit_file(&file);
        large.extend(functions.large.iter().map(|one| format!("{}: {one}", path.display())));
    }
    assert!(large.is_empty(), "over {FUNCTION_LINES_MAX} lines:\n{}", large.join("\n"));
}

#[test]
fn javascript_modules_stay_small() {
    for ending in [".js", ".mjs", ".ts"] {
        let folders = [root().join("wasm-pkg/npm"), root().join("tests")];
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            for path in all_files(folder, ending) {
                let lines = fs::read_to_string(&path).unwrap().lines().count();
                assert!(lines <= JS_FILE_LINES_MAX, "{}: {lines} lines", path.display());
            }
        }
    }
}

fn all_files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let any = files(folder, "");
    any.into_iter().filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

#[test]
fn there_is_no_mod_rs_no_quiet_allow_and_nothing_left_to_do() {
    for path in files(&root(), ".rs") {
        assert!(!path.ends_with("mod.rs"), "{}: name the module's file after it", path.display());
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            let left = ["TO", "DO"].concat();
            assert!(!line.contains(&left), "{place}: {left}");
            let quiet = ["#[al", "low("].concat();
            assert!(!line.contains(&quiet), "{place}: use #[expect(…, reason)]");
        }
    }
}

#[test]
fn the_core_is_pure() {
    let source = root().join("core/src");
    let library = fs::read_to_string(source.join("lib.rs")).unwrap();
    assert!(library.contains("#![no_std]"));
    for path in files(&source, ".rs") {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for word in code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_'))) {
            let banned = ["f32", "f64", "std", "unsafe"].contains(&word);
            assert!(!banned, "{}: `{word}` has no place in the core", path.display());
        }
    }
}

/// Rank of the core's rooms; a room may use its own rank and those below.
const ROOMS: [(&str, u8); 14] = [
    ("sorted", 0),
    ("register", 0),
    ("money", 0),
    ("date", 0),
    ("finding", 0),
    ("json", 0),
    ("shop", 1),
    ("xero", 1),
    ("settings", 1),
    ("matching", 2),
    ("mapping", 2),
    ("summary", 2),
    ("plan", 3),
    ("contract", 4),
];

#[test]
fn inside_the_core_dependencies_point_down() {
    let ranks: BTreeMap<&str, u8> = ROOMS.into_iter().collect();
    let source = root().join("core/src");
    for path in files(&source, ".rs") {
        let inside = path.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        let room = inside.split(['/', '.']).next().unwrap().to_owned();
        if room == "lib" {
            continue;
        }
        let rank = ranks.get(room.as_str()).unwrap_or_else(|| panic!("{room}: give it a rank"));
        for used in uses(&fs::read_to_string(&path).unwrap()) {
            let below = ranks.get(used.as_str()).unwrap_or_else(|| panic!("{used}: no rank"));
            assert!(below <= rank, "{inside} uses `{used}`, which stands above it");
        }
    }
}

/// Rooms that a file names: `crate::room`, and the names in `use crate::{…}`.
fn uses(text: &str) -> Vec<String> {
    struct Paths(Vec<String>);
    impl<'ast> Visit<'ast> for Paths {
        fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
            if let syn::UseTree::Path(path) = &item.tree
                && path.ident == "crate"
            {
                self.tree(&path.tree);
            }
        }

        fn visit_path(&mut self, path: &'ast syn::Path) {
            let mut segments = path.segments.iter();
            if segments.next().is_some_and(|first| first.ident == "crate") {
                self.0.extend(segments.next().map(|second| second.ident.to_string()));
            }
            syn::visit::visit_path(self, path);
        }
    }
    impl Paths {
        fn tree(&mut self, tree: &syn::UseTree) {
            match tree {
                syn::UseTree::Path(path) => self.0.push(path.ident.to_string()),
                syn::UseTree::Name(name) => self.0.push(name.ident.to_string()),
                syn::UseTree::Group(group) => group.items.iter().for_each(|one| self.tree(one)),
                _ => {}
            }
        }
    }
    let mut paths = Paths(Vec::new());
    paths.visit_file(&syn::parse_file(text).unwrap());
    paths.0
}

#[test]
fn between_packages_dependencies_point_down() {
    let allowed: [(&str, &[&str]); 8] = [
        ("core", &[]),
        ("wasm-pkg", &["tillbook-core"]),
        ("wasm-pkg/build", &["tillbook-core"]),
        ("wasm-pkg/php", &[]),
        ("wasm-pkg/ffi", &[]),
        ("host/practice", &[]),
        ("host", &["tillbook-core", "tillbook-practice", "tillbook-module"]),
        ("tests", &["tillbook", "tillbook-core", "tillbook-practice", "tillbook-module"]),
    ];
    for (package, allowed) in allowed {
        let text = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let names = manifest.get(section).and_then(toml::Value::as_table);
            for name in names.into_iter().flat_map(toml::Table::keys) {
                let ours = name == "tillbook" || name.starts_with("tillbook-");
                assert!(
                    !ours || allowed.contains(&name.as_str()),
                    "{package} may not depend on {name}"
                );
            }
        }
    }
}

#[test]
fn the_host_reaches_the_core_through_the_sandbox() {
    for path in files(&root().join("host/src"), ".rs") {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            assert!(!line.contains("tillbook_core::call"), "{place}: call it through the sandbox");
            assert!(!line.contains("tillbook_core::mapping"), "{place}: the core decides, not you");
        }
    }
}
