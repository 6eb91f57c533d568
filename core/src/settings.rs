//! Everything that a user can choose about an order's own lines, with defaults.
//!
//! Each choice is one of ACCOUNTING section 1; the first value it names is the default. A file of
//! settings may leave out whatever it does not change.

pub mod check;
pub mod propose;
pub mod summary;
pub mod sync;
pub mod template;

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use serde::Serialize;

pub use summary::SummarySettings;
pub use sync::SyncSettings;

use crate::json::{
    Json,
    strict::{Misread, Slot, choice, deserialize_by_slot, object, optional},
};

macro_rules! settings {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty = $default:expr),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),+ }

        impl<'a> Slot<'a> for $name {
            fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
                object(json, &mut [$(optional(stringify!($field), &mut self.$field)),+])
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }
    };
}
use settings;

settings! {
    /// All settings of one shop's individual mode.
    Settings {
        /// The invoice's own fields.
        invoice: InvoiceSettings = InvoiceSettings::default(),
        /// Who invoices are made out to.
        contact: ContactSettings = ContactSettings::default(),
        /// What becomes of an order, by its status without `wc-`. A status without a row holds
        /// the order.
        statuses: BTreeMap<String, StatusAction> = default_statuses(),
        /// Descriptions and discounts.
        lines: LineSettings = LineSettings::default(),
        /// Accounts by kind of line and by rule.
        accounts: AccountSettings = AccountSettings::default(),
        /// Tracking categories, at most two.
        tracking: Vec<TrackingSettings> = Vec::new(),
        /// Tax types by set of tax rates.
        tax: TaxSettings = TaxSettings::default(),
        /// Fee lines that are tips, deposits, surcharges or gift cards; the first that matches
        /// counts.
        fees: Vec<FeeRule> = Vec::new(),
        /// Gift cards and store credit.
        gift_cards: GiftCardSettings = GiftCardSettings::default(),
        /// Credit notes for refunds.
        refunds: RefundSettings = RefundSettings::default(),
        /// What may be rounded, and where to.
        rounding: RoundingSettings = RoundingSettings::default(),
        /// Items of products.
        items: ItemSettings = ItemSettings::default(),
        /// Bank and clearing accounts by payment gateway.
        payments: PaymentSettings = PaymentSettings::default(),
        /// What payment gateways keep.
        gateway_fees: GatewayFeeSettings = GatewayFeeSettings::default(),
        /// What becomes of documents whose order has changed since.
        changes: ChangeSettings = ChangeSettings::default(),
        /// Summaries instead of single invoices.
        summary: SummarySettings = SummarySettings::default(),
        /// What is sent by itself, and from when.
        sync: SyncSettings = SyncSettings::default(),
    }
}

deserialize_by_slot!(Settings);

impl Settings {
    /// Whether a choice goes by the customer's role, which no order bears: then the customers have
    /// to be handed in with their orders.
    #[must_use]
    pub fn ask_for_roles(&self) -> bool {
        !self.contact.one_for_roles.is_empty()
            || !self.invoice.terms.by_role.is_empty()
            || (self.summary.is_used() && !self.summary.individually.roles.is_empty())
    }
}

choice! {
    /// What becomes of orders of a status.
    StatusAction {
        Never "Not posted.",
        Invoice "An invoice that awaits payment.",
        InvoicePaid "An invoice, and a payment when the order has been paid.",
        Withdraw "Nothing if never posted; else payments are removed and the invoice voided.",
    }
}

/// The status table of ACCOUNTING section 1.
fn default_statuses() -> BTreeMap<String, StatusAction> {
    [
        ("processing", StatusAction::InvoicePaid),
        ("completed", StatusAction::InvoicePaid),
        ("refunded", StatusAction::InvoicePaid),
        ("pending", StatusAction::Invoice),
        ("on-hold", StatusAction::Invoice),
        // Of deposit plugins: one order for the whole, of which a part is paid, or one for each part.
        ("partially-paid", StatusAction::Invoice),
        ("partial-payment", StatusAction::InvoicePaid),
        ("pending-deposit", StatusAction::Invoice),
        ("scheduled-payment", StatusAction::Never),
        ("cancelled", StatusAction::Withdraw),
        ("failed", StatusAction::Withdraw),
        ("trash", StatusAction::Withdraw),
        ("checkout-draft", StatusAction::Never),
        ("auto-draft", StatusAction::Never),
    ]
    .into_iter()
    .map(|(status, action)| (status.into(), action))
    .collect()
}

settings! {
    /// The invoice's own fields.
    InvoiceSettings {
        /// Put before the order's number; one per shop, required. Two shops with one prefix would
        /// write each other's invoices.
        prefix: String = String::new(),
        /// Template of `Reference`.
        reference: String = "WooCommerce #{number}".into(),
        /// `Status` of a new invoice. A draft takes no payment.
        status: InvoiceStatus = InvoiceStatus::Authorised,
        /// Which of the order's days is the invoice's `Date`.
        date: DateSource = DateSource::Created,
        /// Days from `Date` to `DueDate`.
        terms: Terms = Terms::default(),
        /// Whether `Url` links to the order in the shop.
        link_to_order: bool = true,
        /// Name or id of a branding theme; the organisation's standard one when empty.
        branding_theme: String = String::new(),
        /// Whose exchange rate counts for orders in another currency than the organisation's.
        currency_rate: CurrencyRate = CurrencyRate::Xero,
        /// What becomes of a document or payment whose day is in a period that is locked in Xero.
        locked: Locked = Locked::Hold,
        /// What becomes of orders that come to 0.00.
        zero_total: ZeroTotal = ZeroTotal::Post,
    }
}

choice! {
    /// `Status` of a new invoice.
    InvoiceStatus {
        Authorised "Approved: it counts at once.",
        Draft "For a person to look at; takes no payment.",
        Submitted "Awaits approval; takes no payment.",
    }
}

choice! {
    /// Which of the order's days counts.
    DateSource {
        Created "The day the order was made.",
        Paid "The day it was paid.",
        Completed "The day it was completed.",
    }
}

choice! {
    /// Whose exchange rate counts.
    CurrencyRate {
        Xero "Xero's own for the day.",
        Order "The one a currency plugin stored on the order, Xero's own when there is none.",
    }
}

choice! {
    /// What becomes of a document or payment whose day is in a locked period.
    Locked {
        Hold "It waits for a person.",
        NextOpenDay "It takes the first day that is open.",
    }
}

choice! {
    /// What becomes of orders that come to 0.00.
    ZeroTotal {
        Post "An invoice of 0.00.",
        Skip "Nothing.",
    }
}

settings! {
    /// Days from `Date` to `DueDate`: by the customer's role, else by gateway, else `days`.
    Terms {
        /// For all others.
        days: u32 = 0,
        /// By payment gateway id, such as `bacs`.
        by_gateway: BTreeMap<String, u32> = BTreeMap::new(),
        /// By customer role, such as `wholesale`.
        by_role: BTreeMap<String, u32> = BTreeMap::new(),
    }
}

choice! {
    /// Whether each customer is a contact.
    ContactMode {
        Each "Each customer is a contact of their own.",
        One "One contact for all.",
    }
}

settings! {
    /// Who invoices are made out to.
    ContactSettings {
        /// Whether each customer is a contact.
        mode: ContactMode = ContactMode::Each,
        /// The contact's name when there is one for all.
        name: String = "WooCommerce customers".into(),
        /// Put before the customer's id to make the contact number.
        number_prefix: String = String::new(),
        /// Template of a customer's name. The e-mail address keeps two people of one name apart.
        name_template: String = "{first_name} {last_name} ({email})".into(),
        /// Template of the name of a customer who buys for a company; the other template counts
        /// when empty.
        company_template: String = String::new(),
        /// Customer roles whose orders go to the one contact for all.
        one_for_roles: Vec<String> = Vec::new(),
        /// Whether guests' orders go to the one contact for all.
        one_for_guests: bool = false,
        /// What becomes of the fields of a contact that was there before.
        existing: ExistingContact = ExistingContact::Fill,
    }
}

choice! {
    /// What becomes of the fields of a contact that was there before.
    ExistingContact {
        Fill "Empty ones are filled in; others stay as they are.",
        Leave "All stay as they are.",
        Overwrite "They become what the shop has.",
    }
}

settings! {
    /// Descriptions and discounts.
    LineSettings {
        /// Template of a line item's description. `{attributes}` are variation and chosen item
        /// meta.
        line_item: String = "{name} {attributes}".into(),
        /// Template of a shipping line's description.
        shipping: String = "Shipping: {name}".into(),
        /// Template of a fee line's description.
        fee: String = "{name}".into(),
        /// Template of a discount line's description.
        discount: String = "Discount: {coupons}".into(),
        /// Template of the description of tax as a line.
        tax: String = "Tax: {name}".into(),
        /// How discounts are shown.
        discounts: Discounts = Discounts::Net,
        /// Whether mapped products put their item code on the line.
        item_codes: bool = true,
    }
}

choice! {
    /// How discounts are shown. Never through Xero's own discount fields, which round (reference:
    /// Xero, section 4.3).
    Discounts {
        Net "In the net price.",
        Lines "As their own negative lines to the discount account.",
    }
}

settings! {
    /// Choices by what was sold. The first kind of rule that matches counts, in this order:
    /// product, category, product type, tax class, country.
    Rules {
        /// By product or variation id.
        product: BTreeMap<String, String> = BTreeMap::new(),
        /// By category slug.
        category: BTreeMap<String, String> = BTreeMap::new(),
        /// By product type, such as `gift-card`.
        product_type: BTreeMap<String, String> = BTreeMap::new(),
        /// By tax class slug; `standard` is the standard one.
        tax_class: BTreeMap<String, String> = BTreeMap::new(),
        /// By the two-letter country the goods went to.
        country: BTreeMap<String, String> = BTreeMap::new(),
    }
}

settings! {
    /// Account codes.
    AccountSettings {
        /// Goods and services.
        sales: String = String::new(),
        /// Shipping.
        shipping: String = String::new(),
        /// Shipping by method id, such as `local_pickup`.
        shipping_methods: BTreeMap<String, String> = BTreeMap::new(),
        /// Fee lines that no rule in `fees` takes.
        fees: String = String::new(),
        /// Discounts, when they are lines.
        discounts: String = String::new(),
        /// Exceptions from `sales`.
        rules: Rules = Rules::default(),
    }
}

settings! {
    /// One tracking category.
    TrackingSettings {
        /// Its name in Xero.
        category: String = String::new(),
        /// The option for lines that no rule takes; none when empty.
        option: String = String::new(),
        /// Options by rule.
        rules: Rules = Rules::default(),
    }
}

choice! {
    /// How tax is posted.
    TaxMode {
        Types "By Xero's tax types.",
        Line "All lines without tax, and each tax rate as its own line to a liability account: US sales tax.",
    }
}

settings! {
    /// Tax types by set of tax rates.
    TaxSettings {
        /// How tax is posted.
        mode: TaxMode = TaxMode::Types,
        /// The sets of WooCommerce tax rates that stand on lines, and their tax types.
        sets: Vec<TaxSet> = Vec::new(),
        /// Tax types of lines that bear no tax, by reason.
        untaxed: UntaxedSettings = UntaxedSettings::default(),
        /// Liability account of tax that is posted as a line.
        line_account: String = String::new(),
        /// Tax type of lines that stand outside tax: rounding, and every line of an order whose tax
        /// is posted as lines.
        no_tax: String = "NONE".into(),
    }
}

settings! {
    /// One set of WooCommerce tax rates: a tax type, or an account when its tax is posted as a
    /// line of its own.
    TaxSet {
        /// The ids of the rates.
        rates: Vec<u64> = Vec::new(),
        /// What the set is, for people.
        #[serde(skip_serializing_if = "String::is_empty")]
        name: String = String::new(),
        /// The Xero tax type.
        #[serde(skip_serializing_if = "String::is_empty")]
        tax_type: String = String::new(),
        /// The account of its tax as a line; used when there is no tax type.
        #[serde(skip_serializing_if = "String::is_empty")]
        line_account: String = String::new(),
    }
}

settings! {
    /// Tax types of lines that bear no tax, by reason; looked up in this order.
    UntaxedSettings {
        /// The line itself is not taxable (tax status `none`).
        not_taxable: String = String::new(),
        /// The customer is exempt.
        exempt: String = String::new(),
        /// The goods are in the zero-rate class.
        zero_rate: String = String::new(),
        /// The goods went to another country.
        export: String = String::new(),
        /// No tax rate of the shop applied.
        other: String = String::new(),
    }
}

choice! {
    /// What a fee line is.
    FeeKind {
        Surcharge "A charge for a way of paying or the like.",
        Tip "A tip.",
        Deposit "A deposit.",
        GiftCard "A gift card or store credit that was redeemed.",
    }
}

settings! {
    /// A rule for fee lines. All that is given must match.
    FeeRule {
        /// Text that the fee's name holds, without regard to the case of A to Z.
        name_contains: String = String::new(),
        /// Key of a meta entry that the fee bears.
        meta_key: String = String::new(),
        /// Value of that meta entry; any value when empty.
        meta_value: String = String::new(),
        /// Only fees below zero.
        negative: bool = false,
        /// What such a fee is.
        kind: FeeKind = FeeKind::Surcharge,
        /// Account code.
        account: String = String::new(),
    }
}

settings! {
    /// Gift cards and store credit: a sold card is a liability, a redeemed one reduces it.
    GiftCardSettings {
        /// The liability account.
        account: String = String::new(),
        /// Product types that are gift cards, such as `gift-card`.
        product_types: Vec<String> = ["gift-card", "gift_card", "pw-gift-card"].map(String::from).into(),
        /// Kinds of coupon that redeem a gift card or store credit.
        coupon_kinds: Vec<String> = ["smart_coupon", "store_credit", "gift_card"].map(String::from).into(),
    }
}

choice! {
    /// How a refund of an amount without lines is shown.
    AmountOnly {
        Spread "Spread over what remains of the order's lines, in proportion, so that tax is right.",
        Line "As one line without tax to the refunds account.",
    }
}

settings! {
    /// Credit notes for refunds.
    RefundSettings {
        /// How a refund of an amount without lines is shown.
        amount_only: AmountOnly = AmountOnly::Spread,
        /// The account of such lines, when they are one line.
        account: String = String::new(),
        /// Put between the invoice's number and the refund's id to make the credit note's number.
        number_infix: String = "-R".into(),
        /// Template of `Reference`.
        reference: String = "Refund of WooCommerce #{number}".into(),
    }
}

settings! {
    /// What may be rounded, and where to.
    RoundingSettings {
        /// The account of rounding lines.
        account: String = String::new(),
        /// The most that a rounding line may be, a decimal in the invoice's currency.
        cap: String = "0.05".into(),
    }
}

settings! {
    /// Bank and clearing accounts by payment gateway.
    PaymentSettings {
        /// Account code by gateway id, or by gateway id and currency (`stripe/EUR`), which counts
        /// first.
        accounts: BTreeMap<String, String> = BTreeMap::new(),
        /// Account code for orders whose gateway has no row; their payments wait when empty.
        other: String = String::new(),
    }
}

choice! {
    /// What becomes of a line whose product is no item in Xero.
    UnmappedProduct {
        Post "It is posted without an item code.",
        Create "An untracked item is made first.",
        Hold "The order waits.",
    }
}

choice! {
    /// What becomes of a product that changes and that no order has brought yet.
    UnsoldProduct {
        Leave "Nothing, until it is sold.",
        Create "An untracked item is made, once the product is published.",
    }
}

settings! {
    /// Items of products.
    ItemSettings {
        /// What becomes of a line whose product is no item in Xero.
        unmapped: UnmappedProduct = UnmappedProduct::Post,
        /// What becomes of a product that changes and that no order has brought yet.
        unsold: UnsoldProduct = UnsoldProduct::Leave,
        /// Template of the code of an item that is made for a product whose SKU is missing, too
        /// long, or taken.
        code_template: String = "WC-{id}".into(),
    }
}

settings! {
    /// What payment gateways keep: spent from the account of the order's payment.
    GatewayFeeSettings {
        /// Account of the fees. They are not posted when it is empty, as where a payout's own
        /// document has them.
        account: String = String::new(),
        /// Tax type of the fees; that of lines without tax (`tax.no_tax`) when empty.
        tax_type: String = String::new(),
        /// Template of the name of the contact that is paid.
        contact: String = "{payment_method_title}".into(),
    }
}

choice! {
    /// What becomes of a paid document whose order has changed.
    PaidChange {
        Redo "Its payment is removed, the document changed, and paid again.",
        Ask "It waits for a person.",
    }
}

settings! {
    /// What becomes of documents whose order has changed since.
    ChangeSettings {
        /// Of paid documents, where Xero lets the change not through as it is.
        paid: PaidChange = PaidChange::Redo,
    }
}
