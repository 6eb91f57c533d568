//! The corpus: every folder of `tests/corpus` is one case for the door.
//!
//! `UPDATE_GOLDEN=1 cargo test -p tillbook-core` rewrites the answers; read the diff, then commit.

use std::{env, fs};

use crate::cases;

#[test]
fn answers_are_as_recorded() {
    let update = env::var_os("UPDATE_GOLDEN").is_some();
    for case in cases::all() {
        let actual = tillbook_core::call(&case.operation, &case.request);
        if update {
            fs::write(case.folder.join("expected.json"), &actual).unwrap();
        }
        let expected = fs::read_to_string(case.folder.join("expected.json")).unwrap_or_default();
        assert!(expected == actual, "{}: another answer:\n{actual}", case.folder.display());
    }
}
