//! The demo workspace as a program: prints its URLs and credentials, and runs until it is stopped. The library, the
//! control interface and all options are documented in `README.md`.

use std::io;

use clap::Parser;
use demo_workspace::Config;
use tokio::signal;
use tracing_subscriber::EnvFilter;

/// A workspace that behaves like a Databricks workspace, for demonstrations and tests.
///
/// The first line on standard output is one JSON object with its URL, the URL of its control interface, and credentials
/// to sign in with. The credentials are generated and are not valid anywhere else.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    config: Config,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let Arguments { config } = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    let running = demo_workspace::start(config).await?;
    println!("{}", serde_json::to_string(&running.announcement())?);
    stop_signal().await?;
    running.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or, on Unix, SIGTERM.
async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            result = signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
