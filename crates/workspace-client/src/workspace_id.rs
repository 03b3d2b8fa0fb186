//! The ID of a workspace. It identifies the workspace on a host that several workspaces of an account share.

use std::fmt;
use std::str::FromStr;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// The headers that name the workspace of a call: the newer and the older one. Each host knows at least one of them
/// (<https://github.com/databricks/databricks-sdk-go/pull/1688>). A host of one workspace ignores them.
const HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("x-databricks-workspace-id"),
    HeaderName::from_static("x-databricks-org-id"),
];

/// The ID of a workspace: usually a number, but the vendor's SDKs take it for any text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkspaceId(String);

/// The text is not the ID of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A workspace ID is the number after ?o= in the URLs of the workspace's pages.")]
pub struct WorkspaceIdError;

impl WorkspaceId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            for name in HEADERS {
                headers.insert(name, value.clone());
            }
        }
    }
}

impl FromStr for WorkspaceId {
    type Err = WorkspaceIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        match (1..=100).contains(&text.len()) && text.bytes().all(is_allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(WorkspaceIdError),
        }
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
