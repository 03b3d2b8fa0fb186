//! The server of the console: flags and configuration, routes, OAuth sign-in, sessions, and the middleware around them.
//! The program `pat-console` (`main.rs`) calls it. The pages are in `app`, the use cases in `console`.
//!
//! **Dependencies.** `app`, `console`, `domain`, `store` and `workspace-client`: this is the only crate that puts them
//! together. Of the crates that ship, none depends on it; `bench` measures through it.
//!
//! **Where to start.**
//!
//! - [`config::ServeArgs`]: every flag; the configuration file is in `config/workspaces.rs`.
//! - [`cli`]: one file for each command (`serve`, `check-config`, `end-sessions`, `verify-activity`).
//! - [`router()`]: every route and the order of the middleware; the tests call it too.
//! - `routes.rs`: what is neither a page nor a server function, such as exports, metrics and OAuth.
//! - `middleware.rs`: security headers, the access log, and changes that run to their end.

pub mod cli;
pub mod config;
mod gate;
mod middleware;
mod router;
mod routes;
mod sign_in_rate_limit;

pub use router::{RouterSettings, route_templates, router};

/// Rendering a page is mostly many small allocations, which this one makes in about half the time of glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
