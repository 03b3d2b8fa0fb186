//! Rules that hold for every route.

/// The reasons why a workspace has no permissions for tokens.
mod absent_permissions;
/// One line per request in the log, without secrets.
mod access_log;
/// The maximum size of a request body.
mod body_limit;
/// A client that disconnects does not stop a change in progress.
mod client_aborts;
/// The client's address behind proxies: in the log, for limits, in sessions and in the activity log.
mod client_address;
/// The effects of a wrong clock.
mod clocks;
/// Error pages and their status.
pub(crate) mod error_pages;
/// Rules for every page of a workspace.
mod every_page;
/// What is reported, recorded and shown after a change, for every way in which it can fail.
mod fault_table;
/// The page that a form leads to.
mod form_redirect;
/// The headers of every kind of response.
mod headers;
/// The hosts and origins that a request can name.
mod host_and_origin;
/// Scripts in a workspace's texts are shown as text.
mod hostile_text;
/// Form input survives a new sign-in.
mod input_survives_sign_in;
/// Invalid paths, queries, bodies and cookies.
mod invalid_input;
/// Pages that are shown before names, settings, permissions and groups have loaded.
mod loading_parts;
/// Input that does not fit into a URL.
mod long_input;
/// The methods that each route accepts.
mod methods;
/// Which roles can use which route.
mod roles;
/// No credential leaves the server.
mod secrets;
/// The requests that every server function refuses.
pub(crate) mod server_functions;
/// A database that is locked, replaced or deleted.
mod storage_faults;
/// On every page, values that depend on missing data are not available.
mod unread_parts;
/// Tokens that are only partly readable.
mod unreadable_rows;
/// Forms while the workspace fails.
mod upstream_failures;
