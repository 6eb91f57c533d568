//! The same work with a tape in the door: what the core is asked is kept with what comes of it.

use super::{Bookkeeper, PlanError, Scope, Summaries, SummaryScope};
use crate::{
    facts::FactSource,
    recording::{self, Label},
    store::StoredPlan,
    worker::Organisation,
};

impl Bookkeeper {
    /// Plans what makes Xero equal to the shop, sends nothing, and saves nothing.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn plan<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        scope: &Scope,
    ) -> Result<StoredPlan, PlanError> {
        let ask = async |books: Self| books.make_plan(organisation, scope).await;
        let named = |made: &Result<StoredPlan, PlanError>| match made {
            Ok(plan) => (plan.sha256.clone(), orders_of(plan)),
            Err(_) => (String::new(), scope.orders.clone()),
        };
        self.recorded(organisation, named, ask).await
    }

    /// Sums up the days of a scope, sends nothing, and saves nothing.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn summarise<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        scope: &SummaryScope,
    ) -> Result<Summaries, PlanError> {
        let ask = async |books: Self| books.sum_up(organisation, scope).await;
        let named = |made: &Result<Summaries, PlanError>| match made {
            Ok(summaries) => {
                let orders = summaries.members.iter().map(|member| member.order_id);
                (summaries.plan.sha256.clone(), orders.filter(|id| *id > 0).collect())
            }
            Err(_) => (String::new(), Vec::new()),
        };
        self.recorded(organisation, named, ask).await
    }

    /// Does something with a tape in the door; `named` says which plan and orders it was about.
    pub(super) async fn recorded<F, T>(
        &self,
        organisation: &Organisation<F>,
        named: impl FnOnce(&T) -> (String, Vec<u64>),
        work: impl AsyncFnOnce(Self) -> T,
    ) -> T {
        let (door, tape) = self.door.taped();
        let done = work(Self { door, ..self.clone() }).await;
        if let Some(tape) = tape {
            let (run, mut orders) = named(&done);
            orders.sort_unstable();
            orders.dedup();
            let label = Label {
                organisation: &organisation.id,
                shop: &organisation.shop_url,
                run: &run,
                orders: &orders,
                module_sha256: self.door.module_sha256(),
            };
            recording::keep(&self.store, &tape, label, self.clock.now()).await;
        }
        done
    }
}

/// The orders that a plan says something of.
fn orders_of(plan: &StoredPlan) -> Vec<u64> {
    let rows = plan.rows().map(|row| row.order_id);
    rows.chain(plan.steps().map(|step| step.order_id)).filter(|id| *id > 0).collect()
}
