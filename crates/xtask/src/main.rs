//! `cargo xtask`: builds, starts and tests the console with nothing installed but rustup and a C compiler.
//!
//! What other projects do with tools on the `PATH` (cargo-leptos, wasm-bindgen, a CSS bundler) is done here with the same tools as libraries, at versions that
//! Cargo.lock pins. It is not part of the product: nothing that ships depends on it.

mod bench;
mod checkout;
mod demo;
mod prerequisites;
mod process;
mod release;
mod report;
mod server_process;
mod site;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::checkout::Workspace;

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "Builds, starts and tests the console.")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start a demo workspace and the console beside it, and say what to click
    Demo(demo::Options),
    /// Run every test: Rust, the vendor's Python SDK, the browser
    Test(test::Options),
    /// Make the release: one program with the site inside it
    Build,
    /// Measure the release and write docs/PERFORMANCE.md
    Bench,
    /// Make only the browser's files (WebAssembly, JavaScript, CSS) under target/site; the other tasks do it themselves
    Site,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = Workspace::read().and_then(|workspace| match cli.task {
        Task::Demo(options) => demo::run(&workspace, &options),
        Task::Test(options) => test::run(&workspace, &options),
        Task::Build => release::run(&workspace),
        Task::Bench => bench::run(&workspace),
        Task::Site => site::build(&workspace).map(|folder| println!("{}", folder.display())),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
