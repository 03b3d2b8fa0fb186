//! The server of the console: flags and configuration, routes, OAuth sign-in, sessions, and the middleware around them.
//! The program `pat-console` (`main.rs`) calls it. The pages are in `app`, the use cases in `console`.
//!
//! **Dependencies.** `app`, `console`, `domain`, `store` and `workspace-client`: only this crate combines them. No
//! crate of the product depends on it; `bench` measures through it.
//!
//! **Where to start.**
//!
//! - [`config::ServeArgs`]: every flag, in groups with a file each in `config/`; the configuration file is in
//!   `config/workspaces.rs`.
//! - [`cli`]: one file for each command (`serve`, `check-config`, `end-sessions`, `migrate`,
//!   `verify-activity`).
//! - [`router()`]: every route and the order of the middleware; the tests call it too.
//! - `routes.rs`: responses other than pages and server functions, such as exports, metrics and OAuth.
//! - `middleware.rs`: the checks that a request has to pass, security headers, request IDs, the access log, and changes
//!   that run to their end.

pub mod cli;
pub mod config;
mod middleware;
mod router;
mod routes;
mod sign_in_rate_limit;

pub use router::{RouterSettings, route_templates, router};

/// Rendering a page makes many small allocations, which take mimalloc about half the time of glibc's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
