//! A typed, asynchronous client of a Databricks workspace's REST APIs, as far as an admin of personal access tokens
//! needs them: token management, workspace configuration, token permissions, SCIM and OAuth sign-in.
//!
//! It turns HTTP into [`domain`] values and failures into [`Error`]s that a person can act on. It holds each call to
//! its time budget, repeats what is safe to repeat, and counts what it asked ([`call_log`]). It keeps nothing: no cache,
//! no session, no credential.
//!
//! ```no_run
//! # use workspace_client::{Client, Credential};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let workspace = Client::new(Client::http()?, "https://adb-1.2.azuredatabricks.net".parse()?);
//! let credential = Credential::new(String::from("dapi…").into());
//! let tokens = workspace.with(&credential).tokens().await?;
//! # let _ = tokens; Ok(()) }
//! ```

mod api;
mod call;
pub mod call_log;
mod client;
mod credential;
mod error;
mod json_repair;
pub mod oidc;
mod response;
mod streaming_list;
mod wire;
mod workspace_url;

pub use api::{CreateTokenRequest, CreatedToken, Listed, Me, SearchResults, TokenList};
pub use client::{Api, Budgets, Client};
pub use credential::Credential;
pub use error::{ConfRefusal, CreationRefusal, Error, ErrorKind, UpstreamDetails};
pub use streaming_list::UnreadableRow;
pub use workspace_url::{WorkspaceUrl, WorkspaceUrlError};
