//! The layers around the routes. `router.rs` defines their order.

pub(crate) mod access_log;
pub(crate) mod body_limit;
pub(crate) mod client_address;
pub(crate) mod form_drafts;
pub(crate) mod form_redirect;
pub(crate) mod host;
pub(crate) mod new_events;
pub(crate) mod page_compression;
pub(crate) mod redirect_urls;
pub(crate) mod request_id;
pub(crate) mod run_to_end;
pub(crate) mod same_origin;
pub(crate) mod security_headers;
