//! What an IP address is: public, a metadata service, or anything else. Pure; the list follows IANA's registries of special
//! addresses for IPv4 and IPv6. What is not known to be public is not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anybody's.
    Public,
    /// A service that gives credentials to whoever asks; never reached, whatever is allowed.
    Metadata,
    /// This machine, a private network, or reserved.
    Other,
}

pub(super) fn reach(address: IpAddr) -> Reach {
    match address.to_canonical() {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

/// AWS and most others, AWS's containers and pods, Alibaba, Oracle, Azure's host.
const METADATA_V4: [[u8; 4]; 6] = [
    [169, 254, 169, 254],
    [169, 254, 170, 2],
    [169, 254, 170, 23],
    [100, 100, 100, 200],
    [192, 0, 0, 192],
    [168, 63, 129, 16],
];

fn v4(address: Ipv4Addr) -> Reach {
    let octets = address.octets();
    if METADATA_V4.contains(&octets) {
        return Reach::Metadata;
    }
    let other = match octets {
        // This network, loopback, multicast, reserved and broadcast.
        [0 | 127 | 224.., ..] => true,
        // Private, carrier-grade NAT, link-local.
        [10, ..] | [192, 168, ..] | [169, 254, ..] => true,
        [172, second, ..] if (16..32).contains(&second) => true,
        [100, second, ..] if (64..128).contains(&second) => true,
        // Protocol assignments, documentation, 6to4 relays, benchmarks.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    };
    if other { Reach::Other } else { Reach::Public }
}

fn v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        // AWS's metadata services.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254 | 0x23] => Reach::Metadata,
        // NAT64: what it stands for decides. Compatible addresses and 6to4 reach IPv4 as well, and nobody needs them.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(embedded(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if v4(embedded(high, low)) == Reach::Metadata => Reach::Metadata,
        [0x2002, high, low, ..] if v4(embedded(high, low)) == Reach::Metadata => Reach::Metadata,
        // 6to4, protocol assignments with Teredo and ORCHID, documentation.
        [0x2002, ..] | [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Reach::Other,
        // Global unicast is all that is given out; loopback, private, link-local and multicast lie outside.
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Other,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))
}
