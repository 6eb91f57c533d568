//! Reads the list of sources that rustc leaves beside what it built.

use std::path::PathBuf;

/// The sources named in a dep file: `target: source source …`, a blank written as `\ `.
pub(crate) fn sources(text: &str) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for line in text.lines() {
        if let Some((_, names)) = line.split_once(": ") {
            // A backslash before anything else is part of a Windows path.
            let names = names.replace("\\ ", "\u{0}");
            sources.extend(
                names
                    .split_ascii_whitespace()
                    .map(|name| PathBuf::from(name.replace('\u{0}', " "))),
            );
        }
    }
    sources.sort();
    sources.dedup();
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_blanks_that_are_not_escaped() {
        let text = "/t/a.wasm: /w/core/src/lib.rs /w/my\\ shop/raw.rs\n\n/t/b: C:\\w\\lib.rs\n";
        let expected = ["/w/core/src/lib.rs", "/w/my shop/raw.rs", "C:\\w\\lib.rs"];
        assert_eq!(sources(text), expected.map(PathBuf::from));
    }

    #[test]
    fn a_file_without_sources_gives_none() {
        assert!(sources("").is_empty());
        assert!(sources("/t/a.wasm:\n").is_empty());
    }
}
