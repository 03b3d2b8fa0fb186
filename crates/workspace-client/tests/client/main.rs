//! The client with a fake workspace that sends prepared responses. A number in a test's name (`case_33_…`) is that of
//! the edge case in the list of the demo workspace, which shows the same behaviour as a whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod bodies;
mod call_log;
mod errors;
mod fake_workspace;
mod groups;
mod oauth;
mod on_behalf;
mod permissions;
mod raw_http;
mod refusals;
mod retries;
mod scim;
mod secrecy;
mod settings;
mod streaming_list;
mod tokens;
mod transport;
mod workspace_conf;
