//! `pat-console`: serves the console. `pat-console serve --help` tells how.

use clap::Parser;
use server::config::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(arguments) => server::serve::run(*arguments).map_err(|error| error.to_string()),
        Command::VerifyActivity(arguments) => match server::verify::run(&arguments) {
            Ok(verdict) => {
                println!("{verdict}");
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pat-console: {error}");
            ExitCode::FAILURE
        }
    }
}
