//! The control interface, through which tests and demonstrations change a workspace without using its APIs.

pub(crate) mod change;
pub(crate) mod http;
