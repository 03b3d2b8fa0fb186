//! The behaviour of the real APIs according to public sources: one numbered test (`edge_NN_…`) for each case. Tests
//! without a number cover what this workspace adds: sign-in, faults, the control interface and seeds.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic fails the test")]

mod auto_scoping;
mod control;
mod fault_shares;
mod faults;
mod groups;
mod lost_responses;
mod own_tokens;
mod permissions;
mod rate_limit;
mod scim;
mod seeds;
mod sign_in;
mod support;
mod token_management;
mod transport;
mod unified_host;
mod workspace_conf;
