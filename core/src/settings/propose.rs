//! A first version of the settings: from a shop's tax rates and gateways and a Xero chart, with a
//! finding for every guess.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding},
    shop::{
        Shop,
        payout::Source,
        rates::{RateSet, TaxRate, possible_sets},
        woo::Gateway,
    },
    xero::chart::{Account, Chart, TaxType},
};

use super::{ContactMode, FeeKind, FeeRule, Settings, TaxSet, summary::PayoutGateway};

/// Proposes complete settings. What the chart has nothing for stays empty, with a finding; orders
/// that need it are held.
#[must_use]
pub fn propose(
    shop: &Shop,
    chart: &Chart,
    rates: &[TaxRate],
    gateways: &[Gateway],
) -> (Settings, Vec<Finding>) {
    let mut proposal = Proposal { chart, findings: Vec::new() };
    let mut settings = Settings::default();
    proposal.prefix(&mut settings, shop);
    proposal.contact(&mut settings);
    proposal.accounts(&mut settings);
    proposal.untaxed(&mut settings);
    proposal.sets(&mut settings, shop, &possible_sets(rates));
    proposal.gateways(&mut settings, gateways);
    proposal.summary(&mut settings, gateways);
    (settings, proposal.findings)
}

struct Proposal<'a> {
    chart: &'a Chart,
    findings: Vec<Finding>,
}

/// Whether any of the words stands in a name, whatever its case.
fn names(name: &str, words: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    words.iter().any(|word| name.contains(word))
}

/// Negative fees with a gift card's name redeem it, where there is an account for that.
fn fee_rules(settings: &mut Settings, gift_cards: Option<String>, tips: Option<String>) {
    if let Some(account) = gift_cards {
        settings.gift_cards.account = account;
        settings.fees.push(FeeRule {
            name_contains: "gift card".into(),
            negative: true,
            kind: FeeKind::GiftCard,
            ..FeeRule::default()
        });
    }
    if let Some(account) = tips {
        settings.fees.push(FeeRule {
            name_contains: "tip".into(),
            kind: FeeKind::Tip,
            account,
            ..FeeRule::default()
        });
    }
}

impl Proposal<'_> {
    fn guess(&mut self, code: Code, path: &str, message: String) {
        self.findings.push(Finding::new(code, "settings", path, message).at(path));
    }

    fn prefix(&mut self, settings: &mut Settings, shop: &Shop) {
        let host = shop.url.split("//").nth(1).unwrap_or_default();
        let host =
            host.trim_start_matches("www.").split(['.', ':', '/']).next().unwrap_or_default();
        let letters: String =
            host.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>();
        let named = letters.bytes().any(|byte| byte.is_ascii_alphabetic());
        settings.invoice.prefix =
            if named { format!("{}-", letters.to_ascii_uppercase()) } else { "WC-".into() };
        let message = format!("invoice numbers begin with `{}`", settings.invoice.prefix);
        self.guess(Code::GuessPrefix, "invoice.prefix", message);
    }

    fn contact(&mut self, settings: &mut Settings) {
        settings.contact.mode = ContactMode::One;
        let message = format!("all invoices are made out to `{}`", settings.contact.name);
        self.guess(Code::GuessContact, "contact.mode", message);
    }

    /// The best account by name among those that `fits` takes.
    fn by_name(&self, words: &[&str], fits: impl Fn(&Account) -> bool) -> Option<&Account> {
        self.chart.accounts.iter().find(|account| {
            account.active
                && !account.code.is_empty()
                && account.takes_lines()
                && fits(account)
                && names(&account.name, words)
        })
    }

    fn accounts(&mut self, settings: &mut Settings) {
        let revenue = |account: &Account| account.is_revenue();
        let sales = self
            .by_name(&["sales"], |account| matches!(account.kind.as_str(), "REVENUE" | "SALES"))
            .or_else(|| self.by_name(&[""], revenue))
            .map(|account| account.code.clone())
            .unwrap_or_default();
        let or_sales = |found: Option<&Account>| {
            found.map_or_else(|| sales.clone(), |account| account.code.clone())
        };
        let shipping =
            or_sales(self.by_name(&["shipping", "freight", "postage", "delivery"], revenue));
        let fees = or_sales(self.by_name(&["surcharge", "fees charged", "other revenue"], revenue));
        let discounts = or_sales(self.by_name(&["discount"], revenue));
        let liability = |account: &Account| account.is_liability() && account.system.is_empty();
        let gift_cards =
            self.by_name(&["gift", "voucher", "store credit"], liability).map(|a| a.code.clone());
        let tips = self.by_name(&["tips", "gratuit"], |_| true).map(|a| a.code.clone());
        let tax = self
            .by_name(&["sales tax", "foreign tax", "tax payable", "vat payable"], liability)
            .or_else(|| self.chart.system_account("GST"))
            .or_else(|| self.by_name(&[""], liability))
            .map(|a| a.code.clone());
        let rounding = self
            .chart
            .system_account("ROUNDING")
            .or_else(|| self.by_name(&["rounding"], |_| true))
            .map(|a| a.code.clone());
        let guesses = [
            ("accounts.sales", "sales", sales.clone()),
            ("accounts.shipping", "shipping", shipping.clone()),
            ("accounts.fees", "fees", fees.clone()),
            ("accounts.discounts", "discounts", discounts.clone()),
            ("gift_cards.account", "gift cards", gift_cards.clone().unwrap_or_default()),
            ("tax.line_account", "tax as a line", tax.clone().unwrap_or_default()),
            ("rounding.account", "rounding", rounding.clone().unwrap_or_default()),
        ];
        for (path, what, code) in guesses {
            self.guess_account(path, what, &code);
        }
        settings.accounts.sales = sales;
        settings.accounts.shipping = shipping;
        settings.accounts.fees = fees;
        settings.accounts.discounts = discounts;
        settings.tax.line_account = tax.unwrap_or_default();
        settings.rounding.account = rounding.unwrap_or_default();
        fee_rules(settings, gift_cards, tips);
    }

    fn guess_account(&mut self, path: &str, what: &str, code: &str) {
        let name = self.chart.account(code).map(|account| account.name.clone());
        let message = if let Some(name) = name {
            format!("{what} go to `{code}` ({name})")
        } else {
            format!("the chart has no account that looks right for {what}")
        };
        self.guess(Code::GuessAccount, path, message);
    }

    /// The first of these tax types that the chart has, else any without tax.
    fn zero_type(&self, wanted: &[&str]) -> String {
        let usable = |tax: &&TaxType| tax.active && tax.for_revenue && tax.percent.is_zero();
        wanted
            .iter()
            .find_map(|code| self.chart.tax_type(code).filter(usable))
            .or_else(|| self.chart.tax_rates.iter().find(usable))
            .map(|tax| tax.code.clone())
            .unwrap_or_default()
    }

    /// Tax types of lines without tax, by region (reference: Xero, section 3.6).
    fn untaxed(&mut self, settings: &mut Settings) {
        const OUTSIDE: [&str; 3] = ["NONE", "BASEXCLUDED", "EXEMPTOUTPUT"];
        const ZERO: [&str; 4] = ["ZERORATEDOUTPUT", "ZERORATED", "EXEMPTOUTPUT", "NONE"];
        const EXPORT: [&str; 5] =
            ["EXEMPTEXPORT", "ZERORATEDOUTPUT", "ZERORATED", "EXEMPTOUTPUT", "NONE"];
        let australian = self.chart.country == "AU";
        let outside: &[&str] = if australian { &["BASEXCLUDED", "NONE"] } else { &OUTSIDE };
        settings.tax.no_tax = self.zero_type(outside);
        let tax = &mut settings.tax;
        tax.untaxed.not_taxable.clone_from(&tax.no_tax);
        tax.untaxed.exempt = self.zero_type(&ZERO);
        tax.untaxed.zero_rate = self.zero_type(&ZERO);
        tax.untaxed.export = self.zero_type(&EXPORT);
        tax.untaxed.other = self.zero_type(if australian { &["EXEMPTOUTPUT"] } else { &OUTSIDE });
        let untaxed = &settings.tax.untaxed;
        let guesses = [
            ("tax.untaxed.not_taxable", untaxed.not_taxable.clone()),
            ("tax.untaxed.exempt", untaxed.exempt.clone()),
            ("tax.untaxed.zero_rate", untaxed.zero_rate.clone()),
            ("tax.untaxed.export", untaxed.export.clone()),
            ("tax.untaxed.other", untaxed.other.clone()),
        ];
        for (path, code) in guesses {
            self.guess(Code::GuessUntaxed, path, format!("such lines bear tax type `{code}`"));
        }
    }

    fn sets(&mut self, settings: &mut Settings, shop: &Shop, sets: &[RateSet]) {
        for (index, set) in sets.iter().enumerate() {
            let path = format!("tax.sets[{index}]");
            let percent = (set.rate * Decimal::ONE_HUNDRED).normalize();
            let name = format!("{} {percent} % {}", set.name, set.country).trim().to_owned();
            let found = self.type_of(shop, set).map(|tax| tax.code.clone());
            let line_account = if let Some(code) = &found {
                self.guess(Code::GuessTaxType, &path, format!("{name} bears tax type `{code}`"));
                String::new()
            } else {
                let account = settings.tax.line_account.clone();
                let message = format!("the tax of {name} is a line of its own to `{account}`");
                self.guess(Code::GuessTaxLine, &path, message);
                account
            };
            settings.tax.sets.push(TaxSet {
                rates: set.ids.clone(),
                name,
                tax_type: found.unwrap_or_default(),
                line_account,
            });
        }
    }

    /// The tax type for a set: of the same percentage, and either the organisation's own or one
    /// whose name says the other country. A foreign tax must not get into the home return.
    fn type_of(&self, shop: &Shop, set: &RateSet) -> Option<&TaxType> {
        let percent = crate::money::round_half_up(set.rate * Decimal::ONE_HUNDRED, 4);
        let same = |tax: &&TaxType| {
            tax.active && tax.for_revenue && crate::money::round_half_up(tax.percent, 4) == percent
        };
        let home = set.country.is_empty()
            || set.country == self.chart.country
            || set.country == shop.country();
        if set.rate.is_zero() {
            let code = if home || set.class == "zero-rate" {
                self.zero_type(&["ZERORATEDOUTPUT", "ZERORATED", "EXEMPTOUTPUT", "NONE"])
            } else {
                self.zero_type(&["NONE", "BASEXCLUDED", "EXEMPTOUTPUT"])
            };
            return self.chart.tax_type(&code);
        }
        let candidates: Vec<&TaxType> = self.chart.tax_rates.iter().filter(same).collect();
        let country = set.country.to_ascii_lowercase();
        let says_country = |tax: &&&TaxType| {
            let name = tax.name.to_ascii_lowercase();
            let mut words = name.split(|letter: char| !letter.is_alphanumeric());
            words.any(|word| !country.is_empty() && word == country)
        };
        let of_country = candidates.iter().find(says_country).copied();
        // `OUTPUT2` is for sales, `CAPEXOUTPUT2` of the same percentage for capital goods.
        let coded = |fits: fn(&str) -> bool| candidates.iter().find(|tax| fits(&tax.code)).copied();
        let of_sales = || {
            coded(|code| code.starts_with("OUTPUT"))
                .or_else(|| coded(|code| code.contains("OUTPUT")))
        };
        let rest = || candidates.iter().find(|tax| !tax.code.contains("INPUT")).copied();
        if home { of_country.or_else(of_sales).or_else(rest) } else { of_country }
    }

    /// What summaries need, should they be switched on: nothing of it counts before.
    fn summary(&self, settings: &mut Settings, gateways: &[Gateway]) {
        let code = |found: Option<&Account>| found.map(|a| a.code.clone()).unwrap_or_default();
        let expense = |account: &Account| matches!(account.kind.as_str(), "EXPENSE" | "OVERHEADS");
        let balance = |account: &Account| {
            account.system.is_empty()
                && (account.is_liability() || matches!(account.kind.as_str(), "CURRENT" | "ASSET"))
        };
        let accounts = &mut settings.summary.accounts;
        accounts.refunds = code(self.by_name(&["refund", "returns"], Account::is_revenue));
        accounts.fees = code(self.by_name(&["bank fee", "merchant fee", "fees"], expense));
        accounts.chargebacks = code(self.by_name(&["chargeback", "bad debt"], expense));
        accounts.adjustments.clone_from(&accounts.fees);
        if accounts.chargebacks.is_empty() {
            accounts.chargebacks.clone_from(&accounts.fees);
        }
        let suspense = code(self.by_name(&["suspense", "undeposited", "clearing"], balance));
        accounts.reserves = code(self.by_name(&["reserve"], balance));
        if accounts.reserves.is_empty() {
            accounts.reserves.clone_from(&suspense);
        }
        accounts.transfers.clone_from(&suspense);
        accounts.unmatched = suspense;
        let known = [
            (Source::Woopayments, "woocommerce_payments"),
            (Source::Stripe, "stripe"),
            (Source::Paypal, "ppcp-gateway"),
        ];
        for (source, id) in known {
            if gateways.iter().any(|gateway| gateway.enabled && gateway.id == id) {
                // One plugin offers several methods, such as `stripe_sepa`.
                let methods = alloc::vec![id.into(), format!("{id}_*")];
                settings.summary.payouts.push(PayoutGateway { source, methods });
            }
        }
    }

    fn gateways(&mut self, settings: &mut Settings, gateways: &[Gateway]) {
        for gateway in gateways.iter().filter(|gateway| gateway.enabled) {
            let path = format!("payments.accounts.{}", gateway.id);
            let pays = |account: &&Account| account.pays() && !account.code.is_empty();
            let first_word =
                gateway.id.split(['_', '-']).next().unwrap_or_default().to_ascii_lowercase();
            let named = |account: &&Account| names(&account.name, &[first_word.as_str()]);
            let manual = matches!(gateway.id.as_str(), "bacs" | "cheque" | "cod");
            let clearing = |account: &&Account| names(&account.name, &["clearing"]) != manual;
            let all = || self.chart.accounts.iter().filter(pays);
            let found = all()
                .find(|account| !manual && named(account))
                .or_else(|| all().find(|account| account.kind == "BANK" && clearing(account)))
                .or_else(|| all().next());
            let Some((code, name)) = found.map(|one| (one.code.clone(), one.name.clone())) else {
                let message = format!("no account takes payments by `{}`", gateway.title);
                self.guess(Code::GatewayUnmapped, &path, message);
                continue;
            };
            let message = format!("payments by `{}` go to `{code}` ({name})", gateway.title);
            self.guess(Code::GuessGateway, &path, message);
            settings.payments.accounts.insert(gateway.id.clone(), code);
        }
    }
}
