//! Where the console listens, and under which URL people open it.

use std::net::SocketAddr;

use clap::Args;

use super::{ConfigError, PublicUrl};

/// The flags for the console's address.
#[derive(Args)]
#[command(next_help_heading = "Address")]
pub struct ListenArgs {
    /// IP address and port to listen on.
    #[arg(long, env = "CONSOLE_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// The URL that people open: https://…, or http:// for localhost only. Requests for any other host are rejected or
    /// redirected. [default: http:// and the --listen address, if that is a loopback address]
    #[arg(long, env = "CONSOLE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,
}

impl ListenArgs {
    /// The URL that people open.
    ///
    /// # Errors
    /// If none is configured and the console listens on more than this machine's loopback address.
    pub(crate) fn public_url(&self) -> Result<PublicUrl, ConfigError> {
        let configured = self.public_url.clone();
        configured
            .or_else(|| PublicUrl::of_loopback(self.listen))
            .ok_or(ConfigError::PublicUrlNeeded(self.listen))
    }
}
