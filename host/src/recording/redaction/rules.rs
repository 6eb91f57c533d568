//! Which texts of a request are about people.

use serde_json::value::RawValue;

/// Where in a request a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// The contract's own fields.
    Own,
    /// The settings, and the shop's own facts: nobody is named there.
    Settings,
    /// Our links to contacts and items, and steps about contacts.
    Records,
    /// An order, a refund or a customer as WooCommerce gives them.
    Shop,
    /// An address of an order.
    Address,
    /// A list of meta.
    Meta,
    /// A meta entry's value that the core reckons with.
    MetaKept,
    /// Another meta entry's value.
    MetaValue,
    /// A product.
    Product,
    /// What Xero says.
    Xero,
    /// What Xero says of a contact or of the organisation.
    Contact,
}

/// What is to be done with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays.
    Keep,
    /// It stays, and stays wherever else it is the whole text.
    Setting,
    /// It names a person.
    Person,
    /// Nobody knows what a plugin wrote there, or what it is for.
    Hidden,
    /// The same, but amounts and marks stay.
    Meta,
    /// A number where people may be numbers.
    Number,
    /// A text for people that may name somebody.
    Free,
    /// A word of a program, perhaps a gateway's name for a payment.
    Code,
}

/// Words of WooCommerce, amounts and ids.
const SHOP_CODES: [&str; 38] = [
    "status",
    "currency",
    "currency_symbol",
    "version",
    "created_via",
    "payment_method",
    "method_id",
    "instance_id",
    "tax_class",
    "tax_status",
    "rate_code",
    "discount_type",
    "type",
    "role",
    "total",
    "total_tax",
    "subtotal",
    "subtotal_tax",
    "discount_total",
    "discount_tax",
    "shipping_total",
    "shipping_tax",
    "cart_tax",
    "amount",
    "tax_total",
    "shipping_tax_total",
    "rate_percent",
    "discount",
    "price",
    "quantity",
    "date_created",
    "date_created_gmt",
    "date_modified",
    "date_modified_gmt",
    "date_completed",
    "date_completed_gmt",
    "date_paid",
    "date_paid_gmt",
];

/// Texts of a shop that are about goods and ways, not about people.
const SHOP_TEXTS: [&str; 8] =
    ["name", "parent_name", "method_title", "payment_method_title", "label", "sku", "number", "id"];

/// What names the buyer outside of addresses.
const SHOP_PERSONS: [&str; 8] = [
    "transaction_id",
    "customer_ip_address",
    "customer_user_agent",
    "email",
    "first_name",
    "last_name",
    "username",
    "company",
];

/// Meta whose values the core reads: amounts, currencies, ids of lines.
const META_KEPT: [&str; 13] = [
    "_stripe_fee",
    "_stripe_net",
    "_stripe_currency",
    "_wcpay_transaction_fee",
    "_wcpay_net",
    "_wcpay_intent_currency",
    "_ppcp_paypal_fees",
    "_ppcp_paypal_refund_fees",
    "PayPal Transaction Fee",
    "is_vat_exempt",
    "_wcpay_multi_currency_order_exchange_rate",
    "_refunded_item_id",
    "_refund_type",
];
const META_KEPT_BEGINS: [&str; 2] = ["_wc_deposits_deposit_", "_awcdp_deposits_deposit_"];

/// What Xero says of a contact that names nobody.
const CONTACT_CODES: [&str; 20] = [
    "ContactStatus",
    "AddressType",
    "PhoneType",
    "DefaultCurrency",
    "BaseCurrency",
    "Country",
    "CountryCode",
    "UpdatedDateUTC",
    "AccountsReceivableTaxType",
    "AccountsPayableTaxType",
    "Timezone",
    "OrganisationType",
    "OrganisationStatus",
    "Version",
    "Edition",
    "TaxNumberName",
    "OrganisationEntityType",
    "SalesTaxBasis",
    "SalesTaxPeriod",
    "Class",
];

/// Texts of Xero's that people write.
const XERO_TEXTS: [&str; 9] = [
    "Name",
    "Reference",
    "Description",
    "Narration",
    "Message",
    "Url",
    "InvoiceNumber",
    "CreditNoteNumber",
    "Detail",
];
const XERO_PERSONS: [&str; 9] = [
    "FirstName",
    "LastName",
    "EmailAddress",
    "TaxNumber",
    "BankAccountNumber",
    "AccountNumber",
    "SkypeUserName",
    "AttentionTo",
    "CreatedBy",
];

/// Words of our own, and Xero's ids.
const OWN_CODES: [&str; 4] = ["xero_id", "path", "method", "action"];

/// Texts of our own that may hold a name.
const OWN_TEXTS: [&str; 8] =
    ["number", "name", "reference", "description", "message", "label", "title", "text"];

impl Zone {
    /// The zone below a field.
    pub(super) fn enter(self, key: &str) -> Self {
        match (self, key) {
            (Self::Own, "settings" | "shop") => Self::Settings,
            (Self::Own, "records") => Self::Records,
            (Self::Own, "order" | "refunds" | "customer") => Self::Shop,
            (Self::Own, "products") => Self::Product,
            (Self::Own, "chart" | "ledger" | "answer") => Self::Xero,
            (Self::Shop | Self::Product, "meta_data") => Self::Meta,
            (Self::Shop, "billing" | "shipping") => Self::Address,
            (
                Self::Xero,
                "organisation" | "contacts" | "Contact" | "Contacts" | "ContactPersons"
                | "Addresses" | "Phones" | "BatchPayments",
            ) => Self::Contact,
            _ => self,
        }
    }

    /// The zone inside an object, where its other fields say more: meta by its key, a step by what
    /// it does.
    pub(super) fn of_object(self, fields: &[(String, &RawValue)]) -> Self {
        let field = |name: &str| {
            let found = fields.iter().find(|(key, _)| key == name)?;
            serde_json::from_str::<String>(found.1.get()).ok()
        };
        match self {
            Self::Meta => match field("key") {
                Some(key)
                    if META_KEPT.contains(&&*key)
                        || META_KEPT_BEGINS.iter().any(|begin| key.starts_with(begin)) =>
                {
                    Self::MetaKept
                }
                _ => Self::MetaValue,
            },
            Self::Own if field("action").is_some_and(|action| action.contains("contact")) => {
                Self::Records
            }
            // A bare line of an order is no person.
            _ => self,
        }
    }

    /// What is to be done with the text of a field.
    pub(super) fn judge(self, key: &str, text: &str) -> Verdict {
        match self {
            Self::Settings => Verdict::Setting,
            Self::MetaKept => Verdict::Keep,
            Self::Product => Verdict::Free,
            Self::Own => judge_own(key),
            Self::Records => judge_record(key, text),
            Self::Shop => judge_shop(key),
            Self::Address if matches!(key, "country" | "state") && text.len() <= 3 => Verdict::Keep,
            Self::Meta | Self::MetaValue if key == "key" || key == "display_key" => Verdict::Free,
            Self::Meta | Self::MetaValue => Verdict::Meta,
            Self::Contact if is_contact_code(key) => Verdict::Keep,
            Self::Address | Self::Contact => Verdict::Person,
            Self::Xero => judge_xero(key),
        }
    }

    /// What is to be done with a number; `None` where it stays.
    pub(super) fn judge_number(self, key: &str, text: &str) -> Option<Verdict> {
        let long = text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        (self == Self::MetaValue && key != "id" && long).then_some(Verdict::Number)
    }
}

fn judge_own(key: &str) -> Verdict {
    if OWN_TEXTS.contains(&key) {
        Verdict::Free
    } else if key.ends_with("sha256") || OWN_CODES.contains(&key) {
        Verdict::Keep
    } else {
        Verdict::Code
    }
}

fn judge_record(key: &str, text: &str) -> Verdict {
    let names = matches!(key, "name" | "number") || (key == "key" && text.contains('@'));
    if names { Verdict::Person } else { Verdict::Keep }
}

fn judge_shop(key: &str) -> Verdict {
    if SHOP_CODES.contains(&key) {
        Verdict::Keep
    } else if SHOP_TEXTS.contains(&key) {
        Verdict::Free
    } else if SHOP_PERSONS.contains(&key) {
        Verdict::Person
    } else {
        Verdict::Hidden
    }
}

fn judge_xero(key: &str) -> Verdict {
    if XERO_PERSONS.contains(&key) {
        Verdict::Person
    } else if XERO_TEXTS.contains(&key) {
        Verdict::Free
    } else if is_xero_code(key) {
        Verdict::Keep
    } else {
        Verdict::Code
    }
}

fn is_contact_code(key: &str) -> bool {
    key == "ContactNumber" || CONTACT_CODES.contains(&key) || is_xero_code(key)
}

/// Ids, moments and states, which Xero names so.
fn is_xero_code(key: &str) -> bool {
    ["ID", "UTC", "Status", "Type", "Date", "DateString"].iter().any(|end| key.ends_with(end))
}

/// Whether a text is an amount with decimals, a small number or a day: nobody is known by these.
pub(super) fn is_amount(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, parts)) => is_number(whole) && is_number(parts),
        None if is_number(digits) => digits.len() <= 4,
        None => text.get(..10).is_some_and(|day| day.parse::<chrono::NaiveDate>().is_ok()),
    }
}

/// Whether a text is one of the words that plugins mark something with.
pub(super) fn is_flag(text: &str) -> bool {
    ["yes", "no", "true", "false"].contains(&text)
}

/// Whether a text is an id as Xero makes them.
pub(super) fn is_uuid(text: &str) -> bool {
    uuid::Uuid::parse_str(text).is_ok()
}

/// Whether a word looks like a program's name for something: letters and digits mixed, or many
/// digits.
pub(super) fn is_opaque(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().count().saturating_sub(digits);
    (digits > 0 && letters > 0 && word.len() >= 8) || (letters == 0 && digits >= 10)
}
