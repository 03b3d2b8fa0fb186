//! The console over real HTTP: the router on a free port, a demo workspace behind it, and a browser without JavaScript
//! in front.

#![expect(
    clippy::unwrap_used,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

/// The cookies of a browser.
#[path = "../shared/cookies.rs"]
mod cookies;
/// Tests by route.
mod routes;
/// Rules that hold for every route.
mod rules;
/// The console, its workspace and the browser.
mod support;
