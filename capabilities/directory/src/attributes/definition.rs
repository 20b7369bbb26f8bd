//! What attributes there are.

use crate::body::bad_request;
use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_kernel::{Failure, ObjectId};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// The longest name of a set or an attribute.
const LONGEST_NAME: usize = 32;

fn check_name(member: &str, name: &str) -> Result<(), Failure> {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|first| first.is_ascii_alphabetic());
    if starts && name.len() <= LONGEST_NAME && bytes.all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let message = format!("'{member}' is a letter and up to {} letters and digits.", LONGEST_NAME - 1);
    Err(bad_request(member, message))
}

/// `attributeSet` (CSDL). Its `id` on the wire is its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeSet {
    /// Its name, which is its id on the wire.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many attributes it may define; none if any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attributes_per_set: Option<u32>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl AttributeSet {
    /// The key space of names.
    pub const KEY: &'static str = "attributeSet.id";

    pub(crate) fn check(&self) -> Result<(), Failure> {
        check_name("id", &self.name)
    }
}

impl Kind for AttributeSet {
    const NAME: &'static str = "attributeSet";

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::KEY, IndexKey::text(&self.name));
    }
}

impl Described for AttributeSet {
    fn display_name(&self) -> &str {
        &self.name
    }
}

/// `allowedValue` (CSDL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowedValue {
    /// The value.
    pub id: String,
    /// Whether it may be given.
    pub is_active: bool,
}

/// `customSecurityAttributeDefinition` (CSDL). Its `id` on the wire is `{set}_{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeDefinition {
    /// The set that it belongs to, by name.
    pub attribute_set: String,
    /// Its name in the set.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `String`, `Integer` or `Boolean`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `Available`, or `Deprecated`: kept where it is, and given no more.
    pub status: String,
    /// Whether it holds several values.
    #[serde(default)]
    pub is_collection: bool,
    /// Whether it is searched for.
    #[serde(default)]
    pub is_searchable: bool,
    /// Whether only values of the list may be given.
    #[serde(default)]
    pub use_pre_defined_values_only: bool,
    /// The list.
    #[serde(default)]
    pub allowed_values: Vec<AllowedValue>,
    /// The set's object.
    pub set: ObjectId,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// Why a definition is not as it was asked to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("'type' is String, Integer or Boolean.")]
    Type,
    #[error("'status' is Available or Deprecated.")]
    Status,
    #[error("A Boolean holds one value, and needs no list of them.")]
    Boolean,
    #[error("'allowedValues' lists each value once, of the attribute's type, with 1 to 64 characters.")]
    Values,
    #[error("Values stay in 'allowedValues' once there; set 'isActive' to false instead.")]
    ValueGone,
    #[error("'{0}' is said when the attribute is defined and stays.")]
    Fixed(&'static str),
}

impl AttributeDefinition {
    /// The key space of `{set}_{name}`.
    pub const KEY: &'static str = "customSecurityAttributeDefinition.id";
    /// The indexed field of the set.
    pub const SET: &'static str = "set";

    /// Its `id` on the wire.
    pub fn wire_id(&self) -> String {
        format!("{}_{}", self.attribute_set, self.name)
    }

    /// Whether it may be given to objects.
    pub fn is_available(&self) -> bool {
        self.status == "Available"
    }

    pub(crate) fn check(&self, before: Option<&Self>) -> Result<(), Failure> {
        if let Some(before) = before {
            self.check_fixed(before)?;
        }
        check_name("name", &self.name)?;
        let refused = |member: &str, why: Refused| Err(bad_request(member, why.to_string()));
        if !["String", "Integer", "Boolean"].contains(&self.kind.as_str()) {
            return refused("type", Refused::Type);
        }
        if !["Available", "Deprecated"].contains(&self.status.as_str()) {
            return refused("status", Refused::Status);
        }
        let listed = self.use_pre_defined_values_only || !self.allowed_values.is_empty();
        if self.kind == "Boolean" && (self.is_collection || listed) {
            return refused("type", Refused::Boolean);
        }
        let mut ids: Vec<&str> = self.allowed_values.iter().map(|value| value.id.as_str()).collect();
        let fits = |id: &&str| {
            !id.is_empty() && id.chars().count() <= 64 && (self.kind != "Integer" || id.parse::<i32>().is_ok())
        };
        let all_fit = ids.iter().all(fits);
        ids.sort_unstable();
        ids.dedup();
        if !all_fit || ids.len() != self.allowed_values.len() {
            return refused("allowedValues", Refused::Values);
        }
        Ok(())
    }

    fn check_fixed(&self, before: &Self) -> Result<(), Failure> {
        let fixed = [
            ("attributeSet", self.attribute_set != before.attribute_set),
            ("name", self.name != before.name),
            ("type", self.kind != before.kind),
            ("isCollection", self.is_collection != before.is_collection),
            ("isSearchable", self.is_searchable != before.is_searchable),
        ];
        if let Some((name, _)) = fixed.into_iter().find(|(_, changed)| *changed) {
            return Err(bad_request(name, Refused::Fixed(name).to_string()));
        }
        let kept = |old: &AllowedValue| self.allowed_values.iter().any(|value| value.id == old.id);
        if before.allowed_values.iter().all(kept) {
            return Ok(());
        }
        Err(bad_request("allowedValues", Refused::ValueGone.to_string()))
    }
}

impl Kind for AttributeDefinition {
    const NAME: &'static str = "customSecurityAttributeDefinition";

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::SET, IndexKey::uuid(self.set.uuid()));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::KEY, super::name_key(&[&self.attribute_set, &self.name]));
    }
}

impl Described for AttributeDefinition {
    fn display_name(&self) -> &str {
        &self.name
    }
}
