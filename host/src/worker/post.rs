//! Journal the intent, send, write the answer down; only then read it.

use uuid::Uuid;

use super::{LEASE, Organisation, Progress, RETRY_SCHEDULE, Stop, Worker, gather::Ready};
use crate::{
    facts::FactSource,
    store::{Call, CallState, Lease, NewCall},
    time::Timestamp,
    xero_client::{CREATE_INVOICES, Failure, XeroClient},
};

impl Worker {
    /// Sends as many documents as fit into one call; the others stay in the queue.
    pub(super) async fn post<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        mut batch: Vec<Ready>,
        now: Timestamp,
    ) -> Result<Progress, Stop> {
        if let Some(until) = organisation.xero.wait_until() {
            return Err(Stop::Park {
                after: until.since(now),
                reason: String::from("Xero's limit of calls is used up for now"),
            });
        }
        let bodies: Vec<&str> = batch.iter().map(|ready| ready.body.as_str()).collect();
        let count = XeroClient::fitting(
            &bodies,
            organisation.documents_per_call,
            organisation.call_bytes_max,
        );
        let body = XeroClient::envelope(bodies.get(..count).unwrap_or(&bodies));
        batch.truncate(count);
        let call = NewCall {
            idempotency_key: Uuid::new_v4().to_string(),
            method: String::from("PUT"),
            path: String::from(CREATE_INVOICES),
            body,
            items: batch.into_iter().map(|ready| ready.item).collect(),
        };
        self.store.plan_call(lease, &call, now).await?;
        let call = Call {
            idempotency_key: call.idempotency_key,
            method: call.method,
            path: call.path,
            body: call.body,
            items: call.items,
            state: CallState::Planned,
            sent: None,
            status: None,
            response: Vec::new(),
        };
        self.send(lease, organisation, call, now).await
    }

    /// Sends a call that is in the journal, and settles what Xero answers.
    pub(super) async fn send<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        mut call: Call,
        now: Timestamp,
    ) -> Result<Progress, Stop> {
        self.store.renew(lease, now, LEASE).await?;
        self.store.mark_sent(lease, &call.idempotency_key, now).await?;
        let sent = organisation.xero.send(&call.path, &call.idempotency_key, &call.body).await;
        match sent {
            // The first call with this key is still running: nothing is known yet.
            Ok(response) if response.status == 409 => Err(Stop::Park {
                after: RETRY_SCHEDULE[0],
                reason: format!("Xero: {}", XeroClient::explain(409, &response.body)),
            }),
            Ok(response) => {
                let answer = (response.status, response.body.as_slice());
                self.store.mark_done(lease, &call.idempotency_key, answer, now).await?;
                call.status = Some(response.status);
                call.response = response.body;
                self.conclude(lease, organisation, &call, now).await
            }
            Err(failure @ (Failure::NotDone { .. } | Failure::Refused { .. }))
                if call.state == CallState::Planned =>
            {
                // Surely not done: the same bytes may go again, under a new key, without a look.
                let key = Uuid::new_v4().to_string();
                self.store.plan_again(lease, &call.idempotency_key, &key).await?;
                Err(failure.into())
            }
            // The call stays open as sent: the next step looks it up.
            Err(failure) => Err(failure.into()),
        }
    }
}
