//! What a batch knows of some rows: as loaded, as the accepted units leave them, as the present unit would.

use std::collections::HashMap;
use std::hash::Hash;

/// Rows by key. What was never loaded stands at its default: it was asked for and is not there.
#[derive(Debug)]
pub(super) struct Ledger<K, V> {
    loaded: HashMap<K, V>,
    accepted: HashMap<K, V>,
    staged: HashMap<K, V>,
}

impl<K, V> Default for Ledger<K, V> {
    fn default() -> Self {
        Self { loaded: HashMap::new(), accepted: HashMap::new(), staged: HashMap::new() }
    }
}

impl<K: Hash + Eq + Clone, V: Clone + Default + PartialEq> Ledger<K, V> {
    /// What the database holds.
    pub(super) fn load(&mut self, key: K) -> &mut V {
        self.loaded.entry(key).or_default()
    }

    /// The row as the present unit sees it.
    pub(super) fn get(&self, key: &K) -> V {
        let found = self.staged.get(key).or_else(|| self.accepted.get(key)).or_else(|| self.loaded.get(key));
        found.cloned().unwrap_or_default()
    }

    /// Changes the row for the present unit.
    pub(super) fn set(&mut self, key: K, value: V) {
        self.staged.insert(key, value);
    }

    /// The present unit stands.
    pub(super) fn accept(&mut self) {
        self.accepted.extend(self.staged.drain());
    }

    /// The present unit never was.
    pub(super) fn discard(&mut self) {
        self.staged.clear();
    }

    /// The rows that the accepted units changed: key, before, after.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&K, V, &V)> {
        self.accepted.iter().filter_map(|(key, after)| {
            let before = self.loaded.get(key).cloned().unwrap_or_default();
            (before != *after).then_some((key, before, after))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discarded_unit_leaves_no_trace_and_an_accepted_one_its_last_word() {
        let mut ledger = Ledger::<u8, u8>::default();
        *ledger.load(1) = 10;
        ledger.set(1, 11);
        ledger.set(2, 20);
        ledger.discard();
        assert_eq!((ledger.get(&1), ledger.get(&2), ledger.changes().count()), (10, 0, 0));
        ledger.set(1, 12);
        ledger.accept();
        ledger.set(1, 13);
        assert_eq!(ledger.get(&1), 13);
        ledger.accept();
        assert_eq!(ledger.changes().collect::<Vec<_>>(), [(&1, 10, &13)]);
        ledger.set(1, 10);
        ledger.accept();
        assert_eq!(ledger.changes().count(), 0, "back where it was");
    }
}
