//! The console's own address.

use std::net::SocketAddr;
use std::str::FromStr;

use url::{Host, Url};

/// The console's own origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// What the `Origin` header of the console's own pages says.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// What the `Host` header says.
    pub fn authority(&self) -> &str {
        &self.0[url::Position::BeforeHost..url::Position::AfterPort]
    }

    /// The host without the port, where it is a name.
    pub(crate) fn host(&self) -> Option<&str> {
        self.0.domain()
    }

    /// Whether browsers keep its cookies to https.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address that OAuth comes back to.
    pub fn callback(&self) -> Url {
        let mut url = self.0.clone();
        url.set_path("/sign-in/callback");
        url
    }

    /// The address under which a listener on this machine is opened.
    pub(crate) fn of_listener(listen: SocketAddr) -> Option<Self> {
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
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err("it must start with https://; http:// works only for localhost"),
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err("it must not have a path or a query");
        }
        Ok(Self(url))
    }
}
