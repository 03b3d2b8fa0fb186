//! What holds for every route.

/// Why a workspace has no permissions for tokens.
mod absent_permissions;
/// One line per request in the log, without secrets.
mod access_log;
/// The largest body of a request.
mod body_limit;
/// A client that leaves stops nothing that was begun.
mod client_aborts;
/// The client's address behind proxies: in the log, for limits, in sessions and in the activity log.
mod client_address;
/// What follows if the console's clock is wrong.
mod clocks;
/// What a page shows instead of its content, and its status.
pub(crate) mod error_pages;
/// Every page of a workspace.
mod every_page;
/// What is known, recorded and shown after a change, for every way in which it can fail.
mod fault_table;
/// Where a form leads.
mod form_redirect;
/// The headers of every kind of response.
mod headers;
/// What a request can name as its host and its origin.
mod host_and_origin;
/// Scripts in a workspace's strings stay text.
mod hostile_text;
/// What was typed is still there after a new sign-in.
mod input_survives_sign_in;
/// Invalid paths, queries, bodies and cookies.
mod invalid_input;
/// Pages that are there before names, settings, permissions and groups.
mod loading_parts;
/// What does not fit into a URL.
mod long_input;
/// Which method a route accepts.
mod methods;
/// Who can do what, for every route.
mod roles;
/// No credential leaves the server.
mod secrets;
/// What every server function refuses.
pub(crate) mod server_functions;
/// A database that is locked, replaced or gone.
mod storage_faults;
/// What depends on something that could not be read is not available, on every page.
mod unread_parts;
/// Tokens that cannot be read completely.
mod unreadable_rows;
/// Forms while the workspace fails.
mod upstream_failures;
