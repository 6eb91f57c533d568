//! Turns one function into one PHP method.
//!
//! Values stay expressions on a stack as long as nothing can change them; what would pass an
//! effect is written down in a variable first.

mod control;
mod memory;
mod numeric;
mod wide;

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{Operator, ValType};

use crate::error::Refusal;
use crate::facts::Fact;
use crate::module::Module;
use crate::operator;
use crate::value::{Kind, Php, Touches, Value, Var};
use control::{Frame, Written};

/// A global that is only ever lowered and put back by constants: the stack pointer.
///
/// What is read from it lies between 0 and `top` and is a multiple of 16, so what is reached
/// through it needs no check. Where it would pass below zero the stack is exhausted, and the call
/// ends there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StackPointer {
    pub(crate) global: u32,
    pub(crate) top: i64,
}

/// Lowest bits of the stack pointer that are zero.
const STACK_ZEROS: u32 = 4;

/// What all functions share.
pub(crate) struct Plan<'a> {
    pub(crate) module: &'a Module<'a>,
    /// The PHP class that holds each function.
    pub(crate) classes: &'a BTreeMap<u32, String>,
    pub(crate) stack_pointer: Option<StackPointer>,
}

/// Why a function was not translated.
pub(crate) enum Failure {
    Refused(Refusal),
    /// The global that was taken for the stack pointer is none.
    NoStackPointer,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<wasmparser::BinaryReaderError> for Failure {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Refused(error.into())
    }
}

type Done = Result<(), Failure>;

/// The state of a function that is being translated.
struct Function<'p> {
    plan: &'p Plan<'p>,
    index: u32,
    out: String,
    stack: Vec<Value>,
    frames: Vec<Frame>,
    facts: Vec<Fact>,
    /// Locals that may be read before they are written.
    starts: BTreeSet<u32>,
    live: bool,
    labels: u32,
    result: Option<Kind>,
    /// Something was written to the stack pointer that is not known to be within the stack.
    stack_pointer_lost: bool,
    /// Which instruction is at work.
    place: usize,
    /// The local that the next instruction writes.
    ahead: Option<u32>,
    /// Locals that a way back to the head of each loop has written.
    written: Written,
}

/// Times that a function is gone through at most: each time less has to be forgotten where loops
/// begin, one more level of nested loops a time.
const PASSES: usize = 16;

/// Translates function `index`, which is no import.
pub(crate) fn translate(plan: &Plan<'_>, index: u32) -> Result<String, Failure> {
    let signature = plan.module.signature(index)?;
    let Some(body) = plan.module.body(index) else {
        return Err(defect(index, "a function has no body"));
    };
    let mut facts = Vec::new();
    for &param in &signature.params {
        facts.push(Fact::parameter(kind(param, index, "a parameter")?));
    }
    let count = facts.len();
    for local in body.get_locals_reader()? {
        let (times, local) = local?;
        let fact = Fact::fresh(kind(local, index, "a local")?);
        facts.extend((0..times).map(|_| fact));
    }
    let result = single(&signature.results, index)?;
    let mut operators = Vec::new();
    for operator in body.get_operators_reader()?.into_iter_with_offsets() {
        operators.push(operator?);
    }
    let mut written = control::written_in_loops(&operators);
    let mut text = String::new();
    let mut lost = false;
    for _ in 0..PASSES {
        let mut function = Function {
            plan,
            index,
            out: String::new(),
            stack: Vec::new(),
            frames: vec![Frame::function(result)],
            facts: facts.clone(),
            starts: BTreeSet::new(),
            live: true,
            labels: 0,
            result,
            stack_pointer_lost: false,
            place: 0,
            ahead: None,
            written: Written::new(),
        };
        function.run(&operators, &written)?;
        let again = std::mem::take(&mut function.written);
        lost = function.stack_pointer_lost;
        text = function.finish(count);
        if again == written {
            break;
        }
        written = again;
    }
    if lost { Err(Failure::NoStackPointer) } else { Ok(text) }
}

fn defect(function: u32, what: &'static str) -> Failure {
    Failure::Refused(Refusal::Defect { what, function })
}

/// The kind of a type; anything but integers is refused.
fn kind(of: ValType, function: u32, place: &str) -> Result<Kind, Failure> {
    match of {
        ValType::I32 => Ok(Kind::Word),
        ValType::I64 => Ok(Kind::Wide),
        other => {
            let what = format!("{place} of type {other}");
            Err(Refusal::Type { what, function }.into())
        }
    }
}

fn single(results: &[ValType], function: u32) -> Result<Option<Kind>, Failure> {
    match results {
        [] => Ok(None),
        &[one] => Ok(Some(kind(one, function, "a result")?)),
        _ => {
            let what = String::from("more than one result");
            Err(Refusal::Type { what, function }.into())
        }
    }
}

impl Function<'_> {
    fn run(&mut self, operators: &[(Operator<'_>, usize)], written: &Written) -> Done {
        let mut skipped = 0_u32;
        for (place, (operator, offset)) in operators.iter().enumerate() {
            self.place = place;
            self.ahead = match operators.get(place + 1) {
                Some((Operator::LocalSet { local_index } | Operator::LocalTee { local_index }, _)) => {
                    Some(*local_index)
                }
                _ => None,
            };
            if !is_translated(operator) {
                let name = operator::name(operator);
                return Err(
                    Refusal::Operator { name, function: self.index, offset: *offset }.into()
                );
            }
            if !self.live {
                // What cannot run has no meaning, but its ends have.
                match operator {
                    Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                        skipped += 1;
                        continue;
                    }
                    Operator::End if skipped > 0 => {
                        skipped -= 1;
                        continue;
                    }
                    Operator::End => {}
                    Operator::Else if skipped == 0 => {}
                    _ => continue,
                }
            }
            if self.live {
                self.settle_calls(operator);
            }
            if matches!(operator, Operator::Loop { .. }) {
                self.forget(written.get(&place));
            }
            self.step(operator)?;
        }
        Ok(())
    }

    fn step(&mut self, operator: &Operator<'_>) -> Done {
        match *operator {
            Operator::Nop => Ok(()),
            Operator::LocalGet { local_index } => self.local_get(local_index),
            Operator::LocalSet { local_index } => self.local_set(local_index),
            Operator::LocalTee { local_index } => {
                self.local_set(local_index)?;
                self.local_get(local_index)
            }
            Operator::GlobalGet { global_index } => self.global_get(global_index),
            Operator::GlobalSet { global_index } => self.global_set(global_index),
            Operator::I32Const { value } => {
                self.push(Value::constant(Kind::Word, i64::from(value.cast_unsigned())));
                Ok(())
            }
            Operator::I64Const { value } => {
                self.push(Value::constant(Kind::Wide, value));
                Ok(())
            }
            Operator::Drop => self.drop_top(),
            Operator::Select => self.select(),
            Operator::TypedSelect { ty } => {
                kind(ty, self.index, "a selection")?;
                self.select()
            }
            _ if control::is_control(operator) => self.control(operator),
            _ if memory::is_memory(operator) => self.memory(operator),
            _ if wide::is_wide(operator) => self.wide(operator),
            _ => self.numeric(operator),
        }
    }

    /// The method: parameters, locals that have to start somewhere, the body.
    fn finish(self, params: usize) -> String {
        let mut head = format!("static function f{}(&$m", self.index);
        for number in 0..params {
            head.push_str(&format!(",$l{number}"));
        }
        head.push_str("){");
        for local in &self.starts {
            head.push_str(&format!("$l{local}=0;"));
        }
        format!("{head}{}}}", self.out)
    }

    fn emit(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    fn pop(&mut self) -> Result<Value, Failure> {
        let index = self.index;
        self.stack.pop().ok_or_else(|| defect(index, "the stack is empty"))
    }

    /// A temporary variable that neither the stack, a block nor `others` hold: values that are no
    /// longer on the stack and still needed.
    fn temp(&self, others: &[&Value]) -> Var {
        let held = |var: Var| {
            self.stack.iter().any(|value| value.touches.vars.contains(&var))
                || others.iter().any(|value| value.touches.vars.contains(&var))
                || self.frames.iter().any(|frame| frame.holds(var))
        };
        let mut number = 0;
        while held(Var::Temp(number)) {
            number += 1;
        }
        Var::Temp(number)
    }

    /// Writes a value down in a fresh variable, which then stands for it.
    fn written(&mut self, value: Value, others: &[&Value]) -> Value {
        let var = self.temp(others);
        let value = value.word();
        self.emit(&format!("{}={};", var.text(), value.php().text));
        as_var(var, &value)
    }

    /// The value, written down unless it is a variable or a number already.
    fn simple(&mut self, value: Value, others: &[&Value]) -> Value {
        let value = value.word();
        if value.is_simple() { value } else { self.written(value, others) }
    }

    /// Writes down whatever on the stack, but for the topmost `keep`, meets a condition.
    fn write_down(&mut self, keep: usize, condition: impl Fn(&Value) -> bool) {
        let end = self.stack.len().saturating_sub(keep);
        for place in 0..end {
            let Some(value) = self.stack.get(place) else { continue };
            if condition(value) {
                let value = value.clone();
                let written = self.written(value, &[]);
                if let Some(slot) = self.stack.get_mut(place) {
                    *slot = written;
                }
            }
        }
    }

    /// A call that was not written down happens with the next instruction, or is written down now.
    fn settle_calls(&mut self, operator: &Operator<'_>) {
        let keep = match self.stack.as_slice() {
            [.., call] if call.touches.calls && takes_call(operator) => 1,
            [.., call, number]
                if call.touches.calls
                    && number.number().is_some()
                    && takes_call_and_number(operator) =>
            {
                2
            }
            _ => 0,
        };
        self.write_down(keep, |value| value.touches.calls);
    }

    /// Before an effect: what reads or may trap has to come first.
    fn settle(&mut self, keep: usize) {
        self.write_down(keep, |value| value.touches.memory || value.touches.traps);
    }

    fn local_get(&mut self, number: u32) -> Done {
        let fact = self.fact(number)?;
        if let Some(known) = fact.number() {
            self.push(Value::constant(fact.kind, known));
            return Ok(());
        }
        if fact.needs_start() {
            self.starts.insert(number);
        }
        let var = Var::Local(number);
        let touches = Touches { vars: vec![var], ..Touches::default() };
        let value = Value::new(fact.kind, Php::atom(var.text()), fact.low, fact.high, touches);
        self.push(value.with_zeros(fact.zeros).with_frame(fact.frame));
        Ok(())
    }

    fn fact(&self, number: u32) -> Result<Fact, Failure> {
        let fact = self.facts.get(number as usize).copied();
        fact.ok_or_else(|| defect(self.index, "a local is not there"))
    }

    fn local_set(&mut self, number: u32) -> Done {
        let value = self.pop()?.word();
        let var = Var::Local(number);
        if value.var() == Some(var) {
            return Ok(());
        }
        // The value itself may be read from what is written down now.
        self.stack.push(value);
        self.write_down(1, |value| value.touches.vars.contains(&var));
        let value = self.pop()?;
        self.emit(&format!("{}={};", var.text(), value.php().text));
        self.know(number, &value)
    }

    /// A local now holds `value`.
    fn know(&mut self, number: u32, value: &Value) -> Done {
        let fact = Fact::of(value, self.place);
        match self.facts.get_mut(number as usize) {
            Some(slot) => {
                *slot = fact;
                Ok(())
            }
            None => Err(defect(self.index, "a local is not there")),
        }
    }

    fn global_get(&mut self, number: u32) -> Done {
        let Some(global) = self.plan.module.globals.get(number as usize) else {
            return Err(defect(self.index, "a global is not there"));
        };
        let kind = if global.wide { Kind::Wide } else { Kind::Word };
        if !global.mutable {
            self.push(Value::constant(kind, global.initial));
            return Ok(());
        }
        let touches = Touches { memory: true, ..Touches::default() };
        let php = Php::atom(format!("Machine::$g{number}"));
        let value = match self.plan.stack_pointer {
            Some(pointer) if pointer.global == number => {
                Value::new(kind, php, 0, i128::from(pointer.top), touches)
                    .with_zeros(STACK_ZEROS)
                    .with_frame(Some(0))
            }
            _ => {
                let (low, high) = Value::full(kind);
                Value::new(kind, php, low, high, touches)
            }
        };
        self.push(value);
        Ok(())
    }

    fn global_set(&mut self, number: u32) -> Done {
        let value = self.pop()?;
        if let Some(pointer) = self.plan.stack_pointer
            && pointer.global == number
        {
            let stays = value.frame.is_some_and(|frame| frame <= 0 && frame % 16 == 0);
            if !stays || value.low < 0 {
                self.stack_pointer_lost = true;
            }
        }
        let value = value.word();
        self.stack.push(value);
        self.settle(1);
        let value = self.pop()?;
        self.emit(&format!("Machine::$g{number}={};", value.php().text));
        Ok(())
    }

    fn drop_top(&mut self) -> Done {
        let value = self.pop()?;
        if value.touches.traps || value.touches.calls {
            self.emit(&format!("{};", value.php().text));
        }
        Ok(())
    }

    fn select(&mut self) -> Done {
        let condition = self.pop()?;
        let (mut right, mut left) = (self.pop()?.word(), self.pop()?.word());
        // Both sides are evaluated, whichever is taken.
        if left.touches.traps {
            left = self.written(left, &[&right, &condition]);
        }
        if right.touches.traps {
            right = self.written(right, &[&left, &condition]);
        }
        let (low, high) = (left.low.min(right.low), left.high.max(right.high));
        let zeros = left.all_zeros().min(right.all_zeros());
        let touches = condition.touches.and(&left.touches).and(&right.touches);
        let test = condition.test();
        let above = crate::value::level::CHOICE + 1;
        let text = format!("{}?{}:{}", test.at(above), left.php().at(above), right.php().at(above));
        let php = Php::new(text, crate::value::level::CHOICE);
        self.push(Value::new(left.kind, php, low, high, touches).with_zeros(zeros));
        Ok(())
    }
}

/// The variable that now holds what `value` says.
fn as_var(var: Var, value: &Value) -> Value {
    let touches = Touches { vars: vec![var], ..Touches::default() };
    Value::new(value.kind, Php::atom(var.text()), value.low, value.high, touches)
        .with_zeros(value.all_zeros())
        .with_frame(value.frame)
}

/// Every instruction that is translated. What is not in these lists is refused by its name.
pub(crate) fn is_translated(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Nop
            | Operator::LocalGet { .. }
            | Operator::LocalSet { .. }
            | Operator::LocalTee { .. }
            | Operator::GlobalGet { .. }
            | Operator::GlobalSet { .. }
            | Operator::I32Const { .. }
            | Operator::I64Const { .. }
            | Operator::Drop
            | Operator::Select
            | Operator::TypedSelect { .. }
    ) || control::is_control(operator)
        || memory::is_memory(operator)
        || wide::is_wide(operator)
        || numeric::is_numeric(operator)
}

/// Instructions for which a call may wait on top of the stack: they take nothing else, or lay a
/// number beside it.
fn takes_call(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::LocalSet { .. }
            | Operator::LocalTee { .. }
            | Operator::Drop
            | Operator::Return
            | Operator::BrIf { .. }
            | Operator::If { .. }
            | Operator::I32Eqz
            | Operator::I32Const { .. }
    )
}

/// Instructions for which a call may wait below a number.
fn takes_call_and_number(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::I32And | Operator::I32Ne | Operator::I32Eq)
}
