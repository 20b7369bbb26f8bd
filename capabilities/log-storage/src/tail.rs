//! What of a tenant is in no segment yet.

use signet_kernel::Timestamp;
use signet_record::{Place, SegmentFile};
use std::collections::BTreeMap;

/// Files of rows, by table.
pub(crate) type ByTable = BTreeMap<String, Vec<SegmentFile>>;

/// The tail of one tenant: files that nobody looks for after a start.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// How far it was read; none before the list of segments was asked how far they go.
    pub(crate) place: Option<Place>,
    /// What is not being made into segments.
    pub(crate) stretch: Stretch,
    /// What is: these files stay as they are until that is done.
    pub(crate) flushing: Option<Stretch>,
}

/// A stretch of records, and the files that hold them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stretch {
    /// Records in it.
    pub(crate) records: usize,
    /// When the first of them was read.
    pub(crate) since: Option<Timestamp>,
    /// Their rows.
    pub(crate) files: ByTable,
}

impl Stretch {
    /// The names of its files.
    pub(crate) fn names(&self) -> Vec<String> {
        self.files.values().flatten().map(|file| file.file.clone()).collect()
    }
}

impl Tail {
    /// Records in it.
    pub(crate) fn records(&self) -> usize {
        self.stretch.records + self.flushing.as_ref().map_or(0, |stretch| stretch.records)
    }

    /// The files of a table.
    pub(crate) fn files(&self, table: &str) -> impl Iterator<Item = &SegmentFile> {
        let all = self.flushing.iter().chain([&self.stretch]);
        all.filter_map(move |stretch| stretch.files.get(table)).flatten()
    }

    /// Adds what was read up to `place`: so many records, in files that stand for `instead` as well.
    pub(crate) fn add(
        &mut self,
        made: Vec<SegmentFile>,
        instead: &[String],
        place: Place,
        records: usize,
        now: Timestamp,
    ) {
        let stretch = &mut self.stretch;
        for files in stretch.files.values_mut() {
            files.retain(|file| !instead.contains(&file.file));
        }
        for file in made {
            stretch.files.entry(file.table.clone()).or_default().push(file);
        }
        self.place = Some(place);
        stretch.records += records;
        if records > 0 {
            stretch.since.get_or_insert(now);
        }
    }

    /// Sets all of it apart to be made into segments; nothing if there is none.
    pub(crate) fn start_flush(&mut self) -> Option<(Place, Stretch)> {
        let place = self.place.clone().filter(|_| self.stretch.records > 0 && self.flushing.is_none())?;
        let apart = std::mem::take(&mut self.stretch);
        self.flushing = Some(apart.clone());
        Some((place, apart))
    }

    /// What was set apart is in no segment: it belongs to the rest again.
    pub(crate) fn end_flush(&mut self) {
        let Some(apart) = self.flushing.take() else { return };
        let later = std::mem::replace(&mut self.stretch, apart);
        self.stretch.records += later.records;
        self.stretch.since = self.stretch.since.or(later.since);
        for (table, files) in later.files {
            self.stretch.files.entry(table).or_default().extend(files);
        }
    }
}
