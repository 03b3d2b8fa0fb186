//! Discovers the sign-in service of a workspace.

use reqwest::{Method, Request};
use serde::Deserialize;
use url::Url;

use super::Endpoints;
use crate::call::Call;
use crate::error::Endpoint;
use crate::workspace_url::is_loopback;
use crate::{Client, Error, ErrorKind};

const CONFIG: &str = "/.well-known/databricks-config";
const METADATA: &str = "/oidc/.well-known/oauth-authorization-server";

#[derive(Deserialize)]
struct Config {
    oidc_endpoint: String,
    account_id: Option<String>,
    host_type: Option<String>,
}

/// The sign-in service of a host.
struct Host {
    metadata: Url,
    is_shared: bool,
}

/// The part of a URL's path that shows that it is an account's sign-in service.
const ACCOUNT_PATH: &str = "/oidc/accounts/";

/// The placeholder for the account's ID in the URL of a unified host.
const ACCOUNT_PLACEHOLDER: &str = "{account_id}";

impl Config {
    /// Whether several workspaces share the host, as the vendor's CLI decides it
    /// (<https://github.com/databricks/cli/issues/4985>).
    fn is_shared(&self, host: &str) -> bool {
        match &self.host_type {
            Some(host_type) => host_type.eq_ignore_ascii_case("unified"),
            None => self.oidc_endpoint.contains(ACCOUNT_PATH) && !host.starts_with("accounts."),
        }
    }

    /// The URL of the sign-in service.
    fn endpoint(&self) -> String {
        let account = self.account_id.as_deref().unwrap_or_default();
        self.oidc_endpoint.replace(ACCOUNT_PLACEHOLDER, account)
    }
}

/// The metadata of an OAuth server (RFC 8414).
#[derive(Deserialize)]
struct Metadata {
    authorization_endpoint: String,
    token_endpoint: String,
    issuer: Option<String>,
}

/// Asks the workspace for the URLs of its sign-in service. Needs no credential, and follows no redirects.
///
/// # Errors
/// [`ForeignEndpoint`](ErrorKind::ForeignEndpoint) if a URL is neither on the workspace's origin nor an https URL on
/// one of `issuer_hosts` (see [`OAuthApp::issuer_hosts`](super::OAuthApp)).
pub async fn discover(client: &Client, issuer_hosts: &[String]) -> Result<Endpoints, Error> {
    let host = host(client, issuer_hosts).await?;
    let call = Call::with_request(client, Request::new(Method::GET, host.metadata), METADATA);
    let convert = |found: Metadata| Ok((found.authorization_endpoint, found.token_endpoint, found.issuer));
    let call = call.endpoint(Endpoint::Discovery).expected_keys(&["token_endpoint"]);
    let (authorize, token, issuer) = call.send().await?.decode(convert).await?;
    Ok(Endpoints {
        authorize: parse_trusted(client, issuer_hosts, &authorize)?,
        token: parse_trusted(client, issuer_hosts, &token)?,
        issuer,
        is_shared_host: host.is_shared,
    })
}

/// Where the metadata is. Workspaces without `databricks-config` are older, and have the service at the path that newer
/// ones return.
async fn host(client: &Client, issuer_hosts: &[String]) -> Result<Host, Error> {
    let call = Call::new(client, Method::GET, CONFIG)
        .endpoint(Endpoint::Discovery)
        .expected_keys(&["oidc_endpoint"]);
    let response = match call.send().await {
        Ok(response) => response,
        Err(error) if error.kind == ErrorKind::NotFound => {
            return Ok(Host {
                metadata: client.url().url_for(METADATA),
                is_shared: false,
            });
        }
        Err(error) => return Err(error),
    };
    let config = response.decode(|config: Config| Ok(config)).await?;
    let mut metadata = parse_trusted(client, issuer_hosts, &config.endpoint())?;
    if let Ok(mut path) = metadata.path_segments_mut() {
        path.pop_if_empty()
            .extend([".well-known", "oauth-authorization-server"]);
    }
    Ok(Host {
        metadata,
        is_shared: config.is_shared(client.url().host()),
    })
}

/// Parses a URL to which people, codes and secrets may be sent; refuses any other.
fn parse_trusted(client: &Client, issuer_hosts: &[String], text: &str) -> Result<Url, Error> {
    let foreign = || Error::from(ErrorKind::ForeignEndpoint);
    let url = Url::parse(text).map_err(|_| foreign())?;
    let is_own = url.origin() == client.url().origin();
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let is_issuer = url.scheme() == "https" && issuer_hosts.iter().any(|host| host.eq_ignore_ascii_case(authority));
    let is_secure = url.scheme() == "https" || (client.url().is_loopback() && is_loopback(&url));
    if (is_own || is_issuer) && is_secure && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(foreign())
    }
}
