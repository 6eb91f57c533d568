//! Reading and computing the lines of a document.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::super::arithmetic::{Discount, LineAmountTypes, Rounding};
use super::super::super::json::Json;
use super::super::super::model::chart::Account;
use super::super::super::model::document::{Document, DocumentKind, Line};
use super::super::super::model::item::{Item, Price};
use super::super::super::model::organisation::Organisation;
use super::super::super::unknowns::{TaxAmountBound, UnknownOption};
use super::super::{Context, fields};

/// Tracking categories a line may name.
const TRACKING_MAX: usize = 2;
const DESCRIPTION_CHARS_MAX: usize = 4000;
/// Digits of a quantity.
const QUANTITY_DIGITS_MAX: usize = 13;

/// What lines are read with.
pub(super) struct Reader<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) context: &'a Context,
    pub(super) document: &'a Document,
    pub(super) rounding: Rounding,
}

/// Amounts as they were sent, before anything is computed.
struct Sent {
    quantity: Option<Decimal>,
    unit: Option<Decimal>,
    line: Option<Decimal>,
    tax: Option<Decimal>,
}

impl Reader<'_> {
    /// Reads every line sent. A line that names one of the document's own lines keeps what it
    /// leaves out; any other is new.
    pub(super) fn read(&self, sent: &[Json], errors: &mut Vec<String>) -> Vec<Line> {
        sent.iter().map(|line| self.line(line, errors)).collect()
    }

    fn line(&self, sent: &Json, errors: &mut Vec<String>) -> Line {
        let held = fields::id(sent, "LineItemID")
            .and_then(|id| self.document.lines.iter().find(|line| line.id == id));
        let mut line = held.cloned().unwrap_or_else(blank);
        if ["Quantity", "UnitAmount", "LineAmount", "TaxAmount"]
            .iter()
            .any(|key| fields::is_exponent(sent, key))
        {
            errors.push("Account must be valid.".to_owned());
            errors.push("Tax rate must be valid.".to_owned());
            return line;
        }
        let item = self.item(sent, &mut line, errors);
        let mut amounts = self.amounts(sent, &line, item);
        if let Some(text) = fields::text(sent, "Description") {
            line.description = text;
        } else if let (Some(item), true) = (item, line.description.is_empty()) {
            line.description.clone_from(self.item_text(item));
        }
        if line.description.chars().count() > DESCRIPTION_CHARS_MAX {
            errors.push("Description cannot be longer than 4000 characters.".to_owned());
        }
        line.tracking = self.tracking(sent, &line, errors);
        if amounts.unit.is_none() && amounts.quantity.is_none() && amounts.line.is_none() {
            if line.description.trim().is_empty() {
                errors.push("A line item must have a description.".to_owned());
            }
            return line;
        }
        if amounts.quantity.is_some_and(|one| one.to_string().len() > QUANTITY_DIGITS_MAX + 1) {
            errors.push("Quantity must have at most 13 digits.".to_owned());
        }
        self.account(sent, &mut line, item, errors);
        self.discount(sent, &mut line, errors);
        self.compute(&mut line, &mut amounts, errors);
        line
    }

    fn item(&self, sent: &Json, line: &mut Line, errors: &mut Vec<String>) -> Option<&Item> {
        if let Some(code) = fields::filled(sent, "ItemCode") {
            line.item_code = code;
        }
        if line.item_code.is_empty() {
            return None;
        }
        let item = self.organisation.item_by_code(&line.item_code);
        match item {
            Some(item) => line.item_code.clone_from(&item.code),
            None => errors.push(format!("Item code '{}' is not valid", line.item_code)),
        }
        item
    }

    /// The side of an item that this document is on.
    fn price<'b>(&self, item: &'b Item) -> &'b Price {
        if self.document.document_type.is_sale() { &item.sales } else { &item.purchases }
    }

    fn item_text<'b>(&self, item: &'b Item) -> &'b String {
        let text = if self.document.document_type.is_sale() {
            &item.description
        } else {
            &item.purchase_description
        };
        if text.is_empty() { &item.name } else { text }
    }

    fn amounts(&self, sent: &Json, line: &Line, item: Option<&Item>) -> Sent {
        let mut quantity = fields::number(sent, "Quantity").or(line.quantity);
        let line_amount = fields::number(sent, "LineAmount");
        let mut unit = fields::number(sent, "UnitAmount").or(line.unit_amount);
        if unit.is_none() {
            unit = item.and_then(|item| self.price(item).unit_price);
        }
        if unit.is_none()
            && let Some(amount) = line_amount
        {
            quantity = quantity.or(Some(Decimal::ONE));
            unit = quantity.and_then(|quantity| amount.checked_div(quantity));
        }
        if unit.is_some() {
            quantity = quantity.or(Some(Decimal::ONE));
        }
        let quantity = quantity.map(|one| one.round_dp_with_strategy(4, HALF_UP));
        Sent { quantity, unit, line: line_amount, tax: fields::number(sent, "TaxAmount") }
    }

    fn account(&self, sent: &Json, line: &mut Line, item: Option<&Item>, errors: &mut Vec<String>) {
        let code = fields::filled(sent, "AccountCode");
        let id = fields::id(sent, "AccountID");
        let account = match (&code, id) {
            (Some(code), _) => self.organisation.account_by_code(code),
            (None, Some(id)) => self.organisation.accounts.get(id),
            (None, None) => {
                if line.account_id.is_none() {
                    let code = item.map(|item| self.item_account(item)).unwrap_or_default();
                    if code.is_empty() {
                        self.tax_type(sent, line, None, errors);
                        return;
                    }
                    self.organisation.account_by_code(&code)
                } else {
                    line.account_id.and_then(|id| self.organisation.accounts.get(id))
                }
            }
        };
        let shown = code.unwrap_or_default();
        let stocked = item.is_some_and(Item::is_tracked);
        match account {
            Some(account) if account.status != "ACTIVE" => errors.push(format!(
                "Account code '{}' has been archived, or has been deleted. \
                 Each line item must reference a valid account",
                account.code
            )),
            Some(account)
                if account.takes_lines() && (stocked || account.account_type != "INVENTORY") =>
            {
                line.account_code.clone_from(&account.code);
                line.account_id = Some(account.id);
            }
            _ => {
                let shown = account.map_or(shown, |account| account.code.clone());
                errors
                    .push(format!("Account code '{shown}' is not a valid code for this document."));
            }
        }
        self.tax_type(sent, line, account, errors);
    }

    fn item_account(&self, item: &Item) -> String {
        if item.is_tracked() && !self.document.document_type.is_sale() {
            item.inventory_account_code.clone()
        } else {
            self.price(item).account_code.clone()
        }
    }

    fn tax_type(
        &self,
        sent: &Json,
        line: &mut Line,
        account: Option<&Account>,
        errors: &mut Vec<String>,
    ) {
        let sent_type = fields::filled(sent, "TaxType");
        // Without tax, `NONE` means what it says in every region.
        let untaxed = self.document.line_amount_types == LineAmountTypes::NoTax;
        if untaxed && sent_type.as_deref().is_none_or(|code| code.eq_ignore_ascii_case("NONE")) {
            "NONE".clone_into(&mut line.tax_type);
            return;
        }
        if let Some(code) = &sent_type {
            line.tax_type.clone_from(code);
        } else if line.tax_type.is_empty()
            && let Some(account) = account
        {
            line.tax_type.clone_from(&account.tax_type);
        }
        if line.tax_type.is_empty() {
            return;
        }
        match self.organisation.tax_rate(&line.tax_type) {
            Some(rate) if rate.status == "ACTIVE" => {
                line.tax_type.clone_from(&rate.tax_type);
                if let Some(account) = account
                    && !rate.applies_to.allows(account.class())
                {
                    errors.push(format!(
                        "The TaxType code '{}' cannot be used with account code '{}'.",
                        rate.tax_type, account.code
                    ));
                }
            }
            _ => errors.push(format!(
                "The TaxType code {} does not exist or cannot be used for this type of transaction.",
                line.tax_type
            )),
        }
    }

    fn discount(&self, sent: &Json, line: &mut Line, errors: &mut Vec<String>) {
        let rate = fields::number(sent, "DiscountRate").map(Discount::Rate);
        let amount = fields::number(sent, "DiscountAmount").map(Discount::Amount);
        line.discount = rate
            .or(amount)
            .or(line.discount)
            .filter(|one| !matches!(one, Discount::Rate(value) if value.is_zero()));
        if line.discount.is_some() && self.document.document_type.kind() == DocumentKind::CreditNote
        {
            errors.push("Discounts cannot be applied to credit notes.".to_owned());
        }
    }

    fn compute(&self, line: &mut Line, amounts: &mut Sent, errors: &mut Vec<String>) {
        let quantity = amounts.quantity.unwrap_or_default();
        let unit = self.rounding.unit(amounts.unit.unwrap_or_default());
        line.quantity = Some(quantity);
        line.unit_amount = Some(unit);
        let gross = self.rounding.line(quantity, unit, None);
        line.discount = self.check_discount(line.discount, gross, errors);
        let Some(amount) = self.rounding.line(quantity, unit, line.discount) else {
            errors.push("The line amount is too large.".to_owned());
            return;
        };
        if amount.abs() > Decimal::new(999_999_999_999, 2) {
            errors.push("The line amount is too large.".to_owned());
        }
        if let Some(sent) = amounts.line
            && sent.round_dp_with_strategy(2, HALF_UP) != amount
        {
            errors.push(format!(
                "The line total {sent} does not match the expected line total {}",
                Json::money(amount)
            ));
        }
        line.line_amount = amount;
        line.tax_amount = self.tax(line, amounts.tax, errors);
    }

    fn check_discount(
        &self,
        discount: Option<Discount>,
        gross: Option<Decimal>,
        errors: &mut Vec<String>,
    ) -> Option<Discount> {
        let (shown, kept, beyond) = match discount? {
            Discount::Rate(rate) => {
                let kept = self.rounding.discount(rate);
                (rate, Discount::Rate(kept), kept > Decimal::ONE_HUNDRED)
            }
            Discount::Amount(amount) => {
                let kept = self.rounding.discount(amount);
                (amount, Discount::Amount(kept), gross.is_some_and(|gross| kept > gross))
            }
        };
        if beyond || shown.is_sign_negative() {
            errors.push(format!(
                "The discount rate '{shown}' is invalid. \
                 Discount must not be greater than the line total."
            ));
        }
        Some(kept)
    }

    /// The tax of a line: computed, or as sent where that is allowed (section 4.2).
    fn tax(&self, line: &Line, sent: Option<Decimal>, errors: &mut Vec<String>) -> Decimal {
        let types = self.document.line_amount_types;
        let rate = self
            .organisation
            .tax_rate(&line.tax_type)
            .map(|rate| rate.line_rate(self.context.unknowns.compound_rate))
            .unwrap_or_default();
        let computed = self.rounding.tax(line.line_amount, rate, types).unwrap_or_default();
        let Some(sent) = sent.map(|one| self.rounding.amount(one)) else { return computed };
        if types == LineAmountTypes::NoTax || line.tax_type.is_empty() {
            return computed;
        }
        if self.document.document_type.kind() == DocumentKind::BankTransaction {
            if sent != computed {
                errors.push(format!(
                    "Tax amount {} is incorrect for {} tax type, should be {}",
                    Json::money(sent),
                    line.tax_type,
                    Json::money(computed)
                ));
            }
            return sent;
        }
        let cent = Decimal::new(1, 2);
        match self.context.unknowns.tax_amount_bound {
            TaxAmountBound::Any => {}
            TaxAmountBound::NotAboveUnitAmount => {
                if line.unit_amount.is_some_and(|unit| sent.abs() > unit.abs()) {
                    errors.push("TaxAmount specified cannot be greater than the UnitAmount".into());
                }
            }
            TaxAmountBound::OneCent => {
                if (sent - computed).abs() > cent {
                    errors.push(format!(
                        "Tax amount {} is incorrect for {} tax type, should be {}",
                        Json::money(sent),
                        line.tax_type,
                        Json::money(computed)
                    ));
                }
            }
        }
        sent
    }

    fn tracking(&self, sent: &Json, line: &Line, errors: &mut Vec<String>) -> Vec<(Uuid, Uuid)> {
        match sent.get("Tracking") {
            None => line.tracking.clone(),
            Some(list) => read_tracking(self.organisation, self.context, list, errors),
        }
    }
}

const HALF_UP: rust_decimal::RoundingStrategy =
    rust_decimal::RoundingStrategy::MidpointAwayFromZero;

/// Reads `Tracking`: by ids or by names.
pub(in super::super) fn read_tracking(
    organisation: &Organisation,
    context: &Context,
    list: &Json,
    errors: &mut Vec<String>,
) -> Vec<(Uuid, Uuid)> {
    let mut found = Vec::new();
    for sent in list.items() {
        let category =
            organisation.tracking.iter().filter(|one| one.status == "ACTIVE").find(|one| {
                match fields::id(sent, "TrackingCategoryID") {
                    Some(id) => one.id == id,
                    None => fields::filled(sent, "Name")
                        .is_some_and(|name| one.name.eq_ignore_ascii_case(&name)),
                }
            });
        let option = category.and_then(|category| {
            category.options.iter().filter(|one| one.status == "ACTIVE").find(
                |one| match fields::id(sent, "TrackingOptionID") {
                    Some(id) => one.id == id,
                    None => fields::filled(sent, "Option")
                        .is_some_and(|name| one.name.eq_ignore_ascii_case(&name)),
                },
            )
        });
        match (category, option) {
            (Some(category), Some(option)) => found.push((category.id, option.id)),
            _ if context.unknowns.unknown_tracking_option == UnknownOption::Refused => {
                errors.push("The tracking option could not be found.".to_owned());
            }
            _ => {}
        }
    }
    if found.len() > TRACKING_MAX {
        errors.push("A line can have at most 2 tracking categories.".to_owned());
    }
    found
}

fn blank() -> Line {
    Line {
        id: Uuid::nil(),
        item_code: String::new(),
        description: String::new(),
        quantity: None,
        unit_amount: None,
        tax_type: String::new(),
        tax_amount: Decimal::ZERO,
        line_amount: Decimal::ZERO,
        account_code: String::new(),
        account_id: None,
        discount: None,
        tracking: Vec::new(),
    }
}
