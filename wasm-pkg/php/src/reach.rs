//! Which functions can run at all: what the exports asked for call, and what the table holds.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::Operator;

use crate::error::Refusal;
use crate::module::Module;

/// What can be reached from the exports, in the order in which it is found going deep first: so
/// what calls each other comes to lie together.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    pub(crate) functions: Vec<u32>,
    /// Types that reachable functions call through the table.
    pub(crate) indirect: BTreeSet<u32>,
    /// Who calls whom: the first entry is whoever calls the exports, then come the functions in
    /// their order. A function is called by its place among them, plus one.
    pub(crate) calls: Vec<Vec<usize>>,
}

#[derive(Default)]
struct Calls {
    direct: Vec<u32>,
    indirect: BTreeSet<u32>,
}

/// Walks from `roots`. A table entry counts as soon as anything reachable calls its type.
pub(crate) fn walk(module: &Module<'_>, roots: &[u32]) -> Result<Reach, Refusal> {
    let mut by_type: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for &function in module.table.values() {
        let number = module.type_of(function).unwrap_or(u32::MAX);
        by_type.entry(number).or_default().push(function);
    }
    let mut reach = Reach::default();
    let mut seen = BTreeSet::new();
    let mut made = vec![roots.to_vec()];
    let mut open: Vec<u32> = roots.iter().rev().copied().collect();
    while let Some(function) = open.pop() {
        if !seen.insert(function) {
            continue;
        }
        reach.functions.push(function);
        let calls = calls(module, function)?;
        let mut called = calls.direct;
        for number in calls.indirect {
            reach.indirect.insert(number);
            called.extend(by_type.get(&number).into_iter().flatten());
        }
        open.extend(called.iter().rev());
        made.push(called);
    }
    let places: BTreeMap<u32, usize> =
        reach.functions.iter().zip(1..).map(|(&function, place)| (function, place)).collect();
    let by_place = |called: Vec<u32>| {
        called.iter().filter_map(|function| places.get(function).copied()).collect()
    };
    reach.calls = made.into_iter().map(by_place).collect();
    Ok(reach)
}

fn calls(module: &Module<'_>, function: u32) -> Result<Calls, Refusal> {
    let mut calls = Calls::default();
    let Some(body) = module.body(function) else {
        return Ok(calls);
    };
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } => calls.direct.push(function_index),
            Operator::CallIndirect { type_index, .. } => {
                calls.indirect.insert(module.canonical(type_index));
            }
            _ => {}
        }
    }
    Ok(calls)
}
