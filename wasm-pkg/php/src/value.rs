//! A value on the stack: a PHP expression that has not been written down yet, with what is known
//! of its result. `$p` holds something only within one expression, `$q` and `$s` within one store.
//!
//! An `i32` is held as 0 … 2³²−1, an `i64` as PHP's own integer. Between the two ends an `i32` may
//! be *loose*: right modulo 2³², but not cut yet. So a chain of additions is cut once.

/// A variable of the PHP function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Var {
    /// `$l3`: a local.
    Local(u32),
    /// `$t3`: what had to be written down.
    Temp(u32),
}

impl Var {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Local(number) => format!("$l{number}"),
            Self::Temp(number) => format!("$t{number}"),
        }
    }
}

/// How tightly PHP binds: what stands at a lower level needs parentheses inside a higher one.
pub(crate) mod level {
    pub(crate) const ATOM: u8 = 20;
    pub(crate) const UNARY: u8 = 18;
    pub(crate) const PRODUCT: u8 = 17;
    pub(crate) const SUM: u8 = 16;
    pub(crate) const SHIFT: u8 = 15;
    pub(crate) const ORDER: u8 = 13;
    pub(crate) const EQUAL: u8 = 12;
    pub(crate) const AND: u8 = 11;
    pub(crate) const XOR: u8 = 10;
    pub(crate) const OR: u8 = 9;
    pub(crate) const CHOICE: u8 = 5;
}

/// A piece of PHP and how tightly it binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Php {
    pub(crate) text: String,
    pub(crate) level: u8,
}

impl Php {
    pub(crate) fn new(text: impl Into<String>, level: u8) -> Self {
        Self { text: text.into(), level }
    }

    pub(crate) fn atom(text: impl Into<String>) -> Self {
        Self::new(text, level::ATOM)
    }

    pub(crate) fn number(number: i64) -> Self {
        if number == i64::MIN {
            Self::atom("\\PHP_INT_MIN")
        } else if number < 0 {
            Self::atom(format!("({number})"))
        } else {
            Self::atom(number.to_string())
        }
    }

    /// The text, in parentheses where it binds less tightly than `least`.
    pub(crate) fn at(&self, least: u8) -> String {
        if self.level < least { format!("({})", self.text) } else { self.text.clone() }
    }

    /// `left symbol right`, where `symbol` binds from the left.
    pub(crate) fn binary(left: &Self, symbol: &str, right: &Self, level: u8) -> Self {
        Self::new(format!("{}{symbol}{}", left.at(level), right.at(level + 1)), level)
    }

    /// The same for symbols that do not chain.
    pub(crate) fn compare(left: &Self, symbol: &str, right: &Self, level: u8) -> Self {
        Self::new(format!("{}{symbol}{}", left.at(level + 1), right.at(level + 1)), level)
    }

    /// `text + addend`.
    pub(crate) fn plus(&self, addend: i64) -> Self {
        if let Some(sum) = self.text.parse::<i64>().ok().and_then(|own| own.checked_add(addend)) {
            return Self::number(sum);
        }
        match addend {
            0 => self.clone(),
            _ if addend < 0 && addend != i64::MIN => {
                Self::binary(self, "-", &Self::number(-addend), level::SUM)
            }
            _ => Self::binary(self, "+", &Self::number(addend), level::SUM),
        }
    }
}

/// What 32 bits can hold.
pub(crate) const WORD: i128 = 0xFFFF_FFFF;
/// 2³¹.
pub(crate) const SIGN: i128 = 0x8000_0000;
/// How far a loose value may stray, so that one more step stays within PHP's integers.
const LOOSE: i128 = 1 << 61;

/// What kind of number a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An `i32` that is 0 or 1, written as a condition; its opposite is kept beside it.
    Bool,
    /// An `i32`.
    Word,
    /// An `i64`.
    Wide,
}

/// The two halves of an `i64` that was just read from memory, so that it can be written elsewhere
/// without being put together.
#[derive(Debug, Clone)]
pub(crate) struct Halves {
    /// A condition under which the halves cannot be had; empty when they always can.
    pub(crate) unless: String,
    pub(crate) low: String,
    pub(crate) high: String,
}

/// What is known of where a value comes from and what it touches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touches {
    /// Variables it reads.
    pub(crate) vars: Vec<Var>,
    /// It reads memory or a global: no write may pass it.
    pub(crate) memory: bool,
    /// It may trap: no effect may pass it.
    pub(crate) traps: bool,
    /// It calls: it has to be written down next.
    pub(crate) calls: bool,
}

impl Touches {
    pub(crate) fn and(&self, other: &Self) -> Self {
        let mut vars = self.vars.clone();
        vars.extend(other.vars.iter().filter(|var| !self.vars.contains(var)));
        Self {
            vars,
            memory: self.memory || other.memory,
            traps: self.traps || other.traps,
            calls: self.calls || other.calls,
        }
    }
}

/// One value: `php + addend`.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    php: Php,
    /// The opposite of a condition.
    opposite: Option<Php>,
    addend: i64,
    /// Bounds of the whole, addend included.
    pub(crate) low: i128,
    pub(crate) high: i128,
    /// Lowest bits of `php` (without the addend) that are known to be zero.
    pub(crate) zeros: u32,
    /// It is the stack pointer plus so many bytes.
    pub(crate) frame: Option<i64>,
    pub(crate) touches: Touches,
    pub(crate) halves: Option<Box<Halves>>,
}

impl Value {
    pub(crate) fn constant(kind: Kind, number: i64) -> Self {
        Self {
            kind,
            php: Php::number(number),
            opposite: None,
            addend: 0,
            low: i128::from(number),
            high: i128::from(number),
            zeros: number.trailing_zeros(),
            frame: None,
            touches: Touches::default(),
            halves: None,
        }
    }

    /// An expression with the bounds of what it gives.
    pub(crate) fn new(kind: Kind, php: Php, low: i128, high: i128, touches: Touches) -> Self {
        Self {
            kind,
            php,
            opposite: None,
            addend: 0,
            low,
            high,
            zeros: 0,
            frame: None,
            touches,
            halves: None,
        }
    }

    pub(crate) fn condition(php: Php, opposite: Php, touches: Touches) -> Self {
        Self { opposite: Some(opposite), ..Self::new(Kind::Bool, php, 0, 1, touches) }
    }

    pub(crate) fn with_zeros(self, zeros: u32) -> Self {
        Self { zeros, ..self }
    }

    pub(crate) fn with_frame(self, frame: Option<i64>) -> Self {
        Self { frame, ..self }
    }

    /// All there is of a kind.
    pub(crate) fn full(kind: Kind) -> (i128, i128) {
        match kind {
            Kind::Bool => (0, 1),
            Kind::Word => (0, WORD),
            Kind::Wide => (i128::from(i64::MIN), i128::from(i64::MAX)),
        }
    }

    /// The number, where it is known.
    pub(crate) fn number(&self) -> Option<i64> {
        let known = self.low == self.high && self.kind != Kind::Bool && !self.touches.traps;
        known.then(|| i64::try_from(self.low).ok()).flatten()
    }

    /// Whether writing it twice costs nothing.
    pub(crate) fn is_simple(&self) -> bool {
        self.addend == 0 && self.kind != Kind::Bool && is_simple(&self.php.text)
    }

    /// The variable it is, if it is just one.
    pub(crate) fn var(&self) -> Option<Var> {
        match self.touches.vars.as_slice() {
            [var] if self.addend == 0 && self.php.text == var.text() => Some(*var),
            _ => None,
        }
    }

    pub(crate) fn is_loose(&self) -> bool {
        self.kind == Kind::Word && (self.low < 0 || self.high > WORD)
    }

    /// The expression, addend included; a condition as a condition.
    pub(crate) fn php(&self) -> Php {
        self.php.plus(self.addend)
    }

    /// The expression without its addend, and the addend.
    pub(crate) fn parts(&self) -> (&Php, i64) {
        (&self.php, self.addend)
    }

    /// A condition as 0 or 1; anything else as it is.
    pub(crate) fn unbool(self) -> Self {
        if self.kind != Kind::Bool {
            return self;
        }
        let text = format!("(int){}", self.php.at(level::UNARY));
        Self::new(Kind::Word, Php::new(text, level::UNARY), 0, 1, self.touches)
    }

    /// Cut to 32 bits, where it is not yet; conditions become numbers.
    pub(crate) fn word(self) -> Self {
        let value = self.unbool();
        if !value.is_loose() {
            return value;
        }
        if let Some(number) = value.number() {
            return Self::constant(Kind::Word, number & 0xFFFF_FFFF);
        }
        let zeros = value.all_zeros();
        let mask = Php::number(0xFFFF_FFFF);
        let php = Php::binary(&value.php(), "&", &mask, level::AND);
        Self::new(Kind::Word, php, 0, WORD, value.touches).with_zeros(zeros)
    }

    /// Lowest bits known to be zero, the addend included.
    pub(crate) fn all_zeros(&self) -> u32 {
        if self.addend == 0 { self.zeros } else { self.zeros.min(self.addend.trailing_zeros()) }
    }

    /// As a signed number of 32 bits.
    pub(crate) fn signed(self) -> Self {
        let value = if self.low >= -SIGN && self.high < SIGN { self.unbool() } else { self.word() };
        if value.low >= -SIGN && value.high < SIGN {
            return value;
        }
        if let Some(number) = value.number() {
            let number = i32::try_from(number - (1 << 32)).unwrap_or(i32::MIN);
            return Self::constant(Kind::Word, i64::from(number));
        }
        let sign = Php::number(0x8000_0000);
        let flipped = Php::binary(&value.php(), "^", &sign, level::XOR);
        let php = Php::binary(&flipped, "-", &sign, level::SUM);
        Self::new(Kind::Word, php, -SIGN, SIGN - 1, value.touches)
    }

    /// With its highest bit the other way round, so that the order of the one reading becomes the
    /// order of the other.
    pub(crate) fn flipped(self) -> Self {
        let (sign, text) = match self.kind {
            Kind::Wide => (i64::MIN, Php::atom("\\PHP_INT_MIN")),
            _ => (0x8000_0000, Php::number(0x8000_0000)),
        };
        let value = self.word();
        let (low, high) = Self::full(value.kind);
        if let Some(number) = value.number() {
            return Self::constant(value.kind, number ^ sign);
        }
        let php = Php::binary(&value.php(), "^", &text, level::XOR);
        Self::new(value.kind, php, low, high, value.touches)
    }

    /// With `number` added, where that stays within bounds; `None` where it does not.
    pub(crate) fn plus(&self, number: i64) -> Option<Self> {
        let (low, high) = (self.low + i128::from(number), self.high + i128::from(number));
        let addend = self.addend.checked_add(number)?;
        let (least, most) = match self.kind {
            Kind::Wide => Self::full(Kind::Wide),
            _ => (-LOOSE, LOOSE),
        };
        if low < least || high > most {
            return None;
        }
        let mut value = self.clone();
        value.addend = addend;
        value.low = low;
        value.high = high;
        value.frame = self.frame.and_then(|frame| frame.checked_add(number));
        value.halves = None;
        if self.number().is_some() {
            let number = i64::try_from(low).ok()?;
            return Some(Self::constant(self.kind, number));
        }
        Some(value)
    }

    /// The opposite condition, where this is one.
    pub(crate) fn negated(self) -> Self {
        match self.opposite.clone() {
            Some(opposite) => {
                Self::condition(opposite, self.php.clone(), self.touches)
            }
            None => {
                let value = self.word();
                let (php, zero) = (value.php(), Php::number(0));
                Self::condition(
                    Php::compare(&php, "===", &zero, level::EQUAL),
                    Php::compare(&php, "!==", &zero, level::EQUAL),
                    value.touches,
                )
            }
        }
    }

    /// As what stands in an `if`: PHP takes any number but 0 for true.
    pub(crate) fn test(self) -> Php {
        self.word_or_condition().php()
    }

    fn word_or_condition(self) -> Self {
        if self.kind == Kind::Bool { self } else { self.word() }
    }

    /// The sum of two expressions, their addends put together; bounds are the caller's.
    pub(crate) fn sum(left: &Self, right: &Self, minus: bool, low: i128, high: i128) -> Self {
        let (symbol, addend) = if minus {
            ("-", left.addend.checked_sub(right.addend))
        } else {
            ("+", left.addend.checked_add(right.addend))
        };
        let touches = left.touches.and(&right.touches);
        if let Some(addend) = addend {
            let php = Php::binary(&left.php, symbol, &right.php, level::SUM);
            let zeros = left.zeros.min(right.zeros);
            let value = Self::new(left.kind, php, low, high, touches).with_zeros(zeros);
            return Self { addend, ..value };
        }
        let php = Php::binary(&left.php(), symbol, &right.php(), level::SUM);
        Self::new(left.kind, php, low, high, touches)
    }

    /// The same expression read as another kind; the bounds must allow it.
    pub(crate) fn read_as(self, kind: Kind) -> Self {
        Self { kind, halves: None, frame: None, ..self }
    }

    /// Whether a loose value of these bounds may be kept.
    pub(crate) fn may_stay_loose(low: i128, high: i128) -> bool {
        low >= -LOOSE && high <= LOOSE
    }
}

/// A variable or a literal.
pub(crate) fn is_simple(text: &str) -> bool {
    let inner = text.strip_prefix("(-").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let inner = inner.strip_prefix('$').unwrap_or(inner);
    text == "\\PHP_INT_MIN" || inner.chars().all(|c| c.is_ascii_alphanumeric())
}
