//! What workspaces said about requests that failed, so that the next page can show it. It is kept here and not in the
//! page's URL, since anyone can write a URL.

use std::time::Duration;

use moka::sync::Cache;

use super::expiring;
use crate::Console;

const MAX_MESSAGES: u64 = 1000;

/// How long a message is remembered.
const MESSAGE_TTL: Duration = Duration::from_mins(10);

/// The messages by the ID of the request to the console.
pub(crate) struct WorkspaceMessages(Cache<String, String>);

impl Default for WorkspaceMessages {
    fn default() -> Self {
        Self(expiring(MAX_MESSAGES, MESSAGE_TTL))
    }
}

impl Console {
    /// The message of the workspace about a request, if there was one and it is still remembered.
    pub fn workspace_message(&self, request_id: &str) -> Option<String> {
        self.0.workspace_messages.0.get(request_id)
    }

    /// Remembers what the workspace said about a request, as the client made it safe for pages.
    pub fn remember_workspace_message(&self, request_id: &str, message: &str) {
        self.0
            .workspace_messages
            .0
            .insert(request_id.to_owned(), message.to_owned());
    }
}
