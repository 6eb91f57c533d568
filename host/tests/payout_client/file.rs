//! A file of rows, up to the core's door in the sandbox.

use tillbook::door::Door;
use tillbook::payout_client::{FileError, PayoutClient, PayoutError};
use tillbook::sandbox::{Limits, Sandbox};
use tillbook::zone::zone_input;
use tillbook_core::shop::payout::Source;
use tillbook_practice::gateways::{Gateway, Gateways};
use tillbook_practice::shop::corpus;

use crate::{day, read_by_core, read_reply};

/// A gateway's rows as a file.
fn file(gateway: Gateway) -> (Gateways, String) {
    let dealt = Gateways::deal(7, corpus::orders("GB-incl").into_iter().cloned());
    let text = dealt.csv(gateway);
    (dealt, text)
}

#[tokio::test]
async fn a_file_is_read_as_the_gateway_itself() {
    let door = Door::new(Sandbox::embedded(Limits::default(), None).unwrap());
    for gateway in [Gateway::WooPayments, Gateway::Stripe] {
        let (dealt, text) = file(gateway);
        let account = dealt.account(gateway).unwrap();
        // As a spreadsheet of another country saves it; no text of these holds a semicolon.
        assert!(!text.contains(';') && text.contains('"'));
        let outside = text.split('"').enumerate().map(|(at, part)| {
            if at % 2 == 0 { part.replace(',', ";") } else { format!("\"{part}\"") }
        });
        let other = format!("\u{feff}{}", outside.collect::<String>());
        let mut replies = Vec::new();
        for text in [text, other] {
            let client = PayoutClient::csv(text.as_bytes()).unwrap();
            assert_eq!(client.source(), Source::Csv);
            let raw = client.read(day("2026-01-01"), day("2026-01-01")).await.unwrap();
            assert_eq!(raw.entries.len(), account.entries.len());
            let zone = zone_input("UTC", day("2026-01-01"), day("2026-12-31")).unwrap();
            let request = serde_json::to_vec(&raw.as_request(zone)).unwrap();
            let reply = door.sandbox().call("read_payouts", &request).unwrap();
            let reply = read_reply(std::str::from_utf8(&reply).unwrap());
            assert_eq!(reply.findings, [], "{gateway:?}");
            assert_eq!(reply.payouts.len(), account.payouts.len());
            for payout in &account.payouts {
                let read = reply.payouts.iter().find(|one| one.id == payout.id).unwrap();
                assert_eq!(read.amount.0 * rust_decimal::Decimal::from(100), payout.amount.into());
                assert_eq!(read.date, payout.arrives_at.date_naive().to_string());
            }
            replies.push(reply);
        }
        assert_eq!(replies[0], replies[1]);
    }
}

#[tokio::test]
async fn the_core_names_the_line_of_a_bad_row() {
    let (_, text) = file(Gateway::Stripe);
    let line = 4;
    let lines = text.lines().enumerate().map(|(at, row)| {
        if at + 1 == line { row.replacen(",GBP,", ",pounds,", 1) } else { row.to_owned() }
    });
    let text = lines.collect::<Vec<String>>().join("\n");
    let client = PayoutClient::csv(text.as_bytes()).unwrap();
    let raw = client.read(day("2026-01-01"), day("2026-01-01")).await.unwrap();
    let read = read_by_core(&raw, "Europe/London");
    let found = read.findings.iter().find(|finding| finding.message.contains("pounds")).unwrap();
    assert!(found.message.contains("row 4"), "{}", found.message);
}

#[test]
fn a_file_that_cannot_be_read_says_where() {
    use miette::Diagnostic as _;
    let error = PayoutClient::csv(b"payout_id,amount\n").unwrap_err();
    assert!(matches!(error, PayoutError::File(FileError::MissingColumns { .. })), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("no column `payout_date`, `currency`"), "{message}");
    let help = error.help().unwrap().to_string();
    assert!(help.contains("UTF-8") && help.contains("sold_currency"), "{help}");
    let (_, text) = file(Gateway::Stripe);
    let rows = text.lines().count();
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(b"\xe9");
    let message = PayoutClient::csv(&bytes).unwrap_err().to_string();
    assert!(message.contains(&format!("line {} is not in UTF-8", rows + 1)), "{message}");
}
