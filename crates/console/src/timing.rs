//! How long changes and looks may take, and how long cached data is shown. One struct, so that tests can make all of it
//! shorter.

use std::time::Duration;

/// All time limits of the use cases. [`Default`] is what the program uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a change may take to be confirmed before its outcome is unknown. The vendor's text for the switch says
    /// "a few seconds".
    pub verify_timeout: Duration,
    /// The pause after the first look. Each further pause is twice as long as the one before, up to
    /// [`max_pause`](Self::max_pause).
    pub first_pause: Duration,
    /// The longest pause between two looks.
    pub max_pause: Duration,
    /// How long the workspace may still list tokens whose revocation in bulk it accepted, before they count as not
    /// confirmed. The longest pause between two looks at the list is [`max_pause`](Self::max_pause).
    pub list_verify_timeout: Duration,
    /// How long the workspace may show the old scopes after it accepted new ones, before these count as not confirmed.
    /// The vendor says "up to 10 minutes" (<https://docs.databricks.com/aws/en/dev-tools/auth/pat>), and others twice
    /// that.
    pub scopes_verify_timeout: Duration,
    /// The longest pause between two looks at scopes. The first is [`max_pause`](Self::max_pause), and each is twice as
    /// long as the one before.
    pub scopes_max_pause: Duration,
    /// The pause before a token of a bulk revocation is tried again after a failure. It doubles with each further one.
    pub item_backoff: Duration,
    /// How long it may take to read a token that is about to be revoked. After that it is revoked without knowing its
    /// comment.
    pub describe_timeout: Duration,
    /// How long it may take to read a token that was just created. After that its value is shown without it.
    pub new_token_timeout: Duration,
    /// How long a snapshot of the tokens is shown.
    pub snapshot_ttl: Duration,
    /// How long it is still shown while a new one is read, or cannot be read.
    pub stale_ttl: Duration,
    /// How long a page waits for a new snapshot if it can show an older one.
    pub stale_wait: Duration,
    /// How long a page waits for names, policy, permissions and groups, counted from when they began to be read. If
    /// the list of tokens takes longer, it waits a little longer than that.
    pub part_wait: Duration,
    /// How long the review of a change waits for the members of groups that it adds.
    pub review_wait: Duration,
    /// How long a lookup in all workspaces waits for one of them: enough to ask for many tokens one by one.
    pub lookup_wait: Duration,
    /// How long saving permissions waits for someone else who is saving them: about as long as that takes at most.
    pub save_wait: Duration,
    /// How long an operation may be in progress before a later look decides its outcome: longer than any call takes.
    pub reconcile_after: Duration,
    /// How long a bulk change waits for another instance if the one that runs it was killed or lost the database. Long
    /// enough for a database server that restarts, and short enough that people who watch hardly notice.
    pub bulk_lease: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            verify_timeout: Duration::from_secs(5),
            first_pause: Duration::from_millis(150),
            max_pause: Duration::from_secs(1),
            list_verify_timeout: Duration::from_secs(10),
            scopes_verify_timeout: Duration::from_mins(20),
            scopes_max_pause: Duration::from_mins(2),
            item_backoff: Duration::from_millis(100),
            describe_timeout: Duration::from_secs(2),
            new_token_timeout: Duration::from_secs(3),
            snapshot_ttl: Duration::from_mins(1),
            stale_ttl: Duration::from_mins(15),
            stale_wait: Duration::from_secs(1),
            part_wait: Duration::from_millis(100),
            review_wait: Duration::from_secs(3),
            lookup_wait: Duration::from_secs(10),
            save_wait: Duration::from_secs(70),
            reconcile_after: Duration::from_mins(2),
            bulk_lease: Duration::from_secs(15),
        }
    }
}
