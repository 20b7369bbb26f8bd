//! What is held for a case, whatever its age.

use crate::progress::hold_before_removal;
use serde::{Deserialize, Serialize};
use signet_directory::body::{bad_request, check_display_name};
use signet_kernel::{Failure, ObjectId, Timestamp};
use signet_logs::tables::{Held, table};
use signet_record::FoundFrame;
use signet_store::{Id, IndexEntries, IndexKey, Kind, TenantStore, UnitOfWork};

/// A legal hold. What it says it holds is not changed any more; it is released, or another is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LegalHold {
    /// What people call it.
    pub display_name: String,
    /// The case that it is for.
    pub case_id: String,
    /// Why.
    pub reason: String,
    /// These tables; every table, if there are none.
    #[serde(default)]
    pub tables: Vec<String>,
    /// Records that name this principal; all, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<ObjectId>,
    /// Not of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_date_time: Option<Timestamp>,
    /// Of before, not of then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_date_time: Option<Timestamp>,
    /// Who set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<ObjectId>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl LegalHold {
    pub(crate) const MOST: usize = 500;

    /// Sets it, in a unit of work. From its commit on nothing that it holds is removed; while a purge removes, it is not set.
    pub async fn set(&self, store: &TenantStore, unit: &mut UnitOfWork, id: Id<Self>) -> Result<(), Failure> {
        unit.create(id, self);
        hold_before_removal(store, unit).await
    }

    /// Whether it may hold anything of a table.
    pub fn concerns(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|own| own == table)
    }

    /// Whether it may hold anything that was committed in this span: what an archive holds, of which no more is known.
    pub fn overlaps(&self, from: Timestamp, until: Timestamp) -> bool {
        self.from_date_time.is_none_or(|own| own <= until) && self.to_date_time.is_none_or(|own| own > from)
    }

    /// Whether it holds a record of the frame, and with it the frame. It holds rather too much: a record names a principal
    /// wherever its id stands in it.
    pub fn holds(&self, frame: &FoundFrame) -> bool {
        self.concerns(&frame.table)
            && frame.records().any(|(keys, personal, body)| {
                let name = self.principal_id.map(|id| id.to_string());
                let names = |text: &[u8]| {
                    name.as_ref().is_none_or(|name| text.windows(name.len()).any(|part| part == name.as_bytes()))
                };
                self.is_within(keys) && (names(body) || names(keys) || names(personal))
            })
    }

    /// Of a record whose time cannot be read nobody knows that it is not.
    fn is_within(&self, keys: &[u8]) -> bool {
        let keys: Result<(i64, serde_json::Value, serde_json::Value, serde_json::Value), _> =
            serde_json::from_slice(keys);
        keys.map_or(true, |(at, ..)| {
            let at = Timestamp::from_micros(at);
            self.from_date_time.is_none_or(|from| from <= at) && self.to_date_time.is_none_or(|to| at < to)
        })
    }

    pub(crate) fn check(&self) -> Result<(), Failure> {
        check_display_name(&self.display_name)?;
        for (name, text) in [("caseId", &self.case_id), ("reason", &self.reason)] {
            if text.trim().is_empty() {
                return Err(bad_request(name, format!("'{name}' says what the hold is for; it is not empty.")));
            }
        }
        let is_stored = |name: &&String| {
            table(name).is_some_and(|table| matches!(table.held, Held::Record(stored, _) if stored == name.as_str()))
        };
        if let Some(name) = self.tables.iter().find(|name| !is_stored(name)) {
            let message = format!("'{name}' is no table whose records are kept by themselves.");
            return Err(bad_request("tables", message));
        }
        if self.from_date_time.zip(self.to_date_time).is_some_and(|(from, to)| from >= to) {
            return Err(bad_request("toDateTime", "'toDateTime' is after 'fromDateTime'."));
        }
        Ok(())
    }
}

impl Kind for LegalHold {
    const NAME: &'static str = "legalHold";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
        index.add("caseId", IndexKey::text(&self.case_id));
    }
}
