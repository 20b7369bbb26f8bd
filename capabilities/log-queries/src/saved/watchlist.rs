//! A list that queries of a tenant compare with.

use super::csv;
use serde::{Deserialize, Serialize};
use signet_directory::body::bad_request;
use signet_kernel::{Failure, Timestamp};
use signet_kql::{Column, Row, Type, Value};
use signet_logs::tables::ticks;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `watchlist`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watchlist {
    /// What `_GetWatchlist` calls it.
    pub display_name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The column that is `SearchKey` too.
    pub items_search_key: String,
    /// The list, as comma-separated values with a line of names first.
    pub raw_content: String,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// Columns that every list has.
const OWN: [(&str, Type); 3] =
    [("_DTItemId", Type::String), ("LastUpdatedTimeUTC", Type::DateTime), ("SearchKey", Type::String)];

impl Watchlist {
    /// The longest list, in bytes.
    pub const LONGEST: usize = 512 * 1024;
    const NAMES: &'static str = "watchlist.name";

    /// The names of the columns, and the lines under them.
    fn content(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let mut records = csv::records(&self.raw_content).into_iter();
        (records.next().unwrap_or_default(), records.collect())
    }

    /// Whether queries could read it.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let name = &self.display_name;
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !named || name.len() > 64 {
            return Err(bad_request("displayName", "'displayName' has letters, digits, '-' and '_', 64 at most."));
        }
        let (names, _) = self.content();
        let twice = |at: usize, name: &String| names.iter().skip(at + 1).any(|other| other == name);
        let own = |name: &String| OWN.iter().any(|(own, _)| own == name);
        if names.iter().enumerate().any(|(at, name)| name.trim().is_empty() || own(name) || twice(at, name)) {
            let message = "The first line of 'rawContent' names the columns, each once, and none as a list's own.";
            return Err(bad_request("rawContent", message));
        }
        if !names.contains(&self.items_search_key) {
            return Err(bad_request("itemsSearchKey", "'itemsSearchKey' is a column of 'rawContent'."));
        }
        Ok(())
    }

    /// As a table.
    pub(super) fn table(&self, modified: Timestamp) -> (Vec<Column>, Vec<Row>) {
        let (names, lines) = self.content();
        let key = names.iter().position(|name| *name == self.items_search_key);
        let own = OWN.iter().map(|(name, kind)| Column::new(*name, *kind));
        let columns = own.chain(names.iter().map(|name| Column::new(name.as_str(), Type::String))).collect();
        let row = |(number, line): (usize, &Vec<String>)| {
            let cell = |at: usize| Value::text(line.get(at).map(String::as_str).unwrap_or_default());
            let own = [
                Value::text(number.to_string()),
                Value::DateTime(ticks(modified)),
                key.map_or_else(|| Value::text(""), cell),
            ];
            own.into_iter().chain((0..names.len()).map(cell)).collect()
        };
        (columns, lines.iter().enumerate().map(row).collect())
    }
}

impl Kind for Watchlist {
    const NAME: &'static str = "watchlist";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::NAMES, Self::key(&self.display_name));
    }
}

impl Watchlist {
    fn key(name: &str) -> IndexKey {
        IndexKey::exact(&name.to_ascii_lowercase())
    }

    /// The list of this name; case does not count.
    pub(super) async fn find(
        store: &signet_store::TenantStore,
        name: &str,
    ) -> Result<Option<std::sync::Arc<signet_store::Object<Self>>>, signet_store::BackendError> {
        match store.find_key(Self::NAMES, &Self::key(name)).await? {
            Some(id) => store.find(signet_store::Id::of(id)).await,
            None => Ok(None),
        }
    }
}
