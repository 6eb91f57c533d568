//! What Xero has: copied once, and brought up to date by what has changed since.
//!
//! A ledger of many thousand documents would take as many calls as a small organisation has in a
//! day if each plan read it anew. `If-Modified-Since` goes by whole seconds of Xero's own clock, and
//! nobody has verified on which side of its boundary it falls (`xero.md` 1.11), so what changed
//! shortly before is asked for again. Once a day everything is read: a copy heals by itself, and
//! what Xero counts as no change is seen then.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::value::RawValue;
use tillbook_core::settings::{ContactMode, Settings};

use super::{Bookkeeper, PlanError, Scope, patiently};
use crate::{
    store::{MirrorMark, MirrorNews, MirrorOf, Mirrored, Store},
    time::Timestamp,
    worker::Organisation,
    xero_client::{Changed, XeroClient},
};

/// After this time everything is read again.
const WHOLE_AFTER: Duration = Duration::from_hours(24);

/// What changed so long before the youngest change is asked for again: changes may be seen in
/// another order than that of their stamps.
const OVERLAP: Duration = Duration::from_mins(1);

/// A collection of Xero.
#[derive(Debug, Clone, Copy)]
struct Resource {
    name: &'static str,
    path: &'static str,
    id: &'static str,
    number: &'static str,
    /// Whether only our own documents are kept: those with the shop's prefix, and linked ones.
    own: bool,
}

const INVOICES: Resource = Resource {
    name: "Invoices",
    path: "Invoices",
    id: "InvoiceID",
    number: "InvoiceNumber",
    own: true,
};
const CREDIT_NOTES: Resource = Resource {
    name: "CreditNotes",
    path: "CreditNotes",
    id: "CreditNoteID",
    number: "CreditNoteNumber",
    own: true,
};
const CONTACTS: Resource = Resource {
    name: "Contacts",
    path: "Contacts?includeArchived=true",
    id: "ContactID",
    number: "",
    own: false,
};
const SPENDS: Resource = Resource {
    name: "BankTransactions",
    path: "BankTransactions?where=Type%3D%3D%22SPEND%22",
    id: "BankTransactionID",
    number: "",
    own: false,
};

/// What of Xero a plan looks at besides documents.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    contacts: bool,
    items: bool,
    fees: bool,
}

impl Wanted {
    /// What the settings and the scope ask for: who undoes needs neither contacts nor items.
    pub(super) fn of(settings: &Settings, scope: &Scope) -> Self {
        Self {
            contacts: settings.contact.mode == ContactMode::Each && !scope.undo,
            items: settings.lines.item_codes && !scope.undo,
            // What is switched off stays as it is, but for who takes back on purpose.
            fees: !settings.gateway_fees.account.is_empty()
                && (settings.sync.fees.on || scope.undo),
        }
    }
}

/// What Xero has, with what finds it.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) invoices: Held,
    pub(super) credit_notes: Held,
    /// Empty where customers are no contacts of their own.
    pub(super) contacts: Vec<Box<RawValue>>,
    /// Empty where gateway fees are not posted.
    pub(super) spends: Vec<Box<RawValue>>,
    /// Empty where lines bear no item codes.
    pub(super) items: Vec<Box<RawValue>>,
}

/// Documents of one kind: their names are at hand, their texts are in the store.
#[derive(Debug)]
pub(super) struct Held {
    store: Store,
    organisation: String,
    shop: String,
    resource: &'static str,
    /// Ids and numbers.
    names: Vec<(String, String)>,
}

impl Held {
    /// The texts of the documents with these ids or numbers.
    pub(super) async fn pick(
        &self,
        ids: &BTreeSet<&str>,
        numbers: &BTreeSet<String>,
    ) -> Result<Vec<Box<RawValue>>, PlanError> {
        let concerned = |(id, number): &&(String, String)| {
            ids.contains(id.as_str()) || begins(number).any(|part| numbers.contains(part))
        };
        let found: Vec<&str> =
            self.names.iter().filter(concerned).map(|(id, _)| id.as_str()).collect();
        let of = MirrorOf {
            organisation: &self.organisation,
            shop: &self.shop,
            resource: self.resource,
        };
        Ok(raw_all(self.store.mirror_some(of, &found).await?))
    }
}

/// A number and what stands before each of its dashes: documents that are made again, and credit
/// notes, bear the invoice's number with more behind it.
fn begins(number: &str) -> impl Iterator<Item = &str> {
    let cuts = number.match_indices('-').filter_map(|(at, _)| number.get(..at));
    std::iter::once(number).chain(cuts)
}

impl Bookkeeper {
    /// Brings our copy of what Xero has up to date, and gives what a plan looks at.
    ///
    /// # Errors
    /// [`PlanError::Xero`] or [`PlanError::Store`].
    pub(super) async fn read_ledger<F>(
        &self,
        organisation: &Organisation<F>,
        wanted: Wanted,
    ) -> Result<Ledger, PlanError> {
        let linked = self.store.core_links(&organisation.id, &organisation.shop_url).await?;
        let linked: BTreeSet<&str> = linked.iter().map(|link| link.xero_id.as_str()).collect();
        let held = async |resource: Resource| {
            let of = self.refresh(organisation, resource, &linked).await?;
            Ok::<_, PlanError>(Held {
                store: self.store.clone(),
                organisation: organisation.id.clone(),
                shop: organisation.shop_url.clone(),
                resource: resource.name,
                names: self.store.mirror_names(of).await?,
            })
        };
        let all = async |wanted: bool, resource: Resource| {
            if !wanted {
                return Ok::<_, PlanError>(Vec::new());
            }
            let of = self.refresh(organisation, resource, &linked).await?;
            Ok(raw_all(self.store.mirror_all(of).await?))
        };
        let xero = &organisation.xero;
        Ok(Ledger {
            invoices: held(INVOICES).await?,
            credit_notes: held(CREDIT_NOTES).await?,
            contacts: all(wanted.contacts, CONTACTS).await?,
            spends: all(wanted.fees, SPENDS).await?,
            // Items come all at once: there are no pages.
            items: if wanted.items {
                patiently(self.read_patience, on_wait, async || xero.read_once("Items").await)
                    .await?
            } else {
                Vec::new()
            },
        })
    }

    /// Asks Xero for what has changed of a collection, or for all of it, and keeps it.
    async fn refresh<'o, F>(
        &self,
        organisation: &'o Organisation<F>,
        resource: Resource,
        linked: &BTreeSet<&str>,
    ) -> Result<MirrorOf<'o>, PlanError> {
        let of = MirrorOf {
            organisation: &organisation.id,
            shop: &organisation.shop_url,
            resource: resource.name,
        };
        let prefix = organisation.settings.invoice.prefix.as_str();
        let scope = if resource.own { prefix } else { "" };
        let now = self.clock.now();
        let known = self.store.mirror_mark(of).await?.filter(|mark| {
            // A clock that was put back must not keep a copy for ever.
            let is_young = mark.whole <= now && now.since(mark.whole) < WHOLE_AFTER;
            mark.scope == scope && is_young && mark.changed > Timestamp::from_ms(0)
        });
        let since = known.as_ref().map(|mark| mark.changed.minus(OVERLAP));
        let found = self.read_changed(&organisation.xero, resource, since).await?;
        let changed = found.iter().filter_map(|text| updated_of(text)).max();
        let mark = MirrorMark {
            scope: scope.to_owned(),
            changed: changed
                .max(known.as_ref().map(|mark| mark.changed))
                .unwrap_or(Timestamp::from_ms(0)),
            whole: known.as_ref().map_or(now, |mark| mark.whole),
        };
        let keep = |one: &Mirrored| {
            !resource.own || one.number.starts_with(prefix) || linked.contains(one.xero_id.as_str())
        };
        let mut news = MirrorNews { whole: known.is_none(), ..MirrorNews::default() };
        let mut last: BTreeMap<String, Mirrored> = BTreeMap::new();
        for text in found {
            let one = mirrored(resource, &text);
            last.insert(one.xero_id.clone(), one);
        }
        for (id, one) in last {
            if keep(&one) {
                news.changed.push(one);
            } else if !news.whole {
                news.gone.push(id);
            }
        }
        if news.whole || !(news.changed.is_empty() && news.gone.is_empty()) {
            self.store.put_mirror(of, &mark, &news).await?;
        }
        Ok(of)
    }

    /// Reads page by page, by id: what changes meanwhile may come twice, but is not passed over.
    async fn read_changed(
        &self,
        xero: &XeroClient,
        resource: Resource,
        since: Option<Timestamp>,
    ) -> Result<Vec<Box<RawValue>>, PlanError> {
        let mut all = Vec::new();
        for page in 1_u32.. {
            let asked = Changed { since, order: resource.id };
            let read = async || xero.read_changed(resource.path, page, asked).await;
            let (mut found, last) = patiently(self.read_patience, on_wait, read).await?;
            all.append(&mut found);
            if last {
                break;
            }
        }
        Ok(all)
    }
}

fn on_wait(wait: Duration, why: &str) {
    tracing::info!(?wait, why, "waiting");
}

fn mirrored(resource: Resource, text: &RawValue) -> Mirrored {
    let field = |key| XeroClient::text_field(text, key).unwrap_or_default();
    let number = if resource.number.is_empty() { String::new() } else { field(resource.number) };
    Mirrored { xero_id: field(resource.id), number, body: text.get().to_owned() }
}

/// When Xero says that something was changed: `/Date(1573755038314+0000)/`.
fn updated_of(text: &RawValue) -> Option<Timestamp> {
    let stamp = XeroClient::text_field(text, "UpdatedDateUTC")?;
    let digits = stamp.strip_prefix("/Date(")?.split(['+', '-', ')']).next()?;
    digits.parse().ok().map(Timestamp::from_ms)
}

/// What was kept is JSON: it was taken from an answer that was read.
fn raw_all(bodies: Vec<String>) -> Vec<Box<RawValue>> {
    bodies.into_iter().filter_map(|body| RawValue::from_string(body).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_a_moment() {
        let text = |stamp: &str| {
            RawValue::from_string(format!(r#"{{"UpdatedDateUTC":"{stamp}"}}"#)).unwrap()
        };
        let at = |stamp| updated_of(&text(stamp));
        let expected = Some(Timestamp::from_ms(1_573_755_038_314));
        assert_eq!(at(r"\/Date(1573755038314+0000)\/"), expected);
        assert_eq!(at("/Date(1573755038314)/"), expected);
        assert_eq!(at("2019-11-14"), None);
    }

    #[test]
    fn documents_made_again_belong_to_their_number() {
        assert_eq!(begins("WC-7-2").collect::<Vec<_>>(), ["WC-7-2", "WC", "WC-7"]);
    }
}
