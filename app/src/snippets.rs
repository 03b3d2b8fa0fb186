//! Commands that make the same change with other tools: the Databricks CLI, the REST API with curl, and Terraform.

mod changes;
mod shell;
mod terraform;

use std::sync::Arc;

use console::Workspace;

/// The workspace that a command is for. Commands name it, so that they cannot reach another workspace.
pub(crate) struct CommandTarget {
    /// Its URL without a trailing slash, for example `https://dbc-1a2b3c4d.cloud.databricks.com`.
    host_url: String,
    /// Its ID, where several workspaces share the host.
    workspace_id: Option<String>,
}

impl From<&Arc<Workspace>> for CommandTarget {
    fn from(workspace: &Arc<Workspace>) -> Self {
        Self {
            host_url: workspace.url().to_string(),
            workspace_id: workspace.url().workspace_id().map(ToString::to_string),
        }
    }
}

/// A change or a query, as a command for each tool. Constructors such as [`Self::revoke_token`] make it;
/// `components::change_snippets` shows it. It contains no credential: people have to be signed in to the tool.
pub(crate) struct ChangeSnippets {
    pub(crate) cli: Snippet,
    pub(crate) rest: Snippet,
    pub(crate) terraform: Snippet,
}

/// The maximum number of changes that are shown as commands together.
const MAX_COMMANDS: usize = 50;

impl ChangeSnippets {
    /// Several changes of one kind, one command per line. `None` for no change, or for more than [`MAX_COMMANDS`].
    pub(crate) fn join(changes: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut changes = changes.into_iter();
        let mut all = changes.next()?;
        for (number, change) in changes.enumerate() {
            if number + 2 > MAX_COMMANDS {
                return None;
            }
            all.cli.add(&change.cli);
            all.rest.add(&change.rest);
            all.terraform.add(&change.terraform);
        }
        Some(all)
    }
}

/// A command, and a note to read before running it.
pub(crate) struct Snippet {
    /// `None` if the tool cannot do it; the note says so.
    pub(crate) code: Option<String>,
    pub(crate) note: Option<String>,
}

impl Snippet {
    fn code(code: String) -> Self {
        Self {
            code: Some(code),
            note: None,
        }
    }

    fn note(note: &str) -> Self {
        Self {
            code: None,
            note: Some(note.to_owned()),
        }
    }

    /// Appends the code of another snippet of the same kind, which has the same note.
    fn add(&mut self, other: &Self) {
        if let Some((code, other)) = self.code.as_mut().zip(other.code.as_ref()) {
            code.push('\n');
            code.push_str(other);
        }
    }

    fn with_note(self, note: &str) -> Self {
        Self {
            note: Some(note.to_owned()),
            ..self
        }
    }
}
