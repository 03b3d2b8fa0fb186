//! The proxies in front of the console, and the header in which they name their client.

use std::net::IpAddr;

use clap::{Args, ValueEnum};
use http::HeaderName;
use http::header::FORWARDED;
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The flags for proxies.
#[derive(Args)]
#[command(next_help_heading = "Address")]
pub struct ProxyArgs {
    /// The network or IP address of a proxy in front of the console, for example 10.0.0.0/24. It can be given several
    /// times. Only such a proxy is believed about which client it forwards for.
    #[arg(
        long = "trusted-proxy",
        env = "CONSOLE_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = parse_network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which trusted proxies name their client. The other one is never read.
    #[arg(
        long,
        env = "CONSOLE_CLIENT_ADDRESS_HEADER",
        value_name = "HEADER",
        value_enum,
        default_value = "x-forwarded-for"
    )]
    pub client_address_header: ClientAddressHeader,
}

/// A header in which proxies name their client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ClientAddressHeader {
    /// `X-Forwarded-For`: IP addresses only.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ClientAddressHeader {
    /// Its name.
    pub fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => X_FORWARDED_FOR,
            Self::Forwarded => FORWARDED,
        }
    }
}

/// The proxies whose header is trusted. Empty by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    /// The header that they name their client in.
    pub header: ClientAddressHeader,
}

impl TrustedProxies {
    /// Whether a proxy with this IP address is trusted.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&ip))
    }

    /// The networks and the header, for the operator.
    pub(crate) fn describe(&self) -> String {
        let networks: Vec<_> = self.networks.iter().map(IpNet::to_string).collect();
        match networks.as_slice() {
            [] => "none; the connecting address is the client".to_owned(),
            networks => format!(
                "{}; they name the client in {}",
                networks.join(", "),
                self.header.name()
            ),
        }
    }
}

impl ProxyArgs {
    /// The trusted proxies.
    pub fn trusted(&self) -> TrustedProxies {
        TrustedProxies {
            networks: self.trusted_proxies.clone(),
            header: self.client_address_header,
        }
    }
}

/// A network, or one IP address.
fn parse_network(text: &str) -> Result<IpNet, &'static str> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| "for example 10.0.0.0/24, 10.0.0.5 or fd00::/8")
}
