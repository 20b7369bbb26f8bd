//! `modifiedProperties`: what a write changed.

use serde_json::{Value, json};
use signet_graph::JsonMap;
use uuid::Uuid;

/// The property that names all others.
const INCLUDED: &str = "Included Updated Properties";

/// One changed property.
#[derive(Debug, Clone, PartialEq)]
pub struct Modified {
    /// Its name.
    pub name: String,
    /// What it was; none is `null`.
    pub old: Option<Value>,
    /// What it is; none is `null`.
    pub new: Option<Value>,
}

impl Modified {
    /// A changed property.
    pub fn new(name: impl Into<String>, old: Option<Value>, new: Option<Value>) -> Self {
        Self { name: name.into(), old, new }
    }

    /// A property of something that comes to be.
    pub(super) fn added(name: &str, new: impl Into<Value>) -> Self {
        Self::new(name, None, Some(new.into()))
    }

    /// The last of a list: the names of all others.
    fn included(names: &[String]) -> Self {
        Self::added(INCLUDED, names.join(", "))
    }

    /// Whether it shows values of the target, not only names of its properties.
    pub(super) fn holds_values(&self) -> bool {
        self.name != INCLUDED
    }

    /// On the wire both values are strings that hold JSON.
    pub(super) fn to_json(&self) -> Value {
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
        json!({ "displayName": self.name, "oldValue": text(&self.old), "newValue": text(&self.new) })
    }
}

/// What changed between two wire views of an object; `None` before it existed and after it is gone.
///
/// Values are JSON arrays, empty for what is not there, and names begin with a capital, as the directory's own
/// records have them. The `hidden` members are named as changed, without their values. Ids and `@odata.*` members
/// are left out. The last property lists the names of all.
pub fn modified(before: Option<&JsonMap>, after: Option<&JsonMap>, hidden: &[&str]) -> Vec<Modified> {
    let empty = JsonMap::new();
    let (before, after) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let removed = before.keys().filter(|name| !after.contains_key(*name));
    let mut changes = Vec::new();
    let mut names = Vec::new();
    for name in after.keys().chain(removed).filter(|name| name.as_str() != "id" && !name.contains('@')) {
        let (old, new) = (listed(before.get(name)), listed(after.get(name)));
        if old == new {
            continue;
        }
        names.push(capitalised(name));
        if !hidden.contains(&name.as_str()) {
            changes.push(Modified::new(capitalised(name), Some(old), Some(new)));
        }
    }
    changes.push(Modified::included(&names));
    changes
}

/// What kind of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// A secret.
    Password,
    /// A certificate.
    AsymmetricX509Cert,
}

/// A secret or certificate as the trail shows it: never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyDescription<'a> {
    /// `keyId`.
    pub id: Uuid,
    /// What it is.
    pub kind: KeyType,
    /// What people call it.
    pub display_name: &'a str,
}

impl KeyDescription<'_> {
    fn text(&self) -> String {
        let Self { id, kind, display_name } = self;
        format!("[KeyIdentifier={id},KeyType={kind:?},KeyUsage=Verify,DisplayName={display_name}]")
    }
}

/// What changed among an object's secrets and certificates: all it had and all it has.
pub fn key_descriptions(before: &[KeyDescription<'_>], after: &[KeyDescription<'_>]) -> Vec<Modified> {
    const NAME: &str = "KeyDescription";
    let list = |keys: &[KeyDescription<'_>]| Some(keys.iter().map(KeyDescription::text).collect());
    vec![Modified::new(NAME, list(before), list(after)), Modified::included(&[NAME.to_owned()])]
}

fn listed(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!([]),
        Some(Value::Array(items)) => Value::Array(items.clone()),
        Some(value) => json!([value]),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
