//! A practice Xero, a store that several workers open, and a clock that both share.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tillbook::config::{Secret, XeroConfig};
use tillbook::store::{ConnectionKind, Store};
use tillbook::time::{Clock, Timestamp};
use tillbook::vault::Vault;
use tillbook::xero_client::{self, App, Failure, Keeper, XeroClient};
use tillbook_practice::xero::{PracticeXero, Preset, Running, State};

pub(crate) const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Makes a test of each engine out of one that takes a place.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let folder = tempfile::TempDir::new().unwrap();
                super::$name(crate::world::Place::Folder(folder)).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(address) = crate::postgres::database() else { return };
                super::$name(crate::world::Place::Address(address)).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// Where a store is kept, to be opened more than once.
pub(crate) enum Place {
    Folder(TempDir),
    Address(String),
}

impl Place {
    pub(crate) async fn open(&self) -> Store {
        match self {
            Self::Folder(folder) => Store::open(folder.path()).await.unwrap(),
            Self::Address(address) => Store::connect(address).await.unwrap(),
        }
    }
}

/// The practice Xero's own clock: nobody is ahead of the other.
#[derive(Debug)]
pub(crate) struct SameClock(pub(crate) State);

impl Clock for SameClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.now().timestamp_millis())
    }
}

pub(crate) struct World {
    pub(crate) place: Place,
    pub(crate) xero: Running,
    pub(crate) config: XeroConfig,
    pub(crate) organisation: String,
}

pub(crate) async fn practice() -> Running {
    PracticeXero::builder().organisation(Preset::Gb).start().await.unwrap()
}

pub(crate) fn config(xero: &Running) -> XeroConfig {
    XeroConfig {
        api_url: format!("{}/api.xro/2.0", xero.base_url()),
        identity_url: format!("{}/connect/token", xero.base_url()),
        client_id: xero.client_id().to_owned(),
        client_secret: Secret::new(xero.client_secret()),
        timeout_secs: 5,
        ..XeroConfig::default()
    }
}

impl World {
    /// An organisation that is connected as a web app.
    pub(crate) async fn connected(place: Place, xero: Running) -> Self {
        let config = config(&xero);
        let organisation = xero.tenant().to_string();
        let world = Self { place, xero, config, organisation };
        world.connect(&world.keeper("setup").await).await;
        world
    }

    pub(crate) fn clock(&self) -> Arc<SameClock> {
        Arc::new(SameClock(self.xero.state()))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// A store and a keeper of its own, as another process has them.
    pub(crate) async fn keeper(&self, owner: &str) -> Keeper {
        self.keeper_on(self.place.open().await, owner)
    }

    pub(crate) fn keeper_on(&self, store: Store, owner: &str) -> Keeper {
        let wire = xero_client::open_wire(&self.config).unwrap();
        Keeper {
            store,
            vault: Vault::with_keys(KEY, "test", []).unwrap(),
            identity: xero_client::open_identity(&self.config, wire).unwrap(),
            clock: self.clock(),
            owner: owner.to_owned(),
            claim: Keeper::claim_for(&self.config),
        }
    }

    /// Consent, as a person gives it: the refresh token is exchanged at once.
    pub(crate) async fn connect(&self, keeper: &Keeper) -> String {
        let app = App {
            client_id: self.config.client_id.clone(),
            client_secret: self.config.client_secret.clone(),
        };
        let token = Secret::new(self.xero.grant());
        let grant = keeper.identity.refresh(&app, &token, self.now()).await.unwrap();
        let id = keeper.keep(ConnectionKind::Web, &app, &grant).await.unwrap();
        let organisation = (self.organisation.clone(), String::from("Demo"));
        keeper.store.link_organisations(&id, &[organisation], self.now()).await.unwrap();
        id
    }

    /// A client as another process has it.
    pub(crate) async fn client(&self, owner: &str) -> XeroClient {
        self.client_of(self.keeper(owner).await).await
    }

    pub(crate) async fn client_of(&self, keeper: Keeper) -> XeroClient {
        let connection = keeper.store.connection_of(&self.organisation).await.unwrap().unwrap();
        let wire = xero_client::open_wire(&self.config).unwrap();
        let id = &self.organisation;
        XeroClient::for_connection(&self.config, &connection, id, keeper, wire).unwrap()
    }

    /// Refreshes that the practice Xero has seen, well or not.
    pub(crate) fn refreshes(&self) -> usize {
        let calls = self.xero.calls();
        let refresh = |body: &str| body.contains("grant_type=refresh_token");
        calls.iter().filter(|call| refresh(&call.request_body)).count()
    }

    /// Calls of the accounting API.
    pub(crate) fn api_calls(&self) -> usize {
        self.xero.calls().iter().filter(|call| call.path.starts_with("/api.xro")).count()
    }
}

/// A call that is repeated as long as it is only to wait a moment.
pub(crate) async fn read_soon(client: &XeroClient) -> Result<(), Failure> {
    for _ in 0..200 {
        match client.read_organisation().await {
            Err(Failure::NotDone { retry_after, .. }) if retry_after <= Duration::from_secs(2) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other.map(|_| ()),
        }
    }
    panic!("it never ends");
}
