//! The client against a workspace made of canned answers. A number in a test's name (`case_33_…`) is that of the edge
//! case in the demo workspace's list, where the same behaviour is played by a whole workspace.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod conf;
mod errors;
mod oauth;
mod on_behalf;
mod permissions;
mod raw;
mod repetitions;
mod scim;
mod secrecy;
mod streaming;
mod tally;
mod tokens;
mod transport;
mod workspace;
