//! The pages of the console, their islands and their server functions.
//!
//! Pages are rendered by the server alone and are complete without JavaScript. What reacts in the browser are
//! islands; they add comfort to links and forms that work without them, by fetching the very pages those lead to.
//! Feature `ssr` is the server's half, `hydrate` the browser's.

#![expect(
    unreachable_pub,
    reason = "what leptos' macros make of a component or an island is `pub`"
)]

mod browser;
mod permissions;
mod tokens;
mod ui;

#[cfg(feature = "ssr")]
pub mod activity;
#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
pub mod browser_session;
#[cfg(feature = "ssr")]
pub mod delivery;
#[cfg(feature = "ssr")]
pub mod device;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod overview;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
pub mod paths;
#[cfg(feature = "ssr")]
pub mod problem;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
mod sessions;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod theme;

#[cfg(feature = "ssr")]
pub use pages::{App, shell};
#[cfg(feature = "ssr")]
pub use tokens::{CreatedToken, RefusedToken, create_token, render_results};
