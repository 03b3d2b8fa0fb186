//! The layers around every route.

pub(crate) mod access_log;
pub(crate) mod run_to_end;
pub(crate) mod security_headers;
