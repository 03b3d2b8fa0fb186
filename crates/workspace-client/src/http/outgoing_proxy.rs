//! The outgoing proxy that the environment names.

use std::fmt;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Proxy;
use url::{Position, Url};

use super::HttpClientError;
use crate::workspace_url::is_loopback;

/// The variables that name a proxy for https, in the order in which they are read. Workspaces have no other scheme,
/// except on this machine.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The variables with the hosts that are reached without a proxy.
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxy that `HTTPS_PROXY` or `ALL_PROXY` names. It is used neither for the hosts in `NO_PROXY` nor for this
/// machine. Its `Display` and `Debug` show no password.
pub struct OutgoingProxy {
    variable: &'static str,
    url: Url,
    matcher: Matcher,
}

impl OutgoingProxy {
    /// The proxy of the environment, if there is one.
    pub(super) fn from_env() -> Result<Option<Self>, HttpClientError> {
        let Some((variable, url)) = first_set(&VARIABLES) else {
            return Ok(None);
        };
        let exceptions = first_set(&EXCEPTIONS).map(|(_, hosts)| hosts).unwrap_or_default();
        Self::new(variable, &url, &exceptions).map(Some)
    }

    fn new(variable: &'static str, url: &str, exceptions: &str) -> Result<Self, HttpClientError> {
        let with_scheme = match url.contains("://") {
            true => url.to_owned(),
            false => format!("http://{url}"),
        };
        let is_http = |url: &Url| matches!(url.scheme(), "http" | "https");
        let parsed = Url::parse(&with_scheme).ok().filter(is_http);
        let url = parsed.ok_or(HttpClientError::Proxy { variable })?;
        let matcher = Matcher::builder().https(url.as_str()).no(exceptions).build();
        Ok(Self { variable, url, matcher })
    }

    /// Whether requests to this URL go through the proxy.
    pub(super) fn applies_to(&self, url: &Url) -> bool {
        let uri = url.as_str().parse();
        !is_loopback(url) && uri.is_ok_and(|uri| self.matcher.intercept(&uri).is_some())
    }

    /// The setting that makes `reqwest` use this proxy.
    pub(super) fn setting(self: &Arc<Self>) -> Proxy {
        let proxy = Arc::clone(self);
        Proxy::custom(move |url| proxy.applies_to(url).then(|| proxy.url.clone()))
    }
}

fn first_set(names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| {
        let value = std::env::var(name).ok()?.trim().to_owned();
        (!value.is_empty()).then_some((*name, value))
    })
}

impl fmt::Display for OutgoingProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        write!(f, "{}://{host} ({})", self.url.scheme(), self.variable)
    }
}

impl fmt::Debug for OutgoingProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(url: &str, exceptions: &str) -> OutgoingProxy {
        OutgoingProxy::new("HTTPS_PROXY", url, exceptions).unwrap()
    }

    #[test]
    fn a_proxy_is_used_for_every_host_but_the_exceptions_and_this_machine() {
        let proxy = proxy("http://proxy.example:3128", "databricks.example, 10.0.0.0/8");
        let applies_to = |url: &str| proxy.applies_to(&url.parse().unwrap());
        for url in [
            "https://acme.example",
            "https://mydatabricks.example",
            "https://11.0.0.1",
        ] {
            assert!(applies_to(url), "{url}");
        }
        for url in [
            "https://databricks.example",
            "https://acme.databricks.example:8443",
            "https://10.1.2.3",
            "https://localhost:4001",
            "http://localhost:4001",
            "http://127.0.0.9",
            "https://[::1]:4001",
        ] {
            assert!(!applies_to(url), "{url}");
        }
    }

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        for (url, shown) in [
            (
                "http://mia:s3cret@proxy.example:3128",
                "http://proxy.example:3128 (HTTPS_PROXY)",
            ),
            ("proxy.example:3128", "http://proxy.example:3128 (HTTPS_PROXY)"),
            ("https://mia@proxy.example/", "https://proxy.example (HTTPS_PROXY)"),
        ] {
            let proxy = proxy(url, "");
            assert_eq!(
                (proxy.to_string(), format!("{proxy:?}")),
                (shown.to_owned(), shown.to_owned())
            );
        }
    }

    #[test]
    fn what_is_not_the_url_of_an_http_proxy_is_refused_and_not_repeated() {
        for url in [
            "socks5://mia:s3cret@proxy.example",
            "http://",
            "proxy s3cret",
            "http://[s3cret",
        ] {
            let error = OutgoingProxy::new("ALL_PROXY", url, "").unwrap_err().to_string();
            assert!(
                error.contains("ALL_PROXY") && !error.contains("s3cret"),
                "{url}: {error}"
            );
        }
    }
}
