//! Where Prometheus finds the metrics.

use std::net::SocketAddr;

use clap::Args;

/// The flags for metrics.
#[derive(Args)]
#[command(next_help_heading = "Metrics")]
pub struct MetricsArgs {
    /// A separate IP address and port for /metrics. Keep it off the network that people use.
    #[arg(long, env = "CONSOLE_METRICS_LISTEN", value_name = "IP:PORT")]
    pub metrics_listen: Option<SocketAddr>,
}
