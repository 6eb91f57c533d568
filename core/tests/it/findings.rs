//! Every finding code is in `FINDINGS.md`, and some case of the corpus reaches it.

use std::{collections::BTreeSet, env, fmt::Write as _, fs, path::Path};

use crate::cases;
use tillbook_core::finding::{Code, Severity};

fn page() -> String {
    let mut page = String::from(
        "# Findings\n\nEverything that stops or bends a posting is a finding. Codes are stable. \
         *Error*: the document is not sent. *Warning*: it is sent, and a person should know. \
         *Info*: for whoever wants to understand it.\n\nThis page is written from \
         `core/src/finding.rs` by `UPDATE_GOLDEN=1 cargo test -p tillbook-core `.\n\n| Code | Severity | Meaning | Cure |\n|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let (text, meaning, cure) = (code.as_str(), code.meaning(), code.cure());
        writeln!(page, "| `{text}` | {severity} | {meaning} | {cure} |").unwrap();
    }
    page.push_str(
        "\n## Errors of the door\n\nA request that cannot be taken at all is answered with \
         `{\"error\":{\"code\",\"message\"}}`.\n\n| Code | Meaning | Cure |\n|---|---|---|\n\
         | `core.unknown_operation` | There is no such operation. | Use one that `describe` lists. |\n\
         | `core.bad_request` | The request is not the JSON that the operation takes; the message says where. | Correct the request. |\n\
         | `core.wrong_contract` | The request speaks another version of the contract. | Use the module that the host uses. |\n\
         | `core.too_large` | The request is larger than 32 MiB. | Send fewer orders a call. |\n",
    );
    page
}

#[test]
fn the_page_lists_every_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("FINDINGS.md");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, page()).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap_or_default(), page());
}

#[test]
fn codes_are_distinct() {
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), Code::ALL.len());
}

#[test]
fn the_corpus_reaches_every_code() {
    let answers: Vec<String> = cases::all()
        .into_iter()
        .filter(|case| case.operation != "describe")
        .map(|case| tillbook_core::call(&case.operation, &case.request))
        .collect();
    let unreached: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| {
            let wanted = format!("\"code\":\"{code}\"");
            !answers.iter().any(|answer| answer.contains(&wanted))
        })
        .collect();
    assert!(unreached.is_empty(), "no case reaches {unreached:?}");
}
