//! Arithmetic of `i32`.

use wasmparser::Operator;

use super::memory::{low_bits, sign_extended};
use super::{Done, Function, defect};
use crate::value::{Kind, Php, SIGN, Value, Var, WORD, level};

pub(super) fn is_numeric(operator: &Operator<'_>) -> bool {
    use Operator as Op;
    matches!(
        operator,
        Op::I32Eqz
            | Op::I32Eq
            | Op::I32Ne
            | Op::I32LtS
            | Op::I32LtU
            | Op::I32GtS
            | Op::I32GtU
            | Op::I32LeS
            | Op::I32LeU
            | Op::I32GeS
            | Op::I32GeU
            | Op::I32Clz
            | Op::I32Ctz
            | Op::I32Popcnt
            | Op::I32Add
            | Op::I32Sub
            | Op::I32Mul
            | Op::I32DivS
            | Op::I32DivU
            | Op::I32RemS
            | Op::I32RemU
            | Op::I32And
            | Op::I32Or
            | Op::I32Xor
            | Op::I32Shl
            | Op::I32ShrS
            | Op::I32ShrU
            | Op::I32Rotl
            | Op::I32Rotr
            | Op::I32WrapI64
            | Op::I32Extend8S
            | Op::I32Extend16S
    )
}

impl Function<'_> {
    pub(super) fn numeric(&mut self, operator: &Operator<'_>) -> Done {
        use Operator as Op;
        match operator {
            Op::I32Eqz => {
                let value = self.pop()?.negated();
                self.push(value);
                Ok(())
            }
            Op::I32Eq => self.equal("===", "!=="),
            Op::I32Ne => self.equal("!==", "==="),
            Op::I32LtS => self.order("<", ">=", true),
            Op::I32LtU => self.order("<", ">=", false),
            Op::I32GtS => self.order(">", "<=", true),
            Op::I32GtU => self.order(">", "<=", false),
            Op::I32LeS => self.order("<=", ">", true),
            Op::I32LeU => self.order("<=", ">", false),
            Op::I32GeS => self.order(">=", "<", true),
            Op::I32GeU => self.order(">=", "<", false),
            Op::I32Add => self.add(false),
            Op::I32Sub => self.add(true),
            Op::I32Mul => self.multiply(),
            Op::I32DivS => self.divide_signed("div32s", "rem32s", true),
            Op::I32RemS => self.divide_signed("div32s", "rem32s", false),
            Op::I32DivU => self.divide(true),
            Op::I32RemU => self.divide(false),
            Op::I32And => self.and(),
            Op::I32Or => self.or("|", level::OR),
            Op::I32Xor => self.or("^", level::XOR),
            Op::I32Shl => self.shift_left(),
            Op::I32ShrU => self.shift_right(false),
            Op::I32ShrS => self.shift_right(true),
            Op::I32Rotl => self.rotate("rotl32", false),
            Op::I32Rotr => self.rotate("rotr32", true),
            Op::I32WrapI64 => self.wrap(),
            Op::I32Clz => self.helper("clz32", 32),
            Op::I32Ctz => self.helper("ctz32", 32),
            Op::I32Popcnt => self.helper("popcnt", 32),
            Op::I32Extend8S => self.extend(1),
            Op::I32Extend16S => self.extend(2),
            _ => Err(defect(self.index, "no such instruction")),
        }
    }

    /// Pops two numbers, left and right.
    pub(super) fn pair(&mut self) -> Result<(Value, Value), super::Failure> {
        let right = self.pop()?.unbool();
        let left = self.pop()?.unbool();
        Ok((left, right))
    }

    /// Pushes an `i32` of these bounds, cut where it strays too far.
    pub(super) fn push_loose(&mut self, value: Value) {
        let stays = Value::may_stay_loose(value.low, value.high);
        self.push(if stays { value } else { value.word() });
    }

    /// A function of one number with a small result.
    pub(super) fn helper(&mut self, name: &str, most: i128) -> Done {
        let value = self.pop()?.word();
        let php = Php::atom(format!("Machine::{name}({})", value.php().text));
        self.push(Value::new(value.kind, php, 0, most, value.touches));
        Ok(())
    }

    pub(super) fn extend(&mut self, bytes: u64) -> Done {
        let value = self.pop()?;
        let mask = (1_i64 << (8 * bytes)) - 1;
        self.push(sign_extended(low_bits(value, mask), bytes));
        Ok(())
    }

    pub(super) fn equal(&mut self, symbol: &str, opposite: &str) -> Done {
        let (left, right) = self.pair()?;
        let (left, right) = (left.word(), right.word());
        let touches = left.touches.and(&right.touches);
        let (left, right) = (left.php(), right.php());
        self.push(Value::condition(
            Php::compare(&left, symbol, &right, level::EQUAL),
            Php::compare(&left, opposite, &right, level::EQUAL),
            touches,
        ));
        Ok(())
    }

    /// A comparison; `opposite` is what holds where it does not.
    pub(super) fn order(&mut self, symbol: &str, opposite: &str, signed: bool) -> Done {
        let (left, right) = self.pair()?;
        let wide = left.kind == Kind::Wide;
        let fits = |value: &Value| match (wide, signed) {
            (true, true) => true,
            (true, false) => value.low >= 0,
            (false, true) => value.low >= -SIGN && value.high < SIGN,
            (false, false) => !value.is_loose(),
        };
        // A negative number is written as one, not as what its bits mean without a sign.
        let signed_number = |value: Value| {
            if signed && !wide && value.number().is_some() { value.signed() } else { value }
        };
        let (left, right) = (signed_number(left), signed_number(right));
        let negative = right.number().filter(|_| signed && !wide);
        let (left, right) = if fits(&left) && fits(&right) {
            (left, right)
        } else if !signed && !wide {
            (left.word(), right.word())
        } else if let Some(number) = negative.filter(|&number| sign_decides(number, symbol)) {
            // Whether a number is negative is seen from its highest bit alone.
            let is_negative = matches!((number, symbol), (0, "<") | (-1, "<="));
            return self.sign(left.word(), is_negative);
        } else {
            (left.flipped(), right.flipped())
        };
        let touches = left.touches.and(&right.touches);
        let (left, right) = (left.php(), right.php());
        self.push(Value::condition(
            Php::compare(&left, symbol, &right, level::ORDER),
            Php::compare(&left, opposite, &right, level::ORDER),
            touches,
        ));
        Ok(())
    }

    fn sign(&mut self, value: Value, negative: bool) -> Done {
        let (php, most) = (value.php(), Php::number(0x7FFF_FFFF));
        let above = Php::compare(&php, ">", &most, level::ORDER);
        let below = Php::compare(&php, "<=", &most, level::ORDER);
        let (is, is_not) = if negative { (above, below) } else { (below, above) };
        self.push(Value::condition(is, is_not, value.touches));
        Ok(())
    }

    fn add(&mut self, minus: bool) -> Done {
        let (mut left, mut right) = self.pair()?;
        if !minus && left.number().is_some() {
            std::mem::swap(&mut left, &mut right);
        }
        if let Some(number) = right.number() {
            let number = i64::from(u32::try_from(number & 0xFFFF_FFFF).unwrap_or(0).cast_signed());
            let number = if minus { -number } else { number };
            let sum = left.plus(number).or_else(|| left.clone().word().plus(number));
            let sum = sum.ok_or_else(|| defect(self.index, "a sum out of bounds"))?;
            if sum.frame.is_some() && sum.low < 0 {
                return self.lowered(sum);
            }
            self.push(sum);
            return Ok(());
        }
        let (low, high) = bounds(&left, &right, minus);
        if Value::may_stay_loose(low, high) {
            let sum = Value::sum(&left, &right, minus, low, high);
            self.push(sum);
            return Ok(());
        }
        let (left, right) = (left.word(), right.word());
        let (low, high) = bounds(&left, &right, minus);
        let sum = Value::sum(&left, &right, minus, low, high);
        self.push(sum);
        Ok(())
    }

    /// A frame below the present one: here it shows whether the stack is exhausted. It goes
    /// straight to the local that takes it, if one does.
    fn lowered(&mut self, value: Value) -> Done {
        let var = match self.ahead {
            Some(local) => Var::Local(local),
            None => self.temp(&[&value]),
        };
        self.write_down(0, |other| other.touches.vars.contains(&var));
        let (name, text) = (var.text(), value.php().text);
        self.emit(&format!("{name}={text};if({name}<0)throw Machine::exhausted();"));
        let zeros = value.all_zeros();
        let mut lowered = super::as_var(var, &value).with_zeros(zeros);
        lowered.low = 0;
        if let Some(local) = self.ahead {
            self.know(local, &lowered)?;
        }
        self.push(lowered);
        Ok(())
    }

    fn multiply(&mut self) -> Done {
        let (left, right) = self.pair()?;
        let (left, right) = (left.word(), right.word());
        let zeros = left.all_zeros().saturating_add(right.all_zeros()).min(32);
        let touches = left.touches.and(&right.touches);
        let high = left.high * right.high;
        if high <= i128::from(i64::MAX) {
            let php = Php::binary(&left.php(), "*", &right.php(), level::PRODUCT);
            let value = Value::new(Kind::Word, php, 0, high, touches).with_zeros(zeros);
            self.push_loose(value);
            return Ok(());
        }
        let left = self.simple(left, &[&right]);
        let right = self.simple(right, &[&left]);
        let touches = left.touches.and(&right.touches);
        let (left, right) = (left.php().text, right.php().text);
        let text = format!(
            "\\is_int($p={left}*{right})?$p&4294967295:Machine::mul32({left},{right})"
        );
        let php = Php::new(text, level::CHOICE);
        self.push(Value::new(Kind::Word, php, 0, WORD, touches).with_zeros(zeros));
        Ok(())
    }

    /// Unsigned division or its remainder, of any kind, both sides not negative.
    pub(super) fn divide(&mut self, quotient: bool) -> Done {
        let (left, right) = self.pair()?;
        let (left, right) = (left.word(), right.word());
        self.divide_plain(&left, &right, quotient);
        Ok(())
    }

    pub(super) fn divide_plain(&mut self, left: &Value, right: &Value, quotient: bool) {
        let mut touches = left.touches.and(&right.touches);
        touches.traps |= right.low <= 0 && right.high >= 0;
        let high = if quotient { left.high } else { left.high.min(right.high) };
        let php = if quotient {
            Php::atom(format!("\\intdiv({},{})", left.php().text, right.php().text))
        } else {
            Php::binary(&left.php(), "%", &right.php(), level::PRODUCT)
        };
        self.push(Value::new(left.kind, php, 0, high, touches));
    }

    fn divide_signed(&mut self, div: &str, rem: &str, quotient: bool) -> Done {
        let (left, right) = self.pair()?;
        let (left, right) = (left.signed(), right.signed());
        let mut touches = left.touches.and(&right.touches);
        touches.traps = true;
        let name = if quotient { div } else { rem };
        let php =
            Php::atom(format!("Machine::{name}({},{})", left.php().text, right.php().text));
        self.push(Value::new(Kind::Word, php, -SIGN, SIGN - 1, touches));
        Ok(())
    }

    fn and(&mut self) -> Done {
        let (left, right) = self.pair()?;
        // One side that is cut cuts the other.
        let (left, right) =
            if left.is_loose() && right.is_loose() { (left, right.word()) } else { (left, right) };
        self.push_and(&left, &right);
        Ok(())
    }

    pub(super) fn push_and(&mut self, left: &Value, right: &Value) {
        let touches = left.touches.and(&right.touches);
        let zeros = left.all_zeros().max(right.all_zeros());
        let (full_low, full_high) = Value::full(left.kind);
        let high = match (left.low >= 0 && !left.is_loose(), right.low >= 0 && !right.is_loose()) {
            (true, true) => left.high.min(right.high),
            (true, false) => left.high,
            (false, true) => right.high,
            (false, false) => full_high,
        };
        let low = if left.low >= 0 || right.low >= 0 { 0 } else { full_low };
        let php = Php::binary(&left.php(), "&", &right.php(), level::AND);
        self.push(Value::new(left.kind, php, low, high, touches).with_zeros(zeros));
    }

    fn or(&mut self, symbol: &str, level: u8) -> Done {
        let (left, right) = self.pair()?;
        // What is beyond the 32 bits on either side stays beyond them.
        let (left, right) = if left.low >= 0 && right.low >= 0 {
            (left, right)
        } else {
            (left.word(), right.word())
        };
        self.push_or(&left, &right, symbol, level);
        Ok(())
    }

    pub(super) fn push_or(&mut self, left: &Value, right: &Value, symbol: &str, level: u8) {
        let touches = left.touches.and(&right.touches);
        let zeros = left.all_zeros().min(right.all_zeros());
        let (low, high) = if left.low >= 0 && right.low >= 0 {
            let most = u128::try_from(left.high.max(right.high)).unwrap_or(u128::MAX);
            let bits = 128 - most.leading_zeros();
            (0, (1_i128 << bits) - 1)
        } else {
            Value::full(left.kind)
        };
        let php = Php::binary(&left.php(), symbol, &right.php(), level);
        self.push(Value::new(left.kind, php, low, high, touches).with_zeros(zeros));
    }

    fn shift_left(&mut self) -> Done {
        let (left, right) = self.pair()?;
        let Some(bits) = right.number().map(|number| number & 31) else {
            let (left, bits) = (left.word(), shift_bits(&right.word(), 31));
            let touches = left.touches.and(&bits.touches);
            let php = Php::binary(&left.php(), "<<", &bits.php(), level::SHIFT);
            let zeros = left.all_zeros();
            let value = Value::new(Kind::Word, php, 0, WORD << 31, touches).with_zeros(zeros);
            self.push(value.word());
            return Ok(());
        };
        if bits == 0 {
            self.push(left);
            return Ok(());
        }
        let stays = Value::may_stay_loose(left.low << bits, left.high << bits);
        let left = if stays { left } else { left.word() };
        let zeros = left.all_zeros().saturating_add(u32::try_from(bits).unwrap_or(0)).min(32);
        let php = Php::binary(&left.php(), "<<", &Php::number(bits), level::SHIFT);
        let (low, high) = (left.low << bits, left.high << bits);
        let value = Value::new(Kind::Word, php, low, high, left.touches).with_zeros(zeros);
        self.push_loose(value);
        Ok(())
    }

    fn shift_right(&mut self, signed: bool) -> Done {
        let (left, right) = self.pair()?;
        let left = if signed { left.signed() } else { left.word() };
        let bits = shift_bits(&right.word(), 31);
        if bits.number() == Some(0) {
            self.push(left);
            return Ok(());
        }
        let touches = left.touches.and(&bits.touches);
        let php = Php::binary(&left.php(), ">>", &bits.php(), level::SHIFT);
        let (low, high) = match bits.number() {
            Some(bits) => (left.low >> bits, left.high >> bits),
            None => (left.low.min(0), left.high.max(0)),
        };
        self.push(Value::new(Kind::Word, php, low, high, touches));
        Ok(())
    }

    fn rotate(&mut self, name: &str, right: bool) -> Done {
        let (value, by) = self.pair()?;
        let (value, by) = (value.word(), by.word());
        let Some(bits) = by.number().map(|number| number & 31) else {
            let touches = value.touches.and(&by.touches);
            let text = format!("Machine::{name}({},{})", value.php().text, by.php().text);
            self.push(Value::new(Kind::Word, Php::atom(text), 0, WORD, touches));
            return Ok(());
        };
        if bits == 0 {
            self.push(value);
            return Ok(());
        }
        let bits = if right { 32 - bits } else { bits };
        let value = self.simple(value, &[]);
        let text = value.php().text;
        let php = Php::new(format!("{text}<<{bits}|{text}>>{}", 32 - bits), level::OR);
        let high = (WORD << bits) | WORD;
        self.push_loose(Value::new(Kind::Word, php, 0, high, value.touches));
        Ok(())
    }

    fn wrap(&mut self) -> Done {
        let value = self.pop()?;
        if let Some(number) = value.number() {
            self.push(Value::constant(Kind::Word, number & 0xFFFF_FFFF));
            return Ok(());
        }
        let stays = Value::may_stay_loose(value.low, value.high);
        let value = if stays { value } else { low_bits(value, 0xFFFF_FFFF) };
        self.push(value.read_as(Kind::Word));
        Ok(())
    }
}

/// How far a shift goes: its lowest bits.
pub(super) fn shift_bits(by: &Value, mask: i64) -> Value {
    low_bits(by.clone(), mask)
}

fn bounds(left: &Value, right: &Value, minus: bool) -> (i128, i128) {
    if minus {
        (left.low - right.high, left.high - right.low)
    } else {
        (left.low + right.low, left.high + right.high)
    }
}

/// Whether a comparison with this number asks only for the sign.
fn sign_decides(number: i64, symbol: &str) -> bool {
    matches!((number, symbol), (0, "<" | ">=") | (-1, "<=" | ">"))
}
