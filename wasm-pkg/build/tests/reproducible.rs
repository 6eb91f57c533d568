//! The same sources give the same module in any folder, and it has both faces.

use std::fs;
use std::path::{Path, PathBuf};

use tillbook_module::{Face, Options, RAW_EXPORTS, build};

/// What is no source, wherever it stands.
const NOT_COPIED: [&str; 6] = [".git", "dist", "node_modules", "target", "vendor", "corpus"];

#[test]
fn another_folder_gives_the_same_bytes() {
    let here = tempfile::tempdir().unwrap();
    let options = Options::new(here.path());
    let built = build(&options).unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("a much longer name with blanks/tillbook");
    copy_sources(&options.workspace, &copy);
    let again = build(&Options {
        workspace: copy,
        target_dir: elsewhere.path().join("other target"),
        out_dir: elsewhere.path().join("out"),
    })
    .unwrap();

    assert_eq!(built.sha256, again.sha256);
    assert!(built.bytes == again.bytes, "two modules with one digest");
    assert!(
        again.inputs.iter().any(|path| path.ends_with("core/src/lib.rs")),
        "{:?}",
        again.inputs
    );
    check_faces(&built.wasm, &built.bytes);
    check_no_trace_of_this_machine(&built.bytes, &options.workspace);
}

fn check_faces(path: &Path, bytes: &[u8]) {
    let face = Face::read(path, bytes).unwrap();
    for name in RAW_EXPORTS.iter().chain(&["call", "describe", "map"]) {
        assert!(face.exports.iter().any(|export| export == name), "no `{name}`: {face:?}");
    }
    for (module, name) in &face.imports {
        assert_eq!(module, "./tillbook_bg.js", "{name}");
        assert!(name.starts_with("__wb"), "{name} is not wasm-bindgen's");
    }
    assert!(!face.has_start && !face.has_references, "{face:?}");
}

fn check_no_trace_of_this_machine(bytes: &[u8], workspace: &Path) {
    let home = std::env::home_dir().unwrap();
    for place in [workspace.to_path_buf(), home.join(".cargo"), home.join(".rustup")] {
        let place = place.to_str().unwrap().as_bytes();
        let found = bytes.windows(place.len()).any(|window| window == place);
        assert!(!found, "the module names {}", String::from_utf8_lossy(place));
    }
}

fn copy_sources(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if NOT_COPIED.iter().any(|other| name == *other) {
            continue;
        }
        if path.is_dir() {
            copy_sources(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
