//! The request behind a page and its response: sessions, cookies, paths, browsers.

pub mod browser_session;
pub mod concurrent_sign_ins;
pub mod cookies;
pub mod delivery;
pub mod device;
pub mod form_drafts;
pub mod paths;
mod reply;
pub mod request;
pub mod time_zone;
