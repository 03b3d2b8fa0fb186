//! What tests and demonstrations may do to a workspace from outside its APIs.

pub(crate) mod change;
pub(crate) mod http;
