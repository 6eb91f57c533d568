//! The laws, held against one outcome. What should stand in the document comes from the order's
//! and the body's text alone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{
    json::Json,
    oracle::{self, Rates, Reckoned},
    orders::{Expected, Sale},
    reach::{Reach, reach},
    shop::{ROUNDING_ACCOUNT, Shop, TAX_ACCOUNT, TERMS_GATEWAY, TERMS_ROLE, tax_type},
};

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Posted(String),
    Skipped,
    /// Held, as something in it had been made wrong.
    Spoilt,
    /// Held, as Xero's arithmetic cannot reach it.
    OutOfReach,
    /// Held, and not reckoned here whether it could be reached.
    Unclear,
}

/// Fails with the law's name when it does not hold.
macro_rules! law {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err(format!($($message)+));
        }
    };
}

/// Holds every law against an outcome.
pub(crate) fn check(
    shop: &Shop,
    rates: &Rates,
    sale: &Sale,
    outcome: &Json,
) -> Result<Verdict, String> {
    let codes: Vec<&str> =
        outcome.list_at("findings").iter().map(|finding| finding.str_at("code")).collect();
    let errors: Vec<&str> = outcome
        .list_at("findings")
        .iter()
        .filter(|finding| finding.str_at("severity") == "error")
        .map(|finding| finding.str_at("code"))
        .collect();
    law!(outcome.str_at("order_id") == sale.id.to_string(), "another order's outcome");
    match outcome.str_at("outcome") {
        "post" => {
            law!(sale.expected == Expected::Post, "posted, but expected {:?}", sale.expected);
            law!(errors.is_empty(), "posted with errors {errors:?}");
            let document = outcome.get("document").ok_or("posted without a document")?;
            let law = Law { shop, order: &sale.order, sale, document, digits: digits(shop) };
            law.hold(rates).map(|()| Verdict::Posted(document.str_at("exactness").into()))
        }
        "skip" => {
            law!(outcome.get("document").is_none(), "skipped with a document");
            let Expected::Skip(code) = sale.expected else {
                return Err(format!("skipped, but expected {:?}", sale.expected));
            };
            law!(codes.contains(&code), "skipped for {codes:?}, not {code}");
            Ok(Verdict::Skipped)
        }
        "hold" => {
            law!(outcome.get("document").is_none(), "held with a document");
            let first = errors.first().ok_or("held without an error")?;
            match sale.expected {
                Expected::Skip(code) => Err(format!("held for {first}, should skip for {code}")),
                Expected::Hold(code) => {
                    // A fault that was put in may hide another that was drawn.
                    let out_of_reach = *first == "tax.differs"
                        && !matches!(reach(shop, rates, sale)?, Reach::Within);
                    law!(errors.contains(&code) || out_of_reach, "held for {errors:?}, not {code}");
                    Ok(Verdict::Spoilt)
                }
                Expected::Post => held(shop, rates, sale, first),
            }
        }
        other => Err(format!("outcome `{other}`")),
    }
}

/// An order without a fault may only be held when it cannot be reached, and for that reason.
fn held(shop: &Shop, rates: &Rates, sale: &Sale, code: &str) -> Result<Verdict, String> {
    let known = matches!(code, "tax.differs" | "balance.out_of_balance");
    law!(known, "held for {code}, without a fault");
    match reach(shop, rates, sale)? {
        Reach::Within => Err(format!("held for {code}, but it can be reached")),
        Reach::Tax if code != "tax.differs" => Err(format!("the tax is out of reach, not {code}")),
        Reach::Tax | Reach::Rest => Ok(Verdict::OutOfReach),
        Reach::Unclear => Ok(Verdict::Unclear),
    }
}

/// Decimals of an invoice's amounts: ACCOUNTING section 1, currencies.
fn digits(shop: &Shop) -> u32 {
    shop.rounding.digits.min(shop.regime.digits).min(2)
}

struct Law<'a> {
    shop: &'a Shop,
    order: &'a Json,
    sale: &'a Sale,
    document: &'a Json,
    digits: u32,
}

/// An order's line as its text has it.
struct OrderLine<'a> {
    kind: &'static str,
    json: &'a Json,
    set: Vec<u64>,
}

impl Law<'_> {
    /// One unit of the invoice's last decimal, in cents.
    fn unit(&self) -> i128 {
        10_i128.pow(2 - self.digits)
    }

    /// An amount of the order in cents, rounded to the invoice's decimals.
    fn cents(&self, text: &str) -> Result<i128, String> {
        Ok(oracle::rounded(text, self.digits)? * self.unit())
    }

    fn hold(&self, rates: &Rates) -> Result<(), String> {
        let text = self.document.str_at("body");
        let digest = Sha256::digest(text.as_bytes());
        let sha256 =
            digest.iter().fold(String::new(), |sha256, byte| format!("{sha256}{byte:02x}"));
        law!(sha256 == self.document.str_at("sha256"), "the body has another SHA-256");
        let body = Json::parse(text)?;
        let reckoned = oracle::reckon(&body, rates)?;
        self.totals(&reckoned)?;
        self.tax_by_set(&reckoned)?;
        self.tax_lines(&body, &reckoned)?;
        self.residue(&body, &reckoned, rates)?;
        self.lines(&body, &reckoned)?;
        self.header(&body)
    }

    /// L1, and the total tax of L2.
    fn totals(&self, reckoned: &Reckoned) -> Result<(), String> {
        let total = self.cents(self.order.str_at("total"))?;
        law!(reckoned.total == total, "L1: Xero totals {}, the order {total}", reckoned.total);
        let tax_lines: i128 = on_account(reckoned, TAX_ACCOUNT).map(|line| line.amount).sum();
        let tax = reckoned.total_tax + tax_lines;
        let total_tax = self.cents(self.order.str_at("total_tax"))?;
        law!(tax == total_tax, "L2: Xero has tax {tax}, the order {total_tax}");
        let shown = |name: &str| oracle::scaled(self.document.str_at(name), 2);
        law!(shown("total")? == reckoned.total, "the preview shows another total");
        law!(shown("total_tax")? == reckoned.total_tax, "the preview shows another tax");
        let sub_total = reckoned.total - reckoned.total_tax;
        law!(shown("sub_total")? == sub_total, "the preview shows another subtotal");
        Ok(())
    }

    fn order_lines(&self) -> Vec<OrderLine<'_>> {
        let lists = [
            ("line_items", "line_item"),
            ("shipping_lines", "shipping_line"),
            ("fee_lines", "fee_line"),
        ];
        let mut lines = Vec::new();
        for (list, kind) in lists {
            for json in self.order.list_at(list) {
                let applied = json.list_at("taxes").iter();
                let mut set: Vec<u64> = applied
                    .filter(|tax| !tax.str_at("total").is_empty())
                    .filter_map(|tax| tax.str_at("id").parse().ok())
                    .collect();
                set.sort_unstable();
                lines.push(OrderLine { kind, json, set });
            }
        }
        lines
    }

    /// The order's tax by set, in units of 10⁻⁶; a fee that bears the taxes of several sets is
    /// divided among them by its rates.
    fn shop_tax(&self) -> Result<BTreeMap<Vec<u64>, i128>, String> {
        let lines = self.order_lines();
        let mut sets: Vec<Vec<u64>> = lines
            .iter()
            .filter(|line| !is_negative(line.json))
            .map(|line| line.set.clone())
            .collect();
        sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
        let mut taxes: BTreeMap<Vec<u64>, i128> = BTreeMap::new();
        for line in &lines {
            if sets.contains(&line.set) {
                *taxes.entry(line.set.clone()).or_default() +=
                    oracle::scaled(line.json.str_at("total_tax"), 6)?;
                continue;
            }
            for tax in line.json.list_at("taxes") {
                let id: u64 = tax.str_at("id").parse().map_err(|_| "no id")?;
                let home = sets.iter().find(|set| set.contains(&id)).cloned().unwrap_or_default();
                *taxes.entry(home).or_default() += oracle::scaled(tax.str_at("total"), 6)?;
            }
        }
        Ok(taxes)
    }

    /// L2: the tax of each set within one unit a line.
    fn tax_by_set(&self, reckoned: &Reckoned) -> Result<(), String> {
        for (set, shop) in self.shop_tax()? {
            if set.is_empty() || self.shop.as_lines.contains(&set) {
                continue;
            }
            let name = tax_type(&set);
            let lines: Vec<_> =
                reckoned.lines.iter().filter(|line| line.tax_type == name).collect();
            let xero: i128 = lines.iter().map(|line| line.tax).sum();
            let fees =
                self.order.list_at("fee_lines").iter().filter(|fee| is_negative(fee)).count();
            let count = i128::try_from(lines.len() + fees).unwrap_or(0);
            let apart = (xero * 10_000 - shop).abs();
            law!(
                apart <= self.unit() * count * 10_000,
                "L2: {name} bears {xero} in Xero, {shop} millionths in the shop, {count} lines"
            );
        }
        Ok(())
    }

    /// L2 for tax that is posted as lines: each rate within one unit a line.
    fn tax_lines(&self, body: &Json, reckoned: &Reckoned) -> Result<(), String> {
        let mut shop: BTreeMap<u64, (i128, i128)> = BTreeMap::new();
        for line in self.order_lines() {
            let mine = self.shop.as_lines.contains(&line.set);
            let shared = is_negative(line.json) && !self.shop.as_lines.is_empty();
            if !mine && !shared {
                continue;
            }
            for tax in
                line.json.list_at("taxes").iter().filter(|tax| !tax.str_at("total").is_empty())
            {
                let id: u64 = tax.str_at("id").parse().map_err(|_| "no id")?;
                let known = shop.entry(id).or_default();
                known.0 += oracle::scaled(tax.str_at("total"), 6)?;
                known.1 += 1;
            }
        }
        let mut xero = 0;
        for (json, line) in body.list_at("LineItems").iter().zip(&reckoned.lines) {
            if line.account != TAX_ACCOUNT {
                continue;
            }
            law!(line.tax == 0 && line.tax_type == "NONE", "a tax line is taxed");
            law!(json.str_at("Description").starts_with("Tax: "), "a tax line without a name");
            xero += line.amount;
        }
        let (total, lines) = shop.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        law!(
            (xero * 10_000 - total).abs() <= self.unit() * lines * 10_000
                || self.order.list_at("fee_lines").iter().any(is_negative),
            "L2: tax lines bear {xero} in Xero, {total} millionths in the shop, {lines} taxes"
        );
        Ok(())
    }

    /// ACCOUNTING section 1: at most one unit a line is stated otherwise, at most one rounding
    /// line of at most one unit a line and at most the cap.
    fn residue(&self, body: &Json, reckoned: &Reckoned, rates: &Rates) -> Result<(), String> {
        let rounding: Vec<_> = on_account(reckoned, ROUNDING_ACCOUNT).collect();
        law!(rounding.len() <= 1, "{} rounding lines", rounding.len());
        let amount = rounding.first().map_or(0, |line| line.amount);
        let count = i128::try_from(reckoned.lines.len() - rounding.len()).unwrap_or(0);
        let bound = self.unit() * count.min(self.shop.cap);
        law!(amount.abs() <= bound, "a rounding line of {amount}, at most {bound}");
        law!(rounding.iter().all(|line| line.tax == 0), "the rounding line is taxed");
        let mut stated = 0;
        for line in reckoned.lines.iter().filter(|line| line.states_tax) {
            stated += 1;
            let rate = rates.get(&line.tax_type).copied().unwrap_or_default();
            let whole = 1_000_000_000_000;
            let divisor = if reckoned.inclusive { whole + rate } else { whole };
            let own = oracle::half_up(line.amount * rate, divisor);
            law!(
                (line.tax - own).abs() <= self.unit(),
                "a line states {} of tax, Xero would reckon {own}",
                line.tax
            );
        }
        let has_tax_line =
            body.list_at("LineItems").iter().any(|line| line.str_at("AccountCode") == TAX_ACCOUNT);
        let exactness = self.document.str_at("exactness");
        let told = match exactness {
            "exact" => amount == 0 && stated == 0,
            // A tax line that a moved unit brings to zero is not written.
            "tax_amount" => {
                amount == 0 && (stated > 0 || has_tax_line || !self.shop.as_lines.is_empty())
            }
            "rounding_line" => amount != 0,
            _ => false,
        };
        law!(told, "{exactness} with {stated} stated taxes and a rounding of {amount}");
        Ok(())
    }

    /// Every line of the order stands there with its own amount, whole or by quantity.
    fn lines(&self, body: &Json, reckoned: &Reckoned) -> Result<(), String> {
        let shown = self.document.list_at("lines");
        law!(shown.len() == reckoned.lines.len(), "the preview shows another number of lines");
        let order_lines = self.order_lines();
        let discounted = self.shop.discount_lines
            || self
                .order
                .list_at("coupon_lines")
                .iter()
                .any(|coupon| coupon.str_at("discount_type") == "smart_coupon");
        let mut seen = 0;
        for ((json, line), shown) in
            body.list_at("LineItems").iter().zip(&reckoned.lines).zip(shown)
        {
            law!(
                oracle::scaled(shown.str_at("line_amount"), 2)? == line.amount,
                "quantity × unit amount is not the line's {}",
                shown.str_at("line_amount")
            );
            law!(
                oracle::scaled(shown.str_at("tax_amount"), 2)? == line.tax,
                "another tax is shown"
            );
            law!(line.amount % self.unit() == 0, "{} in a currency without cents", line.amount);
            let [source] = shown.list_at("source") else { continue };
            let of_line = order_lines.iter().find(|known| {
                known.kind == source.str_at("kind")
                    && known.json.str_at("id") == source.str_at("id")
            });
            let known = of_line.ok_or("a line without its order line")?;
            if discounted || is_negative(known.json) || line.account == TAX_ACCOUNT {
                continue;
            }
            seen += 1;
            let as_line = self.shop.as_lines.contains(&known.set);
            let net = oracle::scaled(known.json.str_at("total"), 6)?;
            let tax = oracle::scaled(known.json.str_at("total_tax"), 6)?;
            let gross = reckoned.inclusive && !as_line;
            let own = oracle::half_up(if gross { net + tax } else { net }, 10_000 * self.unit());
            law!(
                own * self.unit() == line.amount,
                "a line of {} stands there as {}",
                own * self.unit(),
                line.amount
            );
            Self::quantity(json, known)?;
        }
        let plain = order_lines.iter().filter(|line| !is_negative(line.json)).count();
        law!(discounted || seen == plain, "{seen} of {plain} lines of the order");
        Ok(())
    }

    fn quantity(json: &Json, line: &OrderLine<'_>) -> Result<(), String> {
        let quantity = oracle::scaled(json.str_at("Quantity"), 4)?;
        let sold = line.json.get("quantity").and_then(Json::as_str).unwrap_or("1");
        let sold = oracle::scaled(sold, 15)?;
        law!(
            quantity == 10_000 || quantity * 10_i128.pow(11) == sold,
            "a quantity of {quantity} ten-thousandths"
        );
        let told = json.str_at("Description").contains(" × ");
        law!(quantity * 10_i128.pow(11) == sold || told, "the quantity sold is lost");
        Ok(())
    }

    fn header(&self, body: &Json) -> Result<(), String> {
        let order = self.order;
        law!(body.str_at("Type") == "ACCREC", "type {}", body.str_at("Type"));
        law!(
            body.str_at("InvoiceNumber") == format!("WEB-{}", order.str_at("number")),
            "number {}",
            body.str_at("InvoiceNumber")
        );
        law!(body.str_at("CurrencyCode") == order.str_at("currency"), "another currency");
        let status = body.str_at("Status");
        law!(status == self.shop.status.to_uppercase(), "status {status}");
        let date = |field: &str| order.str_at(field).get(..10).unwrap_or_default().to_owned();
        let wanted = date(&format!("date_{}", self.shop.date));
        let wanted = if wanted.is_empty() { date("date_created") } else { wanted };
        law!(body.str_at("Date") == wanted, "dated {}, not {wanted}", body.str_at("Date"));
        let [all, by_gateway, by_role] = self.shop.terms;
        let role = self.sale.customer.as_ref().map_or("", |customer| customer.str_at("role"));
        let days = if role == TERMS_ROLE {
            by_role
        } else if order.str_at("payment_method") == TERMS_GATEWAY {
            by_gateway
        } else {
            all
        };
        let due = day_number(body.str_at("DueDate"))? - day_number(&wanted)?;
        law!(due == i64::try_from(days).unwrap_or(-1), "due after {due} days, not {days}");
        let pays = matches!(
            order.str_at("status"),
            "processing" | "completed" | "wc-completed" | "refunded"
        );
        let awaits = pays
            && !date("date_paid").is_empty()
            && status == "AUTHORISED"
            && self.cents(order.str_at("total"))? != 0;
        law!(
            self.document.get("awaits_payment") == Some(&Json::Bool(awaits)),
            "a payment is to follow: {awaits}"
        );
        law!(!body.get("Contact").map_or("", |one| one.str_at("Name")).is_empty(), "no contact");
        Ok(())
    }
}

fn on_account<'a>(reckoned: &'a Reckoned, code: &'a str) -> impl Iterator<Item = &'a oracle::Line> {
    reckoned.lines.iter().filter(move |line| line.account == code)
}

fn is_negative(line: &Json) -> bool {
    line.str_at("total").starts_with('-')
}

/// Days since the first of March of the year 0.
fn day_number(date: &str) -> Result<i64, String> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().map_err(|_| date.to_owned()));
    let mut next = || parts.next().unwrap_or_else(|| Err(date.to_owned()));
    let (year, month, day) = (next()?, next()?, next()?);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Ok(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1)
}
