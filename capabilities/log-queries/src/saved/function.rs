//! A function that queries of a tenant call by its name.

use serde::{Deserialize, Serialize};
use signet_directory::body::bad_request;
use signet_kernel::Failure;
use signet_kql::Script;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `logFunction`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogFunction {
    /// What queries call it.
    pub display_name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its parameters, as they stand between the parentheses of a function: `T:(*), since:timespan = 1d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
    /// What it comes to.
    pub query: String,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl LogFunction {
    /// The longest body.
    pub const LONGEST_QUERY: usize = 32_768;
    /// The longest name.
    pub const LONGEST_NAME: usize = 64;
    const NAMES: &'static str = "logFunction.name";

    /// Its definition, as a query would write it.
    pub(super) fn definition(&self) -> String {
        let Self { display_name, parameters, query, .. } = self;
        // The body may end in a comment: what closes it stands on a line of its own.
        format!("let {display_name} = ({}) {{ {query}\n}};\n", parameters.as_deref().unwrap_or_default())
    }

    /// Whether queries could call it.
    pub(super) fn check(&self) -> Result<(), Failure> {
        check_name(&self.display_name)?;
        if signet_logs::tables::table(&self.display_name).is_some() {
            return Err(bad_request("displayName", "'displayName' is the name of a table; choose another."));
        }
        let text = format!("{}print 1", self.definition());
        Script::parse(&text).map(drop).map_err(|error| {
            let message = format!("'query' and 'parameters' do not make a function: {}.", error.problem);
            bad_request("query", message)
        })
    }
}

/// A name that can stand in a query as it is.
fn check_name(name: &str) -> Result<(), Failure> {
    let fine = name.len() <= LogFunction::LONGEST_NAME
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let message = "'displayName' is what queries call it: letters, digits and '_', no digit first.";
    if fine { Ok(()) } else { Err(bad_request("displayName", message)) }
}

impl Kind for LogFunction {
    const NAME: &'static str = "logFunction";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::NAMES, IndexKey::exact(&self.display_name));
    }
}
