//! The two versions of the API, which differ in what they show, not in how it behaves.

use crate::declaration::EntityType;

/// A version, as the first part of a path names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    Beta,
}

impl Version {
    /// The version that `path` starts with, and the rest without its first slash.
    pub(crate) fn split(path: &str) -> Option<(Self, &str)> {
        let versions = [Self::V1, Self::Beta].into_iter();
        let mut matching =
            versions.filter_map(|version| path.strip_prefix(version.prefix()).map(|rest| (version, rest)));
        let (version, rest) = matching.next()?;
        if rest.is_empty() { Some((version, rest)) } else { Some((version, rest.strip_prefix('/')?)) }
    }

    /// What its paths start with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::V1 => "/v1.0",
            Self::Beta => "/beta",
        }
    }

    /// Whether the type exists in this version.
    pub(crate) const fn shows(self, declaration: &EntityType) -> bool {
        matches!(self, Self::Beta) || !declaration.beta_only
    }
}
