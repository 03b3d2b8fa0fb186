//! The request behind a page, its response, and what travels between them: sessions, paths, browsers.

pub mod browser_session;
pub mod delivery;
pub mod device;
pub mod paths;
pub mod request;
