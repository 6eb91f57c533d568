//! Puts the translated functions into files that PHP can load.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::module::Module;
use crate::reach::Reach;

/// The runtime, with places for what each module brings.
const MACHINE: &str = include_str!("machine.php");

/// Zeros in a row that are left out of the data: memory starts with zeros.
const GAP_WORDS: usize = 64;

/// The host's limit on memory, which holds for modules that name none.
const PAGES_MAX: u64 = 65_536;

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// How every file begins. Whoever loads the core without WordPress says so by the constant.
fn head(sha256: &str, what: &str) -> String {
    format!(
        "<?php\n/**\n * {what}\n *\n * Made from the module with the SHA-256 {sha256};\n \
         * not to be edited.\n *\n * @package Tillbook\n */\n\n\
         namespace Tillbook\\Core\\Translated;\n\n\
         defined( 'ABSPATH' ) || defined( 'TILLBOOK_CORE' ) || exit;\n\n"
    )
}

pub(crate) fn files(
    module: &Module<'_>,
    exports: &str,
    reach: &Reach,
    classes: &BTreeMap<u32, String>,
    bodies: &BTreeMap<u32, String>,
    sha256: &str,
) -> Vec<File> {
    let mut files = vec![
        File { name: String::from("core.php"), text: core(module, exports, reach, classes, sha256) },
        File { name: String::from("data.php"), text: data(module, sha256) },
    ];
    let mut parts: BTreeMap<&str, String> = BTreeMap::new();
    for function in &reach.functions {
        if let (Some(class), Some(body)) = (classes.get(function), bodies.get(function)) {
            let part = parts.entry(class).or_default();
            part.push_str(body);
            part.push('\n');
        }
    }
    for (class, body) in parts {
        let head = head(sha256, "Functions of the accounting core, translated.");
        files.push(File {
            name: format!("{}.php", class.to_lowercase()),
            text: format!("{head}final class {class} {{\n{body}}}\n"),
        });
    }
    files
}

/// `core.php`: it loads the other files when they are needed.
fn core(
    module: &Module<'_>,
    exports: &str,
    reach: &Reach,
    classes: &BTreeMap<u32, String>,
    sha256: &str,
) -> String {
    let names: String = module
        .exports
        .iter()
        .filter(|(name, _)| name.starts_with(exports))
        .filter_map(|(name, function)| {
            let class = classes.get(function)?;
            Some(format!("{} => array( '{class}', 'f{function}' ), ", quoted(name)))
        })
        .collect();
    let imports: String = (0..)
        .zip(&module.imports)
        .map(|(number, import): (u32, _)| format!("{number} => {}, ", quoted(&import_name(import))))
        .collect();
    let words = module.memory_bytes() / 4;
    let pages_max = module.memory.map_or(0, |memory| memory.pages_max).min(PAGES_MAX);
    let (properties, reset, tables) = state(module, reach);
    let runs = if module.data.is_empty() { "array()" } else { "Data::RUNS" };
    let machine = MACHINE
        .replace("@SHA256@", sha256)
        .replace("@EXPORTS@", &names)
        .replace("@IMPORTS@", &imports)
        .replace("@ENTRIES@", &entries(module, reach, classes))
        .replace("@PROPERTIES@", &properties)
        .replace("@RESET@", &reset)
        .replace("@TABLES@", &tables)
        .replace("@WORDS@", &words.to_string())
        .replace("@RUNS@", runs)
        .replace("@PAGES_MAX@", &pages_max.to_string());
    let head = head(sha256, "The accounting core, translated into PHP.");
    format!(
        "{head}use Tillbook\\Core\\Trap;\n\n{LOADER}\n{machine}"
    )
}

const LOADER: &str = r"\spl_autoload_register(
	static function ( string $name ): void {
		if ( 1 === \preg_match( '/^Tillbook\\\\Core\\\\Translated\\\\(Part\d+|Data)$/', $name, $found ) ) {
			require __DIR__ . '/' . \strtolower( $found[1] ) . '.php';
		}
	}
);
";

fn import_name(import: &crate::module::Import) -> String {
    format!("{}::{}", import.module, import.name)
}

/// Globals and tables: their properties, how a new instance sets them, how entries are kept.
fn state(module: &Module<'_>, reach: &Reach) -> (String, String, String) {
    let (mut properties, mut reset, mut tables) = (String::new(), String::new(), String::new());
    for (number, global) in (0_u32..).zip(&module.globals).filter(|(_, global)| global.mutable) {
        let initial = crate::value::Php::number(global.initial).text;
        let _ = writeln!(properties, "\n\t/** @var int A global. */\n\tpublic static $g{number} = 0;");
        let _ = writeln!(reset, "\t\tself::$g{number} = {initial};");
    }
    for number in &reach.indirect {
        let _ = writeln!(
            properties,
            "\n\t/** @var array<int, \\Closure> Table entries of one type that were called. */\n\
             \tpublic static $table{number} = array();"
        );
        let _ = writeln!(
            tables,
            "\t\t\tcase {number}:\n\t\t\t\tself::$table{number}[ $index ] = $function;\n\
             \t\t\t\tbreak;"
        );
    }
    (properties, reset, tables)
}

fn entries(module: &Module<'_>, reach: &Reach, classes: &BTreeMap<u32, String>) -> String {
    let mut text = String::new();
    for number in &reach.indirect {
        let _ = write!(text, "\n\t\t{number} => array( ");
        for (index, function) in &module.table {
            if module.type_of(*function) != Some(*number) {
                continue;
            }
            let target = match classes.get(function) {
                Some(class) => format!("array( '{class}', 'f{function}' )"),
                None => function.to_string(),
            };
            let _ = write!(text, "{index} => {target}, ");
        }
        text.push_str("),");
    }
    text
}

/// `data.php`: what memory holds at the start.
fn data(module: &Module<'_>, sha256: &str) -> String {
    let mut text = head(sha256, "What the memory of the accounting core holds at the start.");
    text.push_str("final class Data {\n\tpublic const RUNS = array(\n");
    for (at, bytes) in runs(module) {
        let _ = writeln!(text, "\t\t{at} => '{}',", STANDARD.encode(bytes));
    }
    text.push_str("\t);\n}\n");
    text
}

/// The data as runs of whole words, by the word that each begins at.
fn runs(module: &Module<'_>) -> BTreeMap<usize, Vec<u8>> {
    let mut words: BTreeMap<usize, [u8; 4]> = BTreeMap::new();
    for &(offset, data) in &module.data {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        for (place, &byte) in data.iter().enumerate() {
            let at = offset.saturating_add(place);
            let word = words.entry(at / 4).or_default();
            if let Some(slot) = word.get_mut(at % 4) {
                *slot = byte;
            }
        }
    }
    words.retain(|_, word| *word != [0; 4]);
    let mut runs: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut open: Option<(usize, Vec<u8>)> = None;
    for (at, word) in words {
        if let Some((start, bytes)) = &mut open
            && at - (*start + bytes.len() / 4) <= GAP_WORDS
        {
            bytes.resize((at - *start) * 4, 0);
            bytes.extend(word);
            continue;
        }
        if let Some((start, bytes)) = open.replace((at, word.to_vec())) {
            runs.insert(start, bytes);
        }
    }
    runs.extend(open);
    runs.into_iter().map(|(at, bytes)| even(at, bytes)).collect()
}

/// The runtime takes two words at a time. The word before a run is a zero that nothing else wrote.
fn even(at: usize, mut bytes: Vec<u8>) -> (usize, Vec<u8>) {
    if bytes.len().is_multiple_of(8) {
        return (at, bytes);
    }
    match at.checked_sub(1) {
        Some(before) => (before, [&[0; 4][..], &bytes].concat()),
        None => {
            bytes.extend([0; 4]);
            (at, bytes)
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
