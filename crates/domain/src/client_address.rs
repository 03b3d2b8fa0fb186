//! The client that sent a request.

use std::fmt;
use std::net::IpAddr;

/// The IP address of the client that sent a request, if it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// The address of an unknown client.
    pub const UNKNOWN: Self = Self(None);

    /// The IP address; `None` if it is unknown.
    pub fn ip(self) -> Option<IpAddr> {
        self.0
    }

    /// The text in the database; empty if the address is unknown.
    pub fn to_stored(self) -> String {
        self.0.map(|ip| ip.to_string()).unwrap_or_default()
    }

    /// Parses the text in the database. Anything that is not an IP address becomes an unknown address.
    pub fn from_stored(text: &str) -> Self {
        text.parse().map_or(Self::UNKNOWN, IpAddr::into)
    }
}

impl From<IpAddr> for ClientAddress {
    /// An IPv4 address in IPv6 notation, as from a dual-stack socket, becomes IPv4.
    fn from(ip: IpAddr) -> Self {
        Self(Some(ip.to_canonical()))
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ip) => ip.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_stored_in_one_form_and_unknown_as_empty_text() {
        for (ip, stored) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:DB8:0::7", "2001:db8::7"),
        ] {
            let address = ClientAddress::from(ip.parse::<IpAddr>().unwrap());
            assert_eq!(address.to_stored(), stored);
            assert_eq!(ClientAddress::from_stored(stored), address);
        }
        assert_eq!(ClientAddress::UNKNOWN.to_stored(), "");
        for text in ["", "unknown", "192.0.2.7, 10.0.0.1"] {
            assert_eq!(ClientAddress::from_stored(text), ClientAddress::UNKNOWN, "{text}");
        }
    }
}
