//! A batch being formed: its records by tenant and table, each group one frame to be.

use crate::entry::Entry;
use crate::frame::Hash;
use signet_kernel::TenantId;

/// The records of one tenant and table in the batch being formed. Reused from batch to batch.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) tenant: TenantId,
    pub(crate) table: &'static str,
    pub(crate) count: u32,
    pub(crate) keys: Vec<u8>,
    pub(crate) personal: Vec<u8>,
    pub(crate) body: Vec<u8>,
    /// Given when the frame is written.
    pub(crate) seq: u64,
    pub(crate) frame: i64,
    pub(crate) first: u64,
    pub(crate) prev: Hash,
    pub(crate) hash: Hash,
}

impl Group {
    fn new(tenant: TenantId, table: &'static str) -> Self {
        let (keys, personal, body) = Default::default();
        Self {
            tenant,
            table,
            count: 0,
            keys,
            personal,
            body,
            seq: 0,
            frame: 0,
            first: 0,
            prev: Hash::NONE,
            hash: Hash::NONE,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.body.len() + self.personal.len() + self.keys.len()
    }

    fn restart(&mut self, tenant: TenantId, table: &'static str) {
        (self.tenant, self.table, self.count) = (tenant, table, 0);
        self.keys.clear();
        self.personal.clear();
        self.body.clear();
    }

    fn push(&mut self, entry: &Entry) -> u32 {
        let ordinal = self.count;
        if ordinal > 0 {
            self.keys.push(b'\n');
            self.personal.push(b'\n');
            self.body.push(b'\n');
        }
        self.keys.extend_from_slice(&entry.keys);
        self.personal.extend_from_slice(&entry.personal);
        self.body.extend_from_slice(&entry.body);
        self.count += 1;
        ordinal
    }
}

/// A batch being formed.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: Vec<Group>,
    used: usize,
}

impl Groups {
    /// What all of them store.
    pub(crate) fn bytes(&self) -> usize {
        self.groups.iter().take(self.used).map(Group::bytes).sum()
    }

    pub(crate) fn clear(&mut self) {
        self.used = 0;
    }

    /// Adds a record; which group it is in, and which record there.
    pub(crate) fn push(&mut self, entry: &Entry) -> (usize, u32) {
        let mut used = self.groups.iter().take(self.used);
        let known = used.position(|group| group.table == entry.table && group.tenant == entry.tenant);
        let index = known.unwrap_or_else(|| self.start(entry));
        (index, self.groups.get_mut(index).map_or(0, |group| group.push(entry)))
    }

    fn start(&mut self, entry: &Entry) -> usize {
        let index = self.used;
        match self.groups.get_mut(index) {
            Some(group) => group.restart(entry.tenant, entry.table),
            None => self.groups.push(Group::new(entry.tenant, entry.table)),
        }
        self.used += 1;
        index
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Group> {
        self.groups.get(index)
    }

    pub(crate) fn len(&self) -> usize {
        self.used
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Group> {
        self.groups.iter_mut().take(self.used)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().take(self.used)
    }
}
