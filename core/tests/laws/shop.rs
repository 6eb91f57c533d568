//! Shops: where they sell, what they charge, what their Xero organisation has, and every choice
//! of the settings.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::{
    json::{Json, number, object, text},
    random::Random,
    woo::{Rate, Rounding, round},
};

/// A row of the tax table: id, label, percentage, whether it compounds, whether it is charged on
/// shipping.
type Row = (u64, &'static str, &'static str, bool, bool);

/// A tax class at a place and the ids of its rates.
type Class = (&'static str, &'static [u64]);

/// Somewhere goods go.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) country: &'static str,
    pub(crate) classes: &'static [Class],
}

/// A country's way of selling.
#[derive(Debug)]
pub(crate) struct Regime {
    pub(crate) name: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) digits: u32,
    pub(crate) country: &'static str,
    rates: &'static [Row],
    /// The shop's own place first.
    pub(crate) places: &'static [Place],
}

/// Taken from the tax table of the recorded shop.
pub(crate) const REGIMES: [Regime; 9] = [
    Regime {
        name: "AU",
        currency: "AUD",
        digits: 2,
        country: "AU:NSW",
        rates: &[
            (1, "GST", "10", false, true),
            (2, "GST Free", "0", false, true),
            (32, "GST NZ", "15", false, true),
        ],
        places: &[
            Place {
                country: "AU",
                classes: &[("", &[1]), ("zero-rate", &[2]), ("reduced-rate", &[1])],
            },
            Place { country: "NZ", classes: &[("", &[32])] },
            Place { country: "SG", classes: &[] },
        ],
    },
    Regime {
        name: "GB",
        currency: "GBP",
        digits: 2,
        country: "GB",
        rates: &[
            (4, "VAT", "20", false, true),
            (5, "VAT 5%", "5", false, true),
            (6, "VAT Zero", "0", false, true),
        ],
        places: &[
            Place {
                country: "GB",
                classes: &[("", &[4]), ("reduced-rate", &[5]), ("zero-rate", &[6])],
            },
            Place { country: "US", classes: &[] },
        ],
    },
    Regime {
        name: "US",
        currency: "USD",
        digits: 2,
        country: "US:CA",
        rates: &[
            (7, "CA State Tax", "7.25", false, false),
            (8, "SF County", "1.25", false, false),
            (9, "SF District", "0.125", false, false),
            (10, "NY State", "4", false, true),
            (11, "New York City", "4.5", false, true),
            (12, "MCTD", "0.375", false, true),
        ],
        places: &[
            Place { country: "US", classes: &[("", &[7, 8, 9])] },
            Place { country: "US", classes: &[("", &[10, 11, 12])] },
            Place { country: "US", classes: &[("", &[7])] },
            Place { country: "US", classes: &[] },
        ],
    },
    Regime {
        name: "CA",
        currency: "CAD",
        digits: 2,
        country: "CA:QC",
        rates: &[
            (13, "GST", "5", false, true),
            (14, "QST", "9.975", true, true),
            (15, "GST", "5", false, true),
            (16, "PST", "7", false, false),
            (17, "HST", "13", false, true),
            (18, "GST", "5", false, true),
            (19, "PST on GST", "10", true, true),
        ],
        places: &[
            Place { country: "CA", classes: &[("", &[13, 14])] },
            Place { country: "CA", classes: &[("", &[15, 16])] },
            Place { country: "CA", classes: &[("", &[17])] },
            Place { country: "CA", classes: &[("", &[18, 19])] },
            Place { country: "FR", classes: &[] },
        ],
    },
    Regime {
        name: "EU",
        currency: "EUR",
        digits: 2,
        country: "DE",
        rates: &[
            (25, "MwSt.", "19", false, true),
            (26, "MwSt. 7%", "7", false, true),
            (27, "TVA", "20", false, true),
            (28, "TVA 5,5%", "5.5", false, true),
            (29, "TVA 2,1%", "2.1", false, true),
            (30, "VAT IE", "23", false, true),
            (31, "VAT IE 13.5%", "13.5", false, true),
        ],
        places: &[
            Place { country: "DE", classes: &[("", &[25]), ("reduced-rate", &[26])] },
            Place {
                country: "FR",
                classes: &[("", &[27]), ("reduced-rate", &[28]), ("super-reduced", &[29])],
            },
            Place { country: "IE", classes: &[("", &[30]), ("reduced-rate", &[31])] },
            Place { country: "CH", classes: &[] },
        ],
    },
    Regime {
        name: "JP",
        currency: "JPY",
        digits: 0,
        country: "JP",
        rates: &[(23, "消費税 10%", "10", false, true), (24, "軽減税率 8%", "8", false, true)],
        places: &[
            Place { country: "JP", classes: &[("", &[23]), ("reduced-rate", &[24])] },
            Place { country: "US", classes: &[] },
        ],
    },
    Regime {
        name: "BH",
        currency: "BHD",
        digits: 3,
        country: "BH",
        rates: &[
            (20, "VAT BH", "10", false, true),
            (21, "No VAT KW", "0", false, true),
            (22, "VAT BH Zero", "0", false, true),
        ],
        places: &[
            Place { country: "BH", classes: &[("", &[20]), ("zero-rate", &[22])] },
            Place { country: "KW", classes: &[("", &[21])] },
            Place { country: "US", classes: &[] },
        ],
    },
    Regime {
        name: "AU 4dp",
        currency: "AUD",
        digits: 4,
        country: "AU:NSW",
        rates: &[
            (1, "GST", "10", false, true),
            (2, "GST Free", "0", false, true),
            (32, "GST NZ", "15", false, true),
        ],
        places: &[
            Place { country: "AU", classes: &[("", &[1]), ("zero-rate", &[2])] },
            Place { country: "NZ", classes: &[("", &[32])] },
        ],
    },
    Regime {
        name: "GB 0dp",
        currency: "GBP",
        digits: 0,
        country: "GB",
        rates: &[(4, "VAT", "20", false, true), (5, "VAT 5%", "5", false, true)],
        places: &[
            Place { country: "GB", classes: &[("", &[4]), ("reduced-rate", &[5])] },
            Place { country: "US", classes: &[] },
        ],
    },
];

impl Regime {
    /// A rate of the table.
    pub(crate) fn rate(&self, id: u64) -> Rate {
        let row = self.row(id);
        Rate { id, percent: row.2.parse().unwrap(), compound: row.3 }
    }

    pub(crate) fn label(&self, id: u64) -> &'static str {
        self.row(id).1
    }

    fn row(&self, id: u64) -> &'static Row {
        self.rates.iter().find(|row| row.0 == id).unwrap()
    }

    /// The rates of goods of a class at a place.
    pub(crate) fn goods(&self, place: &Place, class: &str) -> Vec<Rate> {
        let ids = place.classes.iter().find(|known| known.0 == class).map_or(&[][..], |one| one.1);
        ids.iter().map(|id| self.rate(*id)).collect()
    }

    /// The rates of shipping of a class at a place.
    pub(crate) fn shipping(&self, place: &Place, class: &str) -> Vec<Rate> {
        self.goods(place, class).into_iter().filter(|rate| self.row(rate.id).4).collect()
    }

    /// Every set of rates that can stand on a line.
    fn sets(&self) -> BTreeSet<Vec<u64>> {
        let mut sets = BTreeSet::new();
        for place in self.places {
            for (class, _) in place.classes {
                for rates in [self.goods(place, class), self.shipping(place, class)] {
                    let mut ids: Vec<u64> = rates.iter().map(|rate| rate.id).collect();
                    ids.sort_unstable();
                    sets.insert(ids);
                }
            }
        }
        sets.remove(&Vec::new());
        sets
    }

    /// What a set comes to, a percentage of at most four decimals as Xero keeps it.
    fn percent(&self, set: &[u64]) -> Decimal {
        let rates: Vec<Rate> = set.iter().map(|id| self.rate(*id)).collect();
        let mut sum = Decimal::ZERO;
        for rate in rates.iter().filter(|rate| !rate.compound) {
            sum += rate.percent;
        }
        for rate in rates.iter().filter(|rate| rate.compound) {
            sum += (Decimal::ONE_HUNDRED + sum) * rate.percent / Decimal::ONE_HUNDRED;
        }
        round(sum, 4)
    }
}

/// A shop with its choices.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) regime: &'static Regime,
    pub(crate) rounding: Rounding,
    pub(crate) shipping_class: &'static str,
    pub(crate) settings: Json,
    pub(crate) shop: Json,
    pub(crate) chart: Json,
    /// Sets whose tax is a line of its own; every set in that mode.
    pub(crate) as_lines: BTreeSet<Vec<u64>>,
    pub(crate) skips_zero: bool,
    pub(crate) status: &'static str,
    pub(crate) date: &'static str,
    pub(crate) terms: [u64; 3],
    pub(crate) discount_lines: bool,
    /// The rounding cap in cents.
    pub(crate) cap: i128,
}

/// The gateway and the role that have terms of their own.
pub(crate) const TERMS_GATEWAY: &str = "bacs";
pub(crate) const TERMS_ROLE: &str = "wholesale";

/// Account codes of the chart.
pub(crate) const TAX_ACCOUNT: &str = "820";
pub(crate) const ROUNDING_ACCOUNT: &str = "860";

/// The tax type of a set.
pub(crate) fn tax_type(set: &[u64]) -> String {
    let ids: Vec<String> = set.iter().map(ToString::to_string).collect();
    format!("TAX{}", ids.join("X"))
}

/// Draws a shop.
pub(crate) fn draw(random: &mut Random) -> Shop {
    let regime = random.pick(&REGIMES);
    let rounding = Rounding {
        digits: regime.digits,
        prices_include_tax: random.chance(50),
        at_subtotal: random.chance(40),
    };
    let shipping_class = *random.pick(&["", "", "inherit", "zero-rate"]);
    let tax_lines = random.chance(15);
    let mixed = random.chance(25);
    let sets = regime.sets();
    let as_lines: BTreeSet<Vec<u64>> =
        sets.iter().filter(|_| tax_lines || (mixed && random.chance(50))).cloned().collect();
    let mut shop = Shop {
        regime,
        rounding,
        shipping_class,
        settings: Json::Null,
        shop: shop_json(regime, rounding, shipping_class),
        chart: chart(regime, &sets),
        as_lines,
        skips_zero: random.chance(30),
        status: *random.pick(&["authorised", "authorised", "draft", "submitted"]),
        date: *random.pick(&["created", "created", "paid", "completed"]),
        terms: [random.below(40), random.below(40), random.below(40)],
        discount_lines: random.chance(35),
        cap: i128::from(*random.pick(&[5_u64, 5, 5, 10, 100])),
    };
    shop.settings = settings(&shop, &sets, tax_lines, random);
    shop
}

fn shop_json(regime: &Regime, rounding: Rounding, shipping_class: &str) -> Json {
    let yes = |flag: bool| text(if flag { "yes" } else { "no" });
    object([
        ("url", text("https://shop.example")),
        ("currency", text(regime.currency)),
        ("num_decimals", number(regime.digits)),
        ("prices_include_tax", yes(rounding.prices_include_tax)),
        ("tax_round_at_subtotal", yes(rounding.at_subtotal)),
        ("default_country", text(regime.country)),
        ("shipping_tax_class", text(shipping_class)),
        ("timezone", text("Australia/Sydney")),
    ])
}

fn chart(regime: &Regime, sets: &BTreeSet<Vec<u64>>) -> Json {
    let account = |code: &str, name: &str, kind: &str| {
        object([
            ("Code", text(code)),
            ("Name", text(name)),
            ("Type", text(kind)),
            ("Status", text("ACTIVE")),
        ])
    };
    let rate = |code: &str, percent: &str, status: &str| {
        object([
            ("Name", text(format!("{code} {percent}"))),
            ("TaxType", text(code)),
            ("Status", text(status)),
            ("EffectiveRate", number(percent)),
            ("CanApplyToRevenue", Json::Bool(true)),
        ])
    };
    let mut tax_rates = vec![rate("TAX1", "77.7", "DELETED")];
    for code in ["NONE", "EXEMPTOUTPUT", "ZERORATED", "EXPORT"] {
        tax_rates.push(rate(code, "0.0000", "ACTIVE"));
    }
    for set in sets {
        tax_rates.push(rate(&tax_type(set), &regime.percent(set).to_string(), "ACTIVE"));
    }
    let currencies = [regime.currency, "USD", "NZD", "EUR"];
    let option = |name: &str| object([("Name", text(name)), ("Status", text("ACTIVE"))]);
    object([
        (
            "organisation",
            object([
                ("BaseCurrency", text(regime.currency)),
                ("CountryCode", text(&regime.country[..2])),
                ("PeriodLockDate", text("/Date(1577750400000+0000)/")),
            ]),
        ),
        (
            "accounts",
            Json::List(vec![
                account("200", "Sales", "REVENUE"),
                account("201", "Sales of tea", "REVENUE"),
                account("210", "Shipping", "REVENUE"),
                account("220", "Other revenue", "REVENUE"),
                account("230", "Discounts given", "REVENUE"),
                account("240", "Tips", "CURRLIAB"),
                account(TAX_ACCOUNT, "Sales tax payable", "CURRLIAB"),
                account(ROUNDING_ACCOUNT, "Rounding", "EXPENSE"),
                account("880", "Gift cards", "CURRLIAB"),
            ]),
        ),
        ("tax_rates", Json::List(tax_rates)),
        (
            "tracking_categories",
            Json::List(vec![object([
                ("Name", text("Channel")),
                ("Status", text("ACTIVE")),
                ("Options", Json::List(vec![option("Web"), option("Abroad")])),
            ])]),
        ),
        (
            "currencies",
            Json::List(currencies.iter().map(|code| object([("Code", text(*code))])).collect()),
        ),
    ])
}

fn settings(shop: &Shop, sets: &BTreeSet<Vec<u64>>, tax_lines: bool, random: &mut Random) -> Json {
    let mut rows: Vec<Json> = Vec::new();
    for set in sets {
        let mut ids = set.clone();
        if random.chance(50) {
            ids.reverse();
        }
        let rates = ("rates", Json::List(ids.iter().map(number).collect()));
        if !shop.as_lines.contains(set) {
            rows.push(object([rates, ("tax_type", text(tax_type(set)))]));
        } else if !tax_lines || random.chance(50) {
            let account = if random.chance(50) { TAX_ACCOUNT } else { "" };
            rows.push(object([rates, ("line_account", text(account))]));
        }
    }
    let contact = if random.chance(50) { "one" } else { "each" };
    let track = random.chance(30);
    let tracking = if track {
        vec![object([
            ("category", text("Channel")),
            ("option", text("Web")),
            ("rules", object([("country", object([("NZ", text("Abroad"))]))])),
        ])]
    } else {
        Vec::new()
    };
    let untaxed = ["not_taxable", "exempt", "zero_rate", "export", "other"];
    let codes = ["NONE", "EXEMPTOUTPUT", "ZERORATED", "EXPORT", "NONE"];
    let untaxed = untaxed.iter().zip(codes).map(|(name, code)| ((*name).into(), text(code)));
    let mode = if tax_lines { "line" } else { "types" };
    object([
        (
            "invoice",
            object([
                ("prefix", text("WEB-")),
                ("status", text(shop.status)),
                ("date", text(shop.date)),
                (
                    "terms",
                    object([
                        ("days", number(shop.terms[0])),
                        ("by_gateway", object([(TERMS_GATEWAY, number(shop.terms[1]))])),
                        ("by_role", object([(TERMS_ROLE, number(shop.terms[2]))])),
                    ]),
                ),
                ("currency_rate", text(if random.chance(50) { "xero" } else { "order" })),
                ("zero_total", text(if shop.skips_zero { "skip" } else { "post" })),
            ]),
        ),
        ("contact", object([("mode", text(contact)), ("number_prefix", text("WEB-C"))])),
        ("lines", object([("discounts", text(if shop.discount_lines { "lines" } else { "net" }))])),
        (
            "accounts",
            object([
                ("sales", text("200")),
                ("shipping", text("210")),
                ("fees", text("220")),
                ("discounts", text("230")),
                ("rules", object([("category", object([("tea", text("201"))]))])),
            ]),
        ),
        ("tracking", Json::List(tracking)),
        (
            "tax",
            object([
                ("mode", text(mode)),
                ("sets", Json::List(rows)),
                ("untaxed", Json::Object(untaxed.collect())),
                ("line_account", text(TAX_ACCOUNT)),
                ("no_tax", text("NONE")),
            ]),
        ),
        (
            "fees",
            Json::List(vec![
                object([
                    ("name_contains", text("gift card")),
                    ("negative", Json::Bool(true)),
                    ("kind", text("gift_card")),
                ]),
                object([
                    ("name_contains", text("tip")),
                    ("kind", text("tip")),
                    ("account", text("240")),
                ]),
            ]),
        ),
        ("gift_cards", object([("account", text("880"))])),
        (
            "rounding",
            object([
                ("account", text(ROUNDING_ACCOUNT)),
                ("cap", text(Decimal::new(i64::try_from(shop.cap).unwrap(), 2).to_string())),
            ]),
        ),
    ])
}
