//! Calendar and time zones, reckoned on their own: the core's arithmetic is what is judged.

use crate::random::Random;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// The number of a day since 1970, in the Gregorian calendar.
pub(crate) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// `2026-11-22`
pub(crate) fn day_text(number: i64) -> String {
    let shifted = number + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted - era * 146_097;
    let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = years + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The number of the day that a text begins with.
pub(crate) fn day_of_text(text: &str) -> i64 {
    let mut parts = text[..10].split('-').map(|part| part.parse::<i64>().unwrap());
    let mut next = || parts.next().unwrap();
    day_number(next(), next(), next())
}

/// `2026-11-22T01:02:03`, of seconds on a clock.
pub(crate) fn moment_text(seconds: i64) -> String {
    let (day, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    format!("{}T{:02}:{:02}:{:02}", day_text(day), time / 3_600, time / 60 % 60, time % 60)
}

/// The n-th Sunday of a month, counted from its end when below zero.
fn sunday(year: i64, month: i64, count: i64) -> i64 {
    let after = |first: i64| first + (3 - first.rem_euclid(7) + 7) % 7;
    if count > 0 {
        after(day_number(year, month, 1)) + 7 * (count - 1)
    } else {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        after(day_number(next.0, next.1, 1)) - 7
    }
}

/// A time zone, as stretches of time of one offset.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pub(crate) name: &'static str,
    /// Where each stretch begins, with the offset from then on; the first one always did.
    stretches: Vec<(i64, i64)>,
}

/// Changes of a zone in a year: offset before all, moments and offsets.
type Rule = fn(i64) -> [(i64, i64); 2];

/// Real rules, with the offset in force on the first of January.
const ZONES: [(&str, i64, Option<Rule>); 8] = [
    ("Europe/London", 0, Some(london)),
    ("Australia/Sydney", 39_600, Some(sydney)),
    ("America/New_York", -18_000, Some(new_york)),
    ("Australia/Lord_Howe", 39_600, Some(lord_howe)),
    ("America/Sao_Paulo", -7_200, Some(sao_paulo)),
    ("Asia/Tokyo", 32_400, None),
    ("Asia/Kathmandu", 20_700, None),
    ("Pacific/Kiritimati", 50_400, None),
];

fn london(year: i64) -> [(i64, i64); 2] {
    [(sunday(year, 3, -1) * DAY + 3_600, 3_600), (sunday(year, 10, -1) * DAY + 3_600, 0)]
}

fn sydney(year: i64) -> [(i64, i64); 2] {
    [
        (sunday(year, 4, 1) * DAY - 8 * 3_600, 36_000),
        (sunday(year, 10, 1) * DAY - 8 * 3_600, 39_600),
    ]
}

fn new_york(year: i64) -> [(i64, i64); 2] {
    [
        (sunday(year, 3, 2) * DAY + 7 * 3_600, -14_400),
        (sunday(year, 11, 1) * DAY + 6 * 3_600, -18_000),
    ]
}

/// Half an hour of daylight saving.
fn lord_howe(year: i64) -> [(i64, i64); 2] {
    [
        (sunday(year, 4, 1) * DAY - 9 * 3_600, 37_800),
        (sunday(year, 10, 1) * DAY - 8 * 3_600 - 1_800, 39_600),
    ]
}

/// As it was until 2019: clocks changed at midnight, which so was left out or came twice.
fn sao_paulo(year: i64) -> [(i64, i64); 2] {
    [
        (sunday(year, 2, 3) * DAY + 2 * 3_600, -10_800),
        (sunday(year, 11, 1) * DAY + 3 * 3_600, -7_200),
    ]
}

impl Clock {
    /// Draws a zone, and the first day of a stretch of 60 days that holds a change of its clocks.
    pub(crate) fn draw(random: &mut Random) -> (Self, i64) {
        let (name, before, rule) = random.pick(&ZONES);
        let year = i64::try_from(random.between(2_024, 2_027)).unwrap();
        let mut stretches = vec![(i64::MIN, *before)];
        let mut middle = day_number(year, 1, 1) + i64::try_from(random.below(330)).unwrap();
        if let Some(rule) = rule {
            for year in year - 1..=year + 1 {
                stretches.extend(rule(year));
            }
            middle = rule(year)[usize::from(random.chance(50))].0.div_euclid(DAY);
        }
        let start = middle - i64::try_from(random.between(5, 55)).unwrap();
        (Self { name, stretches }, start)
    }

    /// All its offsets moved: the deliberate mistake.
    pub(crate) fn shifted(&self, seconds: i64) -> Self {
        let moved = self.stretches.iter().map(|(at, offset)| (*at, offset + seconds));
        Self { name: self.name, stretches: moved.collect() }
    }

    /// What the clocks show at a moment, in seconds.
    pub(crate) fn wall(&self, moment: i64) -> i64 {
        let last = self.stretches.iter().rev().find(|(at, _)| *at <= moment).unwrap();
        moment + last.1
    }

    /// The first moment at which the clocks show a day, or a later one.
    pub(crate) fn start_of(&self, day: i64) -> i64 {
        let ends = self.stretches.iter().skip(1).map(|(at, _)| *at).chain([i64::MAX]);
        let first = |((at, offset), end): (&(i64, i64), i64)| {
            let moment = (day * DAY - offset).max(*at);
            (moment < end).then_some(moment)
        };
        self.stretches.iter().zip(ends).find_map(first).unwrap()
    }

    /// The day that a moment belongs to: the last one that had begun.
    pub(crate) fn day(&self, moment: i64) -> i64 {
        let near = moment.div_euclid(DAY);
        (near - 2..=near + 2).rev().find(|day| self.start_of(*day) <= moment).unwrap()
    }

    /// As requests name it.
    pub(crate) fn request(&self) -> String {
        let changes = self.stretches.iter().skip(1);
        let changes: Vec<String> = changes
            .map(|(at, offset)| format!(r#"{{"at":{at},"offset_seconds":{offset}}}"#))
            .collect();
        let first = self.stretches[0].1;
        format!(r#"{{"offset_seconds":{first},"transitions":[{}]}}"#, changes.join(","))
    }
}

/// The calendar agrees with days that are known.
#[test]
fn days_are_counted_right() {
    assert_eq!(day_number(1970, 1, 1), 0);
    assert_eq!(day_text(day_number(2024, 2, 29)), "2024-02-29");
    assert_eq!(day_text(20_779), "2026-11-22");
    assert_eq!(day_text(sunday(2026, 3, -1)), "2026-03-29");
    assert_eq!(day_text(sunday(2026, 10, 1)), "2026-10-04");
    let clock = |rule: Rule, before| {
        let mut stretches = vec![(i64::MIN, before)];
        stretches.extend(rule(2018));
        Clock { name: "", stretches }
    };
    // The clocks of São Paulo left out the midnight of 4 November 2018, and showed the last hour
    // of 17 February twice.
    let sao_paulo = clock(sao_paulo, -7_200);
    assert_eq!(moment_text(sao_paulo.start_of(day_number(2018, 11, 4))), "2018-11-04T03:00:00");
    assert_eq!(moment_text(sao_paulo.start_of(day_number(2018, 2, 18))), "2018-02-18T03:00:00");
}
