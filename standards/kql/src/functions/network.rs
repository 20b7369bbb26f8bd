use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Run, at, text, whole};
use crate::{Value, value::to_text};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "parse_ipv4" => |args| v4(&text(args, 0)).map(|(address, prefix)| i64::from(address & mask(prefix))).into(),
        "parse_ipv4_mask" => |args| {
            let prefix = whole(args, 1).and_then(|prefix| u32::try_from(prefix).ok()).filter(|prefix| *prefix <= 32);
            v4(&text(args, 0))
                .zip(prefix)
                .map(|((address, own), prefix)| i64::from(address & mask(own.min(prefix))))
                .into()
        },
        "format_ipv4" => |args| formatted(args, false),
        "format_ipv4_mask" => |args| formatted(args, true),
        "ipv4_is_private" => |args| v4(&text(args, 0)).map(|(address, _)| Ipv4Addr::from(address).is_private()).into(),
        "ipv4_is_in_range" => |args| in_range(v4, mask, &text(args, 0), &text(args, 1)).into(),
        "ipv4_is_in_any_range" => |args| any_range(args, |ip, range| in_range(v4, mask, ip, range)),
        "ipv4_is_match" => |args| order4(args).map(|order| order == 0).into(),
        "ipv4_compare" => |args| order4(args).into(),
        "ipv4_netmask_suffix" => |args| v4(&text(args, 0)).map(|(_, prefix)| i64::from(prefix)).into(),
        "parse_ipv6" => |args| read6(&text(args, 0)).map(|(address, prefix)| expanded(address & mask6(prefix))).into(),
        "parse_ipv6_mask" => |args| {
            let prefix = whole(args, 1).and_then(|prefix| u32::try_from(prefix).ok()).filter(|prefix| *prefix <= 128);
            v6(&text(args, 0))
                .zip(prefix)
                .map(|((address, own), prefix)| expanded(address & mask6(own.min(prefix))))
                .into()
        },
        "ipv6_is_in_range" => |args| in_range(v6, mask6, &text(args, 0), &text(args, 1)).into(),
        "ipv6_is_in_any_range" => |args| any_range(args, |ip, range| in_range(v6, mask6, ip, range)),
        "ipv6_is_match" => |args| order6(args).map(|order| order == 0).into(),
        "ipv6_compare" => |args| order6(args).into(),
        "has_ipv4" => |args| Value::Bool(mentions(args, |found, sought| v4(sought).is_some() && found == sought)),
        "has_any_ipv4" => |args| Value::Bool(mentions(args, |found, sought| v4(sought).is_some() && found == sought)),
        "has_ipv4_prefix" | "has_any_ipv4_prefix" => |args| Value::Bool(mentions(args, has_prefix)),
        "ipv4_range_to_cidr_list" => cidr_list,
        _ => return None,
    })
}

/// Whether a text holds an address, whole and between others, for which this holds.
fn mentions(args: &[Value], test: impl Fn(&str, &str) -> bool) -> bool {
    let sought: Vec<String> = args.iter().skip(1).flat_map(texts).collect();
    let value = text(args, 0);
    let apart = |c: char| !(c.is_alphanumeric() || c == '.');
    let found = value.split(apart).filter(|part| part.parse::<Ipv4Addr>().is_ok());
    found.into_iter().any(|found| sought.iter().any(|sought| test(found, sought)))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(to_text).collect(),
        one => vec![to_text(one)],
    }
}

/// A prefix ends in a point, or is a whole address.
fn has_prefix(found: &str, prefix: &str) -> bool {
    found == prefix || (prefix.ends_with('.') && found.starts_with(prefix))
}

/// The fewest blocks that hold every address from the first to the last.
fn cidr_list(args: &[Value]) -> Value {
    let (Some((first, _)), Some((last, _))) = (v4(&text(args, 0)), v4(&text(args, 1))) else { return Value::Null };
    let (mut next, last) = (u64::from(first), u64::from(last));
    let mut blocks = Vec::new();
    while next <= last {
        let fits = |size: &u32| next.is_multiple_of(1 << size) && next + (1 << size) - 1 <= last;
        let size = (0..=32).rev().find(fits).unwrap_or(0);
        let address = Ipv4Addr::from(u32::try_from(next).unwrap_or(u32::MAX));
        blocks.push(Value::text(format!("{address}/{}", 32 - size)));
        next += 1 << size;
    }
    Value::array(blocks)
}

fn prefixed(text: &str, most: u32) -> Option<(&str, u32)> {
    match text.trim().split_once('/') {
        None => Some((text.trim(), most)),
        Some((address, prefix)) => Some((address, prefix.parse().ok().filter(|prefix| *prefix <= most)?)),
    }
}

fn v4(text: &str) -> Option<(u32, u32)> {
    let (address, prefix) = prefixed(text, 32)?;
    Some((u32::from(address.parse::<Ipv4Addr>().ok()?), prefix))
}

/// An address of either kind; four bytes stand for their place among sixteen, `::` before them or not.
fn v6(text: &str) -> Option<(u128, u32)> {
    let plain = text.trim().strip_prefix("::").filter(|rest| v4(rest).is_some());
    read6(plain.unwrap_or(text))
}

/// As [`v6`], but what begins with `::` is as it is written.
fn read6(text: &str) -> Option<(u128, u32)> {
    if let Some((address, prefix)) = v4(text) {
        return Some((u128::from(Ipv4Addr::from(address).to_ipv6_mapped()), prefix + 96));
    }
    // Where the address ends in four bytes, so does the prefix count them.
    let dotted = text.contains('.');
    let (address, prefix) = prefixed(text, if dotted { 32 } else { 128 })?;
    let prefix = if dotted { prefix + 96 } else { prefix };
    let address = address.split_once('%').map_or(address, |(address, _zone)| address);
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V6(address) => Some((u128::from(address), prefix)),
        IpAddr::V4(_) => None,
    }
}

fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0)
}

fn mask6(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0)
}

fn in_range<T: std::ops::BitAnd<Output = T> + Eq + Copy>(
    read: impl Fn(&str) -> Option<(T, u32)>,
    mask: impl Fn(u32) -> T,
    ip: &str,
    range: &str,
) -> Option<bool> {
    let ((ip, own), (range, prefix)) = (read(ip)?, read(range)?);
    let mask = mask(own.min(prefix));
    Some(ip & mask == range & mask)
}

fn any_range(args: &[Value], test: impl Fn(&str, &str) -> Option<bool>) -> Value {
    let ip = text(args, 0);
    let ranges = args.iter().skip(1).flat_map(texts);
    let answers: Vec<Option<bool>> = ranges.map(|range| test(&ip, &range)).collect();
    if answers.contains(&Some(true)) {
        return Value::Bool(true);
    }
    if answers.iter().all(Option::is_none) { Value::Null } else { Value::Bool(false) }
}

fn sign(order: std::cmp::Ordering) -> i64 {
    match order {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    }
}

fn order4(args: &[Value]) -> Option<i64> {
    let ((a, left), (b, right)) = (v4(&text(args, 0))?, v4(&text(args, 1))?);
    let asked = whole(args, 2).map_or(Some(32), |prefix| u32::try_from(prefix).ok())?;
    let mask = mask(left.min(right).min(asked));
    Some(sign((a & mask).cmp(&(b & mask))))
}

fn order6(args: &[Value]) -> Option<i64> {
    let ((a, left), (b, right)) = (v6(&text(args, 0))?, v6(&text(args, 1))?);
    let asked = whole(args, 2).map_or(Some(128), |prefix| u32::try_from(prefix).ok())?;
    let mask = mask6(left.min(right).min(asked));
    Some(sign((a & mask).cmp(&(b & mask))))
}

fn formatted(args: &[Value], with_prefix: bool) -> Value {
    let read = match at(args, 0) {
        Value::Long(number) => u32::try_from(*number).ok().map(|address| (address, 32)),
        other => v4(&other.to_text()),
    };
    let Some((address, own)) = read else { return Value::text("") };
    let prefix = whole(args, 1).map_or(Some(own), |prefix| u32::try_from(prefix).ok().filter(|prefix| *prefix <= 32));
    let Some(prefix) = prefix.map(|prefix| prefix.min(own)) else { return Value::text("") };
    let address = Ipv4Addr::from(address & mask(prefix));
    if with_prefix { format!("{address}/{prefix}").into() } else { address.to_string().into() }
}

fn expanded(address: u128) -> String {
    Ipv6Addr::from(address).segments().map(|segment| format!("{segment:04x}")).join(":")
}
