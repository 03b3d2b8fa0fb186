//! Tests by route.

/// The activity log.
mod activity;
/// Selecting tokens for a bulk revocation, and its review.
pub(crate) mod bulk;
/// A running and a finished bulk revocation, and its report.
mod bulk_results;
mod bulk_scopes;
/// Concurrent sign-ins of one browser.
mod concurrent_sign_ins;
/// `activity.csv` and `activity.json`.
mod export_activity;
/// `findings.csv` and `findings.json`.
mod export_findings;
/// `tokens.csv` and `tokens.json`.
mod export_tokens;
/// Finding a leaked token by its value.
mod find_leaked;
mod findings;
/// The first token of a workspace.
mod first_token;
/// The keyboard shortcuts.
mod keyboard_shortcuts;
mod legacy_paths;
/// Signing in with OAuth.
mod oauth;
/// The overview of all workspaces.
mod overview;
/// The editor of permissions, its review, and saving.
mod permissions;
/// The page of one user or service principal.
mod principal;
/// The page about the scopes of all tokens.
mod scopes;
/// The search in the bar.
mod search;
/// A user's own sessions.
mod sessions;
/// The switch for PAT authentication, and the maximum lifetime.
mod settings;
/// Signing in with an access token, and the resulting session.
mod sign_in;
/// The time zone of the pages.
mod time_zone;
/// The page of one token.
mod token_detail;
/// Editing a comment.
mod tokens_comment;
/// Creating a token for a service principal.
mod tokens_create;
/// The filters of the list.
mod tokens_filters;
/// The list of tokens.
mod tokens_list;
/// Revoking one token.
pub(crate) mod tokens_revoke;
/// Showing and editing a token's scopes.
mod tokens_scopes;
