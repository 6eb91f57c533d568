//! Reads `tests/corpus`.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) operation: String,
    pub(crate) request: String,
}

/// Every case, in order; an empty corpus is a failure.
pub(crate) fn all() -> Vec<Case> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let cases: Vec<Case> = folders.into_iter().filter(|folder| folder.is_dir()).map(read).collect();
    assert!(!cases.is_empty(), "the corpus is missing");
    cases
}

/// One case by its folder's name.
pub(crate) fn named(name: &str) -> Case {
    read(corpus().join(name))
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
}

fn read(folder: PathBuf) -> Case {
    Case {
        operation: fs::read_to_string(folder.join("operation")).unwrap().trim().to_owned(),
        request: fs::read_to_string(folder.join("request.json")).unwrap(),
        folder,
    }
}
