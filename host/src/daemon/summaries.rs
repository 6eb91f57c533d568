//! Summing up the days that are over, for shops that do that instead.

use tillbook_core::shop::payout::Source;

use super::StopSignal;
use crate::{
    bookkeeper::{Bookkeeper, LOOKBACK_DAYS, PlanError, SummaryScope},
    config::Config,
    payout_client::PayoutClient,
    shop_facts::ShopSource,
    store::Lease,
    worker::Organisation,
    zone,
};

/// Reads what gateways paid out and sends the summaries of all days that are over and not sent yet.
///
/// # Errors
/// [`PlanError`]; what was sent is on disk, and the next time carries on.
pub(super) async fn sum_up(
    books: &Bookkeeper,
    config: &Config,
    lease: &Lease,
    organisation: &Organisation<ShopSource>,
    stop: &StopSignal,
) -> Result<(), PlanError> {
    let declared = &organisation.settings.summary.zone;
    let name = if declared.is_empty() { &organisation.shop.timezone } else { declared };
    let today = zone::day_of(name, books.clock.now().ms() / 1_000)
        .map_err(|error| PlanError::Zone(error.to_string()))?;
    let back = |days| today.checked_sub_days(chrono::Days::new(days)).unwrap_or(today);
    let (from, to) = (back(LOOKBACK_DAYS), back(1));
    for payer in &organisation.settings.summary.payouts {
        // Files are taken in by hand.
        if payer.source == Source::Csv {
            continue;
        }
        // What was sold by hand can be summed up though a gateway does not answer.
        let client = PayoutClient::for_source(payer.source, config, organisation.facts.client());
        let read = match client {
            Ok(client) => client.read(from, to).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(raw) => {
                let said = (raw.payouts.as_slice(), raw.entries.as_slice());
                books.keep_payouts(organisation, raw.source, said, (from, to)).await?;
            }
            Err(error) => tracing::warn!(?payer.source, %error, "payouts cannot be read"),
        }
    }
    let scope =
        SummaryScope { from: from.to_string(), to: to.to_string(), ..SummaryScope::default() };
    loop {
        let summaries = books.summarise(organisation, &scope).await?;
        if summaries.plan.is_empty() {
            return Ok(());
        }
        let sent = books.send_under(lease, organisation, &summaries.plan, stop, |_| ()).await?;
        // What was found again may open other documents.
        let found_again = summaries.plan.steps().next().is_none();
        if sent.stopped || !found_again {
            return Ok(());
        }
    }
}
