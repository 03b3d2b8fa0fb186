//! What holds for every route.

pub(crate) mod access_log;
pub(crate) mod client_aborts;
pub(crate) mod error_pages;
pub(crate) mod headers;
pub(crate) mod hostile_text;
pub(crate) mod input_survives_sign_in;
pub(crate) mod invalid_input;
pub(crate) mod roles;
pub(crate) mod secrets;
pub(crate) mod server_functions;
pub(crate) mod storage_faults;
pub(crate) mod unreadable_rows;
pub(crate) mod upstream_failures;
