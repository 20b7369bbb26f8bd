//! What a commit made stale, as text in its change row, for the caches of other nodes.

use crate::backend::{BackendError, LinkEnd, Touched};
use crate::kind::{IndexKey, KeyScope};
use serde::{Deserialize, Serialize};
use signet_kernel::{ObjectId, TenantId};
use std::borrow::Cow;
use uuid::Uuid;

#[derive(Serialize, Deserialize, Default)]
struct Text<'a> {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    all: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    objects: Vec<Uuid>,
    /// Whether unique everywhere, space, key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<(bool, Cow<'a, str>, Key<'a>)>,
    /// Kind, field, key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    index: Vec<(Cow<'a, str>, Cow<'a, str>, Key<'a>)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    from: Vec<(Uuid, Cow<'a, str>)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    to: Vec<(Uuid, Cow<'a, str>)>,
}

/// Most keys are text; the others are numbers.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Key<'a> {
    Text(Cow<'a, str>),
    Bytes(Vec<u8>),
}

impl<'a> From<&'a IndexKey> for Key<'a> {
    fn from(key: &'a IndexKey) -> Self {
        match std::str::from_utf8(key.as_bytes()) {
            Ok(text) => Self::Text(text.into()),
            Err(_) => Self::Bytes(key.as_bytes().to_vec()),
        }
    }
}

impl From<Key<'_>> for IndexKey {
    fn from(key: Key<'_>) -> Self {
        match key {
            Key::Text(text) => Self::bytes(text.into_owned().into_bytes()),
            Key::Bytes(bytes) => Self::bytes(bytes),
        }
    }
}

pub(super) fn to_text(touched: &Touched) -> Result<String, BackendError> {
    let ends = |wanted: fn(&LinkEnd) -> Option<ObjectId>| {
        let pair = |(end, relation): &'_ (LinkEnd, String)| wanted(end).map(|id| (id.uuid(), relation.clone().into()));
        touched.links.iter().filter_map(pair).collect()
    };
    let text = if touched.everything {
        Text { all: true, ..Text::default() }
    } else {
        Text {
            all: false,
            objects: touched.objects.iter().map(|id| id.uuid()).collect(),
            keys: touched
                .keys
                .iter()
                .map(|(scope, space, key)| (*scope == KeyScope::Global, space.into(), key.into()))
                .collect(),
            index: touched.index.iter().map(|(kind, field, key)| (kind.into(), field.into(), key.into())).collect(),
            from: ends(|end| if let LinkEnd::Source(id) = end { Some(*id) } else { None }),
            to: ends(|end| if let LinkEnd::Target(id) = end { Some(*id) } else { None }),
        }
    };
    serde_json::to_string(&text).map_err(|error| BackendError::Corrupt(error.to_string()))
}

/// What cannot be read, say from a newer node, makes everything stale.
pub(super) fn from_text(tenant: TenantId, text: &str) -> Touched {
    let Ok(text) = serde_json::from_str::<Text<'_>>(text) else { return everything() };
    let scope = |global| if global { KeyScope::Global } else { KeyScope::Tenant(tenant) };
    let object = ObjectId::from_uuid;
    let from = text.from.into_iter().map(|(id, relation)| (LinkEnd::Source(object(id)), relation.into_owned()));
    let to = text.to.into_iter().map(|(id, relation)| (LinkEnd::Target(object(id)), relation.into_owned()));
    Touched {
        everything: text.all,
        objects: text.objects.into_iter().map(object).collect(),
        keys: text
            .keys
            .into_iter()
            .map(|(global, space, key)| (scope(global), space.into_owned(), key.into()))
            .collect(),
        index: text
            .index
            .into_iter()
            .map(|(kind, field, key)| (kind.into_owned(), field.into_owned(), key.into()))
            .collect(),
        links: from.chain(to).collect(),
    }
}

/// More than is known.
pub(super) fn everything() -> Touched {
    Touched { everything: true, ..Touched::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_it_wrote_and_takes_the_unreadable_for_everything() {
        let (tenant, id) = (TenantId::from_uuid(Uuid::from_u128(1)), ObjectId::from_uuid(Uuid::from_u128(2)));
        let touched = Touched {
            everything: false,
            objects: vec![id],
            keys: vec![
                (KeyScope::Global, "domain".to_owned(), IndexKey::exact("a\0\"b")),
                (KeyScope::Tenant(tenant), "title".to_owned(), IndexKey::bytes(vec![0xff, 0])),
            ],
            index: vec![("note".to_owned(), "size".to_owned(), IndexKey::integer(-1))],
            links: vec![(LinkEnd::Source(id), "next".to_owned()), (LinkEnd::Target(id), "next".to_owned())],
        };
        assert_eq!(from_text(tenant, &to_text(&touched).unwrap()), touched);
        assert_eq!(from_text(tenant, &to_text(&everything()).unwrap()), everything());
        assert_eq!(from_text(tenant, "{\"objects\": 3}"), everything());
    }
}
