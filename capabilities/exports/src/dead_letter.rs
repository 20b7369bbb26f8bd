//! What a receiver would not take.

mod http;
mod ops;

pub use http::{DeadLetters, EXPORT_DEAD_LETTER};

use serde::{Deserialize, Serialize};
use signet_store::{IndexEntries, IndexKey, Kind};

/// An event that a receiver refused for what it is. The record itself stays where it was, under its own retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The sink's name in the configuration.
    pub sink: String,
    /// The record's table.
    pub table: String,
    /// The record's id there.
    pub record: String,
    /// What the receiver said last.
    pub reason: String,
    /// Whether somebody asked for it to be sent again.
    #[serde(default)]
    pub is_resend_requested: bool,
    /// What a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl DeadLetter {
    /// The indexed field of the sink's name.
    pub const SINK: &'static str = "sink";
    /// The indexed field of the sink's name, of those that somebody wants sent again.
    pub(crate) const RESEND: &'static str = "resend";

    pub(crate) fn resend_key(sink: &str) -> IndexKey {
        IndexKey::exact(sink)
    }
}

impl Kind for DeadLetter {
    const NAME: &'static str = "exportDeadLetter";

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::SINK, IndexKey::text(&self.sink));
        if self.is_resend_requested {
            index.add(Self::RESEND, Self::resend_key(&self.sink));
        }
    }
}
