//! What a blueprint passes on, as it is said on the wire: by `kind`, by `@odata.type`, or by both if they agree.

use super::{InheritableRoles, InheritableScopes};
use serde_json::{Value, json};
use signet_directory::body::bad_request;
use signet_kernel::Failure;

/// How many names an enumeration holds at most.
const LONGEST_ENUMERATION: usize = 40;

/// What scopes and roles have in common.
enum Coverage {
    AllAllowed,
    Enumerated(Vec<String>),
    None,
}

/// The words in which one of the two is said.
struct Words {
    /// The member of the permission.
    member: &'static str,
    /// What is enumerated, and the member that holds it.
    list: &'static str,
    /// `kind` and the type that stands for it.
    types: [(&'static str, &'static str); 3],
}

const SCOPES: Words = Words {
    member: "inheritableScopes",
    list: "scopes",
    types: [("allAllowed", "allAllowedScopes"), ("enumerated", "enumeratedScopes"), ("none", "noScopes")],
};

const ROLES: Words = Words {
    member: "inheritableRoles",
    list: "roles",
    types: [("allAllowed", "allAllowedRoles"), ("enumerated", "enumeratedRoles"), ("none", "noRoles")],
};

impl InheritableScopes {
    /// Reads the member; null means none.
    pub(crate) fn from_wire(value: &Value) -> Result<Self, Failure> {
        Ok(match SCOPES.read(value)? {
            Coverage::AllAllowed => Self::AllAllowed,
            Coverage::Enumerated(scopes) => Self::Enumerated { scopes },
            Coverage::None => Self::None,
        })
    }

    /// The member, with its type.
    pub(crate) fn to_wire(&self) -> Value {
        match self {
            Self::AllAllowed => SCOPES.write("allAllowed", None),
            Self::Enumerated { scopes } => SCOPES.write("enumerated", Some(scopes)),
            Self::None => SCOPES.write("none", None),
        }
    }
}

impl InheritableRoles {
    /// Reads the member; null means none.
    pub(crate) fn from_wire(value: &Value) -> Result<Self, Failure> {
        Ok(match ROLES.read(value)? {
            Coverage::AllAllowed => Self::AllAllowed,
            Coverage::Enumerated(roles) => Self::Enumerated { roles },
            Coverage::None => Self::None,
        })
    }

    /// The member, with its type.
    pub(crate) fn to_wire(&self) -> Value {
        match self {
            Self::AllAllowed => ROLES.write("allAllowed", None),
            Self::Enumerated { roles } => ROLES.write("enumerated", Some(roles)),
            Self::None => ROLES.write("none", None),
        }
    }
}

impl Words {
    fn read(&self, value: &Value) -> Result<Coverage, Failure> {
        let members = match value {
            Value::Null => return Ok(Coverage::None),
            Value::Object(members) => members,
            _ => return Err(self.wrong("it is an object with a 'kind'")),
        };
        let text = |name: &str| members.get(name).filter(|value| !value.is_null()).map(|value| value.as_str());
        let by_kind = text("kind").map(|kind| self.kind(|(name, _)| kind == Some(name)));
        let by_type = text("@odata.type").map(|text| {
            let name = text.map(|text| text.trim_start_matches('#').trim_start_matches("microsoft.graph."));
            self.kind(|(_, name_of_type)| name == Some(name_of_type))
        });
        let kind = match (by_kind.transpose()?, by_type.transpose()?) {
            (Some(kind), Some(other)) if kind != other => {
                return Err(self.wrong("its 'kind' and '@odata.type' contradict each other"));
            }
            (Some(kind), _) | (None, Some(kind)) => kind,
            // A list that nothing more is said of is what is meant: the narrow kind is the one that needs no words.
            (None, None) if members.get(self.list).is_some_and(|list| !list.is_null()) => "enumerated",
            (None, None) => return Err(self.wrong("it needs a 'kind': allAllowed, enumerated or none")),
        };
        match (kind, members.get(self.list).filter(|list| !list.is_null())) {
            ("enumerated", list) => self.names(list).map(Coverage::Enumerated),
            (_, Some(_)) => Err(self.wrong("only the kind 'enumerated' lists names")),
            ("allAllowed", None) => Ok(Coverage::AllAllowed),
            (_, None) => Ok(Coverage::None),
        }
    }

    fn kind(&self, is_meant: impl Fn((&str, &str)) -> bool) -> Result<&'static str, Failure> {
        let found = self.types.iter().find(|(kind, name)| is_meant((kind, name)));
        found.map(|(kind, _)| *kind).ok_or_else(|| self.wrong("its kind is allAllowed, enumerated or none"))
    }

    fn names(&self, list: Option<&Value>) -> Result<Vec<String>, Failure> {
        let wrong = || self.wrong(&format!("'{}' lists 1 to {LONGEST_ENUMERATION} names", self.list));
        let list = list.and_then(Value::as_array).ok_or_else(wrong)?;
        let name = |value: &Value| value.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
        let names = list.iter().map(name).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
        if names.is_empty() || names.len() > LONGEST_ENUMERATION { Err(wrong()) } else { Ok(names) }
    }

    fn write(&self, kind: &str, names: Option<&Vec<String>>) -> Value {
        let name_of_type = self.types.iter().find(|(name, _)| *name == kind).map_or("", |(_, name)| name);
        let mut value = json!({ "@odata.type": format!("#microsoft.graph.{name_of_type}"), "kind": kind });
        if let (Some(names), Some(members)) = (names, value.as_object_mut()) {
            members.insert(self.list.to_owned(), json!(names));
        }
        value
    }

    fn wrong(&self, why: &str) -> Failure {
        bad_request(self.member, format!("'{}' cannot be understood: {why}.", self.member))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_not_one_is_refused() {
        for wrong in [
            json!("allAllowed"),
            json!({}),
            json!({ "kind": "most" }),
            json!({ "kind": 0 }),
            json!({ "@odata.type": "#microsoft.graph.allAllowedRoles" }),
            json!({ "kind": "none", "@odata.type": "#microsoft.graph.allAllowedScopes" }),
            json!({ "kind": "enumerated" }),
            json!({ "kind": "enumerated", "scopes": [] }),
            json!({ "kind": "enumerated", "scopes": [1] }),
            json!({ "kind": "enumerated", "scopes": vec!["s"; 41] }),
            json!({ "kind": "allAllowed", "scopes": ["User.Read"] }),
        ] {
            assert!(InheritableScopes::from_wire(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_either_form_and_writes_both() {
        let enumerated = InheritableRoles::Enumerated { roles: vec!["Orders.Read".to_owned()] };
        for form in [
            json!({ "kind": "enumerated", "roles": ["Orders.Read"] }),
            json!({ "roles": ["Orders.Read"] }),
            json!({ "@odata.type": "#microsoft.graph.enumeratedRoles", "roles": ["Orders.Read"] }),
            json!({ "@odata.type": "microsoft.graph.enumeratedRoles", "kind": "enumerated", "roles": ["Orders.Read"] }),
            enumerated.to_wire(),
        ] {
            assert_eq!(InheritableRoles::from_wire(&form), Ok(enumerated.clone()), "{form}");
        }
        assert_eq!(InheritableScopes::from_wire(&Value::Null), Ok(InheritableScopes::None));
        let all = json!({ "@odata.type": "#microsoft.graph.allAllowedScopes", "kind": "allAllowed" });
        assert_eq!(InheritableScopes::from_wire(&all).map(|scopes| scopes.to_wire()), Ok(all));
    }
}
