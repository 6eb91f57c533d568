//! From where a request comes.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};

/// Proxies in front of the server, whose word on the address of a caller counts.
#[derive(Debug, Default)]
pub(crate) struct Proxies(Vec<IpAddr>);

impl Proxies {
    /// From addresses separated by commas; [`crate::config::ServerConfig`] has checked them.
    pub(crate) fn parse(list: &str) -> Self {
        Self(list.split(',').filter_map(|address| address.trim().parse().ok()).collect())
    }

    /// The address that limits count: the last one in `X-Forwarded-For` that is no proxy of ours,
    /// where a proxy of ours speaks, else the one that called. Of IPv6 the network, which is what
    /// one caller has.
    pub(crate) fn caller(&self, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |info| info.0.ip().to_canonical());
        if !self.0.contains(&peer) {
            return network(peer);
        }
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let told = forwarded
            .iter()
            .rev()
            .map_while(|address| address.trim().parse::<IpAddr>().ok())
            .find(|address| !self.0.contains(address));
        network(told.unwrap_or(peer))
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        Proxies::parse(proxies).caller(&extensions, &headers).to_string()
    }

    #[test]
    fn only_our_proxies_are_believed() {
        assert_eq!(caller("", "9.9.9.9", &["1.1.1.1"]), "9.9.9.9");
        assert_eq!(caller("9.9.9.9", "9.9.9.9", &["1.1.1.1"]), "1.1.1.1");
        // What the caller has put there itself stands before what the proxy adds.
        assert_eq!(caller("9.9.9.9", "9.9.9.9", &["6.6.6.6", "1.1.1.1, 9.9.9.9"]), "1.1.1.1");
        assert_eq!(caller("9.9.9.9", "9.9.9.9", &["6.6.6.6, nonsense"]), "9.9.9.9");
        assert_eq!(caller("9.9.9.9", "9.9.9.9", &[]), "9.9.9.9");
        assert_eq!(caller("", "2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
        assert_eq!(caller("", "::ffff:9.9.9.9", &[]), "9.9.9.9");
    }
}
