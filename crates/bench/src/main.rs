//! Measures the console. `cargo xtask bench` runs it in the release profile and puts the Markdown that it prints into
//! `docs/PERFORMANCE.md`. Machines are noisy, so every figure is a ratio of two things measured in the same run.
//!
//! **Dependencies.** Any crate. No crate depends on it, and it is not part of the product.
//!
//! **Where to start.** [`main`] and its subcommands, one file each: [`cold_page`], [`warm_page`], [`sessions`],
//! [`memory`], [`filter`], [`permission_review`] and [`bulk_revocation`]. [`setup`] starts a console over a workspace.

mod bulk_revocation;
mod cold_page;
mod disk_sync;
mod filter;
mod memory;
mod permission_review;
mod server_process;
mod sessions;
mod setup;
mod warm_page;

use std::error::Error;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: Benchmark,
}

#[derive(Subcommand)]
enum Benchmark {
    /// The review of a removal of permissions, beside one pass over the memberships.
    Access,
    /// Filter, sort and page over 100 000 tokens, beside a bare scan of the same strings.
    Filter,
    /// A cold token page beside one GET of the same list.
    Cold,
    /// A warm token page beside rendering its rows alone. The server is on the first core, the load on the second.
    Warm,
    /// Revoking a thousand tokens by a job, beside the vendor's SDK in a loop.
    Revoke,
    /// One such job, as JSON.
    #[command(hide = true)]
    RevokeJob,
    /// A thousand sessions beside one, and what it costs to know who asks. Cores as with `warm`.
    Load,
    /// What the server holds, and at most while it reads a list anew.
    Memory,
    /// The server that `warm`, `load` and `memory` start.
    #[command(hide = true)]
    Serve(server_process::ServeArgs),
}

fn main() -> Result<(), Box<dyn Error>> {
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match Cli::parse().what {
        Benchmark::Access => permission_review::run()?,
        Benchmark::Filter => filter::run(),
        Benchmark::Cold => threads.block_on(cold_page::run())?,
        Benchmark::Warm => threads.block_on(warm_page::run())?,
        Benchmark::Revoke => threads.block_on(bulk_revocation::run())?,
        Benchmark::RevokeJob => threads.block_on(bulk_revocation::run_job())?,
        Benchmark::Load => threads.block_on(sessions::run())?,
        Benchmark::Memory => threads.block_on(memory::run())?,
        Benchmark::Serve(arguments) => threads.block_on(server_process::serve(arguments))?,
    }
    Ok(())
}
