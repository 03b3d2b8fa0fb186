//! The console's own URL.

use std::net::SocketAddr;
use std::str::FromStr;

use app::http::cookies::CookieScope;
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

    /// Whether a `Host` header matches this URL. A default port can be left out, and a name can end with a dot.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let Ok(url) = Url::parse(&format!("{}://{host}/", self.0.scheme())) else {
            return false;
        };
        let name = |url: &Url| {
            let name = url.host_str().unwrap_or_default();
            name.strip_suffix('.').unwrap_or(name).to_owned()
        };
        let is_host =
            url.username().is_empty() && url.password().is_none() && url.path() == "/" && url.query().is_none();
        is_host && name(&url) == name(&self.0) && url.port_or_known_default() == self.0.port_or_known_default()
    }

    /// Whether only this machine can open it.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// The host name without the port; `None` if it is an IP address.
    pub(crate) fn host(&self) -> Option<&str> {
        self.0.domain()
    }

    /// The scope of the console's cookies at this URL.
    pub fn cookies(&self) -> CookieScope {
        CookieScope::new(self.is_https(), self.0.port_or_known_default().unwrap_or_default())
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
        let public_url = Self(url);
        let url = &public_url.0;
        match url.scheme() {
            "https" => {}
            "http" if public_url.is_loopback() => {}
            _ => return Err("it must start with https://; http:// works only for localhost"),
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err("it must not have a path or a query");
        }
        Ok(public_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_the_url_with_and_without_the_usual_port_and_a_final_dot() {
        let url: PublicUrl = "https://pats.example.com".parse().unwrap();
        for host in [
            "pats.example.com",
            "PATS.example.com",
            "pats.example.com:443",
            "pats.example.com.",
            "pats.example.com.:443",
        ] {
            assert!(url.is_at(host), "{host}");
        }
        for host in [
            "",
            "pats.example.com:8443",
            "pats.example.com:80",
            "evil.example",
            "pats.example.com.evil.example",
            "pats.example.com@evil.example",
            "evil@pats.example.com",
            "pats.example.com/x",
            "pats.example.com?x",
            "pats.example.com..",
        ] {
            assert!(!url.is_at(host), "{host}");
        }
        let local: PublicUrl = "http://127.0.0.1:3000".parse().unwrap();
        assert!(local.is_at("127.0.0.1:3000") && !local.is_at("127.0.0.1"));
    }
}
