//! Decides which functions come into one file.
//!
//! A file is read when something in it is called first. So what only one operation of the core
//! needs should lie together, apart from what all need: that is what the tree of dominators says.
//! A function hangs below the one through which every way to it leads.

use std::collections::BTreeMap;

use crate::module::Module;
use crate::reach::Reach;

/// The tree: what hangs below each function, and how many bytes that is in all.
struct Tree {
    children: Vec<Vec<usize>>,
    bytes: Vec<usize>,
}

/// Gives each function a class, about `part_bytes` of functions to a class.
pub(crate) fn place(
    module: &Module<'_>,
    reach: &Reach,
    part_bytes: usize,
) -> BTreeMap<u32, String> {
    let own: Vec<usize> = reach
        .functions
        .iter()
        .map(|&function| module.body(function).map_or(0, |body| body.range().len()))
        .collect();
    let tree = tree(reach, &own);
    let mut parts = Parts { part_bytes, part: 0, filled: 0, classes: BTreeMap::new() };
    // Node 0 stands for whoever calls the exports.
    let mut open: Vec<(usize, bool)> = vec![(0, false)];
    while let Some((node, fresh)) = open.pop() {
        if fresh {
            parts.begin();
        }
        if let (Some(&function), Some(&bytes)) =
            (node.checked_sub(1).and_then(|node| reach.functions.get(node)), at(&own, node))
        {
            if module.body(function).is_some() {
                parts.add(function, bytes);
            }
        }
        let below = tree.children.get(node).map_or(&[][..], Vec::as_slice);
        let large = |child: &usize| tree.bytes.get(*child).is_some_and(|all| *all > part_bytes);
        // The last one pushed comes first: what is small stays beside its caller.
        open.extend(below.iter().filter(|child| large(child)).map(|&child| (child, true)));
        open.extend(below.iter().filter(|child| !large(child)).map(|&child| (child, false)));
    }
    parts.classes
}

fn at(own: &[usize], node: usize) -> Option<&usize> {
    own.get(node.checked_sub(1)?)
}

struct Parts {
    part_bytes: usize,
    part: u32,
    filled: usize,
    classes: BTreeMap<u32, String>,
}

impl Parts {
    fn begin(&mut self) {
        if self.filled > 0 {
            self.part += 1;
            self.filled = 0;
        }
    }

    fn add(&mut self, function: u32, bytes: usize) {
        if self.filled > 0 && self.filled + bytes > self.part_bytes {
            self.begin();
        }
        self.filled += bytes;
        self.classes.insert(function, format!("Part{}", self.part));
    }
}

/// The tree of dominators, by the method of Cooper, Harvey and Kennedy. Node 0 is the root; a
/// function is one more than its place in `reach`.
fn tree(reach: &Reach, own: &[usize]) -> Tree {
    let count = reach.functions.len() + 1;
    let order = order(&reach.calls, count);
    let mut rank = vec![usize::MAX; count];
    for (place, &node) in order.iter().enumerate() {
        if let Some(slot) = rank.get_mut(node) {
            *slot = place;
        }
    }
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (caller, called) in reach.calls.iter().enumerate() {
        for &node in called {
            if let Some(list) = callers.get_mut(node) {
                list.push(caller);
            }
        }
    }
    let mut above: Vec<Option<usize>> = vec![None; count];
    if let Some(root) = above.first_mut() {
        *root = Some(0);
    }
    let mut changed = true;
    while changed {
        changed = false;
        for &node in order.iter().skip(1) {
            let mut found = None;
            for &caller in callers.get(node).map_or(&[][..], Vec::as_slice) {
                if above.get(caller).is_some_and(Option::is_some) {
                    found = Some(found.map_or(caller, |other| meet(&above, &rank, caller, other)));
                }
            }
            if let Some(slot) = above.get_mut(node)
                && *slot != found
            {
                *slot = found;
                changed = true;
            }
        }
    }
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut bytes: Vec<usize> = std::iter::once(0).chain(own.iter().copied()).collect();
    for &node in order.iter().rev() {
        let Some(Some(parent)) = above.get(node).copied() else { continue };
        if parent == node {
            continue;
        }
        let below = bytes.get(node).copied().unwrap_or_default();
        if let (Some(list), Some(sum)) = (children.get_mut(parent), bytes.get_mut(parent)) {
            list.push(node);
            *sum += below;
        }
    }
    Tree { children, bytes }
}

/// The nearest function above both.
fn meet(above: &[Option<usize>], rank: &[usize], left: usize, right: usize) -> usize {
    let (mut left, mut right) = (left, right);
    while left != right {
        let later = rank.get(left) > rank.get(right);
        let lower = if later { left } else { right };
        let Some(Some(next)) = above.get(lower).copied() else { return 0 };
        if later {
            left = next;
        } else {
            right = next;
        }
    }
    left
}

/// Nodes from the root, each before what only it leads to.
fn order(calls: &[Vec<usize>], count: usize) -> Vec<usize> {
    let mut seen = vec![false; count];
    let mut done = Vec::with_capacity(count);
    let mut open = vec![(0, 0)];
    if let Some(root) = seen.first_mut() {
        *root = true;
    }
    while let Some((node, next)) = open.pop() {
        match calls.get(node).and_then(|called| called.get(next)) {
            Some(&child) => {
                open.push((node, next + 1));
                if let Some(flag) = seen.get_mut(child)
                    && !*flag
                {
                    *flag = true;
                    open.push((child, 0));
                }
            }
            None => done.push(node),
        }
    }
    done.reverse();
    done
}
