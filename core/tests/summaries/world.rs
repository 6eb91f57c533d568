//! A shop over sixty days.

use crate::{
    clock::Clock,
    gateway::{Entry, Gateway, Payout},
    host::Subject,
    json::Json,
    random::Random,
    rules::{self, Rules, daily_method},
    sale::Sale,
    shop::{self, Shop},
};

/// Days of a run.
pub(crate) const DAYS: i64 = 60;

/// All that there is outside of the host.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) shop: Shop,
    pub(crate) chart: String,
    pub(crate) rules: Rules,
    /// The declared zone.
    pub(crate) clock: Clock,
    /// The zone as requests name it: the same, unless a mistake is made on purpose.
    pub(crate) handed: Clock,
    /// The clocks that the shop's local dates are of.
    pub(crate) shown: Clock,
    pub(crate) start: i64,
    pub(crate) today: i64,
    pub(crate) sales: Vec<Sale>,
    gateways: Vec<Gateway>,
    next_id: u64,
}

impl World {
    /// Draws a shop on its first day.
    pub(crate) fn draw(random: &mut Random, shift: i64) -> Self {
        let shop = shop::draw(random);
        let (clock, start) = Clock::draw(random);
        let mut gateways = Vec::new();
        for (source, method) in [("stripe", "card_a"), ("woopayments", "card_b")] {
            let foreign = random.chance(20);
            let currency = if foreign { "USD" } else { shop.regime.currency };
            if gateways.is_empty() || random.chance(50) {
                gateways.push(Gateway::new(source, method, currency, start));
            }
        }
        let handed = clock.shifted(shift);
        // Most shops' own clocks are those of the declared zone.
        let shown = if random.chance(80) { clock.clone() } else { clock.shifted(7_200) };
        let rules = Rules::draw(&gateways, start, random);
        let chart = rules::chart(&shop).write();
        let sales = Vec::new();
        Self {
            shop,
            chart,
            rules,
            clock,
            handed,
            shown,
            start,
            today: start,
            sales,
            gateways,
            next_id: 100,
        }
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// A moment of a day.
    fn moment(&self, day: i64, random: &mut Random) -> i64 {
        let (from, to) = (self.clock.start_of(day), self.clock.start_of(day + 1));
        // The first and the last seconds of a day are where mistakes are made.
        match random.below(6) {
            0 => from,
            1 => to - 1,
            2 => to - 1 - i64::try_from(random.below(3_600)).unwrap(),
            _ => from + i64::try_from(random.below(u64::try_from(to - from).unwrap())).unwrap(),
        }
    }

    /// All that happens on a day.
    pub(crate) fn live(&mut self, random: &mut Random) {
        let day = self.today;
        for _ in 0..random.below(3) {
            self.sell(day, random);
        }
        for index in 0..self.sales.len() {
            if random.chance(5) {
                self.touch(index, day, random);
            }
        }
        let at = self.moment(day, random);
        let until = self.clock.start_of(day + 1);
        for gateway in &mut self.gateways {
            if random.chance(12) {
                gateway.stir(at, &self.sales, random);
            }
            if random.chance(20) {
                gateway.reveal();
            }
            gateway.pay_out(day, until, random);
        }
        if random.chance(6) {
            self.rules.change(&self.gateways, day, random);
        }
        if random.chance(if self.rules.is_broken() { 30 } else { 3 }) {
            self.rules.shake(random);
        }
    }

    fn sell(&mut self, day: i64, random: &mut Random) {
        let (id, at) = (self.id(), self.moment(day, random));
        let method = if random.chance(55) {
            random.pick(&self.gateways).method.clone()
        } else {
            daily_method(random).into()
        };
        let mut sale = Sale::draw(&self.shop, id, at, &method, random);
        if random.chance(85) {
            self.pay(&mut sale, at, random);
        }
        self.sales.push(sale);
    }

    fn pay(&mut self, sale: &mut Sale, at: i64, random: &mut Random) {
        sale.paid = Some(at);
        sale.status = "processing";
        if random.chance(60) {
            sale.status = "completed";
            sale.completed = Some(at);
        }
        sale.changed = true;
        let own = |gateway: &&mut Gateway| gateway.method == sale.method;
        if let Some(gateway) = self.gateways.iter_mut().find(own).filter(|_| !sale.total.is_zero())
        {
            gateway.charge(sale, at, random);
        }
    }

    /// Something happens to an order.
    fn touch(&mut self, index: usize, day: i64, random: &mut Random) {
        let at = self.moment(day, random).max(self.sales[index].created);
        let mut sale = self.sales[index].clone();
        if sale.gone {
            return;
        }
        match random.below(14) {
            0 | 1 if sale.paid.is_none() && sale.status == "pending" => {
                self.pay(&mut sale, at, random);
            }
            2 => sale.edit(&self.shop, random),
            3 => sale.status = random.pick::<&str>(&["cancelled", "failed", "backordered"]),
            4 if sale.paid.is_some() => sale.status = "processing",
            5 => {
                sale.completed = Some(at);
                sale.status = "completed";
            }
            6 => sale.gone = random.chance(40),
            7 => {
                if let Some(refund) = sale.refunds.last_mut() {
                    refund.gone = true;
                }
            }
            8 => sale.status = "on-hold",
            _ => self.give_back(&mut sale, at, random),
        }
        sale.changed = true;
        self.sales[index] = sale;
    }

    fn give_back(&mut self, sale: &mut Sale, at: i64, random: &mut Random) {
        if sale.paid.is_none() {
            return;
        }
        let id = self.id();
        let back = random.chance(20);
        let at = if back { sale.created.max(at - 700_000) } else { at };
        if sale.refund(&self.shop, id, at, random).is_some() {
            let own = |gateway: &&mut Gateway| gateway.method == sale.method;
            if let (Some(gateway), Some(refund)) =
                (self.gateways.iter_mut().find(own), sale.refunds.last())
            {
                gateway.refund(sale, refund);
            }
        }
    }

    /// The last days: all is cured, and each gateway pays out once more.
    pub(crate) fn close(&mut self, random: &mut Random) {
        self.today += 1;
        self.rules.cure(self.today);
        let (at, until) = (self.clock.start_of(self.today), self.clock.start_of(self.today + 1));
        for gateway in &mut self.gateways {
            gateway.reveal();
            gateway.close(at, until, self.today, random);
        }
    }

    /// Entries of all gateways.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.gateways.iter().flat_map(|gateway| &gateway.entries)
    }

    /// An entry.
    pub(crate) fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries().find(|entry| entry.id == id)
    }

    /// Payouts of all gateways.
    pub(crate) fn payouts(&self) -> impl Iterator<Item = &Payout> {
        self.gateways.iter().flat_map(|gateway| &gateway.payouts)
    }

    /// An order that the shop has.
    pub(crate) fn sale(&self, id: &str) -> Option<&Sale> {
        self.sales.iter().find(|sale| !sale.gone && sale.id.to_string() == id)
    }

    /// The order of a refund that the shop has.
    pub(crate) fn order_of_refund(&self, id: &str) -> Option<&Sale> {
        let own = |sale: &&Sale| sale.live_refunds().any(|refund| refund.id.to_string() == id);
        self.sales.iter().filter(|sale| !sale.gone).find(own)
    }

    /// Whether shop or gateway still has something.
    pub(crate) fn has(&self, subject: &Subject) -> bool {
        match &*subject.0 {
            "order" => self.sale(&subject.1).is_some(),
            "refund" => self.order_of_refund(&subject.1).is_some(),
            _ => self.entry(&subject.1).is_some_and(|entry| !entry.gone),
        }
    }

    /// The settings in force, for messages.
    pub(crate) fn settings(&self) -> Json {
        self.rules.settings(&self.shop)
    }
}
