//! Blocks, branches and calls. A block becomes a label and a branch a `goto`: nothing has to be
//! tested twice, and PHP compiles both to one jump.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{BlockType, BrTable, Operator};

use super::{Done, Failure, Function, defect, kind, single};
use crate::error::Refusal;
use crate::facts::{self, Fact};
use crate::value::{Kind, Php, Touches, Value, Var};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Function,
    Block,
    Loop,
    If,
}

/// A block that is open.
pub(super) struct Frame {
    shape: Shape,
    label: u32,
    /// Values below the block.
    height: usize,
    /// Where among the instructions it begins.
    place: usize,
    result: Option<(Var, Kind)>,
    /// What holds wherever the block is left.
    joined: Option<Vec<Fact>>,
    /// What holds where an `if` is not taken.
    otherwise: Option<Vec<Fact>>,
    used: bool,
}

impl Frame {
    pub(super) fn function(result: Option<Kind>) -> Self {
        // Its result is returned, never put into a variable.
        let result = result.map(|kind| (Var::Temp(u32::MAX), kind));
        Self {
            shape: Shape::Function,
            label: 0,
            height: 0,
            place: 0,
            result,
            joined: None,
            otherwise: None,
            used: false,
        }
    }

    pub(super) fn holds(&self, var: Var) -> bool {
        self.result.is_some_and(|(held, _)| held == var)
    }
}

pub(super) fn is_control(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Unreachable
            | Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
    )
}

/// Locals that each loop writes, by the loop's place among the instructions.
pub(super) type Written = BTreeMap<usize, BTreeSet<u32>>;

/// All that stand between the two ends of each loop.
pub(super) fn written_in_loops(operators: &[(Operator<'_>, usize)]) -> Written {
    let mut written = Written::new();
    let mut open: Vec<Option<usize>> = Vec::new();
    for (place, (operator, _)) in operators.iter().enumerate() {
        match operator {
            Operator::Loop { .. } => open.push(Some(place)),
            Operator::Block { .. } | Operator::If { .. } => open.push(None),
            Operator::End => {
                open.pop();
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                for &place in open.iter().flatten() {
                    written.entry(place).or_default().insert(*local_index);
                }
            }
            _ => {}
        }
    }
    written
}

impl Function<'_> {
    pub(super) fn control(&mut self, operator: &Operator<'_>) -> Done {
        match operator {
            Operator::Unreachable => {
                self.emit("throw Machine::unreachable();");
                self.live = false;
                Ok(())
            }
            Operator::Block { blockty } => self.open(Shape::Block, *blockty),
            Operator::Loop { blockty } => self.open(Shape::Loop, *blockty),
            Operator::If { blockty } => self.open_if(*blockty),
            Operator::Else => self.otherwise(),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth)?;
                self.live = false;
                Ok(())
            }
            Operator::BrIf { relative_depth } => self.branch_if(*relative_depth),
            Operator::BrTable { targets } => self.branch_table(targets),
            Operator::Return => {
                self.leave()?;
                self.live = false;
                Ok(())
            }
            Operator::Call { function_index } => self.call(*function_index),
            Operator::CallIndirect { type_index, .. } => self.call_indirect(*type_index),
            _ => Err(defect(self.index, "no control instruction")),
        }
    }

    /// A loop is about to begin: what it writes is no longer known.
    pub(super) fn forget(&mut self, locals: Option<&BTreeSet<u32>>) {
        for &local in locals.into_iter().flatten() {
            if let Some(fact) = self.facts.get_mut(local as usize) {
                *fact = fact.forget(self.place);
            }
        }
    }

    fn block_result(&self, of: BlockType) -> Result<Option<Kind>, Failure> {
        match of {
            BlockType::Empty => Ok(None),
            BlockType::Type(one) => Ok(Some(kind(one, self.index, "a block's result")?)),
            BlockType::FuncType(number) => {
                let signature = self.plan.module.signature_of_type(number);
                let signature = signature.ok_or_else(|| defect(self.index, "no such type"))?;
                if signature.params.is_empty() {
                    return single(&signature.results, self.index);
                }
                let what = String::from("a block with parameters");
                Err(Refusal::Type { what, function: self.index }.into())
            }
        }
    }

    fn open(&mut self, shape: Shape, of: BlockType) -> Done {
        let kind = self.block_result(of)?;
        self.write_down(0, |value| value.number().is_none() && value.var().is_none_or(is_local));
        let result = kind.map(|kind| (self.temp(&[]), kind));
        self.labels += 1;
        let frame = Frame {
            shape,
            label: self.labels,
            height: self.stack.len(),
            place: self.place,
            result,
            joined: None,
            otherwise: None,
            used: false,
        };
        if shape == Shape::Loop {
            self.emit(&format!("b{}:", frame.label));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn open_if(&mut self, of: BlockType) -> Done {
        let condition = self.pop()?;
        // Below the condition everything is written down, so nothing can come between.
        let held = condition.clone();
        self.stack.push(held);
        self.write_down(1, |value| value.number().is_none() && value.var().is_none_or(is_local));
        let condition = self.pop()?;
        self.open(Shape::If, of)?;
        self.emit(&format!("if({}){{", condition.test().text));
        let facts = self.facts.clone();
        if let Some(frame) = self.frames.last_mut() {
            frame.otherwise = Some(facts);
        }
        Ok(())
    }

    fn otherwise(&mut self) -> Done {
        self.flow_out()?;
        let Some(frame) = self.frames.last_mut() else {
            return Err(defect(self.index, "an else without an if"));
        };
        let Some(facts) = frame.otherwise.take() else {
            return Err(defect(self.index, "a second else"));
        };
        self.stack.truncate(frame.height);
        self.facts = facts;
        self.live = true;
        self.emit("}else{");
        Ok(())
    }

    /// The end of a block's text is reached: its value goes where the block's result is.
    fn flow_out(&mut self) -> Done {
        if !self.live {
            return Ok(());
        }
        let Some(frame) = self.frames.last() else {
            return Err(defect(self.index, "no block is open"));
        };
        if let Some((var, _)) = frame.result {
            let value = self.pop()?.word();
            self.emit(&format!("{}={};", var.text(), value.php().text));
        }
        let facts = std::mem::take(&mut self.facts);
        if let Some(frame) = self.frames.last_mut() {
            facts::join(&mut frame.joined, &facts);
        }
        self.facts = facts;
        Ok(())
    }

    fn end(&mut self) -> Done {
        if self.frames.len() == 1 {
            if self.live && self.result.is_some() {
                self.leave()?;
            }
            self.frames.clear();
            return Ok(());
        }
        self.flow_out()?;
        let Some(mut frame) = self.frames.pop() else {
            return Err(defect(self.index, "no block is open"));
        };
        self.stack.truncate(frame.height);
        if let Some(facts) = frame.otherwise.take() {
            facts::join(&mut frame.joined, &facts);
        }
        if frame.shape == Shape::If {
            self.emit("}");
        }
        if frame.used && frame.shape != Shape::Loop {
            self.emit(&format!("b{}:", frame.label));
        }
        match frame.joined {
            Some(facts) => {
                self.facts = facts;
                self.live = true;
                if let Some((var, kind)) = frame.result {
                    let (low, high) = Value::full(kind);
                    let touches = Touches { vars: vec![var], ..Touches::default() };
                    self.push(Value::new(kind, Php::atom(var.text()), low, high, touches));
                }
            }
            None => self.live = false,
        }
        Ok(())
    }

    /// The text that jumps to the block `depth` levels up; its value must be on top.
    fn branch(&mut self, depth: u32) -> Done {
        let place = self.frames.len().checked_sub(depth as usize + 1);
        let facts = self.facts.clone();
        let Some(frame) = place.and_then(|place| self.frames.get_mut(place)) else {
            return Err(defect(self.index, "a branch to nowhere"));
        };
        match frame.shape {
            Shape::Function => return self.leave(),
            Shape::Loop => {
                let (text, place) = (format!("goto b{};", frame.label), frame.place);
                let written = (0_u32..).zip(&facts).filter(|(_, fact)| fact.place > place);
                self.written.entry(place).or_default().extend(written.map(|(local, _)| local));
                self.emit(&text);
                return Ok(());
            }
            Shape::Block | Shape::If => {}
        }
        frame.used = true;
        facts::join(&mut frame.joined, &facts);
        let (label, result) = (frame.label, frame.result);
        if let Some((var, _)) = result {
            let Some(value) = self.stack.last().cloned() else {
                return Err(defect(self.index, "a branch without its value"));
            };
            let value = value.word();
            if value.var() != Some(var) {
                self.emit(&format!("{}={};", var.text(), value.php().text));
            }
        }
        self.emit(&format!("goto b{label};"));
        Ok(())
    }

    /// `return`, with the value on top where there is one.
    fn leave(&mut self) -> Done {
        if self.result.is_none() {
            self.emit("return;");
            return Ok(());
        }
        let Some(value) = self.stack.last().cloned() else {
            return Err(defect(self.index, "a return without its value"));
        };
        self.emit(&format!("return {};", value.word().php().text));
        Ok(())
    }

    fn carries_value(&self, depth: u32) -> bool {
        let place = self.frames.len().checked_sub(depth as usize + 1);
        let frame = place.and_then(|place| self.frames.get(place));
        frame.is_some_and(|frame| frame.shape != Shape::Loop && frame.result.is_some())
    }

    fn branch_if(&mut self, depth: u32) -> Done {
        let condition = self.pop()?;
        if self.carries_value(depth) {
            // It is used on both ways.
            let value = self.pop()?;
            let value = self.simple(value, &[&condition]);
            self.push(value);
        }
        self.emit(&format!("if({})", condition.test().text));
        self.emit("{");
        self.branch(depth)?;
        self.emit("}");
        Ok(())
    }

    fn branch_table(&mut self, targets: &BrTable<'_>) -> Done {
        let index = self.pop()?.word();
        let default = targets.default();
        if self.carries_value(default) {
            let value = self.pop()?;
            let value = self.simple(value, &[&index]);
            self.push(value);
        }
        let mut cases: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (number, target) in targets.targets().enumerate() {
            let target = target?;
            if target != default {
                cases.entry(target).or_default().push(number);
            }
        }
        self.emit(&format!("switch({}){{", index.php().text));
        for (target, numbers) in cases {
            for number in numbers {
                self.emit(&format!("case {number}:"));
            }
            self.branch(target)?;
        }
        self.emit("default:");
        self.branch(default)?;
        self.emit("}");
        self.live = false;
        Ok(())
    }

    /// The arguments of a call, in order, and what lies below them settled.
    fn arguments(&mut self, count: usize) -> Result<(String, Touches), Failure> {
        self.settle(count);
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.pop()?.word());
        }
        let mut text = String::from("$m");
        let mut touches = Touches::default();
        for value in values.iter().rev() {
            text.push(',');
            text.push_str(&value.php().text);
            touches = touches.and(&value.touches);
        }
        Ok((text, touches))
    }

    fn call(&mut self, callee: u32) -> Done {
        let signature = self.plan.module.signature(callee)?;
        let result = single(&signature.results, self.index)?;
        for &param in &signature.params {
            kind(param, self.index, "an argument")?;
        }
        let (arguments, touches) = self.arguments(signature.params.len())?;
        let text = if self.plan.module.import(callee).is_some() {
            format!("Machine::import({callee},{arguments})")
        } else {
            let class = self.plan.classes.get(&callee);
            let class = class.ok_or_else(|| defect(self.index, "a callee without a class"))?;
            format!("{class}::f{callee}({arguments})")
        };
        self.called(text, result, touches);
        Ok(())
    }

    fn called(&mut self, text: String, result: Option<Kind>, touches: Touches) {
        match result {
            None => self.emit(&format!("{text};")),
            Some(kind) => {
                let (low, high) = Value::full(kind);
                let touches = Touches { calls: true, traps: true, memory: true, ..touches };
                self.push(Value::new(kind, Php::atom(text), low, high, touches));
            }
        }
    }

    fn call_indirect(&mut self, number: u32) -> Done {
        let number = self.plan.module.canonical(number);
        let signature = self.plan.module.signature_of_type(number);
        let signature = signature.ok_or_else(|| defect(self.index, "no such type"))?;
        let result = single(&signature.results, self.index)?;
        for &param in &signature.params {
            kind(param, self.index, "an argument")?;
        }
        // Nothing may be written down between the index and the call.
        self.settle(signature.params.len() + 1);
        let index = self.pop()?;
        let index = self.simple(index, &[]);
        let (arguments, touches) = self.arguments(signature.params.len())?;
        let entry = index.php().text;
        let text = format!(
            "(Machine::$table{number}[{entry}]??Machine::entry({number},{entry}))({arguments})"
        );
        self.called(text, result, touches.and(&index.touches));
        Ok(())
    }
}

fn is_local(var: Var) -> bool {
    matches!(var, Var::Local(_))
}
