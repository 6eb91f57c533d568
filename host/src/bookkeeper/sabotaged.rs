//! Where faults of sending that are put in on purpose take effect; without the feature `sabotage`
//! there are none.

use super::{Bookkeeper, PlanError};
use crate::store::{Lease, PlanCall, StoredPlan};

#[cfg(feature = "sabotage")]
use crate::sabotage::Sabotage;

#[cfg(feature = "sabotage")]
impl Bookkeeper {
    /// Whether what is sent is written down only afterwards.
    pub(super) fn journals_late(&self) -> bool {
        self.store.has(Sabotage::JournalAfterSend)
    }

    /// Whether unknown outcomes are not looked up.
    pub(super) fn looks_nothing_up(&self) -> bool {
        self.store.has(Sabotage::NoLookUp)
    }

    /// Whether a process that stood still sends all the same.
    pub(super) fn sends_however_late(&self) -> bool {
        self.store.has(Sabotage::SendHoweverLate)
    }

    /// Makes a call whose outcome is unknown ready to go again under a new key, where nothing is
    /// looked up; gives whether.
    pub(super) async fn send_blindly(
        &self,
        lease: &Lease,
        plan: &StoredPlan,
        call: &mut PlanCall,
    ) -> Result<bool, PlanError> {
        if !self.looks_nothing_up() {
            return Ok(false);
        }
        call.idempotency_key = uuid::Uuid::new_v4().to_string();
        call.sent = None;
        let key = &call.idempotency_key;
        self.store.plan_call_again(lease, &plan.sha256, call.place, key).await?;
        Ok(true)
    }
}

#[cfg(not(feature = "sabotage"))]
#[expect(clippy::unused_self, clippy::unused_async, reason = "as with the feature")]
impl Bookkeeper {
    pub(super) const fn journals_late(&self) -> bool {
        false
    }

    pub(super) const fn looks_nothing_up(&self) -> bool {
        false
    }

    pub(super) const fn sends_however_late(&self) -> bool {
        false
    }

    pub(super) async fn send_blindly(
        &self,
        _lease: &Lease,
        _plan: &StoredPlan,
        _call: &mut PlanCall,
    ) -> Result<bool, PlanError> {
        Ok(false)
    }
}
