//! A practice Xero spoken to over HTTP, by tests that must not lean on the host's own client.

use serde_json::{Value, json};
use tillbook_practice::xero::{PracticeXero, Preset, Running, Unknowns, global};
use uuid::Uuid;

use crate::openapi;

/// One running practice Xero with an organisation for each kind of regime.
pub(crate) struct Ledger {
    pub(crate) xero: Running,
    http: reqwest::Client,
    token: String,
}

/// The organisations, in the order of [`tenant_of`].
fn presets() -> [Preset; 7] {
    [Preset::Au, Preset::Gb, Preset::Us, Preset::Ca, global("EUR"), global("JPY"), global("BHD")]
}

impl Ledger {
    pub(crate) async fn start(unknowns: Unknowns) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut builder = PracticeXero::builder().unknowns(unknowns).lift_minute_limit();
        for preset in presets() {
            builder = builder.organisation(preset);
        }
        let xero = builder.start().await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer: Value = http
            .post(format!("{}/connect/token", xero.base_url()))
            .basic_auth(xero.client_id(), Some(xero.client_secret()))
            .form(&[
                ("grant_type", "client_credentials"),
                ("scope", "accounting.invoices accounting.payments accounting.contacts accounting.settings accounting.banktransactions"),
            ])
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).into();
        Self { xero, http, token }
    }

    /// The organisation for a batch of the recorded orders.
    pub(crate) fn tenant_of(&self, batch: &str) -> Uuid {
        let index = match batch.get(..2).unwrap() {
            "AU" => 0,
            "GB" => 1,
            "US" => 2,
            "CA" => 3,
            "EU" => 4,
            "JP" => 5,
            "BH" => 6,
            other => panic!("no organisation for {other}"),
        };
        self.xero.tenants()[index]
    }

    /// `GET`s a collection.
    pub(crate) async fn get(&self, tenant: Uuid, path: &str) -> Value {
        let url = format!("{}/api.xro/2.0/{path}", self.xero.base_url());
        let answer = self
            .http
            .get(url)
            .bearer_auth(&self.token)
            .header("Xero-Tenant-Id", tenant.to_string())
            .header("Accept", "application/json")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// `PUT`s invoices, as the host does; gives the elements of the answer.
    pub(crate) async fn put_invoices(&self, tenant: Uuid, bodies: &[String]) -> Vec<Value> {
        self.put(tenant, "Invoices", "Invoices", bodies).await
    }

    /// `PUT`s elements of a collection; gives those of the answer.
    pub(crate) async fn put(
        &self,
        tenant: Uuid,
        path: &str,
        key: &str,
        bodies: &[String],
    ) -> Vec<Value> {
        let url =
            format!("{}/api.xro/2.0/{path}?summarizeErrors=false&unitdp=4", self.xero.base_url());
        let answer = self
            .http
            .put(url)
            .bearer_auth(&self.token)
            .header("Xero-Tenant-Id", tenant.to_string())
            .header("Accept", "application/json")
            .header("Content-Type", "application/json")
            .body(format!("{{\"{key}\":[{}]}}", bodies.join(",")))
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer[key].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// Archives a contact, as a person would.
    pub(crate) async fn archive_contact(&self, tenant: Uuid, id: &str) {
        let answer = self
            .http
            .post(format!("{}/api.xro/2.0/Contacts/{id}", self.xero.base_url()))
            .bearer_auth(&self.token)
            .header("Xero-Tenant-Id", tenant.to_string())
            .header("Accept", "application/json")
            .json(&json!({"Contacts": [{"ContactID": id, "ContactStatus": "ARCHIVED"}]}))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }

    /// Holds every request and every answer so far against Xero's OpenAPI file, where it is at
    /// hand; gives how many.
    pub(crate) fn check_against_openapi(&self) -> usize {
        if std::env::var_os("TILLBOOK_SHARED").is_none() {
            println!("SKIPPED: TILLBOOK_SHARED does not name the folder of Xero's OpenAPI file");
            return 0;
        }
        let calls = self.xero.calls();
        let mut checked = 0;
        for call in &calls {
            let Some(path) = call.path.strip_prefix("/api.xro/2.0/") else { continue };
            let method = call.method.as_str();
            openapi::check_answer(method, path, call.status, &call.response_body);
            if !call.request_body.is_empty() {
                let body = serde_json::from_str(&call.request_body).unwrap();
                let mut faults = openapi::faults_of_request(method, path, &body);
                // The file's own example of this request is not valid against its schema (reference:
                // Xero, section 5): a change names only what it changes.
                if method == "POST" && path.starts_with("BankTransactions") {
                    faults.retain(|fault| !fault.contains("is a required property"));
                }
                assert!(faults.is_empty(), "{method} {path}: {faults:#?}\n{body}");
            }
            checked += 1;
        }
        checked
    }

    /// The chart as the core takes it.
    pub(crate) async fn chart(&self, tenant: Uuid) -> Value {
        json!({
            "organisation": self.get(tenant, "Organisation").await["Organisations"][0],
            "accounts": self.get(tenant, "Accounts").await["Accounts"],
            "tax_rates": self.get(tenant, "TaxRates").await["TaxRates"],
            "tracking_categories":
                self.get(tenant, "TrackingCategories").await["TrackingCategories"],
            "currencies": self.get(tenant, "Currencies").await["Currencies"],
            "branding_themes": self.get(tenant, "BrandingThemes").await["BrandingThemes"],
        })
    }
}
