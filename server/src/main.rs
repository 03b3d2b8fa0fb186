//! `pat-console`: serves the console. `pat-console serve --help` tells how.

use clap::Parser;
use server::config::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Command::Serve(arguments) = Cli::parse().command;
    match server::serve::run(*arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pat-console: {error}");
            ExitCode::FAILURE
        }
    }
}
