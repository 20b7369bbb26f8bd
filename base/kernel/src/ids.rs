//! Typed identifiers. Nothing stops a bare UUID being passed for another, so none is passed bare.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A text that is not a GUID in the hyphenated form that every directory API prints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID of the form 00000000-0000-0000-0000-000000000000")]
pub struct ParseIdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to identify this kind of thing.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The sixteen bytes in RFC 9562 (big-endian) order; their order is creation order.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id stored as `bytes`, if there are sixteen of them.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            /// Accepts the hyphenated form alone, in either case: what a client may send and what Signet prints.
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                if text.len() != 36 {
                    return Err(ParseIdError);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

id! {
    /// An organisation's isolated space. Part of every key, and never inferred.
    TenantId
}
id! {
    /// Anything stored, whatever its kind: the directory's `id`.
    ObjectId
}
id! {
    /// The public name an application, blueprint or agent identity goes by in OAuth: `client_id`, `appId`.
    AppId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_a_guid() {
        let text = "4c390976-b2b7-42e0-9187-c6be3bead001";
        assert_eq!(text.parse::<AppId>().map(|id| id.to_string()), Ok(text.to_owned()));
        assert_eq!(text.to_uppercase().parse::<AppId>().map(|id| id.to_string()), Ok(text.to_owned()));
        for wrong in ["", "4c390976b2b742e09187c6be3bead001", "{4c390976-b2b7-42e0-9187-c6be3bead001}", "x"] {
            assert_eq!(wrong.parse::<AppId>(), Err(ParseIdError), "{wrong}");
        }
    }
}
