//! A resource with a property of every type.

use serde_json::{Value, json};
use signet_odata::{Edm, Kind, Property, Shape};

pub(crate) struct Thing;
pub(crate) struct Person;
struct Part;

const PRIMITIVES: [(&str, Edm); 12] = [
    ("id", Edm::Guid),
    ("displayName", Edm::String),
    ("mail", Edm::String),
    ("enabled", Edm::Boolean),
    ("count", Edm::Integer),
    ("other", Edm::Integer),
    ("weight", Edm::Number),
    ("created", Edm::Moment),
    ("born", Edm::Date),
    ("opens", Edm::TimeOfDay),
    ("lasts", Edm::Duration),
    ("level", Edm::Enumeration),
];

impl Shape for Thing {
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>> {
        if let Some((name, edm)) = PRIMITIVES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Some(Property::new(name, Kind::Primitive(*edm)));
        }
        Some(match name {
            "tags" => Property::new("tags", Kind::Primitive(Edm::String)).many(),
            "parts" => Property::new("parts", Kind::Structured(&Part)).many(),
            "owners" => Property::new("owners", Kind::Structured(&Thing)).many().related(),
            "part" => Property::new("part", Kind::Structured(&Part)),
            "open" => Property::new("open", Kind::Untyped),
            "hash" => Property::new("hash", Kind::Primitive(Edm::Binary)),
            "secret" => Property::new("secret", Kind::Primitive(Edm::String)).not_filterable(),
            _ => return None,
        })
    }

    fn cast(&self, type_name: &str) -> Option<&dyn Shape> {
        match type_name.to_ascii_lowercase().as_str() {
            "thing" => Some(&Thing),
            "person" => Some(&Person),
            _ => None,
        }
    }

    fn type_names(&self) -> Vec<&str> {
        vec!["thing", "person", "agentPerson"]
    }
}

impl Shape for Person {
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>> {
        if name == "job" { Some(Property::new("job", Kind::Primitive(Edm::String))) } else { Thing.property(name) }
    }

    fn cast(&self, type_name: &str) -> Option<&dyn Shape> {
        if type_name.eq_ignore_ascii_case("person") { Some(&Person) } else { None }
    }

    fn type_names(&self) -> Vec<&str> {
        vec!["person", "agentPerson"]
    }
}

impl Shape for Part {
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>> {
        match name {
            "name" => Some(Property::new("name", Kind::Primitive(Edm::String))),
            "size" => Some(Property::new("size", Kind::Primitive(Edm::Integer))),
            "marks" => Some(Property::new("marks", Kind::Primitive(Edm::String)).many()),
            _ => None,
        }
    }

    fn cast(&self, _type_name: &str) -> Option<&dyn Shape> {
        None
    }

    fn type_names(&self) -> Vec<&str> {
        vec!["part"]
    }
}

pub(crate) fn thing() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.agentPerson",
        "id": "4c390976-b2b7-42e0-9187-c6be3bead001", "displayName": "Agent-One", "mail": null, "enabled": true,
        "count": 7, "weight": 2.5, "created": "2026-11-21T10:30:15.25Z", "born": "2024-02-29",
        "opens": "09:05:00", "lasts": "PT1H30M", "level": "high,low", "tags": ["Alpha", "beta"],
        "parts": [{"name": "wheel", "size": 3, "marks": ["x"]}, {"name": "Door", "size": null, "marks": []}],
        "part": {"name": "it's", "size": 9}, "open": {"any": {"depth": 4}, "when": "2026-01-01T00:00:00Z"},
        "owners": [{"@odata.type": "#microsoft.graph.person", "displayName": "Ada", "job": "boss"}],
        "hash": "AQID", "job": "helper",
    })
}
