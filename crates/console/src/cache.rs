//! What is remembered for a while: the snapshot of a workspace, and sign-ins that were just read.

pub(crate) mod sign_ins;
pub(crate) mod snapshot;
