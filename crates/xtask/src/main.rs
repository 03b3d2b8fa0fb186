//! `cargo xtask`: builds, starts and tests the console. It needs only rustup and a C compiler.
//!
//! Other projects call tools on the `PATH` for this (cargo-leptos, wasm-bindgen, a CSS bundler). Here the same tools
//! are libraries, at the versions in Cargo.lock.
//!
//! **Dependencies.** Of this repository, only `test-postgres`: it runs the programs of the others. No crate depends on
//! it, and it is not part of the product.
//!
//! **Where to start.** One file per task: [`demo`], [`test`](mod@test) with its parts, [`prove`], [`release`] for
//! `build`, [`bench`](mod@bench), [`screenshots`] and [`site`]. [`prerequisites`] finds Node, Python and the browsers,
//! [`postgres`] starts a server for tests, and [`report`] prints the steps.

mod bench;
mod checkout;
mod demo;
mod postgres;
mod prerequisites;
mod process;
mod prove;
mod release;
mod report;
mod screenshots;
mod server_process;
mod site;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::checkout::Checkout;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Builds, starts and tests the console.")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start a demo workspace and the console, and show what to try
    Demo(demo::DemoOptions),
    /// Run every test: Rust, the vendor's Python SDK, the browser
    Test(test::TestOptions),
    /// Run the whole fault table, every change times everything that can go wrong with it, and two instances for long
    Prove,
    /// Build the release: one program that contains the site
    Build,
    /// Measure the release and write docs/PERFORMANCE.md, or print some of its sections
    Bench(bench::BenchOptions),
    /// Take pictures of the main states, wide and narrow, in light and dark
    Screenshots(screenshots::ScreenshotsOptions),
    /// Build only the browser's files (WebAssembly, JavaScript, CSS) in target/site; other tasks do this automatically
    Site,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = Checkout::read().and_then(|checkout| match cli.task {
        Task::Demo(options) => demo::run(&checkout, &options),
        Task::Test(options) => test::run(&checkout, &options),
        Task::Prove => prove::run(&checkout),
        Task::Build => release::run(&checkout),
        Task::Bench(options) => bench::run(&checkout, &options),
        Task::Screenshots(options) => screenshots::run(&checkout, &options),
        Task::Site => site::build(&checkout).map(|folder| println!("{}", folder.display())),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
