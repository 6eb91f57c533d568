//! Things found by a text, through one tree for all types: each tree of the standard library that
//! is made for a type of its own adds kilobytes to the module.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

/// Things by key, in the order in which their keys first came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register<T> {
    places: BTreeMap<String, usize>,
    things: Vec<T>,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), things: Vec::new() }
    }
}

impl<T> Register<T> {
    /// Puts a thing in; one with the same key makes room for it.
    pub fn put(&mut self, key: String, thing: T) {
        if let Some(held) = self.places.get(&key).and_then(|place| self.things.get_mut(*place)) {
            *held = thing;
            return;
        }
        self.places.insert(key, self.things.len());
        self.things.push(thing);
    }

    /// The thing with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&T> {
        self.things.get(*self.places.get(key)?)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.things.get_mut(*self.places.get(key)?)
    }

    /// All things, in the order in which their keys first came.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.things.iter()
    }

    /// All things, by value.
    #[must_use]
    pub fn into_things(self) -> Vec<T> {
        self.things
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thing_with_a_key_counts_at_the_first_ones_place() {
        let mut register = Register::default();
        for (key, thing) in [("b", 1), ("a", 2), ("b", 3)] {
            register.put(key.into(), thing);
        }
        assert_eq!(register.get("b"), Some(&3));
        assert_eq!(register.iter().copied().collect::<Vec<_>>(), [3, 2]);
        assert_eq!(register.get("c"), None);
    }
}
