//! Limits how often one IP address can try to sign in. This keeps guessing slow, and protects workspaces from a flood
//! of requests by clients without an account. It is not a layer, since it counts inside a server function.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use app::http::request::SignInLimiter;
use axum::extract::ConnectInfo;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;

/// Attempts by IP address. Behind a reverse proxy this is the proxy's address, so that everyone shares one limit.
pub(crate) struct SignInRateLimiter(DefaultKeyedRateLimiter<IpAddr>);

impl SignInRateLimiter {
    /// Allows this many attempts per minute and address, and at least one.
    pub(crate) fn per_minute(attempts: u32) -> Self {
        let attempts = NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN);
        Self(RateLimiter::keyed(Quota::per_minute(attempts)))
    }
}

impl SignInLimiter for SignInRateLimiter {
    fn check(&self, request: &Parts) -> Result<(), u64> {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let ip = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
        self.0.retain_recent();
        self.0.check_key(&ip).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            // Rounded up: after that many seconds the next attempt is allowed.
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}
