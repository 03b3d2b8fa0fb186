//! A typed, asynchronous client of a Databricks workspace's REST APIs, as far as they concern personal access tokens:
//! token management, workspace configuration, token permissions, SCIM and OAuth sign-in.
//!
//! It turns HTTP into [`domain`] values and failures into [`Error`]s. It limits the time of each call, retries what is
//! safe to retry, and records its calls ([`call_log`]). It stores nothing: no cache, no session, no credential.
//!
//! **Dependencies.** [`domain`]. It must not know the database, the use cases or the pages.
//!
//! **Where to start.**
//!
//! - [`Client`] and [`Api`]: a workspace, and its calls with one credential; the calls are in `api/`, their JSON in
//!   `wire/`.
//! - [`Error`] and [`ErrorKind`]: what can go wrong on the wire.
//! - `call.rs`: one call with its retries. `streaming_list.rs`: the token list, decoded while it arrives.
//! - [`oidc`]: OAuth sign-in.
//!
//! ```no_run
//! # use workspace_client::{Client, Credential, HttpClient};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let workspace = Client::new(HttpClient::new()?, "https://adb-1.2.azuredatabricks.net".parse()?);
//! let credential = Credential::new(String::from("dapi…").into());
//! let tokens = workspace.with(&credential).tokens().await?;
//! # let _ = tokens; Ok(()) }
//! ```

mod api;
mod call;
pub mod call_log;
mod client;
mod clock_skew;
mod credential;
mod error;
mod http;
mod json_repair;
mod metrics;
pub mod oidc;
mod response;
mod streaming_list;
mod wire;
mod workspace_id;
mod workspace_url;

pub use api::{CreateTokenRequest, CreatedToken, Listed, Me, SearchResults, TokenList};
pub use client::{Api, Budgets, Client};
pub use clock_skew::ClockSkew;
pub use credential::Credential;
pub use error::{ConfRefusal, CreationRefusal, Error, ErrorKind, UpstreamDetails};
pub use http::{HttpClient, HttpClientError, OutgoingProxy};
pub use streaming_list::UnreadableRow;
pub use workspace_id::{WorkspaceId, WorkspaceIdError};
pub use workspace_url::{WorkspaceUrl, WorkspaceUrlError};
