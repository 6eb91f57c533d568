//! Faults that a practice server commits on request.
//!
//! A rule names the calls it means (method, path prefix, from the nth match on, how often) and
//! what goes wrong. Rules are set through the Rust API of a server or through its control
//! endpoint as JSON, for example
//! `{"fault":{"kind":"drop_after"},"method":"PUT","path_prefix":"/api.xro/2.0/Invoices","nth":2}`.

use serde::{Deserialize, Serialize};

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The call is held up before the server has looked at it.
    Delay {
        /// Delay in milliseconds.
        ms: u64,
    },
    /// The call is let in and then takes long: it counts as in flight all the while.
    Stall {
        /// Delay in milliseconds.
        ms: u64,
    },
    /// The connection closes before anything is done.
    DropBefore,
    /// The work is done and the connection closes without one byte of an answer.
    DropAfter,
    /// The limit named answers 429; nothing is done.
    RateLimit {
        /// The limit that is said to be exceeded.
        problem: Problem,
        /// `Retry-After` in seconds; none leaves the header out.
        #[serde(default)]
        retry_after_secs: Option<u64>,
    },
    /// Status 500, with the work done or not.
    ServerError {
        /// Whether the work was done all the same.
        #[serde(default)]
        committed: bool,
    },
    /// Status 503 with plain text; nothing is done.
    Unavailable,
    /// The work is done, the answer's headers arrive, and the connection closes inside the body.
    TornBody,
    /// The token is treated as expired.
    ExpiredToken,
}

/// The limit that a 429 names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Problem {
    /// Calls a minute for one organisation.
    Minute,
    /// Calls a day for one organisation.
    Day,
    /// Calls in flight for one organisation.
    Concurrent,
    /// Calls a minute for the app over all organisations.
    AppMinute,
}

/// Which calls a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// Only calls with this method; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls whose path starts so, without regard to case; any when absent.
    #[serde(default)]
    pub path_prefix: Option<String>,
    /// The first matching call that is struck, counted from 1 when the rule is set.
    #[serde(default = "one")]
    pub nth: u64,
    /// How many calls are struck from there on.
    #[serde(default = "one")]
    pub times: u64,
}

const fn one() -> u64 {
    1
}

impl FaultRule {
    /// Strikes the next call, whatever it is.
    #[must_use]
    pub const fn next(fault: Fault) -> Self {
        Self { fault, method: None, path_prefix: None, nth: 1, times: 1 }
    }

    /// Narrows the rule to one method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Narrows the rule to paths that start so.
    #[must_use]
    pub fn path(mut self, prefix: &str) -> Self {
        self.path_prefix = Some(prefix.to_owned());
        self
    }

    /// Lets the first `nth - 1` matching calls pass.
    #[must_use]
    pub const fn nth(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    /// Strikes this many calls.
    #[must_use]
    pub const fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    fn means(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path_prefix.as_ref().is_none_or(|prefix| {
                path.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
            })
    }
}

/// The rules in force, with how often each has matched.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<(FaultRule, u64)>,
}

impl Faults {
    /// Adds a rule; it counts calls from now on.
    pub fn add(&mut self, rule: FaultRule) {
        self.rules.push((rule, 0));
    }

    /// Forgets every rule.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules that can still strike.
    #[must_use]
    pub fn pending(&self) -> Vec<FaultRule> {
        self.rules
            .iter()
            .filter(|(rule, seen)| *seen < rule.nth.saturating_add(rule.times).saturating_sub(1))
            .map(|(rule, _)| rule.clone())
            .collect()
    }

    /// Counts one call and returns what strikes it.
    pub fn strike(&mut self, method: &str, path: &str) -> Vec<Fault> {
        let mut struck = Vec::new();
        for (rule, seen) in &mut self.rules {
            if !rule.means(method, path) {
                continue;
            }
            *seen += 1;
            if *seen >= rule.nth && *seen - rule.nth < rule.times {
                struck.push(rule.fault.clone());
            }
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_strikes_only_the_calls_it_means() {
        let mut faults = Faults::default();
        faults.add(FaultRule::next(Fault::DropAfter).method("PUT").path("/api/in").nth(2));
        assert!(faults.strike("GET", "/api/Invoices").is_empty());
        assert!(faults.strike("put", "/API/Invoices").is_empty());
        assert_eq!(faults.strike("PUT", "/api/Invoices"), [Fault::DropAfter]);
        assert!(faults.strike("PUT", "/api/Invoices").is_empty());
        assert!(faults.pending().is_empty());
    }

    #[test]
    fn rules_read_from_json() {
        let rule: FaultRule = serde_json::from_str(
            r#"{"fault":{"kind":"rate_limit","problem":"day","retry_after_secs":9},"times":3}"#,
        )
        .unwrap();
        assert_eq!(rule.times, 3);
        assert_eq!(
            rule.fault,
            Fault::RateLimit { problem: Problem::Day, retry_after_secs: Some(9) }
        );
    }
}
