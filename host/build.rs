//! Embeds the module, built from this workspace's own sources (`TILLBOOK_WASM=path` names a finished
//! one instead), and the pages that `make pages` has made, where they are.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The pages, from this crate's folder. The module among them is the embedded one.
const PAGES: &str = "../woo-plugin-bridge/assets/build";
const MODULE: &str = "tillbook_bg.wasm";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=migrations");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    tillbook_module::build_for_host(&out)?;
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(PAGES);
    let mut files = Vec::new();
    if folder.is_dir() {
        collect(&folder, "", &mut files)?;
    }
    watch(&folder);
    let mut table = String::from("&[\n");
    for (name, path) in files.iter().filter(|(name, _)| name != MODULE) {
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())?;
    }
    table.push_str("]\n");
    fs::write(out.join("pages.rs"), table)?;
    Ok(())
}

/// All files of a folder by name, those in folders below with a slash.
fn collect(
    folder: &Path,
    before: &str,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.path().canonicalize()?));
        }
    }
    Ok(())
}

/// Runs this again when pages are made or change. A folder that is not there cannot be watched: then
/// the one above it is.
fn watch(folder: &Path) {
    if let Some(there) =
        [Some(folder), folder.parent()].into_iter().flatten().find(|one| one.is_dir())
    {
        println!("cargo::rerun-if-changed={}", there.display());
    }
}
