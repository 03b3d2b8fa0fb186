//! The URL of a workspace. It comes from the console's configuration, never from a request.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::WorkspaceId;

/// The origin of a workspace: https, or http on this machine. On a host that several workspaces share, it has the ID of
/// this one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkspaceUrl {
    origin: Url,
    workspace_id: Option<WorkspaceId>,
}

/// The query parameters in which the URLs of a workspace's pages have its ID: the older and the newer one.
const ID_PARAMETERS: [&str; 2] = ["o", "w"];

/// Why a text is not the URL of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkspaceUrlError {
    /// It is not an http or https URL.
    #[error("A workspace URL looks like https://dbc-1a2b3c4d-5e6f.cloud.databricks.com, with https:// in front.")]
    NotAnAddress,
    /// It has the scheme http, but is not on this machine.
    #[error("A workspace URL must start with https://; http:// works only for localhost.")]
    NotSecure,
    /// It contains a username or a password.
    #[error("A workspace URL must not contain a username or password.")]
    UserInfo,
    /// It has a path, a fragment, or a query other than the workspace's ID.
    #[error("A workspace URL must end after the host, or with ?o= and the workspace's ID: remove everything else.")]
    NotAnOrigin,
}

impl WorkspaceUrl {
    /// The host, with the port unless it is the scheme's default.
    pub fn host(&self) -> &str {
        &self.origin[url::Position::BeforeHost..url::Position::AfterPort]
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.origin)
    }

    /// The workspace's ID, if it was given.
    pub fn workspace_id(&self) -> Option<&WorkspaceId> {
        self.workspace_id.as_ref()
    }

    /// The same URL for the workspace with this ID.
    #[must_use]
    pub fn with_workspace_id(self, id: WorkspaceId) -> Self {
        Self {
            workspace_id: Some(id),
            ..self
        }
    }

    pub(crate) fn as_url(&self) -> &Url {
        &self.origin
    }

    pub(crate) fn origin(&self) -> url::Origin {
        self.origin.origin()
    }

    /// The URL of an absolute path. The path is a constant: text from a workspace or a user must not become part of it.
    pub(crate) fn url_for(&self, path: &'static str) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        url
    }
}

/// The ID in a query that has nothing else.
fn id_in_query(url: &Url) -> Option<WorkspaceId> {
    let mut pairs = url.query_pairs();
    let (name, value) = pairs.next()?;
    let is_only = pairs.next().is_none() && ID_PARAMETERS.contains(&name.as_ref());
    is_only.then(|| value.parse().ok())?
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl FromStr for WorkspaceUrl {
    type Err = WorkspaceUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).map_err(|_| WorkspaceUrlError::NotAnAddress)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(WorkspaceUrlError::NotSecure),
            _ => return Err(WorkspaceUrlError::NotAnAddress),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WorkspaceUrlError::UserInfo);
        }
        let workspace_id = match url.query().filter(|query| !query.is_empty()) {
            Some(_) => Some(id_in_query(&url).ok_or(WorkspaceUrlError::NotAnOrigin)?),
            None => None,
        };
        let mut origin = url;
        if origin.path() != "/" || origin.fragment().is_some() {
            return Err(WorkspaceUrlError::NotAnOrigin);
        }
        origin.set_query(None);
        Ok(Self { origin, workspace_id })
    }
}

/// The origin, without a trailing slash and without the ID.
impl fmt::Display for WorkspaceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin[..url::Position::AfterPort])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_accepted() {
        for (text, shown, host) in [
            (
                "https://x.cloud.databricks.com",
                "https://x.cloud.databricks.com",
                "x.cloud.databricks.com",
            ),
            ("https://X.example:443/", "https://x.example", "x.example"),
            ("https://x.example:8443", "https://x.example:8443", "x.example:8443"),
            ("http://localhost:4001", "http://localhost:4001", "localhost:4001"),
            ("http://127.9.9.9", "http://127.9.9.9", "127.9.9.9"),
            ("http://[::1]:80/", "http://[::1]", "[::1]"),
        ] {
            let url: WorkspaceUrl = text.parse().unwrap();
            assert_eq!((url.to_string().as_str(), url.host()), (shown, host));
        }
    }

    #[test]
    fn the_id_of_a_workspace_can_be_part_of_its_url() {
        for text in [
            "https://acme.databricks.example/?o=7001002003004005",
            "https://acme.databricks.example?w=7001002003004005",
        ] {
            let url: WorkspaceUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), "https://acme.databricks.example");
            assert_eq!(url.workspace_id().unwrap().to_string(), "7001002003004005");
        }
        let url: WorkspaceUrl = "https://acme.databricks.example/?".parse().unwrap();
        assert_eq!(url.workspace_id(), None);
    }

    #[test]
    fn anything_that_is_not_an_origin_is_refused_with_the_reason() {
        use WorkspaceUrlError as E;
        for (text, error) in [
            ("", E::NotAnAddress),
            ("x.cloud.databricks.com", E::NotAnAddress),
            ("localhost:4001", E::NotAnAddress),
            ("ftp://x.example", E::NotAnAddress),
            ("http://x.example", E::NotSecure),
            ("http://localhost.example", E::NotSecure),
            ("http://128.0.0.1", E::NotSecure),
            ("https://mia:secret@x.example", E::UserInfo),
            ("https://mia@x.example", E::UserInfo),
            ("https://x.example/api", E::NotAnOrigin),
            ("https://acme.databricks.example/?o=", E::NotAnOrigin),
            ("https://acme.databricks.example/?o=1&w=2", E::NotAnOrigin),
            ("https://acme.databricks.example/?o=a%20b", E::NotAnOrigin),
            ("https://acme.databricks.example/?q=1", E::NotAnOrigin),
            ("https://x.example/#tokens", E::NotAnOrigin),
        ] {
            assert_eq!(text.parse::<WorkspaceUrl>(), Err(error), "{text}");
        }
    }
}
