//! The module against the native core: the same bytes for every case of the corpus, and one
//! SHA-256 wherever it runs. Node and Chromium run the same corpus in `tests/browser`.

use std::{fs, path::Path};

use tillbook::{
    module,
    sandbox::{Limits, Sandbox},
};

#[test]
fn the_corpus_gives_the_same_bytes_in_wasmtime() {
    let sandbox = Sandbox::embedded(Limits::default(), None).unwrap();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut cases = 0;
    for folder in fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()) {
        let operation = fs::read_to_string(folder.join("operation")).unwrap();
        let operation = operation.trim();
        let request = fs::read_to_string(folder.join("request.json")).unwrap();
        let wasm = sandbox.call(operation, request.as_bytes()).unwrap();
        let native = tillbook_core::call(operation, &request);
        assert!(wasm == native.as_bytes(), "{}: native differs", folder.display());
        let expected = fs::read(folder.join("expected.json")).unwrap();
        assert!(wasm == expected, "{}: not as recorded", folder.display());
        cases += 1;
    }
    assert!(cases > 70, "the corpus is missing");
    assert_eq!(sandbox.sha256(), module::SHA256);
    println!("{cases} cases, module {}", module::SHA256);
}
