//! Which address a request came from.
//!
//! Only proxies that the owner trusts are believed, starting from the right end of `X-Forwarded-For`. Anybody could have written
//! what is further left.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// Returns the address of the client behind `peer`, given the `X-Forwarded-For` headers in order.
pub(super) fn client_address<'a>(peer: IpAddr, forwarded: impl Iterator<Item = &'a str>, trusted: &[IpNet]) -> IpAddr {
    let hops: Vec<&str> = forwarded.flat_map(|header| header.split(',')).map(str::trim).collect();
    let mut address = canonical(peer);
    for hop in hops.iter().rev() {
        if !trusted.iter().any(|net| net.contains(&address)) {
            break;
        }
        let Some(next) = parse_hop(hop) else { break };
        address = canonical(next);
    }
    address
}

/// Returns what an address is charged as: itself, or its /64 for IPv6, where one customer usually has a whole one.
pub(super) fn charged_as(address: IpAddr) -> String {
    match canonical(address) {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Returns the /48 around an IPv6 address, since one customer may have all of it.
pub(super) fn network_of(address: IpAddr) -> Option<String> {
    match canonical(address) {
        IpAddr::V4(_) => None,
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Some(format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)))
        }
    }
}

/// Turns an IPv4-mapped IPv6 address into IPv4, since it's the same client.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().expect("a network")).collect();
        client_address(peer.parse().expect("an address"), forwarded.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_unless_trusted() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn the_header_is_walked_from_the_right_through_trusted_proxies() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["198.51.100.1"], &trusted), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], &trusted), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["6.6.6.6", "198.51.100.1", "10.0.0.2"], &trusted), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &trusted), "10.0.0.3");
        assert_eq!(client("10.0.0.1", &[], &trusted), "10.0.0.1");
    }

    #[test]
    fn odd_entries_stop_the_walk_and_ports_are_cut_off() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client("10.0.0.1", &["unknown"], &trusted), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, nonsense, 10.0.0.2"], &trusted), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &["198.51.100.1:4711"], &trusted), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]:4711"], &trusted), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["[2001:db8::1]"], &trusted), "2001:db8::1");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"], &trusted), "198.51.100.1");
    }

    #[test]
    fn ipv6_is_charged_by_its_64() {
        let charged = |text: &str| charged_as(text.parse().expect("an address"));
        assert_eq!(charged("2001:db8:1:2:3:4:5:6"), charged("2001:db8:1:2:ffff::1"));
        assert_ne!(charged("2001:db8:1:2::1"), charged("2001:db8:1:3::1"));
        assert_eq!(charged("203.0.113.9"), "203.0.113.9");
        assert_eq!(charged("::ffff:203.0.113.9"), "203.0.113.9");
    }
}
