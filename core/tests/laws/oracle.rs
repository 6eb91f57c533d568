//! What Xero totals, reckoned in whole numbers from the text of a request body alone: nothing
//! here is the core's.
//!
//! Source: ACCOUNTING section 2. Half a cent goes away from zero, line by line.

use std::collections::BTreeMap;

use crate::json::Json;

/// Tax types and their effective rates, in units of 10⁻¹⁰ of a per cent.
pub(crate) type Rates = BTreeMap<String, i128>;

/// Decimals of a percentage that [`Rates`] keeps.
const RATE_DIGITS: u32 = 10;

/// What a rate of 100 % is in [`Rates`].
const WHOLE: i128 = 100 * 10_i128.pow(RATE_DIGITS);

/// One line, in cents.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) amount: i128,
    pub(crate) tax: i128,
    pub(crate) tax_type: String,
    pub(crate) account: String,
    pub(crate) states_tax: bool,
}

/// One document, in cents.
#[derive(Debug, Clone)]
pub(crate) struct Reckoned {
    pub(crate) total: i128,
    pub(crate) total_tax: i128,
    pub(crate) inclusive: bool,
    pub(crate) lines: Vec<Line>,
}

/// `numerator / denominator`, half away from zero.
pub(crate) fn half_up(numerator: i128, denominator: i128) -> i128 {
    let whole = (2 * numerator.abs() + denominator) / (2 * denominator);
    if numerator < 0 { -whole } else { whole }
}

/// A plain decimal in units of 10^-digits: an error when it has an exponent or more decimals.
pub(crate) fn scaled(text: &str, digits: u32) -> Result<i128, String> {
    let wrong = || format!("`{text}` is no decimal with at most {digits} places");
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let places = u32::try_from(fraction.len()).map_err(|_| wrong())?;
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let dangles = unsigned.ends_with('.');
    if whole.is_empty() || dangles || places > digits || !plain(whole) || !plain(fraction) {
        return Err(wrong());
    }
    let all: i128 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
    let units = all * 10_i128.pow(digits - places);
    Ok(if text.starts_with('-') { -units } else { units })
}

/// Any plain decimal, rounded half away from zero to `digits`.
pub(crate) fn rounded(text: &str, digits: u32) -> Result<i128, String> {
    const FINEST: u32 = 15;
    Ok(half_up(scaled(text, FINEST)?, 10_i128.pow(FINEST - digits)))
}

/// The active tax rates of a chart's `tax_rates`.
pub(crate) fn rates(tax_rates: &Json) -> Result<Rates, String> {
    let mut rates = Rates::new();
    for rate in tax_rates.list() {
        if rate.str_at("Status") == "ACTIVE" {
            let percent = scaled(rate.str_at("EffectiveRate"), RATE_DIGITS)?;
            rates.entry(rate.str_at("TaxType").into()).or_insert(percent);
        }
    }
    Ok(rates)
}

/// Reckons a body, and refuses what Xero's own checks would: nulls, exponents, too many
/// decimals, unknown tax types.
pub(crate) fn reckon(body: &Json, rates: &Rates) -> Result<Reckoned, String> {
    refuse_nulls(body)?;
    let types = body.str_at("LineAmountTypes");
    let inclusive = match types {
        "Inclusive" => true,
        "Exclusive" => false,
        _ => return Err(format!("line amount types `{types}`")),
    };
    let lines = body
        .list_at("LineItems")
        .iter()
        .map(|line| reckon_line(line, inclusive, rates))
        .collect::<Result<Vec<Line>, String>>()?;
    let amounts: i128 = lines.iter().map(|line| line.amount).sum();
    let total_tax: i128 = lines.iter().map(|line| line.tax).sum();
    let total = if inclusive { amounts } else { amounts + total_tax };
    Ok(Reckoned { total, total_tax, inclusive, lines })
}

fn reckon_line(line: &Json, inclusive: bool, rates: &Rates) -> Result<Line, String> {
    let figure = |name: &str, digits: u32| match line.get(name) {
        Some(Json::Number(text)) => {
            scaled(text, digits).map_err(|wrong| format!("{name}: {wrong}"))
        }
        other => Err(format!("{name} is {other:?}")),
    };
    let amount = half_up(figure("Quantity", 4)? * figure("UnitAmount", 4)?, 1_000_000);
    let tax_type = line.str_at("TaxType");
    let rate = *rates.get(tax_type).ok_or_else(|| format!("no tax type `{tax_type}`"))?;
    let states_tax = line.get("TaxAmount").is_some();
    let tax = if states_tax {
        figure("TaxAmount", 2)?
    } else {
        half_up(amount * rate, if inclusive { WHOLE + rate } else { WHOLE })
    };
    if line.str_at("Description").is_empty() || line.str_at("AccountCode").is_empty() {
        return Err("a line without description or account".into());
    }
    let (tax_type, account) = (tax_type.into(), line.str_at("AccountCode").into());
    Ok(Line { amount, tax, tax_type, account, states_tax })
}

fn refuse_nulls(value: &Json) -> Result<(), String> {
    match value {
        Json::Null => Err("a null in the body".into()),
        Json::List(list) => list.iter().try_for_each(refuse_nulls),
        Json::Object(fields) => fields.iter().try_for_each(|(_, value)| refuse_nulls(value)),
        _ => Ok(()),
    }
}
