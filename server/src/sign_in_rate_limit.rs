//! Limits how often one IP address can try to sign in. This keeps guessing slow, and protects workspaces from a flood
//! of requests by clients without an account. It is not a layer, since it counts inside a server function.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::http::request::SignInLimiter;
use console::RequestSource;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;
use moka::sync::Cache;

/// How many more starts with OAuth are allowed than attempts: they try nothing, and a person can begin several.
const OAUTH_STARTS_PER_ATTEMPT: u32 = 5;

/// How long an attempt that was given back can be used.
const CREDIT_TTL: Duration = Duration::from_mins(1);

const MAX_CREDITED_ADDRESSES: u64 = 10_000;

/// The first 64 bits of an IPv6 address.
const NETWORK_MASK: u128 = !(u64::MAX as u128);

/// Attempts by the client's IP address. Behind a proxy that is not trusted this is the proxy's, so that everyone shares
/// one limit.
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

/// The address that a request counts for. An IPv6 network of 64 bits is the least that one customer gets, and counts as
/// one (<https://www.rfc-editor.org/rfc/rfc6177>).
fn address(request: &Parts) -> IpAddr {
    let source = request.extensions.get::<RequestSource>();
    match source.and_then(|source| source.client.ip()) {
        Some(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() & NETWORK_MASK).into(),
        Some(ip) => ip,
        None => Ipv4Addr::UNSPECIFIED.into(),
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, ip: IpAddr) -> Result<(), u64> {
    limiter.retain_recent();
    limiter.check_key(&ip).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        // Rounded up: after that many seconds the next attempt is allowed.
        wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
    })
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn from(ip: &str) -> Parts {
        let client = ip.parse::<IpAddr>().unwrap().into();
        let source = RequestSource {
            client,
            ..RequestSource::from("1")
        };
        Request::builder().extension(source).body(()).unwrap().into_parts().0
    }

    #[test]
    fn ipv6_counts_by_network_and_ipv4_by_address() {
        for (ip, same, other) in [
            ("2001:db8:0:1::7", "2001:db8:0:1:ffff::9", "2001:db8:0:2::7"),
            ("192.0.2.7", "::ffff:192.0.2.7", "192.0.2.8"),
        ] {
            let limiter = SignInRateLimiter::per_minute(1);
            assert_eq!(limiter.check(&from(ip)), Ok(()));
            assert!(limiter.check(&from(same)).is_err(), "{same}");
            assert_eq!(limiter.check(&from(other)), Ok(()), "{other}");
            limiter.give_back(&from(same));
            assert_eq!(limiter.check(&from(ip)), Ok(()));
        }
    }
}
