//! Who moves next, what befalls them, and how time goes by.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use super::{
    process::{Life, Plant, Process, intake, next_run},
    scenario::Scenario,
    stage::{ActorId, Point, Stage, duration},
};

/// Turns in which what is left must come to its end once nothing goes wrong any more.
const TURNS_MAX: usize = 400;

/// Sweeps after which nothing may be found any more.
const SWEEPS_MAX: usize = 4;

/// Points between two turns; more are no work but a loop.
const POINTS_MAX: usize = 5_000;

/// Runs something of one actor to its end; nothing befalls it.
pub(super) async fn alone<T>(stage: &Stage, actor: ActorId, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        loop {
            match work.as_mut().poll(context) {
                Poll::Ready(done) => return Poll::Ready(done),
                Poll::Pending if stage.parked(actor).is_some() => stage.let_go(actor),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

/// Who an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Worker,
    Intake,
}

/// An actor with the life that it lives now.
struct Cast {
    actor: ActorId,
    role: Role,
    births: u64,
    life: Life,
    frozen_until_ms: i64,
}

/// One seed's play.
pub(super) struct Director {
    plant: Plant,
    scenario: Scenario,
    cast: Vec<Cast>,
    events: u64,
    sweeps: usize,
}

impl Director {
    pub(super) fn new(plant: Plant, scenario: Scenario) -> Self {
        let mut director =
            Self { plant, events: scenario.events, scenario, cast: Vec::new(), sweeps: 0 };
        for _ in 0..director.scenario.workers {
            director.enter(Role::Worker);
        }
        director.enter(Role::Intake);
        director
    }

    fn stage(&self) -> &Stage {
        &self.plant.stage
    }

    fn now_ms(&self) -> i64 {
        self.stage().lock().now_ms
    }

    fn enter(&mut self, role: Role) {
        let actor = self.stage().enter();
        let life = self.birth(role, actor, 0);
        self.cast.push(Cast { actor, role, births: 0, life, frozen_until_ms: 0 });
    }

    fn birth(&self, role: Role, actor: ActorId, births: u64) -> Life {
        match role {
            Role::Worker => Process::start(&self.plant, actor, births).live(),
            Role::Intake => intake(&self.plant, actor),
        }
    }

    /// Plays the seed: first with all that goes wrong, then until all is well.
    ///
    /// # Errors
    /// What did not come right.
    pub(super) async fn play(&mut self) -> Result<(), String> {
        for at in 0..self.plant.places.len() {
            for _ in 0..self.scenario.orders {
                self.arrive(at);
            }
        }
        for _ in 0..self.scenario.moves {
            self.pass_time().await;
            self.befall();
            if let Some(at) = self.choose() {
                self.go(at).await?;
            }
        }
        self.heal().await
    }

    /// Time goes by: little while anybody works, more while all rest.
    async fn pass_time(&self) {
        let now_ms = self.now_ms();
        let resting = self.cast.iter().all(|one| {
            let at_turn = matches!(self.stage().parked(one.actor), None | Some(Point::Turn));
            at_turn || one.frozen_until_ms > now_ms
        });
        let ms = {
            let mut inner = self.stage().lock();
            let jumps = inner.rates.clock;
            let dice = &mut inner.dice;
            if dice.hits(jumps) {
                let ms = dice.one(&[60_000, 360_000, 3_600_000, 86_400_000, 4 * 86_400_000]);
                let ms = dice.below(ms);
                inner.tally.count("clock jumped ahead");
                ms
            } else {
                let most = match (dice.below(10), resting) {
                    (0..=4, _) => 1_000,
                    (_, false) => 8_000,
                    (5..=6, true) => 10_000,
                    (7..=8, true) => 90_000,
                    (_, true) => 1_200_000,
                };
                dice.below(most)
            }
        };
        self.advance(i64::try_from(ms).unwrap_or_default()).await;
    }

    /// Moves time on; what is under way arrives before its time is over.
    async fn advance(&self, ms: i64) {
        let until_ms = self.now_ms() + ms;
        loop {
            let stray = {
                let mut strays = self.plant.strays.lock().unwrap();
                let at = strays.iter().position(|stray| stray.until_ms <= until_ms);
                at.map(|at| strays.remove(at))
            };
            let Some(stray) = stray else { break };
            self.stage().note(|| format!("stray arrives: {}", stray.request.uri()));
            self.plant.xero.call(stray.request).await;
        }
        self.plant.xero.advance(duration(ms));
        self.stage().lock().now_ms = until_ms;
    }

    /// What happens beside the actors: in the shop, to a clock.
    fn befall(&mut self) {
        let happens = {
            let mut inner = self.stage().lock();
            self.events > 0 && inner.dice.hits(120)
        };
        if happens {
            self.events -= 1;
            let (at, is_new) = {
                let dice = &mut self.stage().lock().dice;
                (dice.place(self.plant.places.len()), dice.hits(80))
            };
            if is_new {
                self.arrive(at);
            } else {
                let now_ms = self.now_ms();
                let mut dice = self.stage().lock().dice.clone();
                let (id, what) = self.plant.places[at].shop.happen(&mut dice, now_ms);
                self.stage().lock().dice = dice;
                if what != "nothing" {
                    self.hint(at, id, what);
                }
            }
        }
        let mut inner = self.stage().lock();
        let rate = inner.rates.clock;
        if inner.dice.hits(rate) {
            // A clock is set right, or wrong: a little behind or ahead.
            let actor = inner.dice.place(self.cast.len());
            let skew = i64::try_from(inner.dice.below(40_000)).unwrap_or_default() - 20_000;
            inner.skews_ms[actor] = skew;
            inner.tally.count("clock set");
        }
    }

    /// A new order comes to a shop.
    fn arrive(&self, at: usize) {
        let (now_ms, shop) = (self.now_ms(), &self.plant.places[at].shop);
        let id = shop.arrive(&mut self.stage().lock().dice, now_ms);
        shop.remember(id);
        self.hint(at, id, "arrived");
    }

    /// A shop tells of a change, or fails to.
    fn hint(&self, at: usize, id: u64, what: &'static str) {
        self.stage().note(|| format!("shop {at}: {id} {what}"));
        let mut inner = self.stage().lock();
        inner.tally.count("events in the shop");
        let rate = inner.rates.mail;
        let mut delays = vec![inner.dice.below(5_000)];
        if inner.dice.hits(rate) {
            match inner.dice.below(4) {
                0 => {
                    delays.clear();
                    inner.tally.count("hints lost");
                }
                1 => {
                    delays.push(inner.dice.below(600_000));
                    inner.tally.count("hints doubled");
                }
                _ => {
                    delays = vec![inner.dice.below(7_200_000)];
                    inner.tally.count("hints late");
                }
            }
        }
        let now_ms = inner.now_ms;
        drop(inner);
        for delay in delays {
            self.plant.places[at].shop.post(id, now_ms + i64::try_from(delay).unwrap_or_default());
        }
    }

    fn has_mail(&self) -> bool {
        let now_ms = self.now_ms();
        self.plant.places.iter().any(|place| place.shop.has_mail(now_ms))
    }

    /// Who moves next, if anybody can.
    fn choose(&self) -> Option<usize> {
        let now_ms = self.now_ms();
        let has_mail = self.has_mail();
        let able = |one: &Cast| {
            one.frozen_until_ms <= now_ms
                && (one.role == Role::Worker
                    || has_mail
                    || self.stage().parked(one.actor).is_some_and(|point| point != Point::Turn))
        };
        let able: Vec<usize> = (0..self.cast.len()).filter(|at| able(&self.cast[*at])).collect();
        (!able.is_empty()).then(|| able[self.stage().lock().dice.place(able.len())])
    }

    /// Lets one actor move to its next point, or lets something befall it.
    async fn go(&mut self, at: usize) -> Result<(), String> {
        for _ in 0..POINTS_MAX {
            let actor = self.cast[at].actor;
            let point = self.stage().parked(actor);
            if point.is_some_and(|point| point != Point::Turn)
                && self.stage().strikes(|rates| rates.crash, "crashes")
            {
                self.die(at, &format!("dies at {point:?}"));
                return Ok(());
            }
            if point.is_some_and(|point| !point.is_held())
                && self.stage().strikes(|rates| rates.freeze, "freezes")
            {
                let stage = self.stage().clone();
                let mut inner = stage.lock();
                let most = inner.dice.one(&[20_000, 120_000, 700_000, 2_400_000, 20_000_000]);
                let ms = inner.dice.below(most);
                self.cast[at].frozen_until_ms =
                    inner.now_ms + i64::try_from(ms).unwrap_or_default();
                drop(inner);
                stage.note(|| format!("{actor} stands still for {ms} ms at {point:?}"));
                return Ok(());
            }
            if !self.move_on(at).await {
                self.die(at, "ends");
                return Ok(());
            }
            if !self.stage().parked(actor).is_some_and(Point::is_held) {
                return Ok(());
            }
            let ms = self.stage().lock().dice.below(3_000);
            self.advance(i64::try_from(ms).unwrap_or_default()).await;
        }
        Err(String::from("a process does not come to its next turn"))
    }

    /// Lets an actor move to its next point; gives whether it still lives.
    async fn move_on(&mut self, at: usize) -> bool {
        let stage = self.stage().clone();
        let one = &mut self.cast[at];
        if stage.parked(one.actor).is_some() {
            stage.let_go(one.actor);
        }
        let life = &mut one.life;
        poll_fn(|context| match life.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(false),
            Poll::Pending if stage.parked(one.actor).is_some() => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// A process dies and is started again after a while.
    fn die(&mut self, at: usize, how: &str) {
        let (actor, role) = (self.cast[at].actor, self.cast[at].role);
        self.stage().note(|| format!("{actor} {how}"));
        self.stage().leave(actor);
        let births = self.cast[at].births + 1;
        // The old life goes first: what it held is given back.
        self.cast[at].life = Box::pin(std::future::ready(()));
        let life = self.birth(role, actor, births);
        let stage = self.stage().clone();
        let mut inner = stage.lock();
        let most = inner.dice.one(&[1, 5_000, 60_000, 900_000]);
        let rest_ms = inner.dice.below(most);
        let until_ms = inner.now_ms + i64::try_from(rest_ms).unwrap_or_default();
        drop(inner);
        self.cast[at] = Cast { actor, role, births, life, frozen_until_ms: until_ms };
    }

    /// Nothing goes wrong any more: everything that is begun ends, and nothing is left.
    async fn heal(&mut self) -> Result<(), String> {
        self.stage().note(|| String::from("nothing goes wrong any more"));
        {
            let mut inner = self.stage().lock();
            inner.calm = true;
            inner.full_until_ms = 0;
        }
        self.plant.xero.clear_faults();
        self.advance(3 * 3_600_000).await;
        for at in 0..self.cast.len() {
            self.finish(at).await?;
        }
        while self.has_mail() {
            let intake = self.cast.len() - 1;
            self.move_on(intake).await;
            self.finish(intake).await?;
        }
        for place in &self.plant.places {
            place.shop.lose_mail();
        }
        self.drain().await
    }

    /// Lets an actor come to its next turn.
    async fn finish(&mut self, at: usize) -> Result<(), String> {
        for _ in 0..POINTS_MAX {
            if self.stage().parked(self.cast[at].actor) == Some(Point::Turn) {
                return Ok(());
            }
            if !self.move_on(at).await {
                self.die(at, "ends");
            }
        }
        Err(String::from("a process does not come to its next turn"))
    }

    /// A new process works until nothing is left, and sweeps until nothing is found.
    async fn drain(&mut self) -> Result<(), String> {
        let actor = self.stage().enter();
        let process = Process::start(&self.plant, actor, 0);
        let stage = self.stage().clone();
        for _ in 0..TURNS_MAX {
            let (mut worked, mut found) = (false, 0);
            for at in 0..self.plant.places.len() {
                worked |= self.settle(&process, at).await?;
            }
            if worked {
                continue;
            }
            self.advance(60_000).await;
            for at in 0..self.plant.places.len() {
                found += alone(&stage, actor, process.sweep_once(at)).await?;
            }
            self.sweeps += 1;
            if found == 0 || self.sweeps > SWEEPS_MAX {
                return self.judge(actor, &process).await;
            }
        }
        Err(String::from("it never ends"))
    }

    /// One turn for a shop that has something to do, as soon as it is due; gives whether it had.
    async fn settle(&self, process: &Process, at: usize) -> Result<bool, String> {
        let Some((due, _)) = next_run(&self.plant.store, &self.plant.places[at]).await else {
            return Ok(false);
        };
        self.advance((due.ms() - self.now_ms()).max(0) + 1).await;
        if alone(self.stage(), process.actor(), process.step(at)).await {
            return Err(String::from("the store fails though nothing goes wrong"));
        }
        Ok(true)
    }

    async fn judge(&self, actor: ActorId, process: &Process) -> Result<(), String> {
        let stage = self.stage();
        self.advance(60_000).await;
        let outcomes = process.outcomes().await;
        super::books::compare(&self.plant, &outcomes)?;
        for at in 0..self.plant.places.len() {
            self.advance(60_000).await;
            let plan = alone(stage, actor, process.plan(at)).await?;
            if !plan.is_empty() {
                let steps: Vec<_> = plan.steps().collect();
                return Err(format!("L7: planning again plans {steps:#?} {:#?}", plan.counts()));
            }
        }
        Ok(())
    }
}
