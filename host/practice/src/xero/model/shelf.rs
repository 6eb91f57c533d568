//! A list that is also found by id.

use std::collections::HashMap;

use uuid::Uuid;

/// A record with an id that never changes.
pub trait Record {
    /// The id.
    fn id(&self) -> Uuid;
}

/// Records in the order in which they were made; nothing is ever taken out.
#[derive(Debug, Clone)]
pub struct Shelf<T> {
    records: Vec<T>,
    places: HashMap<Uuid, usize>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { records: Vec::new(), places: HashMap::new() }
    }
}

impl<T: Record> Shelf<T> {
    /// Adds a record, or replaces the one with its id.
    pub fn put(&mut self, record: T) {
        let id = record.id();
        if let Some(place) = self.places.get(&id).copied()
            && let Some(held) = self.records.get_mut(place)
        {
            *held = record;
        } else {
            self.places.insert(id, self.records.len());
            self.records.push(record);
        }
    }

    /// The record with that id.
    #[must_use]
    pub fn get(&self, id: Uuid) -> Option<&T> {
        self.records.get(*self.places.get(&id)?)
    }

    /// The record with that id, to change.
    pub fn get_mut(&mut self, id: Uuid) -> Option<&mut T> {
        self.records.get_mut(*self.places.get(&id)?)
    }

    /// All records, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.records.iter()
    }

    /// The first record for which `wanted` holds.
    pub fn find(&self, wanted: impl Fn(&T) -> bool) -> Option<&T> {
        self.records.iter().find(|record| wanted(record))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl<'a, T: Record> IntoIterator for &'a Shelf<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
