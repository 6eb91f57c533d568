//! Calls that nobody has settled: left by a worker that died, or with an outcome nobody knows.

use super::{Organisation, Progress, Stop, Worker};
use crate::{
    facts::FactSource,
    store::{Call, CallState, Lease},
    time::Timestamp,
    xero_client::KEY_LIFE,
};

impl Worker {
    /// Brings one open call to its end.
    ///
    /// Planned: it was never sent, so it is sent now. Answered: the answer is read. Sent without
    /// an answer: looked up by number; what is missing is sent again, the same bytes under the
    /// same key while Xero still knows the key, else as a new call.
    pub(super) async fn recover<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        call: Call,
        now: Timestamp,
    ) -> Result<Progress, Stop> {
        tracing::info!(key = call.idempotency_key, state = ?call.state, "settling an open call");
        match call.state {
            CallState::Planned => self.send(lease, organisation, call, now).await,
            CallState::Done => self.conclude(lease, organisation, &call, now).await,
            CallState::Sent => {
                let found = self.look_up(organisation, &call).await?;
                let key_lives = call.sent.is_some_and(|sent| now.since(sent) < KEY_LIFE);
                if !found.missing.is_empty() && key_lives {
                    return self.send(lease, organisation, call, now).await;
                }
                self.close_found(lease, &call, found, usize::MAX, now).await
            }
        }
    }
}
