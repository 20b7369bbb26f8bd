//! base64url as JOSE wants it: one text for each value.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

/// Whether the parts of a token may end in `=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Padding {
    /// As RFC 7515 2 demands.
    #[default]
    Forbidden,
    /// Correct padding may be present. For client assertions alone: one widespread library pads each part and
    /// signs the padded text.
    Tolerated,
}

/// Text that is not the one base64url form of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

/// Decodes; refuses foreign characters, stray trailing bits and padding that is wrong or not welcome.
pub(crate) fn decode(text: &str, padding: Padding) -> Result<Vec<u8>, NotBase64Url> {
    let engine = if padding == Padding::Tolerated && text.ends_with('=') { &URL_SAFE } else { &URL_SAFE_NO_PAD };
    engine.decode(text).map_err(|_| NotBase64Url)
}

/// Decodes exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str, padding: Padding) -> Result<[u8; N], NotBase64Url> {
    decode(text, padding)?.try_into().map_err(|_| NotBase64Url)
}

/// Encodes without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Encodes without padding onto the end of `text`.
pub(crate) fn encode_onto(bytes: impl AsRef<[u8]>, text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc7515_s2_other_spellings_of_the_same_bytes_are_refused() {
        for text in ["YQ==", "YR", "YQ=", "Y Q", "YQ\n", "Y+/_", "Y", "Y===", "="] {
            assert_eq!(decode(text, Padding::Forbidden), Err(NotBase64Url), "{text:?}");
        }
        for text in ["YQ=", "YR==", "YQ===", "YQ==\n", "=", "===="] {
            assert_eq!(decode(text, Padding::Tolerated), Err(NotBase64Url), "{text:?}");
        }
    }

    #[test]
    fn tolerated_padding_may_be_there_or_not() {
        assert_eq!(decode("YQ==", Padding::Tolerated).as_deref(), Ok(&b"a"[..]));
        assert_eq!(decode("YQ", Padding::Tolerated).as_deref(), Ok(&b"a"[..]));
        assert_eq!(decode_array::<1>("YQ", Padding::Forbidden), Ok(*b"a"));
        assert_eq!(decode_array::<2>("YQ", Padding::Forbidden), Err(NotBase64Url));
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_text(text in "[A-Za-z0-9_-]{0,40}") {
            if let Ok(bytes) = decode(&text, Padding::Forbidden) {
                prop_assert_eq!(encode(bytes), text);
            }
        }
    }
}
