//! The program `pat-console`; `pat-console serve --help` lists the flags. It parses them and calls [`server::cli`];
//! everything else is in the library `server`.

use std::process::ExitCode;

use clap::Parser as _;
use server::cli;
use server::config::{Cli, Command, ServeArgs};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(arguments) => cli::serve::run(*arguments).map_err(|error| error.to_string()),
        Command::CheckConfig(arguments) => print_report(&arguments),
        Command::EndSessions(arguments) => print_message(cli::end_sessions::run(&arguments)),
        Command::Migrate(arguments) => print_message(cli::migrate::run(&arguments)),
        Command::VerifyActivity(arguments) => print_message(cli::verify_activity::run(&arguments)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pat-console: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the message of a successful command.
fn print_message<E: std::error::Error>(result: Result<String, E>) -> Result<(), String> {
    println!("{}", result.map_err(|error| error.to_string())?.trim_end());
    Ok(())
}

/// Prints the report of `check-config`. A failed check makes the command fail.
fn print_report(arguments: &ServeArgs) -> Result<(), String> {
    let report = cli::check_config::run(arguments).map_err(|error| error.to_string())?;
    print!("{}", report.text);
    match report.failed {
        0 => {
            println!("All checks passed.");
            Ok(())
        }
        1 => Err("1 check failed; see FAILED above.".to_owned()),
        failed => Err(format!("{failed} checks failed; see FAILED above.")),
    }
}
