//! Assembles the npm package around the module.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::contract;
use crate::error::BuildError;
use crate::module::{Built, Options, build, workspace};
use crate::size::{Size, measure};
use crate::typings::write_typings;

/// What was assembled.
#[derive(Debug, Clone)]
pub struct Package {
    /// The module in it.
    pub built: Built,
    /// The module's sizes.
    pub size: Size,
    /// The package's folder, ready for `npm pack`.
    pub folder: PathBuf,
}

/// Builds the module and writes the package into `out_dir`, by default `wasm-pkg/npm/dist`.
///
/// Whether its size is acceptable is for [`check_budget`](crate::check_budget) to say.
///
/// # Errors
/// [`BuildError`].
pub fn assemble(out_dir: Option<PathBuf>) -> Result<Package, BuildError> {
    let workspace = workspace();
    let npm = workspace.join("wasm-pkg/npm");
    let folder = out_dir.unwrap_or_else(|| npm.join("dist"));
    let built = build(&Options::new(&folder))?;
    let size = measure(&built.bytes);

    let schemas = contract::schemas();
    write(&folder.join("types.d.ts"), &write_typings(&schemas)?)?;
    for (name, schema) in &schemas {
        write(&folder.join("schema").join(format!("{name}.json")), schema)?;
    }
    copy_files(&npm.join("src"), &folder)?;
    copy(&npm.join("README.md"), &folder.join("README.md"))?;
    let licence = workspace.join("LICENSE");
    if licence.is_file() {
        copy(&licence, &folder.join("LICENSE"))?;
    }
    let manifest = npm.join("package.json");
    let text = fs::read_to_string(&manifest).map_err(BuildError::file("read", &manifest))?;
    let published =
        publish(&text).map_err(|reason| BuildError::Package { path: manifest.clone(), reason })?;
    write(&folder.join("package.json"), &published)?;
    Ok(Package { built, size, folder })
}

/// The manifest as it is published from inside `dist`: what only development needs is left out.
fn publish(manifest: &str) -> Result<String, String> {
    let fields: Fields = serde_json::from_str(manifest).map_err(|error| error.to_string())?;
    let version = env!("CARGO_PKG_VERSION");
    let is_ours = |(name, value): &(String, Box<RawValue>)| {
        name == "version" && value.get() == format!("\"{version}\"")
    };
    if !fields.0.iter().any(is_ours) {
        return Err(format!("the version is not the workspace's, {version}"));
    }
    let kept = fields
        .0
        .iter()
        .filter(|(name, _)| !["devDependencies", "files", "scripts"].contains(&name.as_str()));
    let lines: Vec<String> = kept.map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")).replace("\"./dist/", "\"./"))
}

/// An object's fields as they are written: among `exports` the first that fits wins, so their order
/// is part of their meaning.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn copy_files(from: &Path, to: &Path) -> Result<(), BuildError> {
    for entry in fs::read_dir(from).map_err(BuildError::file("read", from))? {
        let entry = entry.map_err(BuildError::file("read", from))?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), BuildError> {
    fs::copy(from, to).map(|_| ()).map_err(BuildError::file("copy", from))
}

fn write(path: &Path, text: &str) -> Result<(), BuildError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(BuildError::file("create", folder))?;
    }
    fs::write(path, text).map_err(BuildError::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_manifest_has_paths_of_its_own_folder_and_no_tools() {
        let text = publish(&format!(
            r#"{{"version":"{}","exports":{{"node":"./dist/node.js","default":"./dist/a.js"}},
                "scripts":{{}},"files":["dist"],"devDependencies":{{"typescript":"6"}}}}"#,
            env!("CARGO_PKG_VERSION")
        ));
        assert_eq!(
            text.unwrap(),
            format!(
                "{{\n  \"version\": \"{}\",\n  \"exports\": {}\n}}\n",
                env!("CARGO_PKG_VERSION"),
                r#"{"node":"./node.js","default":"./a.js"}"#
            )
        );
    }

    #[test]
    fn a_package_of_another_version_is_refused() {
        let error = publish(r#"{"version":"9.9.9"}"#).unwrap_err();
        assert!(error.contains(env!("CARGO_PKG_VERSION")), "{error}");
    }
}
