//! The protected header of a token, before anything is known to be true.

use crate::encoding::{self, Padding};
use crate::{Algorithm, JwsError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// How deep a header may nest: itself and lists such as `x5c`; an ignored `jwk` has room.
pub(crate) const HEADER_DEPTH: u8 = 4;

/// How many certificates `x5c` may carry.
const MAX_CERTIFICATES: usize = 10;

/// What a token's header says. Only hints for finding the key: nothing in it is trusted, and keys or addresses of
/// keys that it may carry (`jwk`, `jku`, `x5u`) are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The algorithm it claims to be signed with.
    pub algorithm: Algorithm,
    /// The kind of token it claims to be.
    pub typ: Option<String>,
    /// The id of the key.
    pub kid: Option<String>,
    /// SHA-1 of the signer's certificate.
    pub x5t: Option<[u8; 20]>,
    /// SHA-256 of the signer's certificate.
    pub x5t_s256: Option<[u8; 32]>,
    /// The signer's certificate and its chain, in DER.
    pub x5c: Vec<Vec<u8>>,
}

impl Header {
    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, JwsError> {
        refuse_extensions(members)?;
        let name = text(members, "alg")?.ok_or(JwsError::Header("alg"))?;
        Ok(Self {
            algorithm: name.parse().map_err(|_| JwsError::UnsupportedAlgorithm)?,
            typ: text(members, "typ")?.map(str::to_owned),
            kid: text(members, "kid")?.map(str::to_owned),
            x5t: thumbprint(members, "x5t")?,
            x5t_s256: thumbprint(members, "x5t#S256")?,
            x5c: certificates(members)?,
        })
    }
}

fn refuse_extensions(members: &Map<String, Value>) -> Result<(), JwsError> {
    // SPEC: RFC 7515 4.1.11: an extension that is not understood, and none is, makes the token invalid
    if members.contains_key("crit") {
        return Err(JwsError::CriticalHeader);
    }
    // SPEC: RFC 7797 6: an unencoded payload is only ever announced together with `crit`
    if members.contains_key("b64") {
        return Err(JwsError::Header("b64"));
    }
    Ok(())
}

fn text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<Option<&'m str>, JwsError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwsError::Header(name)),
    }
}

fn thumbprint<const N: usize>(members: &Map<String, Value>, name: &'static str) -> Result<Option<[u8; N]>, JwsError> {
    // WHY: MSAL for Python pads thumbprints, against RFC 7515 2.
    let decode = |text| encoding::decode_array(text, Padding::Tolerated).map_err(|_| JwsError::Header(name));
    text(members, name)?.map(decode).transpose()
}

/// `x5c` as RFC 7515 4.1.6 has it, a list of base64 DER; also with line breaks inside (MSAL for Python), and as one
/// PEM text (Microsoft's agents SDK for JavaScript).
fn certificates(members: &Map<String, Value>) -> Result<Vec<Vec<u8>>, JwsError> {
    let chain = match members.get("x5c") {
        None => return Ok(Vec::new()),
        Some(Value::String(pem)) => from_pem(pem),
        Some(Value::Array(entries)) => entries.iter().map(from_base64).collect(),
        Some(_) => None,
    };
    chain.filter(|chain| (1..=MAX_CERTIFICATES).contains(&chain.len())).ok_or(JwsError::Header("x5c"))
}

fn from_pem(text: &str) -> Option<Vec<Vec<u8>>> {
    let blocks = pem::parse_many(text).ok()?;
    blocks.into_iter().map(|block| (block.tag() == "CERTIFICATE").then(|| block.into_contents())).collect()
}

fn from_base64(entry: &Value) -> Option<Vec<u8>> {
    let text: String = entry.as_str()?.split(['\r', '\n']).collect();
    STANDARD.decode(text).ok().filter(|der| !der.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(header: Value) -> Result<Header, JwsError> {
        Header::from_members(header.as_object().unwrap())
    }

    #[test]
    fn rfc7515_s4_1_11_every_critical_extension_is_refused() {
        for crit in [json!(["b64"]), json!([]), json!(["exp"]), json!(null), json!(["alg"])] {
            assert_eq!(read(json!({"alg": "ES256", "crit": crit})), Err(JwsError::CriticalHeader));
        }
        assert_eq!(read(json!({"alg": "ES256", "b64": true})), Err(JwsError::Header("b64")));
    }

    #[test]
    fn rfc8725_s3_1_unsafe_algorithms_are_refused() {
        for name in ["none", "HS256", "NONE", "RS1", "RS512"] {
            assert_eq!(read(json!({"alg": name})), Err(JwsError::UnsupportedAlgorithm), "{name}");
        }
        assert_eq!(read(json!({})), Err(JwsError::Header("alg")));
        assert_eq!(read(json!({"alg": ["ES256"]})), Err(JwsError::Header("alg")));
    }

    #[test]
    fn members_of_the_wrong_type_are_refused() {
        for (name, value) in [
            ("typ", json!(1)),
            ("kid", json!(null)),
            ("x5t", json!("AAAA")),
            ("x5t#S256", json!("*")),
            ("x5c", json!([])),
            ("x5c", json!([1])),
            ("x5c", json!(["_-_-"])),
            ("x5c", json!("no PEM")),
            ("x5c", json!("-----BEGIN PRIVATE KEY-----\nYQ==\n-----END PRIVATE KEY-----\n")),
            ("x5c", json!(vec!["AAAA"; 11])),
        ] {
            assert_eq!(read(json!({"alg": "ES256", name: value})), Err(JwsError::Header(name)));
        }
    }

    #[test]
    fn thumbprints_may_keep_their_padding() {
        let header = read(json!({
            "alg": "PS256",
            "x5t": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "x5t#S256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        }));
        assert_eq!(header.as_ref().map(|header| header.x5t), Ok(Some([0; 20])));
        assert_eq!(header.map(|header| header.x5t_s256), Ok(Some([0; 32])));
    }

    #[test]
    fn certificates_come_in_three_spellings() {
        let expected = vec![b"one".to_vec(), b"other".to_vec()];
        let pem = "-----BEGIN CERTIFICATE-----\nb25l\n-----END CERTIFICATE-----\n\
                   -----BEGIN CERTIFICATE-----\nb3RoZXI=\n-----END CERTIFICATE-----\n";
        for x5c in [json!(["b25l", "b3RoZXI="]), json!(["b2\n5l\r\n", "b3RoZXI=\n"]), json!(pem)] {
            assert_eq!(read(json!({"alg": "RS256", "x5c": x5c})).unwrap().x5c, expected);
        }
    }

    #[test]
    fn rfc8725_s3_10_keys_and_addresses_in_the_header_are_ignored() {
        let plain = read(json!({"alg": "ES256"}));
        let laden =
            json!({"alg": "ES256", "jwk": {"kty": "oct"}, "jku": "https://evil.example", "x5u": 1, "cty": "JWT"});
        assert_eq!(read(laden), plain);
    }
}
