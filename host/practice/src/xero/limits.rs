//! Rate limits with Xero's headers (section 1.1).

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use super::call::Reply;
use super::unknowns::{LimitSpelling, Unknowns, WindowAnchor};
use crate::fault::Problem;

/// How many calls an app may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitOptions {
    /// Calls in flight for one organisation.
    pub concurrent: u32,
    /// Calls a minute for one organisation; none lifts the limit.
    pub minute: Option<u32>,
    /// Calls a day for one organisation: 1,000 on the Starter tier, 5,000 on the paid ones.
    pub day: u32,
    /// Calls a minute over all organisations.
    pub app_minute: u32,
}

impl Default for LimitOptions {
    fn default() -> Self {
        Self { concurrent: 5, minute: Some(60), day: 5_000, app_minute: 10_000 }
    }
}

/// A fixed window.
#[derive(Debug, Clone, Copy)]
struct Window {
    start: DateTime<Utc>,
    used: u32,
}

impl Window {
    /// The window that `now` falls into: the old one while it lasts.
    fn at(old: Option<Self>, now: DateTime<Utc>, length: Duration, anchor: WindowAnchor) -> Self {
        match old {
            Some(window) if now >= window.start && now - window.start < length => window,
            _ => {
                let whole = now.timestamp().rem_euclid(length.num_seconds().max(1));
                let start = match anchor {
                    WindowAnchor::FirstCall => now,
                    WindowAnchor::ClockMinute => {
                        now - Duration::seconds(whole)
                            - Duration::nanoseconds(i64::from(now.timestamp_subsec_nanos()))
                    }
                };
                Self { start, used: 0 }
            }
        }
    }

    /// Whole seconds until the window ends, at least one.
    fn seconds_left(&self, now: DateTime<Utc>, length: Duration) -> i64 {
        let millis = (self.start + length - now).num_milliseconds();
        (millis / 1000 + i64::from(millis % 1000 > 0)).max(1)
    }
}

/// The counters of every app and organisation.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    minutes: HashMap<(String, Uuid), Window>,
    days: HashMap<(String, Uuid), Window>,
    apps: HashMap<String, Window>,
    in_flight: HashMap<(String, Uuid), u32>,
    violations: u64,
}

/// What the three headers say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remaining {
    day: u32,
    minute: u32,
    app_minute: u32,
}

impl Limits {
    /// Counts a call that begins, or refuses it with 429.
    ///
    /// Every call admitted must be handed back with [`Limits::leave`].
    pub(crate) fn enter(
        &mut self,
        (app, tenant): (&str, Uuid),
        options: &LimitOptions,
        unknowns: &Unknowns,
        now: DateTime<Utc>,
    ) -> Result<Remaining, Box<Reply>> {
        let key = (app.to_owned(), tenant);
        let anchor = unknowns.window_anchor;
        let minute = Duration::minutes(1);
        let day = Duration::days(1);
        let mut this_minute = Window::at(self.minutes.get(&key).copied(), now, minute, anchor);
        let mut this_day = Window::at(self.days.get(&key).copied(), now, day, anchor);
        let mut app_minute = Window::at(self.apps.get(app).copied(), now, minute, anchor);
        let remaining = |minute: &Window, day: &Window, app: &Window| Remaining {
            day: options.day.saturating_sub(day.used),
            minute: options.minute.map_or(60, |max| max.saturating_sub(minute.used)),
            app_minute: options.app_minute.saturating_sub(app.used),
        };
        let problem = if self.in_flight.get(&key).copied().unwrap_or(0) >= options.concurrent {
            Some((Problem::Concurrent, unknowns.concurrent_retry_after.then_some(1)))
        } else if options.minute.is_some_and(|max| this_minute.used >= max) {
            Some((Problem::Minute, Some(this_minute.seconds_left(now, minute))))
        } else if this_day.used >= options.day {
            Some((Problem::Day, Some(this_day.seconds_left(now, day))))
        } else if app_minute.used >= options.app_minute {
            Some((Problem::AppMinute, Some(app_minute.seconds_left(now, minute))))
        } else {
            None
        };
        if let Some((problem, retry_after)) = problem {
            self.violations += 1;
            let left = remaining(&this_minute, &this_day, &app_minute);
            return Err(Box::new(too_many(problem, retry_after, unknowns, Some(left))));
        }
        for window in [&mut this_minute, &mut this_day, &mut app_minute] {
            window.used += 1;
        }
        self.minutes.insert(key.clone(), this_minute);
        self.days.insert(key.clone(), this_day);
        self.apps.insert(app.to_owned(), app_minute);
        *self.in_flight.entry(key).or_default() += 1;
        Ok(remaining(&this_minute, &this_day, &app_minute))
    }

    /// Calls that were refused because a limit was used up.
    pub(crate) const fn violations(&self) -> u64 {
        self.violations
    }

    /// Hands back an admitted call.
    pub(crate) fn leave(&mut self, app: &str, tenant: Uuid) {
        if let Some(count) = self.in_flight.get_mut(&(app.to_owned(), tenant)) {
            *count = count.saturating_sub(1);
        }
    }
}

impl Remaining {
    pub(crate) fn put_on(self, mut reply: Reply) -> Reply {
        for (name, value) in [
            ("X-AppMinLimit-Remaining", self.app_minute),
            ("X-DayLimit-Remaining", self.day),
            ("X-MinLimit-Remaining", self.minute),
        ] {
            reply = reply.header(name, value.to_string());
        }
        reply
    }
}

/// 429 as it was recorded: no body, no content type.
pub(crate) fn too_many(
    problem: Problem,
    retry_after_secs: Option<i64>,
    unknowns: &Unknowns,
    remaining: Option<Remaining>,
) -> Reply {
    let capital = unknowns.limit_spelling == LimitSpelling::Capitalised;
    let name = match (problem, capital) {
        (Problem::Minute, _) => "minute",
        (Problem::Day, false) => "day",
        (Problem::Day, true) => "Day",
        (Problem::Concurrent, false) => "concurrent",
        (Problem::Concurrent, true) => "Concurrent",
        (Problem::AppMinute, false) => "appminute",
        (Problem::AppMinute, true) => "AppMinute",
    };
    let mut reply = Reply::empty(429);
    if let Some(remaining) = remaining {
        reply = remaining.put_on(reply);
    }
    if let Some(seconds) = retry_after_secs {
        reply = reply.header("Retry-After", seconds.to_string());
    }
    reply.header("X-Rate-Limit-Problem", name)
}
