//! Orders as WooCommerce would have made them, and what is to become of each.

#[path = "orders/print.rs"]
mod print;

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::{
    json::{Json, number, object, text},
    random::Random,
    shop::{Place, Shop, TERMS_ROLE},
    woo::{self, Amounts, Kind, Rate, Sums, Taxes, Way, round},
};

/// What is to become of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Post,
    Skip(&'static str),
    Hold(&'static str),
}

/// An order and all that a check needs to know of it.
#[derive(Debug)]
pub(crate) struct Sale {
    pub(crate) id: u64,
    pub(crate) order: Json,
    pub(crate) customer: Option<Json>,
    pub(crate) expected: Expected,
    /// What was drawn, for the message of a failure.
    pub(crate) traits: Vec<&'static str>,
}

/// How amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The shop's own decimals.
    Plain,
    /// `dp=6`
    Fine,
}

#[derive(Debug, Clone)]
struct Line {
    id: u64,
    kind: Kind,
    name: String,
    quantity: Decimal,
    subtotal: Decimal,
    total: Decimal,
    /// Rate, tax, tax before discount.
    taxes: Vec<(u64, Decimal, Decimal)>,
    class: &'static str,
    status: &'static str,
    product: u64,
    /// Rates that stand on the line without having applied.
    idle: Vec<u64>,
}

struct Draw<'a> {
    shop: &'a Shop,
    random: &'a mut Random,
    place: &'static Place,
    home: bool,
    exempt: bool,
    form: Form,
    lines: Vec<Line>,
    coupons: Vec<(&'static str, &'static str, Decimal)>,
    traits: Vec<&'static str>,
    next_id: u64,
}

/// The products that orders may hold, as WooCommerce gives them.
pub(crate) fn products() -> Json {
    let product = |id: u64, kind: &str, category: &str, status: &str| {
        object([
            ("id", number(id)),
            ("type", text(kind)),
            ("tax_status", text(status)),
            ("categories", Json::List(vec![object([("slug", text(category))])])),
        ])
    };
    Json::List(vec![
        product(10, "simple", "clothes", "taxable"),
        product(11, "variable", "tea", "taxable"),
        product(12, "gift-card", "cards", "none"),
    ])
}

const NAMES: [&str; 8] = [
    "Plain Tee",
    "Enamel “Mug” &amp; Söhne ☕ <b>bold</b>",
    "緑茶 100g",
    "شاي أخضر",
    "Crème brûlée 🍮🔥",
    "a < b && c > d",
    "<script>alert(1)</script>",
    "Very long name that goes on and on, as names of products in shops do when nobody stops them",
];

const PRICES: [&str; 22] = [
    "0.01", "0.05", "0.07", "0.33", "0.99", "1.00", "1.05", "2.675", "3.3333", "4.99", "9.95",
    "9.99", "10.00", "19.95", "24.95", "29.95", "33.33", "49.99", "99.99", "110", "1234.56",
    "12999.99",
];

const STATUSES: [(&str, Option<&str>); 20] = [
    ("processing", None),
    ("processing", None),
    ("processing", None),
    ("processing", None),
    ("processing", None),
    ("processing", None),
    ("processing", None),
    ("completed", None),
    ("completed", None),
    ("completed", None),
    ("completed", None),
    ("completed", None),
    ("wc-completed", None),
    ("pending", None),
    ("on-hold", None),
    ("on-hold", None),
    ("refunded", None),
    ("cancelled", Some("order.not_posted")),
    ("failed", Some("order.not_posted")),
    ("checkout-draft", Some("order.not_posted")),
];

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Draws an order.
pub(crate) fn draw(shop: &Shop, id: u64, random: &mut Random) -> Sale {
    let home = random.chance(70);
    let place = if home { &shop.regime.places[0] } else { random.pick(&shop.regime.places[1..]) };
    let exempt = random.chance(5);
    let form = if random.chance(50) { Form::Fine } else { Form::Plain };
    let mut draw = Draw {
        shop,
        random,
        place,
        home,
        exempt,
        form,
        lines: Vec::new(),
        coupons: Vec::new(),
        traits: Vec::new(),
        next_id: id * 100,
    };
    draw.items();
    draw.shipping();
    draw.fees();
    draw.finish(id)
}

impl Draw<'_> {
    fn rates(&self, class: &str, kind: Kind) -> Vec<Rate> {
        let regime = self.shop.regime;
        match kind {
            _ if self.exempt => Vec::new(),
            Kind::Shipping => regime.shipping(self.place, class),
            Kind::Item | Kind::Fee => regime.goods(self.place, class),
        }
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Price and quantity of every item, discounts over them, then their taxes.
    fn items(&mut self) {
        let many = self.random.chance(4);
        let count = if many { self.random.between(12, 40) } else { self.random.between(1, 6) };
        let free = self.random.chance(2);
        let mut drawn: Vec<(Line, Decimal, Decimal)> = Vec::new();
        for _ in 0..count {
            let quantity = self.quantity();
            let price = if free { Decimal::ZERO } else { self.price(quantity) };
            let basis = round(price * quantity, 8);
            drawn.push((self.item(quantity), basis, basis));
        }
        self.discount(&mut drawn);
        let stored_rounded = self.random.chance(30);
        for (mut line, before, after) in drawn {
            let rates =
                if line.status == "none" { Vec::new() } else { self.rates(line.class, Kind::Item) };
            let (subtotal, subtotal_taxes) = self.net(before, &line, &rates, stored_rounded);
            let (total, taxes) = self.net(after, &line, &rates, stored_rounded);
            line.subtotal = subtotal;
            line.total = total;
            line.taxes = taxes
                .iter()
                .zip(&subtotal_taxes)
                .map(|((id, tax), (_, subtotal))| (*id, *tax, *subtotal))
                .collect();
            if line.taxes.is_empty() && self.random.chance(20) {
                line.idle =
                    self.shop.regime.goods(self.place, "").iter().map(|one| one.id).collect();
            }
            self.lines.push(line);
        }
    }

    fn quantity(&mut self) -> Decimal {
        match self.random.below(40) {
            0 => Decimal::from(70_000),
            1 => decimal("0.5"),
            2 => decimal("2.375"),
            3 => decimal("0.3333"),
            4 => decimal("1.00001"),
            5 => Decimal::from(self.random.between(6, 1_000)),
            6..=15 => Decimal::from(self.random.between(2, 5)),
            _ => Decimal::ONE,
        }
    }

    fn price(&mut self, quantity: Decimal) -> Decimal {
        let price = if self.random.chance(50) {
            decimal(self.random.pick::<&str>(&PRICES))
        } else {
            Decimal::new(i64::try_from(self.random.below(20_000)).unwrap(), 2)
        };
        let price = if quantity > Decimal::ONE_THOUSAND { price % Decimal::TEN } else { price };
        if self.random.chance(85) { round(price, self.shop.rounding.digits) } else { price }
    }

    fn item(&mut self, quantity: Decimal) -> Line {
        let classes: BTreeSet<&'static str> = self
            .shop
            .regime
            .places
            .iter()
            .flat_map(|place| place.classes)
            .map(|one| one.0)
            .collect();
        let classes: Vec<&'static str> = classes.into_iter().collect();
        let class = if self.random.chance(70) { "" } else { *self.random.pick(&classes) };
        let (product, status) = match self.random.below(20) {
            0 => (12, "none"),
            1..=7 => (11, "taxable"),
            8 => (0, "taxable"),
            _ => (10, "taxable"),
        };
        Line {
            id: self.id(),
            kind: Kind::Item,
            name: (*self.random.pick(&NAMES)).into(),
            quantity,
            subtotal: Decimal::ZERO,
            total: Decimal::ZERO,
            taxes: Vec::new(),
            class,
            status,
            product,
            idle: Vec::new(),
        }
    }

    /// Coupons: each lowers the prices as they are entered, and is stored without tax.
    fn discount(&mut self, lines: &mut [(Line, Decimal, Decimal)]) {
        let digits = self.shop.rounding.digits;
        let coupons = if self.random.chance(35) { self.random.between(1, 2) } else { 0 };
        for _ in 0..coupons {
            let all: Decimal = lines.iter().map(|line| line.2).sum();
            let (kind, code, share) = match self.random.below(6) {
                0 => ("percent", "all100", Decimal::ONE),
                1 | 2 => ("percent", "ten", decimal("0.10")),
                3 => ("percent", "third", decimal("0.333333")),
                4 => ("fixed_cart", "five", decimal("5")),
                _ => ("smart_coupon", "card-7Q", decimal("12.34")),
            };
            let share = if kind == "percent" || all.is_zero() {
                share
            } else {
                (round(share, digits) / all).min(Decimal::ONE)
            };
            let mut sum = Decimal::ZERO;
            for line in lines.iter_mut() {
                let off = round(line.2 * share, digits).min(line.2);
                line.2 -= off;
                sum += off;
            }
            self.traits.push(kind);
            self.coupons.push((kind, code, sum));
        }
    }

    /// A line's net and taxes, from what its price comes to as it is entered.
    fn net(&self, basis: Decimal, line: &Line, rates: &[Rate], stored: bool) -> (Decimal, Taxes) {
        let rounding = self.shop.rounding;
        let home = || self.shop.regime.goods(&self.shop.regime.places[0], line.class);
        let without = |rates: &[Rate]| {
            let taxes = woo::inclusive(basis, rates);
            let tax: Decimal = taxes.iter().map(|(_, tax)| *tax).sum();
            (round(basis - tax, 6), taxes)
        };
        let (net, taxes) = if !rounding.prices_include_tax || line.status == "none" {
            (round(basis, 6), woo::exclusive(basis, rates))
        } else if self.home && !self.exempt {
            without(rates)
        } else {
            let (net, _) = without(&home());
            (net, woo::exclusive(net, rates))
        };
        if stored {
            let net = round(net, rounding.digits);
            (net, woo::exclusive(net, rates))
        } else {
            (net, taxes)
        }
    }

    fn shipping_class(&self) -> &'static str {
        let first = || {
            let taxable = self.lines.iter().find(|line| line.status == "taxable");
            taxable.map_or("", |line| line.class)
        };
        if self.shop.shipping_class == "inherit" { first() } else { self.shop.shipping_class }
    }

    fn extra(&mut self, kind: Kind, name: &str, total: Decimal, class: &'static str) -> Line {
        Line {
            id: self.id(),
            kind,
            name: name.into(),
            quantity: Decimal::ONE,
            subtotal: total,
            total,
            taxes: Vec::new(),
            class,
            status: "taxable",
            product: 0,
            idle: Vec::new(),
        }
    }

    fn shipping(&mut self) {
        let count = match self.random.below(20) {
            0..=5 => 0,
            6 => 2,
            _ => 1,
        };
        let class = self.shipping_class();
        for _ in 0..count {
            let cost = *self
                .random
                .pick(&["0.00", "4.00", "5.00", "6.66", "9.95", "18.833", "25.50", "65.333"]);
            let mut line = self.extra(Kind::Shipping, "Flat rate &times; 1", decimal(cost), class);
            if self.random.chance(10) {
                line.status = "none";
            } else {
                let rates = self.rates(class, Kind::Shipping);
                line.taxes = doubled(&woo::exclusive(line.total, &rates));
            }
            self.lines.push(line);
        }
    }

    fn fees(&mut self) {
        if self.random.chance(12) {
            let amount = *self.random.pick(&["1.2345", "3.00", "0.30", "2.5"]);
            let mut fee = self.extra(Kind::Fee, "Card surcharge", decimal(amount), "");
            fee.taxes = doubled(&woo::exclusive(fee.total, &self.rates("", Kind::Fee)));
            self.traits.push("fee");
            self.lines.push(fee);
        }
        if self.random.chance(12) {
            let name = if self.random.chance(50) { "Tip for the crew" } else { "Courier" };
            let mut fee = self.extra(Kind::Fee, name, decimal("1.11"), "0");
            fee.status = "none";
            self.traits.push("untaxed fee");
            self.lines.push(fee);
        }
        if self.random.chance(12) {
            let amount = *self.random.pick(&["-10.00", "-7.77", "-15.50", "-200"]);
            self.negative_fee(decimal(amount));
        }
    }

    /// A fee below zero, at most as large as what it is taken from.
    fn negative_fee(&mut self, amount: Decimal) {
        let digits = self.shop.rounding.digits;
        let all: Decimal = self.lines.iter().map(|line| round(line.total, digits)).sum();
        let total = amount.max(-all);
        if total.is_zero() {
            return;
        }
        let costs: Vec<(Decimal, Vec<Rate>)> = self
            .lines
            .iter()
            .filter(|line| line.total > Decimal::ZERO)
            .map(|line| {
                let taxed = line.status == "taxable" && line.class != "0";
                let rates = if taxed { self.rates(line.class, Kind::Item) } else { Vec::new() };
                (line.total, rates)
            })
            .collect();
        // WooCommerce shares by class: what is taxed alike is one cost.
        let mut classes: Vec<(Decimal, Vec<Rate>)> = Vec::new();
        for (cost, rates) in costs {
            match classes.iter_mut().find(|known| known.1 == rates) {
                Some(known) => known.0 += cost,
                None => classes.push((cost, rates)),
            }
        }
        let mut fee = self.extra(Kind::Fee, "Gift card ABC-123", total, "0");
        fee.taxes = doubled(&woo::negative_fee(total, &classes));
        self.traits.push("negative fee");
        self.lines.push(fee);
    }

    fn finish(mut self, id: u64) -> Sale {
        let way = if self.random.chance(35) { Way::Cart } else { Way::Order };
        self.traits.push(if way == Way::Cart { "classic" } else { "order" });
        self.traits.push(if self.form == Form::Fine { "dp=6" } else { "default dp" });
        let amounts: Vec<Amounts> = self
            .lines
            .iter()
            .map(|line| Amounts {
                kind: line.kind,
                total: line.total,
                taxes: line.taxes.iter().map(|(id, tax, _)| (*id, *tax)).collect(),
            })
            .collect();
        let mut sums = woo::add_up(&amounts, self.shop.rounding, way);
        // WooCommerce never stores a total below zero.
        sums.total = sums.total.max(Decimal::ZERO);
        let (status, skipped) = *self.random.pick(&STATUSES);
        let skipped = match skipped {
            Some(code) => Some(code),
            None => (sums.total.is_zero() && self.shop.skips_zero).then_some("order.zero_skipped"),
        };
        let expected = match skipped {
            Some(code) => Expected::Skip(code),
            None => self.spoil(&mut sums),
        };
        let customer =
            self.random.chance(20).then(|| object([("id", number(7)), ("role", text(TERMS_ROLE))]));
        let order = self.order(id, status, &sums);
        Sale { id, order, customer, expected, traits: self.traits }
    }

    /// Makes some orders inconsistent on purpose.
    fn spoil(&mut self, sums: &mut Sums) -> Expected {
        let one = Decimal::new(1, self.shop.rounding.digits.min(2));
        match self.random.below(50) {
            0 => {
                // More than any number of lines may round.
                let cents = if self.shop.cap > 10 || self.lines.len() > 12 { 500 } else { 20 };
                let off = one * Decimal::from(cents);
                let down = self.random.chance(50) && sums.total > off + sums.total_tax.abs();
                sums.total += if down { -off } else { off };
                self.traits.push("total off");
                Expected::Hold("balance.out_of_balance")
            }
            1 => self.spoil_tax(sums, one * Decimal::from(300)),
            _ => Expected::Post,
        }
    }

    /// Raises the tax of an item that bears a tax type, and everything that follows from it.
    fn spoil_tax(&mut self, sums: &mut Sums, off: Decimal) -> Expected {
        let shop = self.shop;
        let typed = |line: &&mut Line| {
            let mut set: Vec<u64> = line.taxes.iter().map(|tax| tax.0).collect();
            set.sort_unstable();
            let charged = set.iter().any(|id| !shop.regime.rate(*id).percent.is_zero());
            line.kind == Kind::Item && charged && !shop.as_lines.contains(&set)
        };
        let Some(line) = self.lines.iter_mut().find(typed) else { return Expected::Post };
        let tax = &mut line.taxes[0];
        tax.1 += off;
        tax.2 += off;
        for known in sums.tax_lines.iter_mut().filter(|known| known.id == tax.0) {
            known.goods += off;
        }
        sums.total += off;
        sums.total_tax += off;
        self.traits.push("tax off");
        Expected::Hold("tax.differs")
    }
}

/// Taxes of a line without discount.
fn doubled(taxes: &Taxes) -> Vec<(u64, Decimal, Decimal)> {
    taxes.iter().map(|(id, tax)| (*id, *tax, *tax)).collect()
}
