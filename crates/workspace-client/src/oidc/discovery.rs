//! Finds the sign-in service of a workspace.

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

/// RFC 8414.
#[derive(Deserialize)]
struct Metadata {
    authorization_endpoint: String,
    token_endpoint: String,
}

/// Asks the workspace, without a credential, where it signs people in. Follows no redirect.
///
/// # Errors
/// [`ForeignEndpoint`](ErrorKind::ForeignEndpoint) where an address is neither on the workspace's origin nor, by https,
/// on one of `issuer_hosts` (see [`OAuthApp::issuer_hosts`](super::OAuthApp)).
pub async fn discover(client: &Client, issuer_hosts: &[String]) -> Result<Endpoints, Error> {
    let metadata = metadata_address(client, issuer_hosts).await?;
    let call = Call::with_request(client, Request::new(Method::GET, metadata), METADATA);
    let convert = |found: Metadata| Ok((found.authorization_endpoint, found.token_endpoint));
    let (authorize, token) = call.send().await?.decode(convert).await?;
    Ok(Endpoints {
        authorize: trusted(client, issuer_hosts, &authorize)?,
        token: trusted(client, issuer_hosts, &token)?,
    })
}

/// Workspaces older than `databricks-config` have the service at the path that the newer ones name.
async fn metadata_address(client: &Client, issuer_hosts: &[String]) -> Result<Url, Error> {
    let answer = match Call::new(client, Method::GET, CONFIG).send().await {
        Ok(answer) => answer,
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(client.address().url_for(METADATA)),
        Err(error) => return Err(error),
    };
    let endpoint = answer.decode(|config: Config| Ok(config.oidc_endpoint)).await?;
    let mut address = trusted(client, issuer_hosts, &endpoint)?;
    if let Ok(mut path) = address.path_segments_mut() {
        path.pop_if_empty()
            .extend([".well-known", "oauth-authorization-server"]);
    }
    Ok(address)
}

/// An address to which people, codes and secrets may be sent.
fn trusted(client: &Client, issuer_hosts: &[String], text: &str) -> Result<Url, Error> {
    let foreign = || Error::from(ErrorKind::ForeignEndpoint);
    let url = Url::parse(text).map_err(|_| foreign())?;
    let own = url.origin() == client.address().origin();
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let issuer = url.scheme() == "https" && issuer_hosts.iter().any(|host| host.eq_ignore_ascii_case(authority));
    let secure = url.scheme() == "https" || (client.address().is_loopback() && is_loopback(&url));
    if (own || issuer) && secure && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(foreign())
    }
}
