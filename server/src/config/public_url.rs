//! The console's own URL.

use std::net::SocketAddr;
use std::str::FromStr;

use url::{Host, Position, Url};

/// The URL that people open the console with: a scheme, a host and a port, without a path. It is https, or http on a
/// loopback address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// The value of the `Origin` header in requests from the console's own pages.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The value of the `Host` header in requests to the console.
    pub fn authority(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    /// The host without the port; `None` if it is an IP address.
    pub(crate) fn host(&self) -> Option<&str> {
        self.0.domain()
    }

    /// Whether cookies can be restricted to https.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The redirect URL of OAuth.
    pub fn callback(&self) -> Url {
        let mut url = self.0.clone();
        url.set_path("/sign-in/callback");
        url
    }

    /// The URL of a listener that only this machine can reach; `None` for any other listener.
    pub(crate) fn of_loopback(listen: SocketAddr) -> Option<Self> {
        listen
            .ip()
            .is_loopback()
            .then(|| format!("http://{listen}").parse().ok())
            .flatten()
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| "for example https://pat-console.example.com")?;
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            _ => return Err("it must start with https://; http:// works only for localhost"),
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err("it must not have a path or a query");
        }
        Ok(Self(url))
    }
}
