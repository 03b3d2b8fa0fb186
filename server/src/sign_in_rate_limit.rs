//! Limits how often one IP address can try to sign in, across all instances. This slows down guessing, and protects
//! workspaces from floods of requests by clients without an account. It is not a layer, because it is used inside a
//! server function.
//!
//! Each instance counts in memory first: what one instance refuses, all would refuse, so a flood does not reach the
//! database. The database counts the attempts at all instances. If it fails, each instance counts on its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::http::request::SignInLimiter;
use console::{Console, CountedAttempt, RateLimit, RequestSource};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;
use moka::sync::Cache;

/// How many OAuth starts are allowed per attempt: they do not try a credential, and a person can start several.
const OAUTH_STARTS_PER_ATTEMPT: u32 = 5;

/// How long an attempt that was given back can be used again.
const CREDIT_TTL: Duration = Duration::from_mins(1);

const MAX_CREDITED_ADDRESSES: u64 = 10_000;

/// Selects the first 64 bits of an IPv6 address.
const NETWORK_MASK: u128 = !(u64::MAX as u128);

/// Attempts by the client's IP address. Behind an untrusted proxy this is the proxy's address, so everyone shares one
/// limit.
pub(crate) struct SignInRateLimiter {
    console: Console,
    attempts: CountedAttempts,
    oauth_starts: CountedAttempts,
}

impl SignInRateLimiter {
    /// Allows this many attempts per minute and address, but at least one.
    pub(crate) fn new(console: Console, attempts: u32) -> Self {
        let attempts = NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN);
        let starts = attempts.saturating_mul(NonZeroU32::MIN.saturating_add(OAUTH_STARTS_PER_ATTEMPT - 1));
        Self {
            console,
            attempts: CountedAttempts::new("sign-in", attempts),
            oauth_starts: CountedAttempts::new("oauth-start", starts),
        }
    }
}

impl SignInLimiter for SignInRateLimiter {
    fn check<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<(), u64>> {
        self.attempts.check(&self.console, address(request)).boxed()
    }

    fn give_back<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, ()> {
        self.attempts.give_back(&self.console, address(request)).boxed()
    }

    fn check_oauth_start<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<(), u64>> {
        self.oauth_starts.check(&self.console, address(request)).boxed()
    }
}

/// Attempts of one kind.
struct CountedAttempts {
    /// Their name in the database.
    kind: &'static str,
    limit: RateLimit,
    /// The attempts at this instance.
    here: LocalAttempts,
}

impl CountedAttempts {
    fn new(kind: &'static str, per_minute: NonZeroU32) -> Self {
        Self {
            kind,
            limit: RateLimit::per_minute(per_minute),
            here: LocalAttempts::per_minute(per_minute),
        }
    }

    async fn check(&self, console: &Console, ip: IpAddr) -> Result<(), u64> {
        self.here.check(ip).map_err(whole_seconds)?;
        match console.count_attempt(self.name(ip), self.limit).await {
            CountedAttempt::Allowed | CountedAttempt::NotCounted => Ok(()),
            CountedAttempt::Refused(wait) => {
                // The refused attempt does not count.
                self.here.give_back(ip);
                Err(whole_seconds(wait))
            }
        }
    }

    async fn give_back(&self, console: &Console, ip: IpAddr) {
        self.here.give_back(ip);
        console.return_attempt(self.name(ip), self.limit).await;
    }

    fn name(&self, ip: IpAddr) -> String {
        format!("{}/{ip}", self.kind)
    }
}

/// The attempts at this instance.
struct LocalAttempts {
    attempts: DefaultKeyedRateLimiter<IpAddr>,
    /// Attempts that succeeded, which can be used again.
    credits: Cache<IpAddr, Arc<AtomicU32>>,
}

impl LocalAttempts {
    fn per_minute(attempts: NonZeroU32) -> Self {
        Self {
            attempts: RateLimiter::keyed(Quota::per_minute(attempts)),
            credits: Cache::builder()
                .max_capacity(MAX_CREDITED_ADDRESSES)
                .time_to_live(CREDIT_TTL)
                .build(),
        }
    }

    /// Counts an attempt, or returns how long to wait for the next one.
    fn check(&self, ip: IpAddr) -> Result<(), Duration> {
        if self.use_credit(ip) {
            return Ok(());
        }
        self.attempts.retain_recent();
        let counted = self.attempts.check_key(&ip);
        counted.map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }

    fn give_back(&self, ip: IpAddr) {
        let credits = self.credits.get_with(ip, Arc::default);
        credits.fetch_add(1, Ordering::Relaxed);
    }

    /// Uses up an attempt that was given back, if there is one.
    fn use_credit(&self, ip: IpAddr) -> bool {
        let one_less = |credits: u32| credits.checked_sub(1);
        let credits = self.credits.get(&ip);
        credits.is_some_and(|credits| {
            let used = credits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
            used.is_ok()
        })
    }
}

/// Rounded up, so that the next attempt is allowed after this many seconds.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// The IP address that a request counts for. For IPv6, it is the 64-bit network, which is the least that one customer
/// gets (<https://www.rfc-editor.org/rfc/rfc6177>).
/// one (<https://www.rfc-editor.org/rfc/rfc6177>).
fn address(request: &Parts) -> IpAddr {
    let source = request.extensions.get::<RequestSource>();
    match source.and_then(|source| source.client.ip()) {
        Some(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() & NETWORK_MASK).into(),
        Some(ip) => ip,
        None => Ipv4Addr::UNSPECIFIED.into(),
    }
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
            let attempts = LocalAttempts::per_minute(NonZeroU32::MIN);
            let check = |ip| attempts.check(address(&from(ip)));
            assert_eq!(check(ip), Ok(()));
            assert!(check(same).is_err(), "{same}");
            assert_eq!(check(other), Ok(()), "{other}");
            attempts.give_back(address(&from(same)));
            assert_eq!(check(ip), Ok(()));
        }
    }
}
