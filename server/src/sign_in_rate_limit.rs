//! How often one network address may try to sign in. It keeps guessing slow and shields workspaces from a flood that
//! needs no account.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use app::http::request::SignInLimiter;
use axum::extract::ConnectInfo;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;

/// Tries by peer address. Behind a proxy that is the proxy's: all its people share the bound.
pub(crate) struct SignInRateLimiter(DefaultKeyedRateLimiter<IpAddr>);

impl SignInRateLimiter {
    pub(crate) fn per_minute(tries: u32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(
            NonZeroU32::new(tries).unwrap_or(NonZeroU32::MIN),
        )))
    }
}

impl SignInLimiter for SignInRateLimiter {
    fn check(&self, request: &Parts) -> Result<(), u64> {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let ip = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
        self.0.retain_recent();
        self.0.check_key(&ip).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}
