//! What is known of earlier postings: our links, and what Xero has.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    json::{
        Json,
        strict::{Blank, Misread, Slot, choice, needed, object, optional},
    },
    mapping::Posted,
    register::Register,
    sorted::sorted_by,
    xero::{
        document::DocumentKind,
        standing::{Standing, StandingSpend},
    },
};

choice! {
    /// What a link is for.
    Purpose {
        Document "An invoice or a credit note.",
        Payment "The payment of one.",
        Deposit "The payment of a deposit on one.",
        Fee "What the gateway kept of an invoice's payment.",
        Summary "The document of a summary.",
    }
}

choice! {
    /// Whether what was posted still counts.
    LinkState {
        Live "It does.",
        Withdrawn "It was taken back because the order was cancelled or the refund deleted.",
        Undone "A person had it taken back: it is made again only when a person says so.",
    }
}

/// What an order, a refund or a payment has become in Xero: the host keeps these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Link {
    /// Which kind of document it is, or is paid.
    pub document: DocumentKind,
    /// What it is for.
    pub purpose: Purpose,
    /// WooCommerce's id of the order, or of the refund for a credit note.
    pub id: u64,
    /// WooCommerce's id of the order concerned: a refund's own.
    pub order_id: u64,
    /// Xero's id.
    pub xero_id: String,
    /// `InvoiceNumber` or `CreditNoteNumber`.
    pub number: String,
    /// SHA-256 of the document or payment that was sent.
    pub sha256: String,
    /// SHA-256 of the document as Xero answered it: another one later means that somebody edited
    /// it. Empty when the answer was lost.
    #[serde(default)]
    pub ledger_sha256: String,
    /// Whether it still counts.
    #[serde(default)]
    pub state: LinkState,
    /// Key of a summary; then the ids say nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// First moment of what a summary covers, in seconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Blank::is_blank")]
    pub begins: i64,
    /// The moment after the last.
    #[serde(default, skip_serializing_if = "Blank::is_blank")]
    pub ends: i64,
}

impl Blank for Link {}

impl<'a> Slot<'a> for Link {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(
            json,
            &mut [
                needed("document", &mut self.document),
                needed("purpose", &mut self.purpose),
                needed("id", &mut self.id),
                needed("order_id", &mut self.order_id),
                needed("xero_id", &mut self.xero_id),
                optional("number", &mut self.number),
                optional("sha256", &mut self.sha256),
                optional("ledger_sha256", &mut self.ledger_sha256),
                optional("state", &mut self.state),
                optional("key", &mut self.key),
                optional("begins", &mut self.begins),
                optional("ends", &mut self.ends),
            ],
        )
    }
}

choice! {
    /// What a record is.
    RecordKind {
        Contact "The contact of a customer.",
        Item "The item of a product or variation.",
    }
}

/// What a customer or a product is in Xero: the host keeps these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct RecordLink {
    /// Which of the two.
    pub kind: RecordKind,
    /// The customer's id, `guest-` and a hash of the e-mail address, or the product's id.
    pub key: String,
    /// `ContactID` or `ItemID`.
    pub xero_id: String,
    /// The contact's name, or the item's code.
    #[serde(default)]
    pub name: String,
    /// SHA-256 of what the shop said at the time; empty where a person made the link.
    #[serde(default)]
    pub sha256: String,
}

impl<'a> Slot<'a> for RecordLink {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(
            json,
            &mut [
                needed("kind", &mut self.kind),
                needed("key", &mut self.key),
                needed("xero_id", &mut self.xero_id),
                optional("name", &mut self.name),
                optional("sha256", &mut self.sha256),
            ],
        )
    }
}

/// What a document may be paid for, in the order in which that is done.
pub(super) const PAYMENTS: [Purpose; 2] = [Purpose::Deposit, Purpose::Payment];

/// Links and standing documents, found by what they belong to.
#[derive(Debug, Default)]
pub struct Known {
    links: Register<Link>,
    by_id: Register<Standing>,
    by_number: Register<String>,
    spends: Register<StandingSpend>,
    spends_for: Register<String>,
}

impl Known {
    /// Takes over links and documents. A document that was voided does not own its number while a
    /// live one bears it too.
    #[must_use]
    pub fn new(links: Vec<Link>, standing: Vec<Standing>) -> Self {
        let mut known = Self::default();
        for link in links {
            known.link(link);
        }
        for standing in sorted_by(standing, |a, b| a.is_live().cmp(&b.is_live())) {
            let number = number_key(standing.kind, &standing.number);
            known.by_number.put(number, standing.id.clone());
            known.by_id.put(standing.id.clone(), standing);
        }
        known
    }

    /// Takes over one more link.
    pub(super) fn link(&mut self, link: Link) {
        let key = match link.purpose {
            Purpose::Summary => summary_key(&link.key),
            _ => link_key(link.document, link.purpose, link.id),
        };
        self.links.put(key, link);
    }

    /// The link of an order's or refund's document, whether it still counts or not.
    #[must_use]
    pub fn document(&self, kind: DocumentKind, id: u64) -> Option<&Link> {
        self.links.get(&link_key(kind, Purpose::Document, id))
    }

    /// The link of a summary, whether it still counts or not.
    #[must_use]
    pub fn summary(&self, key: &str) -> Option<&Link> {
        self.links.get(&summary_key(key))
    }

    /// Our payment of a document, or of a deposit on it, while it counts.
    #[must_use]
    pub fn payment(&self, purpose: Purpose, kind: DocumentKind, id: u64) -> Option<&Link> {
        let found = self.links.get(&link_key(kind, purpose, id));
        found.filter(|link| link.state == LinkState::Live || self.still_pays(link))
    }

    /// Whether there was ever a link of this kind, whether it still counts or not.
    #[must_use]
    pub fn has(&self, purpose: Purpose, kind: DocumentKind, id: u64) -> bool {
        self.links.get(&link_key(kind, purpose, id)).is_some()
    }

    /// Whether a payment stands though it was to be taken away: that was refused, or never sent.
    fn still_pays(&self, link: &Link) -> bool {
        let standing = self
            .document(link.document, link.id)
            .and_then(|document| self.standing(&document.xero_id));
        standing.is_some_and(|standing| standing.payments.iter().any(|own| own.id == link.xero_id))
    }

    /// All our payments of a document that count.
    pub fn payments(&self, kind: DocumentKind, id: u64) -> impl Iterator<Item = &Link> {
        PAYMENTS.into_iter().filter_map(move |purpose| self.payment(purpose, kind, id))
    }

    /// What the gateway kept of an order's payment, while it counts.
    #[must_use]
    pub fn fee(&self, order_id: u64) -> Option<&Link> {
        let found = self.links.get(&link_key(DocumentKind::Invoice, Purpose::Fee, order_id));
        found.filter(|link| link.state == LinkState::Live || self.is_still_spent(link))
    }

    /// Whether a fee stands though it was to be deleted: that was refused, or never arrived.
    fn is_still_spent(&self, link: &Link) -> bool {
        link.purpose == Purpose::Fee && self.spend(&link.xero_id).is_some_and(|spend| spend.live)
    }

    /// Whether a document belongs to an order or refund already.
    #[must_use]
    pub fn is_linked(&self, xero_id: &str) -> bool {
        self.links.iter().any(|link| link.xero_id == xero_id)
    }

    /// Takes over what was spent from bank accounts.
    pub fn spent(&mut self, spends: Vec<StandingSpend>) {
        for spend in spends {
            if spend.live {
                self.spends_for.put(spend.description.clone(), spend.id.clone());
            }
            self.spends.put(spend.id.clone(), spend);
        }
    }

    /// What was spent, by Xero's id.
    #[must_use]
    pub fn spend(&self, xero_id: &str) -> Option<&StandingSpend> {
        self.spends.get(xero_id)
    }

    /// What was spent and counts, by the description of its line.
    #[must_use]
    pub fn spend_for(&self, description: &str) -> Option<&StandingSpend> {
        self.spends.get(self.spends_for.get(description)?)
    }

    /// A document by Xero's id.
    #[must_use]
    pub fn standing(&self, xero_id: &str) -> Option<&Standing> {
        self.by_id.get(xero_id)
    }

    /// A document by its number, whatever the case of its letters.
    #[must_use]
    pub fn numbered(&self, kind: DocumentKind, number: &str) -> Option<&Standing> {
        self.by_id.get(self.by_number.get(&number_key(kind, number))?)
    }

    /// The days of what stands in Xero.
    #[must_use]
    pub fn posted(&self) -> Posted {
        let mut posted = Posted::default();
        for link in self.links.iter().filter(|link| link.state == LinkState::Live) {
            let key = || Posted::key((link.document, link.id));
            let standing = self.document(link.document, link.id).and_then(|document| {
                self.standing(&document.xero_id).filter(|standing| standing.is_live())
            });
            let Some(standing) = standing else { continue };
            match link.purpose {
                Purpose::Document => {
                    if let Some(date) = standing.date {
                        posted.documents.put(key(), date);
                    }
                }
                Purpose::Fee | Purpose::Summary => {}
                Purpose::Payment | Purpose::Deposit => {
                    let own = standing.payments.iter().find(|own| own.id == link.xero_id);
                    let dates = match link.purpose {
                        Purpose::Deposit => &mut posted.deposits,
                        _ => &mut posted.payments,
                    };
                    if let Some(date) = own.and_then(|own| own.date) {
                        dates.put(key(), date);
                    }
                }
            }
        }
        posted
    }

    /// Every order that something was posted for and still counts.
    #[must_use]
    pub fn orders(&self) -> Vec<u64> {
        let counts = |link: &&Link| {
            link.purpose != Purpose::Summary
                && (link.state == LinkState::Live || self.is_still_spent(link))
        };
        let live = self.links.iter().filter(counts);
        let mut orders: Vec<u64> = live.map(|link| link.order_id).collect();
        orders.sort_unstable();
        orders.dedup();
        orders
    }

    /// The refunds of an order that have a credit note that counts.
    #[must_use]
    pub fn refunds_of(&self, order_id: u64) -> Vec<u64> {
        let own = |link: &&Link| {
            link.document == DocumentKind::CreditNote
                && link.purpose == Purpose::Document
                && link.order_id == order_id
                && link.state == LinkState::Live
        };
        self.links.iter().filter(own).map(|link| link.id).collect()
    }
}

fn link_key(kind: DocumentKind, purpose: Purpose, id: u64) -> String {
    let purpose = match purpose {
        Purpose::Document => "document",
        Purpose::Payment => "payment",
        Purpose::Deposit => "deposit",
        Purpose::Fee => "fee",
        Purpose::Summary => "summary",
    };
    format!("{} {purpose} {id}", kind.as_str())
}

fn summary_key(key: &str) -> String {
    format!("summary {key}")
}

fn number_key(kind: DocumentKind, number: &str) -> String {
    format!("{} {}", kind.as_str(), number.to_ascii_uppercase())
}
