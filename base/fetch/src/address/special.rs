//! The IANA special-purpose address registries.

use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// SPEC: RFC 6890 and its registry "IPv4 Special-Purpose Address Space", with multicast (RFC 5771).
const SPECIAL_V4: [Ipv4Net; 18] = [
    v4(0, 0, 0, 8),       // this network
    v4(10, 0, 0, 8),      // private
    v4(100, 64, 0, 10),   // carrier-grade NAT
    v4(127, 0, 0, 8),     // loopback
    v4(169, 254, 0, 16),  // link-local; cloud metadata
    v4(172, 16, 0, 12),   // private
    v4(192, 0, 0, 24),    // IETF protocol assignments
    v4(192, 0, 2, 24),    // documentation
    v4(192, 31, 196, 24), // AS112
    v4(192, 52, 193, 24), // AMT
    v4(192, 88, 99, 24),  // 6to4 relays
    v4(192, 168, 0, 16),  // private
    v4(192, 175, 48, 24), // AS112
    v4(198, 18, 0, 15),   // benchmarking
    v4(198, 51, 100, 24), // documentation
    v4(203, 0, 113, 24),  // documentation
    v4(224, 0, 0, 4),     // multicast
    v4(240, 0, 0, 4),     // reserved, broadcast
];

/// Addresses are given out from here (RFC 4291 2.4); all else is loopback, local, mapped, multicast or unassigned.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// NAT64 (RFC 6052): goes where the IPv4 address in its last 32 bits goes.
const TRANSLATED_V6: Ipv6Net = v6(0x64, 0xff9b, 0, 96);

/// SPEC: the registry "IPv6 Special-Purpose Address Space", where it reaches into [`GLOBAL_V6`].
const SPECIAL_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23),         // IETF protocol assignments: Teredo, ORCHID, benchmarking
    v6(0x2001, 0xdb8, 0, 32),     // documentation
    v6(0x2002, 0, 0, 16),         // 6to4
    v6(0x2620, 0x4f, 0x8000, 48), // AS112
    v6(0x3fff, 0, 0, 20),         // documentation
];

/// Whether `address`, in canonical form, is set apart by a registry.
pub(super) fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_special_v4(address),
        IpAddr::V6(address) if TRANSLATED_V6.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_special_v4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(address) => !GLOBAL_V6.contains(&address) || SPECIAL_V6.iter().any(|net| net.contains(&address)),
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    SPECIAL_V4.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_of_the_registries_is_special_at_both_ends() {
        let ends_v4 = SPECIAL_V4.iter().flat_map(|net| [net.network(), net.broadcast()]).map(IpAddr::from);
        let ends_v6 = SPECIAL_V6.iter().flat_map(|net| [net.network(), net.broadcast()]).map(IpAddr::from);
        for address in ends_v4.chain(ends_v6) {
            assert!(is_special(address), "{address}");
        }
        for text in ["255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::808:808"] {
            assert!(is_special(text.parse().unwrap()), "{text}");
        }
        for text in ["100::1", "fc00::1", "fd12::1", "fe80::1", "febf::1", "ff02::1", "5f00::1", "2001:1ff::1"] {
            assert!(is_special(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_just_outside_the_blocks_are_ordinary() {
        for text in ["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255"] {
            assert!(!is_special(text.parse().unwrap()), "{text}");
        }
        for text in ["172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255"] {
            assert!(!is_special(text.parse().unwrap()), "{text}");
        }
        for text in ["2001:200::1", "2001:db9::1", "2606:4700::1", "2a00::1", "64:ff9b::808:808"] {
            assert!(!is_special(text.parse().unwrap()), "{text}");
        }
    }
}
