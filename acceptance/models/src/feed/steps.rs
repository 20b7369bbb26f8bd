//! What each step does to the state.

use super::{Batch, Follower, Outcome, State, Transaction, Writer};

impl State {
    pub(super) fn is_running(&self, batch: Batch) -> bool {
        self.running.iter().any(|transaction| transaction.batch == batch)
    }

    pub(super) fn end(&mut self, batch: Batch, commit: bool) {
        let Some(found) = self.running.iter().position(|transaction| transaction.batch == batch) else { return };
        let Transaction { batch, place, .. } = self.running.remove(found);
        if commit {
            self.rows.resize(self.rows.len().max(place + 1), None);
            self.rows[place] = Some(batch);
            self.committed.push(batch);
        }
    }

    /// The writer learned what became of its commit: the observer first, then the caller, then the other nodes.
    pub(super) fn learn(&mut self, at: usize, outcome: Outcome, committed: bool) {
        let node = &mut self.nodes[at];
        node.writer = Writer::Ready;
        if !committed {
            node.attempt += 1;
            return;
        }
        for place in outcome.missed_from..=outcome.place {
            node.told.tell(place, self.rows[place], &self.committed);
        }
        node.acknowledged.push(node.unit);
        (node.unit, node.attempt) = (node.unit + 1, 0);
    }

    pub(super) fn is_committed(&self, outcome: Outcome) -> bool {
        self.rows.get(outcome.place) == Some(&Some(outcome.batch))
    }

    pub(super) fn die(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        node.writer = Writer::Dead;
        // Its caller does not know what became of the unit, and does not ask again.
        (node.unit, node.attempt) = (node.unit + 1, 0);
        node.follower = Follower::Idle;
        // The server rolls back what was not sent whole; the rest ends as it may.
        self.running.retain(|transaction| transaction.sent || transaction.batch.node != at);
    }

    pub(super) fn read_rows(&mut self, at: usize, head: Option<usize>) {
        let node = &mut self.nodes[at];
        let rows = self.rows.iter().enumerate().skip(node.told.next);
        node.follower = Follower::Read { rows: rows.filter_map(|(at, row)| Some((at, (*row)?))).collect(), head };
    }

    pub(super) fn tell(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        if let Follower::Read { rows, head } = std::mem::replace(&mut node.follower, Follower::Idle) {
            rows.into_iter().for_each(|(place, batch)| node.told.tell(place, Some(batch), &self.committed));
            // What the head names and no row explains is a gap.
            if let Some(last) = head.and_then(|head| head.checked_sub(1)) {
                node.told.tell(last, None, &self.committed);
            }
        }
    }
}
