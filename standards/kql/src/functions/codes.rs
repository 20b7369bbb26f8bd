//! Texts as bytes and back: base 64, compression, code points, Punycode.

use std::io::{Read, Write};

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::{
    Compression,
    read::{MultiGzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};

use super::{Run, at, hashes::guid_bytes, text};
use crate::{Value, value::as_long};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Bytes that a text may grow to when it is unpacked.
const MOST: u64 = 4 << 20;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "base64_encode_tostring" | "base64_encodestring" => |args| BASE64.encode(text(args, 0)).into(),
        "base64_decode_tostring" | "base64_decodestring" => {
            |args| decoded(args).and_then(|bytes| String::from_utf8(bytes).ok()).into()
        }
        "base64_decode_toarray" => |args| decoded(args).map_or(Value::Null, |bytes| numbers(&bytes)),
        "base64_encode_fromarray" => |args| bytes_of(at(args, 0)).map(|bytes| BASE64.encode(bytes)).into(),
        "base64_encode_fromguid" => |args| match at(args, 0) {
            Value::Guid(guid) => BASE64.encode(guid_bytes(*guid)).into(),
            _ => Value::text(""),
        },
        "base64_decode_toguid" => |args| {
            let bytes = decoded(args).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
            bytes.map_or(Value::Null, |bytes| Value::Guid(u128::from_be_bytes(guid_bytes(u128::from_be_bytes(bytes)))))
        },
        "zlib_compress_to_base64_string" => |args| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            let written = encoder.write_all(text(args, 0).as_bytes());
            written.and_then(|()| encoder.finish()).ok().map(|bytes| BASE64.encode(bytes)).into()
        },
        "gzip_compress_to_base64_string" => |args| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            let written = encoder.write_all(text(args, 0).as_bytes());
            written.and_then(|()| encoder.finish()).ok().map(|bytes| BASE64.encode(bytes)).into()
        },
        "zlib_decompress_from_base64_string" => {
            |args| decoded(args).map_or(Value::Null, |bytes| unpacked(ZlibDecoder::new(&*bytes)))
        }
        "gzip_decompress_from_base64_string" => {
            |args| decoded(args).map_or(Value::Null, |bytes| unpacked(MultiGzDecoder::new(&*bytes)))
        }
        "to_utf8" => |args| numbers(text(args, 0).as_bytes()),
        "unicode_codepoints_from_string" => {
            |args| Value::array(text(args, 0).chars().map(|c| Value::Long(i64::from(u32::from(c)))).collect())
        }
        "unicode_codepoints_to_string" | "make_string" => from_points,
        "isutf8" => |args| Value::Bool(!text(args, 0).contains('\u{fffd}')),
        "punycode_from_string" => |args| idna::punycode::encode_str(&text(args, 0)).into(),
        "punycode_to_string" => |args| idna::punycode::decode_to_string(&text(args, 0)).into(),
        "punycode_domain_from_string" => |args| idna::domain_to_ascii(&text(args, 0)).ok().into(),
        "punycode_domain_to_string" => |args| {
            let (domain, known) = idna::domain_to_unicode(&text(args, 0));
            known.ok().map(|()| domain).into()
        },
        _ => return None,
    })
}

fn decoded(args: &[Value]) -> Option<Vec<u8>> {
    BASE64.decode(text(args, 0).trim()).ok()
}

fn numbers(bytes: &[u8]) -> Value {
    Value::array(bytes.iter().map(|byte| Value::Long(i64::from(*byte))).collect())
}

fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    let Value::Array(items) = value else { return None };
    items.iter().map(|item| as_long(item).and_then(|number| u8::try_from(number).ok())).collect()
}

fn unpacked(reader: impl Read) -> Value {
    let mut bytes = Vec::new();
    let read = reader.take(MOST + 1).read_to_end(&mut bytes);
    let whole = read.is_ok_and(|count| u64::try_from(count).is_ok_and(|count| count <= MOST));
    if whole { String::from_utf8(bytes).ok().into() } else { Value::Null }
}

fn from_points(args: &[Value]) -> Value {
    let points = args.iter().flat_map(|arg| match arg {
        Value::Array(items) => items.to_vec(),
        one => vec![one.clone()],
    });
    let read = |point: Value| as_long(&point).and_then(|point| u32::try_from(point).ok()).and_then(char::from_u32);
    points.map(read).collect::<Option<String>>().into()
}
