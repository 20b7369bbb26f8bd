//! What is recorded one time only, whichever node is asked.

use crate::frame::Hash;
use signet_kernel::Timestamp;

/// Names something that may happen once: of several records with the same name in a tenant one is written, and the
/// others are refused as [`AppendError::Repeated`](crate::AppendError::Repeated). The name is kept until `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    pub(crate) key: Hash,
    pub(crate) until: Timestamp,
}

impl Once {
    /// The thing that `parts` name, which are told apart however they are cut.
    pub fn of(purpose: &str, parts: &[&str], until: Timestamp) -> Self {
        let mut name = Vec::with_capacity(128);
        for part in std::iter::once(&purpose).chain(parts) {
            name.extend_from_slice(&(part.len() as u64).to_be_bytes());
            name.extend_from_slice(part.as_bytes());
        }
        Self { key: Hash::of(&name), until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart_however_they_are_cut() {
        let until = Timestamp::from_seconds(1);
        assert_ne!(Once::of("p", &["ab", "c"], until), Once::of("p", &["a", "bc"], until));
        assert_ne!(Once::of("p", &["a"], until), Once::of("q", &["a"], until));
        assert_eq!(Once::of("p", &["a"], until), Once::of("p", &["a"], until));
    }
}
