//! A practice Xero for clients that are not Rust: says where it is, ends with its standard input.
//!
//! Arguments: the organisations, in order (`nz gb` when there are none; words as
//! [`Preset::read`] takes them), and `strict` and `indented` for the harder half of what nobody
//! has verified and for the bytes that Xero sent in 2020. One line of JSON goes to standard
//! output as soon as the server listens.

use serde_json::json;
use tillbook_practice::xero::{PracticeXero, Preset, Unknowns, WireStyle};
use tokio::io::{AsyncReadExt, AsyncWriteExt, stdin, stdout};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut builder = PracticeXero::builder().lift_minute_limit();
    let mut presets = Vec::new();
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "strict" => builder = builder.unknowns(Unknowns::strict()),
            "indented" => builder = builder.style(WireStyle::Indented),
            _ => presets.push(Preset::read(&word).ok_or_else(|| {
                std::io::Error::other(format!("`{word}` is no organisation that is known here"))
            })?),
        }
    }
    if presets.is_empty() {
        presets = vec![Preset::Nz, Preset::Gb];
    }
    let xero = presets.into_iter().fold(builder, tillbook_practice::xero::Builder::organisation);
    let xero = xero.start().await?;
    let place = json!({
        "base_url": xero.base_url(),
        "client_id": xero.client_id(),
        "client_secret": xero.client_secret(),
        "tenants": xero.tenants(),
        "refresh_token": xero.grant(),
    });
    let mut out = stdout();
    out.write_all(format!("{place}\n").as_bytes()).await?;
    out.flush().await?;
    // The owner closes this pipe, or ends: either way there is nobody left to serve.
    stdin().read_to_end(&mut Vec::new()).await?;
    xero.shutdown().await;
    Ok(())
}
