//! Determines the client that sent a request through trusted proxies.

use std::net::{IpAddr, SocketAddr};
use std::str;

use axum::extract::{ConnectInfo, Request};
use domain::ClientAddress;
use http::HeaderMap;

use crate::config::{ClientAddressHeader, TrustedProxies};

/// The client that sent a request.
pub(super) fn client_of(request: &Request, proxies: &TrustedProxies) -> ClientAddress {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = peer.map(|ConnectInfo(peer)| client_ip(peer.ip(), request.headers(), proxies));
    client.map_or(ClientAddress::UNKNOWN, ClientAddress::from)
}

/// The client of the outermost trusted proxy. Each proxy appends the address that it was called from. So anything
/// before the last untrusted address was sent by that client and may be forged. If that address cannot be read, the
/// peer counts as the client.
fn client_ip(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> IpAddr {
    let peer = peer.to_canonical();
    let mut client = peer;
    let lines = headers.get_all(proxies.header.name()).iter().rev();
    let mut hops = lines
        .flat_map(|line| split_from_end(line.as_bytes(), b','))
        .filter(|hop| !hop.is_empty());
    while proxies.contains(client) {
        let Some(hop) = hops.next() else { break };
        let ip = match proxies.header {
            ClientAddressHeader::XForwardedFor => parse_node(hop),
            ClientAddressHeader::Forwarded => parse_forwarded(hop),
        };
        match ip {
            Some(ip) => client = ip,
            None => return peer,
        }
    }
    client
}

/// The trimmed parts between separators outside quotes, last first. Reads from the end, because a quote that a client
/// opened must not hide what a proxy appended.
fn split_from_end(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut is_quoted = false;
        let place = (0..text.len()).rev().find(|&at| {
            is_quoted ^= text[at] == b'"' && !is_escaped(text, at);
            text[at] == separator && !is_quoted
        });
        let (before, part) = match place {
            Some(at) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        };
        rest = before;
        Some(part.trim_ascii())
    })
}

fn is_escaped(text: &[u8], at: usize) -> bool {
    let backslashes = text[..at].iter().rev().take_while(|byte| **byte == b'\\');
    !backslashes.count().is_multiple_of(2)
}

/// The only `for` in an element of `Forwarded` (<https://www.rfc-editor.org/rfc/rfc7239#section-4>).
fn parse_forwarded(element: &[u8]) -> Option<IpAddr> {
    let mut nodes = split_from_end(element, b';').filter_map(|pair| {
        let (name, value) = pair.split_at_checked(4)?;
        name.eq_ignore_ascii_case(b"for=").then_some(value)
    });
    let node = nodes.next().filter(|_| nodes.next().is_none())?;
    let unquoted = node.strip_prefix(b"\"").and_then(|node| node.strip_suffix(b"\""));
    parse_node(unquoted.unwrap_or(node))
}

/// An IP address. Some proxies add the port, with an IPv6 address in brackets.
fn parse_node(node: &[u8]) -> Option<IpAddr> {
    let node = str::from_utf8(node).ok()?;
    let in_brackets = node.strip_prefix('[').and_then(|node| node.strip_suffix(']'));
    let ip = match in_brackets {
        Some(v6) => v6.parse().map(IpAddr::V6).ok(),
        None => node
            .parse()
            .ok()
            .or_else(|| node.parse::<SocketAddr>().ok().map(|socket| socket.ip())),
    };
    ip.map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use http::HeaderValue;

    use super::*;
    use crate::config::ProxyArgs;

    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        proxies: ProxyArgs,
    }

    /// Trusted networks, in IPv4 and IPv6.
    fn proxies(header: &str) -> TrustedProxies {
        let arguments = [
            "x",
            "--trusted-proxy=10.0.0.0/8,fd00::/8",
            "--trusted-proxy=192.0.2.1",
            "--client-address-header",
            header,
        ];
        Arguments::parse_from(arguments).proxies.trusted()
    }

    fn client(peer: &str, header: &str, lines: &[&[u8]]) -> String {
        let proxies = proxies(header);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(proxies.header.name(), HeaderValue::from_bytes(line).unwrap());
        }
        client_ip(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn x_forwarded_for_is_read_from_the_end_up_to_the_first_address_that_is_not_trusted() {
        let cases: [(&[&[u8]], &str); 17] = [
            (&[b"203.0.113.9"], "203.0.113.9"),
            (&[b"1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (&[b"1.1.1.1, 203.0.113.9, 10.2.3.4,192.0.2.1"], "203.0.113.9"),
            (&[b"1.1.1.1", b"203.0.113.9, 10.2.3.4", b"fd00::5"], "203.0.113.9"),
            (&[b"203.0.113.9", b""], "203.0.113.9"),
            (&[b"203.0.113.9, ,"], "203.0.113.9"),
            (&[b"2001:db8::9"], "2001:db8::9"),
            (&[b"::ffff:203.0.113.9"], "203.0.113.9"),
            // Azure's Application Gateway adds the port.
            (&[b"203.0.113.9:50123"], "203.0.113.9"),
            (&[b"[2001:db8::9]:50123, [fd00::1]"], "2001:db8::9"),
            // Anything that the client itself sent is ignored.
            (&[b"\xff\", garbage, 203.0.113.9"], "203.0.113.9"),
            // All of them are proxies, so the first one sent the request.
            (&[b"10.0.0.7, 10.0.0.8"], "10.0.0.7"),
            // Not an address.
            (&[b"203.0.113.9, unknown"], "10.0.0.1"),
            (&[b"203.0.113.9, garbage, 10.0.0.8"], "10.0.0.1"),
            (&[b"203.0.113.9\xff"], "10.0.0.1"),
            (&[b"for=203.0.113.9"], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ];
        for (lines, expected) in cases {
            assert_eq!(client("10.0.0.1", "x-forwarded-for", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn forwarded_is_read_with_quotes_and_ports() {
        let cases: [(&[&[u8]], &str); 13] = [
            (&[b"for=203.0.113.9"], "203.0.113.9"),
            (&[b"by=10.0.0.1; For=\"203.0.113.9:47011\" ;proto=https"], "203.0.113.9"),
            (
                &[b"for=1.1.1.1, for=\"[2001:db8::9]:4711\";host=a, for=10.0.0.3"],
                "2001:db8::9",
            ),
            (
                &[b"for=1.1.1.1", b"for=\"[2001:db8::9]\"", b"for=10.0.0.3"],
                "2001:db8::9",
            ),
            (&[b"for=203.0.113.9;host=\"x, for=1.1.1.1;for=2.2.2.2\""], "203.0.113.9"),
            (&[b"for=203.0.113.9;host=\"x\\\", for=1.1.1.1\""], "203.0.113.9"),
            // The client opened a quote.
            (&[b"for=\"1.1.1.1, for=203.0.113.9"], "203.0.113.9"),
            (&[b"for=unknown"], "10.0.0.1"),
            (&[b"for=_hidden, for=10.0.0.3"], "10.0.0.1"),
            (&[b"proto=https"], "10.0.0.1"),
            (&[b"for=203.0.113.9;for=1.1.1.1"], "10.0.0.1"),
            (&[b"for=\"203.0.113.9"], "10.0.0.1"),
            (&[b"203.0.113.9"], "10.0.0.1"),
        ];
        for (lines, expected) in cases {
            assert_eq!(client("10.0.0.1", "forwarded", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_the_client_itself() {
        for peer in ["192.0.2.2", "11.0.0.1", "fc00::1", "127.0.0.1"] {
            assert_eq!(client(peer, "x-forwarded-for", &[b"203.0.113.9"]), peer);
        }
        // A dual-stack socket reports IPv4 addresses like this.
        assert_eq!(
            client("::ffff:10.0.0.1", "x-forwarded-for", &[b"203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(
            client("::ffff:11.0.0.1", "x-forwarded-for", &[b"203.0.113.9"]),
            "11.0.0.1"
        );
    }

    #[test]
    fn the_other_header_is_never_read() {
        let mut headers = HeaderMap::new();
        headers.append("forwarded", HeaderValue::from_static("for=203.0.113.9"));
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(client_ip(peer, &headers, &proxies("x-forwarded-for")), peer);
    }
}
