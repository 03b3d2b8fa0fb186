//! How long sessions last, and how often someone can try to sign in.

use std::time::Duration;

use clap::{Args, value_parser};
use console::SignInLimits;

/// The flags for sessions and sign-in attempts.
#[derive(Args)]
#[command(next_help_heading = "Sessions")]
pub struct LimitArgs {
    /// End a session after this many hours.
    #[arg(
        long,
        env = "CONSOLE_SESSION_HOURS",
        value_name = "HOURS",
        default_value_t = 12,
        value_parser = value_parser!(u64).range(1..=168)
    )]
    pub session_hours: u64,
    /// End a session after this many minutes without a request.
    #[arg(
        long,
        env = "CONSOLE_SESSION_IDLE_MINUTES",
        value_name = "MINUTES",
        default_value_t = 60,
        value_parser = value_parser!(u64).range(5..=10080)
    )]
    pub session_idle_minutes: u64,
    /// Sign-in attempts allowed per minute and IP address.
    #[arg(
        long,
        env = "CONSOLE_SIGN_IN_TRIES",
        value_name = "N",
        default_value_t = 20,
        value_parser = value_parser!(u32).range(1..)
    )]
    pub sign_in_tries: u32,
}

impl LimitArgs {
    /// How long sessions last.
    pub fn sign_in_limits(&self) -> SignInLimits {
        SignInLimits {
            absolute: Duration::from_secs(self.session_hours * 3600),
            idle: Duration::from_secs(self.session_idle_minutes * 60),
        }
    }
}
