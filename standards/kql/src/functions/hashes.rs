use std::fmt::Write;

use sha2::Digest;
use twox_hash::XxHash64;

use super::{Run, at, text, whole};
use crate::Value;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "hash" | "hash_xxhash64" => hash,
        "hash_md5" => |args| hex(args, |text| md5::Md5::digest(text).to_vec()),
        "hash_sha1" => |args| hex(args, |text| sha1::Sha1::digest(text).to_vec()),
        "hash_sha256" => |args| hex(args, |text| sha2::Sha256::digest(text).to_vec()),
        _ => return None,
    })
}

/// The digest of a text in hexadecimal digits; an empty text has none.
fn hex(args: &[Value], digest: impl Fn(&str) -> Vec<u8>) -> Value {
    let text = text(args, 0);
    let bytes = if text.is_empty() { Vec::new() } else { digest(&text) };
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.into()
}

/// xxHash64 of the bytes of a text, or of a number as the machine holds it.
fn hash(args: &[Value]) -> Value {
    let value = match at(args, 0) {
        Value::Null => return Value::Null,
        Value::Bool(flag) => XxHash64::oneshot(0, &[u8::from(*flag)]),
        Value::Long(number) | Value::DateTime(number) | Value::TimeSpan(number) => {
            XxHash64::oneshot(0, &number.to_le_bytes())
        }
        Value::Real(number) => XxHash64::oneshot(0, &number.to_le_bytes()),
        Value::Guid(guid) => XxHash64::oneshot(0, &guid_bytes(*guid)),
        other => XxHash64::oneshot(0, other.to_text().as_bytes()),
    };
    match whole(args, 1) {
        None => Value::Long(value.cast_signed()),
        Some(modulo) => value.cast_signed().checked_rem_euclid(modulo).into(),
    }
}

/// The bytes of a GUID in the order in which .NET holds them: the first three parts backwards.
pub(super) fn guid_bytes(guid: u128) -> [u8; 16] {
    let mut bytes = guid.to_be_bytes();
    for (from, to) in [(0, 4), (4, 6), (6, 8)] {
        if let Some(part) = bytes.get_mut(from..to) {
            part.reverse();
        }
    }
    bytes
}
