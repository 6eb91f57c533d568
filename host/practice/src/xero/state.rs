//! What the owner of a simulator may read and change.

use std::time::Duration;

use uuid::Uuid;

use super::auth::App;
use super::limits::LimitOptions;
use super::log::LoggedCall;
use super::model::contact::Contact;
use super::model::document::Document;
use super::model::item::Item;
use super::model::organisation::Organisation;
use super::model::posting::{ManualJournal, Payment};
use super::server::Shared;
use super::unknowns::Unknowns;
use crate::fault::FaultRule;

/// A handle to what a simulator knows; clones share it.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) app: App,
    pub(super) shared: Shared,
}

impl State {
    /// The app's client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.app.client_id
    }

    /// The app's client secret.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.app.client_secret
    }

    /// The ids of the organisations, in the order in which they were asked for.
    #[must_use]
    pub fn tenants(&self) -> Vec<Uuid> {
        self.shared.lock().tenants.clone()
    }

    /// The id of the first organisation.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenants().first().copied().unwrap_or_default()
    }

    /// Gives the app a refresh token, as a user's consent would.
    #[must_use]
    pub fn grant(&self) -> String {
        let mut world = self.shared.lock();
        let now = world.now();
        world.auth.grant(&self.app.client_id, &self.app.scopes, now)
    }

    /// Expires every access token.
    pub fn expire_access_tokens(&self) {
        let mut world = self.shared.lock();
        let now = world.now();
        world.auth.expire_access_tokens(now);
    }

    /// Ends every token and connection, as a person does who disconnects the app in Xero.
    pub fn revoke_all(&self) {
        self.shared.lock().auth.revoke_all();
    }

    /// Connects the app with all its organisations again, as a new consent does.
    pub fn consent_again(&self) {
        let mut world = self.shared.lock();
        let now = world.now();
        world.auth.connect_again(&self.app.client_id, now);
    }

    /// How many calls came when a limit was used up; those that a fault refused do not count.
    #[must_use]
    pub fn violations(&self) -> u64 {
        self.shared.lock().limits.violations()
    }

    /// Moves the clock on: limits, idempotency keys and tokens all live by it.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// The present moment of the simulator.
    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.shared.lock().now()
    }

    /// Answers a call without a socket, as the server would; nothing where a fault cuts the
    /// connection.
    pub async fn call(
        &self,
        request: axum::http::Request<bytes::Bytes>,
    ) -> Option<axum::http::Response<bytes::Bytes>> {
        super::server::answer_here(&self.shared, request).await
    }

    /// Adds a fault.
    pub fn fault(&self, rule: FaultRule) {
        self.shared.lock().faults.add(rule);
    }

    /// Forgets every fault.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// The faults that can still strike.
    #[must_use]
    pub fn pending_faults(&self) -> Vec<FaultRule> {
        self.shared.lock().faults.pending()
    }

    /// Sets the switches for what nobody has verified.
    pub fn set_unknowns(&self, unknowns: Unknowns) {
        self.shared.lock().unknowns = unknowns;
    }

    /// Sets the rate limits.
    pub fn set_limits(&self, limits: LimitOptions) {
        self.shared.lock().limit_options = limits;
    }

    /// Every call in the log, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<LoggedCall> {
        self.shared.lock().log.since(0)
    }

    /// Forgets the calls in the log.
    pub fn clear_log(&self) {
        self.shared.lock().log.clear();
    }

    /// Reads an organisation; none when there is none with that id.
    pub fn read<T>(&self, tenant: Uuid, read: impl FnOnce(&Organisation) -> T) -> Option<T> {
        self.shared.lock().organisations.get(&tenant).map(read)
    }

    /// Changes an organisation as its user would in Xero's own pages.
    pub fn change<T>(
        &self,
        tenant: Uuid,
        change: impl FnOnce(&mut Organisation) -> T,
    ) -> Option<T> {
        self.shared.lock().organisations.get_mut(&tenant).map(change)
    }

    /// The invoices and bills of an organisation, oldest first.
    #[must_use]
    pub fn invoices(&self, tenant: Uuid) -> Vec<Document> {
        self.read(tenant, |one| one.invoices.iter().cloned().collect()).unwrap_or_default()
    }

    /// The credit notes of an organisation, oldest first.
    #[must_use]
    pub fn credit_notes(&self, tenant: Uuid) -> Vec<Document> {
        self.read(tenant, |one| one.credit_notes.iter().cloned().collect()).unwrap_or_default()
    }

    /// The bank transactions of an organisation, oldest first.
    #[must_use]
    pub fn bank_transactions(&self, tenant: Uuid) -> Vec<Document> {
        self.read(tenant, |one| one.bank_transactions.iter().cloned().collect()).unwrap_or_default()
    }

    /// The payments of an organisation, deleted ones included, oldest first.
    #[must_use]
    pub fn payments(&self, tenant: Uuid) -> Vec<Payment> {
        self.read(tenant, |one| one.payments.iter().cloned().collect()).unwrap_or_default()
    }

    /// The contacts of an organisation, oldest first.
    #[must_use]
    pub fn contacts(&self, tenant: Uuid) -> Vec<Contact> {
        self.read(tenant, |one| one.contacts.iter().cloned().collect()).unwrap_or_default()
    }

    /// The items of an organisation, oldest first.
    #[must_use]
    pub fn items(&self, tenant: Uuid) -> Vec<Item> {
        self.read(tenant, |one| one.items.iter().cloned().collect()).unwrap_or_default()
    }

    /// The manual journals of an organisation, oldest first.
    #[must_use]
    pub fn manual_journals(&self, tenant: Uuid) -> Vec<ManualJournal> {
        self.read(tenant, |one| one.manual_journals.iter().cloned().collect()).unwrap_or_default()
    }
}
