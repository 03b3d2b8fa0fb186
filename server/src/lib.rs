//! The server of the console: configuration, routes, sign-in by OAuth, sessions, and the layers around them. What the
//! pages do is in `app`, what the console does in `console`.

mod access_log;
mod activity;
mod caller;
pub mod check_config;
pub mod config;
mod create;
pub mod end_sessions;
mod export;
mod gate;
mod headers;
mod health;
mod jobs;
mod metrics;
mod oauth;
mod router;
mod run_to_end;
pub mod serve;
mod site;
mod tokens;
mod tries;
pub mod verify;

pub use router::{Settings, addresses, router};

/// Rendering a page is mostly many small allocations, which this one makes in about half the time of glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
