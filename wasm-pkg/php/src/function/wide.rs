//! Arithmetic of `i64`: PHP's own integers, but for what passes their ends.

use wasmparser::Operator;

use super::numeric::shift_bits;
use super::{Done, Function, defect};
use crate::value::{Kind, Php, Value, level};

pub(super) fn is_wide(operator: &Operator<'_>) -> bool {
    use Operator as Op;
    matches!(
        operator,
        Op::I64Eqz
            | Op::I64Eq
            | Op::I64Ne
            | Op::I64LtS
            | Op::I64LtU
            | Op::I64GtS
            | Op::I64GtU
            | Op::I64LeS
            | Op::I64LeU
            | Op::I64GeS
            | Op::I64GeU
            | Op::I64Clz
            | Op::I64Ctz
            | Op::I64Popcnt
            | Op::I64Add
            | Op::I64Sub
            | Op::I64Mul
            | Op::I64DivS
            | Op::I64DivU
            | Op::I64RemS
            | Op::I64RemU
            | Op::I64And
            | Op::I64Or
            | Op::I64Xor
            | Op::I64Shl
            | Op::I64ShrS
            | Op::I64ShrU
            | Op::I64Rotl
            | Op::I64Rotr
            | Op::I64ExtendI32S
            | Op::I64ExtendI32U
            | Op::I64Extend8S
            | Op::I64Extend16S
            | Op::I64Extend32S
    )
}

impl Function<'_> {
    pub(super) fn wide(&mut self, operator: &Operator<'_>) -> Done {
        use Operator as Op;
        match operator {
            Op::I64Eqz => {
                let value = self.pop()?.negated();
                self.push(value);
                Ok(())
            }
            Op::I64Eq => self.equal("===", "!=="),
            Op::I64Ne => self.equal("!==", "==="),
            Op::I64LtS => self.order("<", ">=", true),
            Op::I64LtU => self.order("<", ">=", false),
            Op::I64GtS => self.order(">", "<=", true),
            Op::I64GtU => self.order(">", "<=", false),
            Op::I64LeS => self.order("<=", ">", true),
            Op::I64LeU => self.order("<=", ">", false),
            Op::I64GeS => self.order(">=", "<", true),
            Op::I64GeU => self.order(">=", "<", false),
            Op::I64Add => self.add_wide("add64", false),
            Op::I64Sub => self.add_wide("sub64", true),
            Op::I64Mul => self.multiply_wide(),
            Op::I64DivS => self.divide_wide_signed(true),
            Op::I64RemS => self.divide_wide_signed(false),
            Op::I64DivU => self.divide_wide("div64u", true),
            Op::I64RemU => self.divide_wide("rem64u", false),
            Op::I64And => {
                let (left, right) = self.pair()?;
                self.push_and(&left, &right);
                Ok(())
            }
            Op::I64Or => {
                let (left, right) = self.pair()?;
                self.push_or(&left, &right, "|", level::OR);
                Ok(())
            }
            Op::I64Xor => {
                let (left, right) = self.pair()?;
                self.push_or(&left, &right, "^", level::XOR);
                Ok(())
            }
            Op::I64Shl => self.shift_wide_left(),
            Op::I64ShrU => self.shift_wide_right(),
            Op::I64ShrS => self.shift_wide_right_signed(),
            Op::I64Rotl => self.rotate_wide("rotl64"),
            Op::I64Rotr => self.rotate_wide("rotr64"),
            Op::I64ExtendI32U => {
                let value = self.pop()?.word().read_as(Kind::Wide);
                self.push(value);
                Ok(())
            }
            Op::I64ExtendI32S => {
                let value = self.pop()?.signed().read_as(Kind::Wide);
                self.push(value);
                Ok(())
            }
            Op::I64Clz => self.helper("clz64", 64),
            Op::I64Ctz => self.helper("ctz64", 64),
            Op::I64Popcnt => self.helper("popcnt", 64),
            Op::I64Extend8S => self.extend(1),
            Op::I64Extend16S => self.extend(2),
            Op::I64Extend32S => self.extend(4),
            _ => Err(defect(self.index, "no such instruction")),
        }
    }

    fn add_wide(&mut self, name: &str, minus: bool) -> Done {
        let (mut left, mut right) = self.pair()?;
        if !minus && left.number().is_some() {
            std::mem::swap(&mut left, &mut right);
        }
        let step = right.number().and_then(|number| {
            if minus { number.checked_neg() } else { Some(number) }
        });
        if let Some(sum) = step.and_then(|number| left.plus(number)) {
            self.push(sum);
            return Ok(());
        }
        let (low, high) = if minus {
            (left.low - right.high, left.high - right.low)
        } else {
            (left.low + right.low, left.high + right.high)
        };
        if low >= i128::from(i64::MIN) && high <= i128::from(i64::MAX) {
            // Addends apart could pass an end that the sum does not.
            let touches = left.touches.and(&right.touches);
            let symbol = if minus { "-" } else { "+" };
            let php = Php::binary(&left.php(), symbol, &right.php(), level::SUM);
            self.push(Value::new(Kind::Wide, php, low, high, touches));
            return Ok(());
        }
        self.checked(left, right, if minus { "-" } else { "+" }, level::SUM, name);
        Ok(())
    }

    /// PHP's operator gives a float where the result passes the ends; then a helper is asked.
    fn checked(&mut self, left: Value, right: Value, symbol: &str, level: u8, name: &str) {
        let left = self.simple(left, &[&right]);
        let right = self.simple(right, &[&left]);
        let touches = left.touches.and(&right.touches);
        let sum = Php::binary(&left.php(), symbol, &right.php(), level).text;
        let (left, right) = (left.php().text, right.php().text);
        let text = format!("\\is_int($p={sum})?$p:Machine::{name}({left},{right})");
        let (low, high) = Value::full(Kind::Wide);
        self.push(Value::new(Kind::Wide, Php::new(text, level::CHOICE), low, high, touches));
    }

    fn multiply_wide(&mut self) -> Done {
        let (left, right) = self.pair()?;
        let ends = [
            left.low * right.low,
            left.low * right.high,
            left.high * right.low,
            left.high * right.high,
        ];
        let low = ends.iter().min().copied().unwrap_or(i128::MIN);
        let high = ends.iter().max().copied().unwrap_or(i128::MAX);
        if low >= i128::from(i64::MIN) && high <= i128::from(i64::MAX) {
            let touches = left.touches.and(&right.touches);
            let php = Php::binary(&left.php(), "*", &right.php(), level::PRODUCT);
            self.push(Value::new(Kind::Wide, php, low, high, touches));
            return Ok(());
        }
        self.checked(left, right, "*", level::PRODUCT, "mul64");
        Ok(())
    }

    fn divide_wide_signed(&mut self, quotient: bool) -> Done {
        let (left, right) = self.pair()?;
        let mut touches = left.touches.and(&right.touches);
        touches.traps = true;
        let php = if quotient {
            // Of the smallest number by -1 PHP complains, as it has to.
            Php::atom(format!("\\intdiv({},{})", left.php().text, right.php().text))
        } else {
            Php::binary(&left.php(), "%", &right.php(), level::PRODUCT)
        };
        let (low, high) = Value::full(Kind::Wide);
        self.push(Value::new(Kind::Wide, php, low, high, touches));
        Ok(())
    }

    fn divide_wide(&mut self, name: &str, quotient: bool) -> Done {
        let (left, right) = self.pair()?;
        if left.low >= 0 && right.low >= 0 {
            self.divide_plain(&left, &right, quotient);
            return Ok(());
        }
        let mut touches = left.touches.and(&right.touches);
        touches.traps = true;
        let php =
            Php::atom(format!("Machine::{name}({},{})", left.php().text, right.php().text));
        let (low, high) = Value::full(Kind::Wide);
        self.push(Value::new(Kind::Wide, php, low, high, touches));
        Ok(())
    }

    fn shift_wide_left(&mut self) -> Done {
        let (left, right) = self.pair()?;
        let bits = shift_bits(&right, 63);
        if bits.number() == Some(0) {
            self.push(left);
            return Ok(());
        }
        let touches = left.touches.and(&bits.touches);
        let php = Php::binary(&left.php(), "<<", &bits.php(), level::SHIFT);
        let fits = bits.number().and_then(|bits| {
            let high = left.high.checked_shl(u32::try_from(bits).ok()?)?;
            (left.low >= 0 && bits < 63 && high <= i128::from(i64::MAX)).then_some((
                left.low << bits,
                high,
            ))
        });
        let (low, high) = fits.unwrap_or(Value::full(Kind::Wide));
        self.push(Value::new(Kind::Wide, php, low, high, touches));
        Ok(())
    }

    fn shift_wide_right(&mut self) -> Done {
        let (left, right) = self.pair()?;
        let bits = shift_bits(&right, 63);
        if bits.number() == Some(0) {
            self.push(left);
            return Ok(());
        }
        let touches = left.touches.and(&bits.touches);
        if left.low < 0 && bits.number().is_none() {
            let text = format!("Machine::shr64u({},{})", left.php().text, bits.php().text);
            let (low, high) = Value::full(Kind::Wide);
            self.push(Value::new(Kind::Wide, Php::atom(text), low, high, touches));
            return Ok(());
        }
        let php = Php::binary(&left.php(), ">>", &bits.php(), level::SHIFT);
        let by = bits.number().unwrap_or(0);
        if left.low >= 0 {
            let low = if bits.number().is_some() { left.low >> by } else { 0 };
            self.push(Value::new(Kind::Wide, php, low, left.high >> by, touches));
            return Ok(());
        }
        let mask = u64::MAX.checked_shr(u32::try_from(by).unwrap_or(0)).unwrap_or(0);
        let mask = i64::try_from(mask).unwrap_or(i64::MAX);
        let php = Php::binary(&php, "&", &Php::number(mask), level::AND);
        self.push(Value::new(Kind::Wide, php, 0, i128::from(mask), touches));
        Ok(())
    }

    fn shift_wide_right_signed(&mut self) -> Done {
        let (left, right) = self.pair()?;
        let bits = shift_bits(&right, 63);
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
        self.push(Value::new(Kind::Wide, php, low, high, touches));
        Ok(())
    }

    fn rotate_wide(&mut self, name: &str) -> Done {
        let (value, by) = self.pair()?;
        let touches = value.touches.and(&by.touches);
        let text = format!("Machine::{name}({},{})", value.php().text, by.php().text);
        let (low, high) = Value::full(Kind::Wide);
        self.push(Value::new(Kind::Wide, Php::atom(text), low, high, touches));
        Ok(())
    }
}
