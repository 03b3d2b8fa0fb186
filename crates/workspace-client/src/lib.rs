//! A typed, asynchronous client of a Databricks workspace's REST APIs, as far as an admin of personal access tokens
//! needs them: token management, workspace configuration, token permissions, SCIM and OAuth sign-in.
//!
//! It turns HTTP into [`domain`] values and failures into [`Error`]s that a person can act on. It holds each call to
//! its time budget, repeats what is safe to repeat, and counts what it asked ([`tally`]). It keeps nothing: no cache,
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

mod workspace_url;
mod response;
mod api;
mod call;
mod client;
mod credential;
mod error;
mod json_repair;
mod streaming_list;
pub mod oidc;
pub mod call_log;
mod wire;

pub use workspace_url::{WorkspaceUrl, WorkspaceUrlError};
pub use api::{Created, Found, Listed, Me, NewToken, TokenList};
pub use client::{Api, Budgets, Client};
pub use credential::Credential;
pub use error::{CreationRefusal, Error, ErrorKind, Refusal, Upstream};
pub use streaming_list::UnreadableRow;
