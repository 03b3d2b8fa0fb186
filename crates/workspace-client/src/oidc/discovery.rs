//! Discovers the sign-in service of a workspace.

use reqwest::{Method, Request};
use serde::Deserialize;
use url::Url;

use super::Endpoints;
use crate::call::Call;
use crate::workspace_url::is_loopback;
use crate::{Client, Error, ErrorKind};

const CONFIG: &str = "/.well-known/databricks-config";
const METADATA: &str = "/oidc/.well-known/oauth-authorization-server";

#[derive(Deserialize)]
struct Config {
    oidc_endpoint: String,
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
    let metadata = metadata_url(client, issuer_hosts).await?;
    let call = Call::with_request(client, Request::new(Method::GET, metadata), METADATA);
    let convert = |found: Metadata| Ok((found.authorization_endpoint, found.token_endpoint, found.issuer));
    let call = call.answer_keys(&["token_endpoint"]);
    let (authorize, token, issuer) = call.send().await?.decode(convert).await?;
    Ok(Endpoints {
        authorize: trusted(client, issuer_hosts, &authorize)?,
        token: trusted(client, issuer_hosts, &token)?,
        issuer,
    })
}

/// The URL of the metadata. Workspaces without `databricks-config` are older, and have the service at the path that
/// newer ones return.
async fn metadata_url(client: &Client, issuer_hosts: &[String]) -> Result<Url, Error> {
    let call = Call::new(client, Method::GET, CONFIG).answer_keys(&["oidc_endpoint"]);
    let response = match call.send().await {
        Ok(response) => response,
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(client.url().url_for(METADATA)),
        Err(error) => return Err(error),
    };
    let endpoint = response.decode(|config: Config| Ok(config.oidc_endpoint)).await?;
    let mut url = trusted(client, issuer_hosts, &endpoint)?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty()
            .extend([".well-known", "oauth-authorization-server"]);
    }
    Ok(url)
}

/// Parses a URL to which people, codes and secrets may be sent; refuses any other.
fn trusted(client: &Client, issuer_hosts: &[String], text: &str) -> Result<Url, Error> {
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
