//! How the layers of configuration are laid over each other.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use miette::{Diagnostic, NamedSource, SourceSpan};
use toml::{Table, Value};

use super::Config;

/// The file that is read when none is named.
const FILE: &str = "tillbook.toml";
const PREFIX: &str = "TILLBOOK_";
/// Variables with the prefix that are no configuration of a run.
const NOT_CONFIG: [&str; 5] =
    ["TILLBOOK_CONFIG", "TILLBOOK_LOG", "TILLBOOK_SHARED", "TILLBOOK_TEST_SEED", "TILLBOOK_WASM"];

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error("cannot read `{path}`: {error}")]
    #[diagnostic(code(config::read), help("name another file with --config"))]
    Read {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The file is no TOML, or has a key that does not exist.
    #[error("{message}")]
    #[diagnostic(
        code(config::file),
        help("`tillbook doctor` lists every key with its value and where it came from")
    )]
    File {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        text: NamedSource<String>,
        /// Where.
        #[label("here")]
        at: Option<SourceSpan>,
    },
    /// A variable or flag cannot be understood.
    #[error("{source_name}: {message}")]
    #[diagnostic(
        code(config::value),
        help("`tillbook doctor` lists every key with its value and where it came from")
    )]
    Value {
        /// The variable or flag.
        source_name: String,
        /// What is wrong.
        message: String,
    },
}

/// Which layer gave a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    Default,
    /// The file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "${name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// The layers before they become one [`Config`].
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// The file named by the user; without one, `tillbook.toml` here is read if it exists.
    pub file: Option<PathBuf>,
    /// Environment variables; those without the prefix are passed over.
    pub environment: Vec<(String, String)>,
    /// Flags: `section.key` and value.
    pub flags: Vec<(String, String)>,
}

impl Layers {
    /// Lays the layers over each other; says for each key which layer won.
    ///
    /// # Errors
    /// [`ConfigError`] with the place and what to do.
    pub fn resolve(&self) -> Result<(Config, BTreeMap<String, Source>), ConfigError> {
        let mut table = defaults();
        let mut sources: BTreeMap<String, Source> =
            leaves(&table).into_iter().map(|key| (key, Source::Default)).collect();
        if let Some((path, file)) = self.read_file()? {
            for key in leaves(&file) {
                sources.insert(key, Source::File(path.clone()));
            }
            overlay(&mut table, file);
        }
        for (name, value) in &self.environment {
            let Some(key) = key_of_variable(name, &sources)? else { continue };
            set(&mut table, &key, value, name)?;
            sources.insert(key, Source::Environment(name.clone()));
        }
        for (key, value) in &self.flags {
            set(&mut table, key, value, &format!("--set {key}"))?;
            sources.insert(key.clone(), Source::Flag);
        }
        let config =
            Value::Table(table).try_into::<Config>().map_err(|error| ConfigError::Value {
                source_name: String::from("configuration"),
                message: error.message().to_owned(),
            })?;
        config.check().map_err(|message| ConfigError::Value {
            source_name: String::from("configuration"),
            message,
        })?;
        Ok((config, sources))
    }

    fn read_file(&self) -> Result<Option<(PathBuf, Table)>, ConfigError> {
        let path = match &self.file {
            Some(path) => path.clone(),
            None if Path::new(FILE).is_file() => PathBuf::from(FILE),
            None => return Ok(None),
        };
        let name = path.display().to_string();
        let text = fs::read_to_string(&path)
            .map_err(|error| ConfigError::Read { path: name.clone(), error })?;
        // Read once as a whole for an error with its place, once as a table to lay it over.
        let checked = toml::from_str::<Config>(&text).and_then(|_| toml::from_str::<Table>(&text));
        match checked {
            Ok(table) => Ok(Some((path, table))),
            Err(error) => Err(ConfigError::File {
                message: error.message().to_owned(),
                at: error.span().map(SourceSpan::from),
                text: NamedSource::new(name, text),
            }),
        }
    }
}

fn defaults() -> Table {
    // A table of strings, numbers and paths always serialises.
    Table::try_from(Config::default()).unwrap_or_default()
}

/// Every `section.key` of a table.
fn leaves(table: &Table) -> Vec<String> {
    table
        .iter()
        .filter_map(|(section, value)| value.as_table().map(|keys| (section, keys)))
        .flat_map(|(section, keys)| keys.keys().map(move |key| format!("{section}.{key}")))
        .collect()
}

fn overlay(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// The key that a variable sets; a misspelt one is an error, not silence.
fn key_of_variable(
    name: &str,
    keys: &BTreeMap<String, Source>,
) -> Result<Option<String>, ConfigError> {
    if !name.starts_with(PREFIX) || NOT_CONFIG.contains(&name) {
        return Ok(None);
    }
    let found = keys.keys().find(|key| variable_of_key(key) == name);
    found.cloned().map(Some).ok_or_else(|| ConfigError::Value {
        source_name: format!("${name}"),
        message: String::from("there is no such setting"),
    })
}

/// `xero.client_id` → `TILLBOOK_XERO_CLIENT_ID`.
fn variable_of_key(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

fn set(table: &mut Table, key: &str, value: &str, source: &str) -> Result<(), ConfigError> {
    let wrong = |message: String| ConfigError::Value { source_name: source.to_owned(), message };
    let place = key
        .split_once('.')
        .and_then(|(section, key)| table.get_mut(section)?.as_table_mut()?.get_mut(key))
        .ok_or_else(|| wrong(format!("there is no setting `{key}`")))?;
    *place = match place {
        Value::Integer(_) => {
            Value::Integer(value.parse().map_err(|_| wrong(format!("`{value}` is no number")))?)
        }
        _ => Value::String(value.to_owned()),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn later_layers_win() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.toml");
        fs::write(&file, "[xero]\nclient_id = \"file\"\ntenant_id = \"file\"\ntimeout_secs = 5\n")
            .unwrap();
        let layers = Layers {
            file: Some(file.clone()),
            environment: vec![
                pair("TILLBOOK_XERO_CLIENT_ID", "env"),
                pair("TILLBOOK_XERO_TENANT_ID", "env"),
                pair("HOME", "/"),
            ],
            flags: vec![pair("xero.tenant_id", "flag")],
        };
        let (config, sources) = layers.resolve().unwrap();
        assert_eq!(config.xero.timeout_secs, 5);
        assert_eq!(config.xero.client_id, "env");
        assert_eq!(config.xero.tenant_id, "flag");
        assert_eq!(config.xero.calls_per_minute, 60);
        assert_eq!(sources["xero.tenant_id"], Source::Flag);
        assert_eq!(sources["xero.timeout_secs"], Source::File(file));
        assert_eq!(sources["xero.calls_per_minute"], Source::Default);
    }

    #[test]
    fn a_misspelt_key_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.toml");
        fs::write(&file, "[xero]\nclient = \"x\"\n").unwrap();
        let error = Layers { file: Some(file), ..Layers::default() }.resolve().unwrap_err();
        let ConfigError::File { at, message, .. } = error else { panic!("{error}") };
        assert!(at.is_some());
        assert!(message.contains("client"), "{message}");
        for (environment, flags) in [
            (vec![pair("TILLBOOK_XERO_CLIENT", "x")], vec![]),
            (vec![], vec![pair("xero.client", "x")]),
            (vec![pair("TILLBOOK_XERO_TIMEOUT_SECS", "soon")], vec![]),
            (vec![pair("TILLBOOK_SYNC_DOCUMENTS_PER_CALL", "51")], vec![]),
        ] {
            assert!(Layers { environment, flags, ..Layers::default() }.resolve().is_err());
        }
    }

    #[test]
    fn secrets_are_not_in_what_is_printed() {
        let layers = Layers {
            environment: vec![
                pair("TILLBOOK_STRIPE_SECRET_KEY", "hunter2-stripe"),
                pair("TILLBOOK_PAYPAL_CLIENT_SECRET", "hunter2-paypal"),
            ],
            flags: vec![pair("xero.client_secret", "hunter2")],
            ..Layers::default()
        };
        let (config, _) = layers.resolve().unwrap();
        assert_eq!(config.xero.client_secret.reveal(), "hunter2");
        assert_eq!(config.stripe.secret_key.reveal(), "hunter2-stripe");
        assert_eq!(config.paypal.client_secret.reveal(), "hunter2-paypal");
        assert!(!format!("{config:?}{}", toml::to_string(&config).unwrap()).contains("hunter2"));
    }
}
