//! What is known of each local at one place of a function.

use crate::value::{Kind, Value};

/// Whether a local was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Never,
    Perhaps,
    Surely,
}

/// What is known of one local.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) kind: Kind,
    pub(crate) low: i128,
    pub(crate) high: i128,
    pub(crate) zeros: u32,
    pub(crate) frame: Option<i64>,
    written: Written,
    /// Where among the instructions it was perhaps written last.
    pub(crate) place: usize,
}

impl Fact {
    /// A parameter: anything.
    pub(crate) fn parameter(kind: Kind) -> Self {
        let (low, high) = Value::full(kind);
        Self { kind, low, high, zeros: 0, frame: None, written: Written::Surely, place: 0 }
    }

    /// A local before anything was written to it: zero.
    pub(crate) fn fresh(kind: Kind) -> Self {
        Self { kind, low: 0, high: 0, zeros: 64, frame: None, written: Written::Never, place: 0 }
    }

    /// After `value`, which is cut already, was written to it.
    pub(crate) fn of(value: &Value, place: usize) -> Self {
        Self {
            kind: value.kind,
            low: value.low,
            high: value.high,
            zeros: value.all_zeros(),
            frame: value.frame,
            written: Written::Surely,
            place,
        }
    }

    /// It is written to in the loop that begins here.
    pub(crate) fn forget(self, place: usize) -> Self {
        let written = match self.written {
            Written::Surely => Written::Surely,
            _ => Written::Perhaps,
        };
        Self { written, place, ..Self::parameter(self.kind) }
    }

    /// Whether PHP's variable may be without a value here.
    pub(crate) fn needs_start(self) -> bool {
        self.written == Written::Perhaps
    }

    /// The number that it is, where there is only one.
    pub(crate) fn number(self) -> Option<i64> {
        (self.low == self.high).then(|| i64::try_from(self.low).ok()).flatten()
    }

    fn join(self, other: Self) -> Self {
        let written = if self.written == other.written { self.written } else { Written::Perhaps };
        Self {
            kind: self.kind,
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            zeros: self.zeros.min(other.zeros),
            frame: self.frame.filter(|_| self.frame == other.frame),
            written,
            place: self.place.max(other.place),
        }
    }
}

/// What holds on either of two ways.
pub(crate) fn join(into: &mut Option<Vec<Fact>>, from: &[Fact]) {
    match into {
        None => *into = Some(from.to_vec()),
        Some(facts) => {
            for (fact, other) in facts.iter_mut().zip(from) {
                *fact = fact.join(*other);
            }
        }
    }
}
