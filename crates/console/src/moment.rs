//! A moment by both clocks of this machine, for values that are fresh only for a while.
//!
//! The wall clock can be set back, by hand or by a machine that wakes up; the monotonic clock can stand still while a
//! machine sleeps. So a value is fresh only if it is by both clocks.

use std::time::Duration;

use domain::Timestamp;
use tokio::time::Instant;

use crate::now;

/// A moment by the wall clock and the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) wall: Timestamp,
    monotonic: Instant,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self {
            wall: now(),
            monotonic: Instant::now(),
        }
    }

    /// The time since then, by the clock that shows more. `None` if the wall clock says that it is in the future.
    pub(crate) fn age(self) -> Option<Duration> {
        self.age_at(Self::now())
    }

    /// Whether it is less than `ttl` ago by both clocks.
    pub(crate) fn is_within(self, ttl: Duration) -> bool {
        self.age().is_some_and(|age| age < ttl)
    }

    fn age_at(self, later: Self) -> Option<Duration> {
        let monotonic = later.monotonic.duration_since(self.monotonic);
        (later.wall >= self.wall).then(|| later.wall.duration_since(self.wall).max(monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_or_stands_still_makes_nothing_fresh() {
        let seconds = Duration::from_secs;
        let then = Moment::now();
        let later = |wall: Timestamp, monotonic| Moment {
            wall,
            monotonic: then.monotonic + monotonic,
        };
        let age = |wall, monotonic| then.age_at(later(wall, monotonic));
        assert_eq!(age(then.wall.plus(seconds(60)), seconds(60)), Some(seconds(60)));
        // The machine slept.
        assert_eq!(age(then.wall.plus(seconds(900)), seconds(10)), Some(seconds(900)));
        // The clock was set back by less than has passed, and by a day.
        assert_eq!(age(then.wall.plus(seconds(10)), seconds(900)), Some(seconds(900)));
        assert_eq!(age(then.wall.minus(seconds(86_400)), seconds(1)), None);
    }
}
