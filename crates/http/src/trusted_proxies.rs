//! The proxies whose reports about client addresses are trusted.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net};
use thiserror::Error;

/// The proxies in front of this server. `X-Forwarded-For` is trusted from them only, because any client can send it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// An element of the list that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{element}` is neither an address nor a network such as 10.0.0.0/8")]
pub struct TrustedProxiesError {
    /// The element.
    pub element: String,
}

/// Reads addresses and networks, separated by commas: `127.0.0.1, 10.0.0.0/8, fd00::/8`. An empty list trusts no
/// proxy.
impl FromStr for TrustedProxies {
    type Err = TrustedProxiesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let elements = text.split(',').map(str::trim).filter(|element| !element.is_empty());
        elements.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(element: &str) -> Result<IpNet, TrustedProxiesError> {
    let address = element.parse().ok().map(|address: IpAddr| IpNet::from(address.to_canonical()));
    let network = || element.parse().ok().map(canonical);
    address.or_else(network).ok_or_else(|| TrustedProxiesError { element: element.to_owned() })
}

/// Converts an IPv4 network in IPv6 notation (RFC 4291, section 2.5.5.2) to an IPv4 network.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(written) = network else { return network };
    let mapped = written.addr().to_ipv4_mapped().zip(written.prefix_len().checked_sub(96));
    mapped.and_then(|(address, bits)| Ipv4Net::new(address, bits).ok()).map_or(network, IpNet::V4)
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let networks: Vec<String> = self.0.iter().map(IpNet::to_string).collect();
        f.write_str(&networks.join(", "))
    }
}

impl TrustedProxies {
    /// Returns the client's address: the peer, or what trusted proxies report. `forwarded` are the values of
    /// `X-Forwarded-For` in their order. Each proxy appends the address it received the request from, so the list is
    /// read from its end for as long as trusted proxies have written it.
    pub(crate) fn client<'l>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'l [u8]>) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut reported = forwarded.rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
        while self.contains(client)
            && let Some(address) = reported.next().and_then(address)
        {
            client = address;
        }
        client
    }

    /// Whether this is the address of a trusted proxy.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Parses an address as proxies write it: bare or with a port.
fn address(written: &[u8]) -> Option<IpAddr> {
    let written = std::str::from_utf8(written).ok()?.trim();
    let with_port = || written.parse().ok().map(|address: SocketAddr| address.ip());
    let address = written.parse().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXIES: &str = "127.0.0.1, 10.0.0.0/8,2001:db8:1::/48";

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let proxies: TrustedProxies = PROXIES.parse().unwrap();
        proxies.client(peer.parse().unwrap(), forwarded.iter().map(|line| line.as_bytes())).to_string()
    }

    #[test]
    fn an_untrusted_peer_cannot_report_another_address() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["198.51.100.1, 10.0.0.1"]), "203.0.113.9");
        let none = TrustedProxies::default();
        let forwarded = [b"198.51.100.1".as_slice()];
        let peer = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(none.client(peer, forwarded.into_iter()), peer);
    }

    #[test]
    fn the_client_is_the_last_address_that_is_not_a_trusted_proxy() {
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, 10.2.3.4 ,127.0.0.1"]), "198.51.100.1");
        assert_eq!(
            client("10.0.0.1", &["192.0.2.66, 198.51.100.1, 10.2.3.4"]),
            "198.51.100.1",
            "the rest may be forged"
        );
        assert_eq!(client("10.0.0.1", &["192.0.2.66", "198.51.100.1,10.2.3.4"]), "198.51.100.1", "lines are one list");
        assert_eq!(client("10.0.0.1", &["198.51.100.1", "10.2.3.4"]), "198.51.100.1", "lines are one list");
    }

    #[test]
    fn a_request_made_by_a_proxy_itself_comes_from_the_farthest_proxy() {
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn reading_stops_at_the_first_invalid_address() {
        for garbage in ["unknown", "", "_hidden", "1.2.3", "198.51.100.1 10.0.0.2", "\u{fc}"] {
            assert_eq!(client("10.0.0.1", &[garbage]), "10.0.0.1", "{garbage:?}");
            assert_eq!(client("10.0.0.1", &["198.51.100.1", garbage, "10.0.0.2"]), "10.0.0.2", "{garbage:?}");
        }
    }

    #[test]
    fn ipv6_works_and_mapped_ipv4_is_treated_as_ipv4() {
        assert_eq!(client("2001:db8:1::7", &["2001:db8:2::1"]), "2001:db8:2::1");
        assert_eq!(client("2001:db8:2::1", &["198.51.100.1"]), "2001:db8:2::1");
        assert_eq!(client("::ffff:10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let mapped: TrustedProxies = "::ffff:10.0.0.0/104, ::ffff:127.0.0.1".parse().unwrap();
        assert_eq!(mapped, "10.0.0.0/8,127.0.0.1".parse().unwrap());
    }

    #[test]
    fn a_port_after_the_address_is_ignored() {
        assert_eq!(client("10.0.0.1", &["198.51.100.1:4711, [2001:db8:1::7]:443"]), "198.51.100.1");
    }

    #[test]
    fn an_invalid_list_is_refused_with_the_invalid_element() {
        for element in ["proxy.example.org", "10.0.0.0/33", "10.0.0", "*"] {
            let refused = format!("127.0.0.1,{element}").parse::<TrustedProxies>();
            assert_eq!(refused, Err(TrustedProxiesError { element: element.to_owned() }));
        }
        assert_eq!("".parse(), Ok(TrustedProxies::default()));
        assert_eq!(" , ".parse(), Ok(TrustedProxies::default()));
    }
}
