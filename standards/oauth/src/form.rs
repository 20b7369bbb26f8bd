//! `application/x-www-form-urlencoded`, read strictly.

use std::fmt;

/// Why a body is not a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Longer than any honest request.
    #[error("the form is longer than {} bytes", Form::MAX_BYTES)]
    TooLong,
    /// More parameters than any honest request.
    #[error("the form has more than {} parameters", Form::MAX_PARAMETERS)]
    TooMany,
    /// A parameter twice, with or without a value, known or not.
    #[error("the parameter `{0}` is given more than once")]
    DuplicateParameter(String),
    /// Bad percent-encoding, bytes that are not UTF-8, control characters, or a value without a name.
    #[error("the form is not valid application/x-www-form-urlencoded UTF-8")]
    Malformed,
}

/// The parameters of a request, in their order, each named once.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Form {
    parameters: Vec<(String, String)>,
}

impl Form {
    /// The longest form.
    pub const MAX_BYTES: usize = 128 * 1024;
    /// The most parameters.
    pub const MAX_PARAMETERS: usize = 64;

    /// Reads a request body.
    ///
    /// # Errors
    /// [`FormError`].
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        if body.len() > Self::MAX_BYTES {
            return Err(FormError::TooLong);
        }
        let mut form = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            form.add(pair)?;
        }
        Ok(form)
    }

    /// The value of a parameter; absent if not given or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        // SPEC: RFC 6749 3.2: parameters sent without a value MUST be treated as if they were omitted
        self.parameters
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
            .filter(|v| !v.is_empty())
    }

    /// The names given, in their order, those without a value included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(name, _)| name.as_str())
    }

    fn add(&mut self, pair: &[u8]) -> Result<(), FormError> {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        let value = decode(halves.next().unwrap_or_default())?;
        if name.is_empty() {
            return Err(FormError::Malformed);
        }
        // SPEC: RFC 6749 3.2: parameters MUST NOT be included more than once
        if self.names().any(|given| given == name) {
            return Err(FormError::DuplicateParameter(name));
        }
        if self.parameters.len() == Self::MAX_PARAMETERS {
            return Err(FormError::TooMany);
        }
        self.parameters.push((name, value));
        Ok(())
    }
}

impl fmt::Debug for Form {
    /// Names alone: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form")?;
        f.debug_list().entries(self.names()).finish()
    }
}

/// Decodes one name or value. SPEC: RFC 6749 appendix B
pub(crate) fn decode(text: &[u8]) -> Result<String, FormError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(rest.next())?, hex(rest.next())?);
                (high << 4) | low
            }
            0..=0x1f | 0x7f => return Err(FormError::Malformed),
            other => *other,
        });
    }
    String::from_utf8(bytes).map_err(|_| FormError::Malformed)
}

fn hex(digit: Option<&u8>) -> Result<u8, FormError> {
    match digit {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(FormError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    #[test]
    fn rfc6749_s3_2_a_parameter_given_twice_is_refused_known_or_not() {
        for body in ["scope=a&scope=b", "x=&x=", "x&x=1", "%78=1&x=1", "x=1&y=2&x=1"] {
            let name = if body.starts_with("scope") { "scope" } else { "x" };
            assert_eq!(Form::parse(body.as_bytes()), Err(FormError::DuplicateParameter(name.into())), "{body}");
        }
    }

    #[test]
    fn what_is_not_urlencoded_utf8_is_refused() {
        for body in [
            &b"a=%"[..],
            b"a=%4",
            b"a=%zz",
            b"a=%+1",
            b"%=1",
            b"a=%ff",
            b"a=\xff",
            b"a=%c3",
            b"a=1\n",
            b"a=\0",
            b"=1",
            b"=",
        ] {
            assert_eq!(Form::parse(body), Err(FormError::Malformed), "{body:?}");
        }
    }

    #[test]
    fn size_is_limited() {
        let many: Vec<String> = (0..=Form::MAX_PARAMETERS).map(|n| format!("p{n}=1")).collect();
        assert_eq!(Form::parse(many.join("&").as_bytes()), Err(FormError::TooMany));
        assert_eq!(Form::parse(&vec![b'a'; Form::MAX_BYTES + 1]), Err(FormError::TooLong));
        assert!(Form::parse(&vec![b'a'; Form::MAX_BYTES]).is_ok());
    }

    #[test]
    fn rfc6749_s3_2_a_parameter_without_a_value_is_absent() {
        let form = Form::parse(b"scope=&fmi_path&&grant_type=client_credentials&").unwrap();
        assert_eq!((form.get("scope"), form.get("fmi_path"), form.get("x")), (None, None, None));
        assert_eq!(form.get("grant_type"), Some("client_credentials"));
        assert_eq!(form.names().collect::<Vec<_>>(), ["scope", "fmi_path", "grant_type"]);
        assert_eq!(Form::parse(b"").map(|form| form.names().count()), Ok(0));
    }

    #[test]
    fn rfc6749_appendix_b_decodes_plus_percent_and_utf8() {
        let form = Form::parse("a=%20%25%26%2B+%C2%A3%E2%82%AC&b=x=y&c=openid profile".as_bytes()).unwrap();
        assert_eq!(form.get("a"), Some(" %&+ £€"));
        assert_eq!(form.get("b"), Some("x=y"));
        assert_eq!(form.get("c"), Some("openid profile"));
    }

    #[test]
    fn invariant_12_debug_shows_names_alone() {
        let form = Form::parse(b"client_secret=hunter2").unwrap();
        assert_eq!(format!("{form:?}"), r#"Form["client_secret"]"#);
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_is_read(name in "\\PC{1,20}", value in "\\PC{0,40}") {
            let form = Form::parse(format!("{}={}", encode(&name), encode(&value)).as_bytes()).unwrap();
            prop_assert_eq!(form.get(&name), Some(value.as_str()).filter(|value| !value.is_empty()));
        }
    }
}
