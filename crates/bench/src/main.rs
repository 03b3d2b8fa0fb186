//! Measures the console. `cargo xtask bench` runs it in the release profile and puts the Markdown that it prints into
//! `docs/PERFORMANCE.md`. Machines are noisy, so every figure is a ratio of two things measured in the same run.
//!
//! **Dependencies.** Any crate. No crate depends on it, and it is not part of the product.
//!
//! **Where to start.** [`main`] and its subcommands, one file each: [`cold_page`], [`warm_page`], [`sessions`],
//! [`memory`], [`databases`], [`filter`], [`scopes_page`], [`permission_review`], [`activity_log`] and
//! [`bulk_revocation`]. [`setup`] starts a console over a workspace. The browser's benchmark is in `end2end/bench`;
//! [`static_page`] is a part of it.

mod activity_log;
mod bulk_revocation;
mod cold_page;
mod databases;
mod disk_sync;
mod filter;
mod memory;
mod permission_review;
mod scopes_page;
mod server_process;
mod sessions;
mod setup;
mod static_page;
mod warm_page;

use std::error::Error;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Subcommand)]
enum Benchmark {
    /// The review of a removal of permissions, compared with one pass over the memberships.
    PermissionReview,
    /// Filtering, sorting and paging 100 000 tokens, compared with a bare scan of the same strings.
    Filter,
    /// The page of the scopes of 100 000 tokens, compared with a bare scan of the same strings.
    ScopesPage,
    /// A cold token page, compared with one GET of the same list.
    ColdPage,
    /// A warm token page, compared with rendering only its rows. The server runs on the first core, the load generator
    /// on the second.
    WarmPage,
    /// A bulk revocation of a thousand tokens, compared with the vendor's SDK in a loop.
    BulkChange,
    /// A single bulk revocation; prints JSON.
    #[command(hide = true)]
    BulkRevocationOnce,
    /// A thousand sessions, compared with one, and the cost of identifying the user. Uses the cores like `warm-page`.
    Sessions,
    /// The activity log with a million rows, compared with one of ten thousand, and a change while searches run.
    ActivityLog,
    /// SQLite and PostgreSQL: identifying the user, appending to the activity log, a bulk revocation, two instances.
    Databases,
    /// Only the append rates; prints lines of a table.
    #[command(hide = true)]
    AppendRates,
    /// The server's memory in steady use, and its peak while it reloads the token list.
    Memory,
    /// Compresses a page to an exact size, to compare the console with a file (end2end/bench/static-page.mjs).
    #[command(hide = true)]
    StaticPage(static_page::StaticPageArgs),
    /// The server that `warm-page`, `sessions`, `memory` and the browser's benchmark start.
    #[command(hide = true)]
    Serve(server_process::ServeArgs),
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match Cli::parse().benchmark {
        Benchmark::PermissionReview => permission_review::run()?,
        Benchmark::Filter => filter::run(),
        Benchmark::ScopesPage => runtime.block_on(scopes_page::run())?,
        Benchmark::ColdPage => runtime.block_on(cold_page::run())?,
        Benchmark::WarmPage => runtime.block_on(warm_page::run())?,
        Benchmark::BulkChange => runtime.block_on(bulk_revocation::run())?,
        Benchmark::BulkRevocationOnce => runtime.block_on(bulk_revocation::run_once())?,
        Benchmark::Sessions => runtime.block_on(sessions::run())?,
        Benchmark::ActivityLog => runtime.block_on(activity_log::run())?,
        Benchmark::Databases => runtime.block_on(databases::run())?,
        Benchmark::AppendRates => runtime.block_on(databases::run_append_rates())?,
        Benchmark::Memory => runtime.block_on(memory::run())?,
        Benchmark::StaticPage(arguments) => static_page::write(&arguments)?,
        Benchmark::Serve(arguments) => runtime.block_on(server_process::serve(arguments))?,
    }
    Ok(())
}
