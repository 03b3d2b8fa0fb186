//! What public sources say of the real APIs, one numbered test (`edge_NN_…`) for each case. The tests without a number are
//! about what this workspace adds: sign-in, faults, control and seeds.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something else has failed"
)]

mod control;
mod fault_shares;
mod faults;
mod own_tokens;
mod permissions;
mod rate_limit;
mod scim;
mod seeds;
mod sign_in;
mod support;
mod token_management;
mod transport;
mod workspace_conf;
