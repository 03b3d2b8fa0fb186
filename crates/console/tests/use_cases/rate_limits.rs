//! Attempts are counted over all instances.

use std::num::NonZeroU32;

use console::{CountedAttempt, RateLimit};

use crate::support::{Fixture, Setup};

#[tokio::test]
async fn attempts_at_one_instance_count_at_the_other_until_the_database_fails() {
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let limit = RateLimit::per_minute(NonZeroU32::new(2).unwrap());
    let name = || "sign-in/192.0.2.7".to_owned();
    let (one, two) = tokio::join!(
        fixture.console.count_attempt(name(), limit),
        other.count_attempt(name(), limit)
    );
    assert_eq!((one, two), (CountedAttempt::Allowed, CountedAttempt::Allowed));
    for console in [&fixture.console, &other] {
        let counted = console.count_attempt(name(), limit).await;
        assert!(matches!(counted, CountedAttempt::Refused(_)), "{counted:?}");
    }
    fixture.console.return_attempt(name(), limit).await;
    assert_eq!(other.count_attempt(name(), limit).await, CountedAttempt::Allowed);
    let lock = fixture.lock().await;
    let counted = other.count_attempt(name(), limit).await;
    assert_eq!(counted, CountedAttempt::NotCounted);
    lock.release().await;
}
