//! The server of the console: configuration, routes, sign-in by OAuth, sessions, and the layers around them. What the
//! pages do is in `app`, what the console does in `console`.

pub mod cli;
pub mod config;
mod gate;
mod middleware;
mod router;
mod routes;
mod sign_in_rate_limit;

pub use router::{RouterSettings, addresses, router};

/// Rendering a page is mostly many small allocations, which this one makes in about half the time of glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
