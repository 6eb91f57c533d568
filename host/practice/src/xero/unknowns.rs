//! What nobody has verified about Xero, each as a switch.
//!
//! The default of every switch is the documented guess; [`Unknowns::strict`] turns each to the
//! position that is harder on a client. A client must pass under both. The section named is that
//! of the reference on Xero's API; section 7 there lists what a first live connection decides.

use serde::{Deserialize, Serialize};

/// One switch for each unverified behaviour.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "one switch for each behaviour")]
pub struct Unknowns {
    /// How far a line's own `TaxAmount` may be from the computed one (4.2).
    pub tax_amount_bound: TaxAmountBound,
    /// Which way a negative half cent goes (4.1: no negative line was recorded).
    pub negative_ties: NegativeTies,
    /// Decimals of amounts in currencies that have none, such as JPY (4.1).
    pub zero_decimal_currencies: ZeroDecimals,
    /// Whether tax uses the rate as shown, at four decimals, or the exact compound rate (4.1).
    pub compound_rate: CompoundRate,
    /// What happens to decimals of `UnitAmount` beyond those kept (1.8, 4.1).
    pub unit_amount_excess: Excess,
    /// What happens to a discount's part of a cent (4.3).
    pub discount_excess: Excess,
    /// How `X-Rate-Limit-Problem` is spelt for limits other than the minute (1.1).
    pub limit_spelling: LimitSpelling,
    /// Whether a 429 for concurrency carries `Retry-After` (1.1).
    pub concurrent_retry_after: bool,
    /// What the fixed windows of the limits are anchored to (1.1).
    pub window_anchor: WindowAnchor,
    /// The JSON of an idempotency key used with another request (1.6).
    pub idempotency_mismatch: MismatchBody,
    /// What a repeat gets while the first request with its key still runs (1.6).
    pub in_flight_repeat: InFlightRepeat,
    /// Whether `If-Modified-Since` takes in a change at exactly that second (1.11).
    pub modified_since: Boundary,
    /// What a list without matches answers to `If-Modified-Since` (1.11).
    pub nothing_modified: NothingModified,
    /// Whether a voided or deleted sales invoice gives its number free (3.1).
    pub reuse_number_after_void: bool,
    /// Whether valid elements of a batch that answers 400 are saved (1.4).
    pub good_siblings_persist: bool,
    /// Status of a call that lacks a scope (1.5).
    pub missing_scope: MissingScope,
    /// Whether a custom connection may send `Xero-Tenant-Id` (2).
    pub custom_connection_tenant: TenantHeader,
    /// What an unknown tracking option does (3.6).
    pub unknown_tracking_option: UnknownOption,
    /// Whether `POST` of a bill with a known number updates it (1.7).
    pub bill_upsert_by_number: bool,
    /// Whether `RoundingAmount` is honoured (3.1).
    pub rounding_amount: RoundingAmount,
    /// How a lock date is printed in a refusal (3.6).
    pub lock_date_format: LockDateFormat,
    /// The sentence that refuses a sale beyond tracked stock (3.5).
    pub stock_refusal: StockRefusal,
    /// Whether an allocation needs the same contact and currency (3.2).
    pub allocation_match: AllocationMatch,
    /// What an explicit `null` in a body does (1.3).
    pub explicit_null: ExplicitNull,
    /// Status of an approved document whose total is zero (3.1).
    pub zero_total: ZeroTotal,
}

impl Unknowns {
    /// The other position of every switch: the one that is harder on a client.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            tax_amount_bound: TaxAmountBound::NotAboveUnitAmount,
            negative_ties: NegativeTies::TowardsPositive,
            zero_decimal_currencies: ZeroDecimals::None,
            compound_rate: CompoundRate::Exact,
            unit_amount_excess: Excess::Truncate,
            discount_excess: Excess::Truncate,
            limit_spelling: LimitSpelling::Capitalised,
            concurrent_retry_after: true,
            window_anchor: WindowAnchor::ClockMinute,
            idempotency_mismatch: MismatchBody::Problem,
            in_flight_repeat: InFlightRepeat::Refuse,
            modified_since: Boundary::Exclusive,
            nothing_modified: NothingModified::NotModified,
            reuse_number_after_void: true,
            good_siblings_persist: true,
            missing_scope: MissingScope::Forbidden,
            custom_connection_tenant: TenantHeader::Refused,
            unknown_tracking_option: UnknownOption::Ignored,
            bill_upsert_by_number: true,
            rounding_amount: RoundingAmount::Ignored,
            lock_date_format: LockDateFormat::Iso,
            stock_refusal: StockRefusal::ByItem,
            allocation_match: AllocationMatch::Any,
            explicit_null: ExplicitNull::Refused,
            zero_total: ZeroTotal::Paid,
        }
    }
}

/// How far a line's own `TaxAmount` may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TaxAmountBound {
    /// Any amount is taken: no tolerance is published.
    #[default]
    Any,
    /// "`TaxAmount` specified cannot be greater than the `UnitAmount`", read literally.
    NotAboveUnitAmount,
    /// At most one cent from the computed amount.
    OneCent,
}

/// Which way a negative half cent goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum NegativeTies {
    /// −0.005 becomes −0.01.
    #[default]
    AwayFromZero,
    /// −0.005 becomes 0.00.
    TowardsPositive,
}

/// Decimals of a currency that has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ZeroDecimals {
    /// Computed to two decimals as any other.
    #[default]
    Two,
    /// Computed to whole units.
    None,
}

/// Which rate tax is computed from when components compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CompoundRate {
    /// `EffectiveRate` as shown, at four decimals.
    #[default]
    Shown,
    /// The exact product of the components.
    Exact,
}

/// What happens to decimals that are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Excess {
    /// Rounded half-up.
    #[default]
    Round,
    /// Cut off.
    Truncate,
}

/// How a limit is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LimitSpelling {
    /// `day`, `concurrent`, `appminute`.
    #[default]
    Lower,
    /// `Day`, `Concurrent`, `AppMinute`.
    Capitalised,
}

/// What a limit's window is anchored to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum WindowAnchor {
    /// The first call after the last window ended.
    #[default]
    FirstCall,
    /// Whole minutes and days of the clock.
    ClockMinute,
}

/// The body that answers a misused idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MismatchBody {
    /// `{"ErrorNumber":…,"Type":"ValidationException","Message":…}`.
    #[default]
    Exception,
    /// `{"Title":"Bad Request","Status":400,"Detail":…}`.
    Problem,
}

/// What a repeat gets while the first request runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum InFlightRepeat {
    /// It waits and gets the first one's answer.
    #[default]
    Wait,
    /// It is refused with 409.
    Refuse,
}

/// Whether a boundary belongs to what it bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Boundary {
    /// Changes at exactly that second are listed.
    #[default]
    Inclusive,
    /// Only later changes are listed.
    Exclusive,
}

/// What an empty `If-Modified-Since` list answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum NothingModified {
    /// 200 with an empty list.
    #[default]
    EmptyList,
    /// 304 without a body.
    NotModified,
}

/// Status of a call that lacks a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MissingScope {
    /// 401 with `WWW-Authenticate: insufficient_scope`.
    #[default]
    Unauthorized,
    /// 403.
    Forbidden,
}

/// Whether a custom connection may send `Xero-Tenant-Id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TenantHeader {
    /// It does no harm.
    #[default]
    Accepted,
    /// It is refused with 403.
    Refused,
}

/// What an unknown tracking option does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum UnknownOption {
    /// The document is refused.
    #[default]
    Refused,
    /// The option is left out.
    Ignored,
}

/// Whether `RoundingAmount` is honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum RoundingAmount {
    /// Within ±0.10, when `SubTotal`, `TotalTax` and `Total` are sent with it.
    #[default]
    Honoured,
    /// It has no effect.
    Ignored,
}

/// How a lock date is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LockDateFormat {
    /// `30 September 2026`.
    #[default]
    Long,
    /// `2026-09-30`.
    Iso,
}

/// The sentence that refuses a sale beyond tracked stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum StockRefusal {
    /// One general sentence.
    #[default]
    General,
    /// A sentence that names the item and its quantity.
    ByItem,
}

/// Whether an allocation needs the same contact and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum AllocationMatch {
    /// Both must be the same.
    #[default]
    ContactAndCurrency,
    /// Nothing is compared.
    Any,
}

/// What an explicit `null` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ExplicitNull {
    /// It counts as left out.
    #[default]
    Accepted,
    /// The request is refused with 400.
    Refused,
}

/// Status of an approved document whose total is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ZeroTotal {
    /// It stays `AUTHORISED`: only payments and credits make a document `PAID`.
    #[default]
    Authorised,
    /// It is `PAID` at once: nothing is due.
    Paid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_turns_every_switch() {
        let default = serde_json::to_value(Unknowns::default()).unwrap();
        let strict = serde_json::to_value(Unknowns::strict()).unwrap();
        for (name, value) in default.as_object().unwrap() {
            assert_ne!(Some(value), strict.get(name), "{name}");
        }
    }
}
