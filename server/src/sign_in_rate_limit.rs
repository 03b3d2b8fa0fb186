//! Limits how often one IP address can try to sign in. This keeps guessing slow, and protects workspaces from a flood
//! of requests by clients without an account. It is not a layer, since it counts inside a server function.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::http::request::SignInLimiter;
use axum::extract::ConnectInfo;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;
use moka::sync::Cache;

/// How many more starts with OAuth are allowed than attempts: they try nothing, and a person can begin several.
const OAUTH_STARTS_PER_ATTEMPT: u32 = 5;

/// How long an attempt that was given back can be used.
const CREDIT_TTL: Duration = Duration::from_mins(1);

const MAX_CREDITED_ADDRESSES: u64 = 10_000;

/// Attempts by IP address. Behind a reverse proxy this is the proxy's address, so that everyone shares one limit.
pub(crate) struct SignInRateLimiter {
    attempts: DefaultKeyedRateLimiter<IpAddr>,
    oauth_starts: DefaultKeyedRateLimiter<IpAddr>,
    /// Attempts that succeeded, and that can be made once more.
    credits: Cache<IpAddr, Arc<AtomicU32>>,
}

impl SignInRateLimiter {
    /// Allows this many attempts per minute and address, and at least one.
    pub(crate) fn per_minute(attempts: u32) -> Self {
        let attempts = NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN);
        let starts = attempts.saturating_mul(NonZeroU32::MIN.saturating_add(OAUTH_STARTS_PER_ATTEMPT - 1));
        Self {
            attempts: RateLimiter::keyed(Quota::per_minute(attempts)),
            oauth_starts: RateLimiter::keyed(Quota::per_minute(starts)),
            credits: Cache::builder()
                .max_capacity(MAX_CREDITED_ADDRESSES)
                .time_to_live(CREDIT_TTL)
                .build(),
        }
    }

    /// Uses an attempt that was given back, if there is one.
    fn use_credit(&self, ip: IpAddr) -> bool {
        let one_less = |credits: u32| credits.checked_sub(1);
        let credits = self.credits.get(&ip);
        credits.is_some_and(|credits| {
            let used = credits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
            used.is_ok()
        })
    }
}

impl SignInLimiter for SignInRateLimiter {
    fn check(&self, request: &Parts) -> Result<(), u64> {
        let ip = address(request);
        match self.use_credit(ip) {
            true => Ok(()),
            false => check(&self.attempts, ip),
        }
    }

    fn give_back(&self, request: &Parts) {
        let credits = self.credits.get_with(address(request), Arc::default);
        credits.fetch_add(1, Ordering::Relaxed);
    }

    fn check_oauth_start(&self, request: &Parts) -> Result<(), u64> {
        check(&self.oauth_starts, address(request))
    }
}

fn address(request: &Parts) -> IpAddr {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
}

fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, ip: IpAddr) -> Result<(), u64> {
    limiter.retain_recent();
    limiter.check_key(&ip).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        // Rounded up: after that many seconds the next attempt is allowed.
        wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
    })
}
