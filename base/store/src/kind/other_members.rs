//! Members that no code asks for.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Members of a body that decide nothing, and those that a newer version wrote, as one JSON text. For kinds of which
/// very many are hot: a map of them takes several times as much memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherMembers(Option<Box<str>>);

impl OtherMembers {
    /// As a map.
    pub fn to_map(&self) -> Map<String, Value> {
        // What is kept was written by `from`, so it reads.
        self.0.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

impl From<Map<String, Value>> for OtherMembers {
    fn from(members: Map<String, Value>) -> Self {
        Self((!members.is_empty()).then(|| Value::Object(members).to_string().into()))
    }
}

impl Serialize for OtherMembers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_map().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OtherMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Body {
        name: String,
        #[serde(flatten)]
        other: OtherMembers,
    }

    #[test]
    fn what_was_read_is_written_back_in_its_order() {
        for text in [r#"{"name":"a"}"#, r#"{"name":"a","z":[1,{"b":null}],"c":"\"ä","a":-0.5}"#] {
            let body: Body = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&body).unwrap(), text);
        }
    }

    #[test]
    fn a_map_comes_back_as_it_was() {
        let members: Map<String, Value> = serde_json::from_str(r#"{"tags":["x"],"none":null}"#).unwrap();
        assert_eq!(OtherMembers::from(members.clone()).to_map(), members);
        assert!(OtherMembers::default().to_map().is_empty());
    }
}
