//! Loads, stores and what works on whole stretches of memory.
//!
//! Memory is a packed array of 32-bit words. PHP complains of a word that is not there, and the
//! runtime makes a trap of the complaint: so a load needs no test for the end. A store that is not
//! known to be within bounds asks first. What is not known to be aligned is tested, and where it
//! is not, a helper puts the bytes together.

use wasmparser::{MemArg, Operator};

use super::{Done, Failure, Function, defect};
use crate::value::{Halves, Kind, Php, SIGN, Touches, Value, WORD, is_simple, level};

pub(super) fn is_memory(operator: &Operator<'_>) -> bool {
    access(operator).is_some()
        || matches!(
            operator,
            Operator::MemorySize { .. }
                | Operator::MemoryGrow { .. }
                | Operator::MemoryCopy { .. }
                | Operator::MemoryFill { .. }
        )
}

/// One load or store.
#[derive(Clone, Copy)]
struct Access {
    store: bool,
    bytes: u64,
    signed: bool,
    kind: Kind,
    memarg: MemArg,
}

fn access(operator: &Operator<'_>) -> Option<Access> {
    use Operator as Op;
    let (store, bytes, signed, kind, memarg) = match *operator {
        Op::I32Load { memarg } => (false, 4, false, Kind::Word, memarg),
        Op::I32Load8U { memarg } => (false, 1, false, Kind::Word, memarg),
        Op::I32Load8S { memarg } => (false, 1, true, Kind::Word, memarg),
        Op::I32Load16U { memarg } => (false, 2, false, Kind::Word, memarg),
        Op::I32Load16S { memarg } => (false, 2, true, Kind::Word, memarg),
        Op::I64Load { memarg } => (false, 8, false, Kind::Wide, memarg),
        Op::I64Load8U { memarg } => (false, 1, false, Kind::Wide, memarg),
        Op::I64Load8S { memarg } => (false, 1, true, Kind::Wide, memarg),
        Op::I64Load16U { memarg } => (false, 2, false, Kind::Wide, memarg),
        Op::I64Load16S { memarg } => (false, 2, true, Kind::Wide, memarg),
        Op::I64Load32U { memarg } => (false, 4, false, Kind::Wide, memarg),
        Op::I64Load32S { memarg } => (false, 4, true, Kind::Wide, memarg),
        Op::I32Store { memarg } => (true, 4, false, Kind::Word, memarg),
        Op::I32Store8 { memarg } => (true, 1, false, Kind::Word, memarg),
        Op::I32Store16 { memarg } => (true, 2, false, Kind::Word, memarg),
        Op::I64Store { memarg } => (true, 8, false, Kind::Wide, memarg),
        Op::I64Store8 { memarg } => (true, 1, false, Kind::Wide, memarg),
        Op::I64Store16 { memarg } => (true, 2, false, Kind::Wide, memarg),
        Op::I64Store32 { memarg } => (true, 4, false, Kind::Wide, memarg),
        _ => return None,
    };
    Some(Access { store, bytes, signed, kind, memarg })
}

/// Where an access goes: `base + addend`, not cut, so that what passes the end stays beyond it.
struct Address {
    /// May be written any number of times when `simple`.
    base: Php,
    addend: i64,
    /// The base is a multiple of four.
    base_aligned: bool,
    touches: Touches,
}

impl Address {
    fn whole(&self) -> Php {
        self.base.plus(self.addend)
    }

    /// Index of the word `more` bytes on.
    fn word(&self, more: i64) -> String {
        let address = self.base.plus(self.addend + more);
        match address.text.parse::<i64>() {
            Ok(number) => (number >> 2).to_string(),
            Err(_) => Php::binary(&address, ">>", &Php::number(2), level::SHIFT).text,
        }
    }

    /// The lowest two bits, where they are known.
    fn offset(&self) -> Option<u32> {
        let known = self.base_aligned.then(|| self.addend.rem_euclid(4));
        known.and_then(|offset| u32::try_from(offset).ok())
    }

    /// A condition that is true where the address is not a multiple of `of`.
    fn misaligned(&self, of: i64) -> String {
        let tested = if self.addend % of == 0 { self.base.clone() } else { self.whole() };
        Php::binary(&tested, "&", &Php::number(of - 1), level::AND).text
    }

    /// How far the byte at this address has to be shifted.
    fn shift(&self) -> String {
        let tested = if self.addend % 4 == 0 { self.base.clone() } else { self.whole() };
        let bits = Php::binary(&tested, "<<", &Php::number(3), level::SHIFT);
        Php::binary(&bits, "&", &Php::number(24), level::AND).text
    }
}

impl Function<'_> {
    pub(super) fn memory(&mut self, operator: &Operator<'_>) -> Done {
        if let Some(access) = access(operator) {
            return if access.store { self.store(access) } else { self.load(access) };
        }
        match operator {
            Operator::MemorySize { .. } => {
                let touches = Touches { memory: true, ..Touches::default() };
                let php = Php::new("\\count($m)>>14", level::SHIFT);
                self.push(Value::new(Kind::Word, php, 0, 65_536, touches));
                Ok(())
            }
            Operator::MemoryGrow { .. } => {
                self.settle(1);
                let pages = self.pop()?.word();
                let text = format!("Machine::grow($m,{})", pages.php().text);
                let touches =
                    Touches { calls: true, traps: true, memory: true, ..pages.touches };
                self.push(Value::new(Kind::Word, Php::atom(text), 0, WORD, touches));
                Ok(())
            }
            Operator::MemoryCopy { .. } => self.stretch("copy"),
            Operator::MemoryFill { .. } => self.stretch("fill"),
            _ => Err(defect(self.index, "no memory instruction")),
        }
    }

    fn stretch(&mut self, what: &str) -> Done {
        self.settle(3);
        let (length, second, first) =
            (self.pop()?.word().php(), self.pop()?.word().php(), self.pop()?.word().php());
        let (first, second, length) = (first.text, second.text, length.text);
        self.emit(&format!("Machine::{what}($m,{first},{second},{length});"));
        Ok(())
    }

    /// Takes an address from the stack. Where `simple`, its base is a variable or a number;
    /// `others` are values off the stack that are still needed.
    fn address(
        &mut self,
        access: Access,
        simple: bool,
        others: &[&Value],
    ) -> Result<Address, Failure> {
        let mut value = self.pop()?.word();
        let (base, _) = value.parts();
        if simple && !is_simple(&base.text) {
            value = self.written(value, others);
        }
        let offset = i64::try_from(access.memarg.offset).unwrap_or(i64::MAX);
        let (base, addend) = value.parts();
        if let Some(number) = value.number() {
            let addend = number.saturating_add(offset);
            let base = Php::number(0);
            let touches = Touches::default();
            return Ok(Address { base, addend, base_aligned: true, touches });
        }
        Ok(Address {
            base: base.clone(),
            addend: addend.saturating_add(offset),
            base_aligned: value.zeros >= 2,
            touches: value.touches.clone(),
        })
    }

    fn load(&mut self, access: Access) -> Done {
        let whole = access.bytes >= 4;
        let twice = if access.bytes == 8 {
            true
        } else if let Some(top) = self.stack.last() {
            // Only what is not known to be aligned is named more than once.
            let known = top.clone().word().zeros >= 2;
            !known && !(whole && access.memarg.align < 2)
        } else {
            false
        };
        let address = self.address(access, twice, &[])?;
        let touches = Touches { memory: true, traps: true, ..address.touches.clone() };
        let (php, low, high) = match access.bytes {
            8 => return self.load_wide(&address, access, touches),
            4 => (load_word(&address, access), 0, WORD),
            2 => (load_half(&address, access), 0, 0xFFFF),
            _ => (load_byte(&address), 0, 0xFF),
        };
        let value = Value::new(access.kind, php, low, high, touches);
        self.push(if access.signed { sign_extended(value, access.bytes) } else { value });
        Ok(())
    }

    fn load_wide(&mut self, address: &Address, access: Access, touches: Touches) -> Done {
        let (low, high) = Value::full(Kind::Wide);
        let whole = address.whole().text;
        if address.offset().is_none() && access.memarg.align < 2 {
            let php = Php::atom(format!("Machine::load64($m,{whole})"));
            self.push(Value::new(Kind::Wide, php, low, high, touches));
            return Ok(());
        }
        if address.offset().is_some_and(|offset| offset != 0) {
            let php = Php::atom(format!("Machine::load64($m,{whole})"));
            self.push(Value::new(Kind::Wide, php, low, high, touches));
            return Ok(());
        }
        let halves = Halves {
            unless: match address.offset() {
                Some(_) => String::new(),
                None => address.misaligned(4),
            },
            low: format!("$m[{}]", address.word(0)),
            high: format!("$m[{}]", address.word(4)),
        };
        let php = if halves.unless.is_empty() {
            Php::new(format!("{}|{}<<32", halves.low, halves.high), level::OR)
        } else {
            let Halves { unless, low, high } = &halves;
            let text = format!("{unless}?Machine::load64($m,{whole}):{low}|{high}<<32");
            Php::new(text, level::CHOICE)
        };
        let mut value = Value::new(Kind::Wide, php, low, high, touches);
        value.halves = Some(Box::new(halves));
        self.push(value);
        Ok(())
    }

    fn store(&mut self, access: Access) -> Done {
        self.settle(2);
        let value = self.pop()?;
        match access.bytes {
            8 => self.store_wide(access, value),
            4 => {
                let value = low_word(value);
                self.store_word(access, value)
            }
            bytes => self.store_part(access, value, bytes),
        }
    }

    fn store_word(&mut self, access: Access, value: Value) -> Done {
        let aligned = self.top_is_aligned(access);
        let inside = self.top_is_inside(access);
        if aligned && inside {
            let address = self.address(access, false, &[&value])?;
            self.emit(&format!("$m[{}]={};", address.word(0), value.php().text));
            return Ok(());
        }
        let value = self.simple(value, &[]);
        if !aligned && access.memarg.align < 2 {
            let address = self.address(access, false, &[&value])?;
            let (whole, value) = (address.whole().text, value.php().text);
            self.emit(&format!("Machine::store32($m,{whole},{value});"));
            return Ok(());
        }
        let address = self.address(access, true, &[&value])?;
        let (whole, value) = (address.whole().text, value.php().text);
        let mut tests = Vec::new();
        if !aligned {
            tests.push(address.misaligned(4));
        }
        tests.push(format!("!isset($m[$q={}])", address.word(0)));
        self.emit(&format!(
            "if({}){{Machine::store32($m,{whole},{value});}}else{{$m[$q]={value};}}",
            tests.join("||")
        ));
        Ok(())
    }

    fn store_wide(&mut self, access: Access, value: Value) -> Done {
        let aligned = self.top_is_aligned(access);
        if !aligned && access.memarg.align < 2 {
            let value = self.simple(value, &[]);
            let address = self.address(access, false, &[&value])?;
            let (whole, value) = (address.whole().text, value.php().text);
            self.emit(&format!("Machine::store64($m,{whole},{value});"));
            return Ok(());
        }
        let inside = self.top_is_inside(access);
        let (value, halves) = self.halve(value);
        let address = self.address(access, true, &[&value])?;
        let mut tests = Vec::new();
        if !halves.unless.is_empty() {
            tests.push(halves.unless);
        }
        if !aligned {
            tests.push(address.misaligned(4));
        }
        let (first, second) = if inside {
            (address.word(0), address.word(4))
        } else {
            tests.push(format!("!isset($m[1+$q={}])", address.word(0)));
            (String::from("$q"), String::from("$q+1"))
        };
        // Where both halves come from memory, the second must not be read after a write.
        let writes = if value.halves.is_some() {
            format!("$p={};$m[{second}]={};$m[{first}]=$p;", halves.low, halves.high)
        } else {
            format!("$m[{first}]={};$m[{second}]={};", halves.low, halves.high)
        };
        if tests.is_empty() {
            self.emit(&writes);
        } else {
            let (whole, value) = (address.whole().text, value.php().text);
            self.emit(&format!(
                "if({}){{Machine::store64($m,{whole},{value});}}else{{{writes}}}",
                tests.join("||")
            ));
        }
        Ok(())
    }

    /// The two words of an `i64`, each an expression that may be written where it is needed.
    fn halve(&mut self, value: Value) -> (Value, Halves) {
        if let Some(halves) = value.halves.clone() {
            return (value, *halves);
        }
        let value = self.simple(value, &[]);
        let php = value.php();
        let (low, high) = match value.number() {
            Some(number) => {
                let (low, high) = (number & 0xFFFF_FFFF, (number >> 32) & 0xFFFF_FFFF);
                (low.to_string(), high.to_string())
            }
            None if value.low >= 0 && value.high <= WORD => (php.text, String::from("0")),
            None if value.low >= 0 => {
                (format!("{}&4294967295", php.text), format!("{}>>32", php.text))
            }
            None => (format!("{}&4294967295", php.text), format!("{}>>32&4294967295", php.text)),
        };
        (value, Halves { unless: String::new(), low, high })
    }

    /// One or two bytes.
    fn store_part(&mut self, access: Access, value: Value, bytes: u64) -> Done {
        let mask = (1_i64 << (8 * bytes)) - 1;
        let value = low_bits(value, mask);
        let known = self.top_offset(access);
        if let Some(offset) = known.filter(|offset| u64::from(*offset) + bytes <= 4) {
            let address = self.address(access, false, &[&value])?;
            let keep = 0xFFFF_FFFF ^ (mask << (8 * offset));
            let put = shifted(&value, 8 * offset);
            let index = address.word(0);
            self.emit(&format!("$m[$q={index}]=$m[$q]&{keep}{put};"));
            return Ok(());
        }
        if bytes == 2 {
            let value = self.simple(value, &[]);
            let address = self.address(access, false, &[&value])?;
            let (whole, value) = (address.whole().text, value.php().text);
            self.emit(&format!("Machine::store16($m,{whole},{value});"));
            return Ok(());
        }
        let address = self.address(access, true, &[&value])?;
        let (index, shift) = (address.word(0), address.shift());
        let put = match value.number() {
            Some(0) => String::new(),
            _ => format!("|{}<<$s", value.php().at(level::SHIFT)),
        };
        self.emit(&format!("$m[$q={index}]=$m[$q]&~(255<<($s={shift})){put};"));
        Ok(())
    }

    /// The lowest two bits of the address on top of the stack, where they are known.
    fn top_offset(&self, access: Access) -> Option<u32> {
        let value = self.stack.last()?.clone().word();
        let (_, addend) = value.parts();
        if let Some(number) = value.number() {
            let sum = number.saturating_add(i64::try_from(access.memarg.offset).ok()?);
            return u32::try_from(sum.rem_euclid(4)).ok();
        }
        let sum = addend.saturating_add(i64::try_from(access.memarg.offset).ok()?);
        (value.zeros >= 2).then(|| u32::try_from(sum.rem_euclid(4)).ok()).flatten()
    }

    fn top_is_aligned(&self, access: Access) -> bool {
        self.top_offset(access) == Some(0)
    }

    fn top_is_inside(&self, access: Access) -> bool {
        let Some(value) = self.stack.last().cloned().map(Value::word) else { return false };
        let last = value.high + i128::from(access.memarg.offset) + i128::from(access.bytes);
        value.low >= 0 && last <= i128::from(self.plan.module.memory_bytes())
    }
}

fn load_word(address: &Address, access: Access) -> Php {
    let (whole, word) = (address.whole().text, address.word(0));
    match address.offset() {
        Some(0) => Php::atom(format!("$m[{word}]")),
        None if access.memarg.align >= 2 => {
            let test = address.misaligned(4);
            let text = format!("{test}?Machine::load32($m,{whole}):$m[{word}]");
            Php::new(text, level::CHOICE)
        }
        _ => Php::atom(format!("Machine::load32($m,{whole})")),
    }
}

fn load_half(address: &Address, access: Access) -> Php {
    let (whole, word) = (address.whole().text, address.word(0));
    match address.offset() {
        Some(3) => Php::atom(format!("Machine::load16($m,{whole})")),
        Some(0) => Php::new(format!("$m[{word}]&65535"), level::AND),
        Some(offset) => Php::new(format!("$m[{word}]>>{}&65535", 8 * offset), level::AND),
        None if access.memarg.align >= 1 => {
            let (test, shift) = (address.misaligned(2), address.shift());
            let text = format!(
                "{test}?Machine::load16($m,{whole}):$m[{word}]>>({shift})&65535"
            );
            Php::new(text, level::CHOICE)
        }
        None => Php::atom(format!("Machine::load16($m,{whole})")),
    }
}

fn load_byte(address: &Address) -> Php {
    let word = address.word(0);
    let text = match address.offset() {
        Some(0) => format!("$m[{word}]&255"),
        Some(offset) => format!("$m[{word}]>>{}&255", 8 * offset),
        None => format!("$m[{word}]>>({})&255", address.shift()),
    };
    Php::new(text, level::AND)
}

/// A value of so many bytes, read as signed.
pub(super) fn sign_extended(value: Value, bytes: u64) -> Value {
    let sign = 1_i64 << (8 * bytes - 1);
    if value.low >= 0 && value.high < i128::from(sign) {
        return value;
    }
    let flipped = Php::binary(&value.php(), "^", &Php::number(sign), level::XOR);
    let php = Php::binary(&flipped, "-", &Php::number(sign), level::SUM);
    let sign = i128::from(sign);
    debug_assert!(sign <= SIGN);
    Value::new(value.kind, php, -sign, sign - 1, value.touches)
}

/// What a 32-bit store takes of a value.
fn low_word(value: Value) -> Value {
    if value.kind == Kind::Wide { low_bits(value, 0xFFFF_FFFF) } else { value.word() }
}

/// The lowest bits of a value.
pub(super) fn low_bits(value: Value, mask: i64) -> Value {
    let value = value.unbool();
    if value.low >= 0 && value.high <= i128::from(mask) {
        return value;
    }
    if let Some(number) = value.number() {
        return Value::constant(value.kind, number & mask);
    }
    let zeros = value.all_zeros();
    let php = Php::binary(&value.php(), "&", &Php::number(mask), level::AND);
    Value::new(value.kind, php, 0, i128::from(mask), value.touches).with_zeros(zeros)
}

/// `|value<<bits`, or nothing where the value is zero.
fn shifted(value: &Value, bits: u32) -> String {
    match (value.number(), bits) {
        (Some(0), _) => String::new(),
        (Some(number), _) => format!("|{}", number << bits),
        (None, 0) => format!("|{}", value.php().at(level::XOR)),
        (None, _) => format!("|{}<<{bits}", value.php().at(level::SHIFT)),
    }
}
