//! How far the workspace's clock differs from that of this machine, by the header `Date` of its responses.

use std::fmt;
use std::time::{Duration, SystemTime};

use domain::Timestamp;
use parking_lot::Mutex;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap};

/// Smaller differences do not matter to people.
const TOLERANCE: Duration = Duration::from_mins(2);

/// A response that takes longer than this says little about the time.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(10);

/// `Date` has whole seconds, cut off.
const HALF_A_SECOND: Duration = Duration::from_millis(500);

/// Where the workspace's clock is, compared with that of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSkew {
    /// The workspace's clock shows a later time.
    Ahead(Duration),
    /// The workspace's clock shows an earlier time.
    Behind(Duration),
}

impl ClockSkew {
    fn between(ours: SystemTime, theirs: SystemTime) -> Self {
        match theirs.duration_since(ours) {
            Ok(ahead) => Self::Ahead(ahead),
            Err(behind) => Self::Behind(behind.duration()),
        }
    }

    /// Whether the clocks differ by more than two minutes.
    pub fn is_notable(self) -> bool {
        let (Self::Ahead(by) | Self::Behind(by)) = self;
        by > TOLERANCE
    }

    /// The workspace's time when this machine's clock shows `ours`.
    pub fn workspace_time(self, ours: Timestamp) -> Timestamp {
        match self {
            Self::Ahead(by) => ours.plus(by),
            Self::Behind(by) => ours.minus(by),
        }
    }
}

/// "3 hours behind", "12 minutes ahead of": where this machine's clock is, for a sentence that ends with the workspace.
impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Ahead(by) | Self::Behind(by)) = *self;
        // Rounded, since both clocks were read with some delay.
        let minutes = (by.as_secs() + 30) / 60;
        let (count, unit) = match minutes {
            0..120 => (minutes, "minute"),
            120..2880 => ((minutes + 30) / 60, "hour"),
            _ => ((minutes + 720) / 1440, "day"),
        };
        let plural = if count == 1 { "" } else { "s" };
        let side = match self {
            Self::Ahead(_) => "behind",
            Self::Behind(_) => "ahead of",
        };
        write!(f, "{count} {unit}{plural} {side}")
    }
}

/// The latest comparison.
#[derive(Debug, Default)]
pub(crate) struct ClockComparison(Mutex<Option<ClockSkew>>);

impl ClockComparison {
    pub(crate) fn latest(&self) -> Option<ClockSkew> {
        *self.0.lock()
    }

    /// Compares the clocks by the response to a call that was sent at `sent`. Only JSON counts: a web page comes from a
    /// gateway.
    pub(crate) fn record(&self, workspace: &str, headers: &HeaderMap, sent: SystemTime, received: SystemTime) {
        let Some(skew) = compare(headers, sent, received) else {
            return;
        };
        let before = self.0.lock().replace(skew);
        if skew.is_notable() && !before.is_some_and(ClockSkew::is_notable) {
            tracing::warn!(workspace, "this machine's clock is {skew} the workspace's");
        }
    }
}

fn compare(headers: &HeaderMap, sent: SystemTime, received: SystemTime) -> Option<ClockSkew> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_json = text(CONTENT_TYPE).is_some_and(|kind| kind.contains("json"));
    let round_trip = received.duration_since(sent).ok()?;
    if !is_json || round_trip > MAX_ROUND_TRIP {
        return None;
    }
    let theirs = httpdate::parse_http_date(text(DATE)?).ok()? + HALF_A_SECOND;
    Some(ClockSkew::between(sent + round_trip / 2, theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skew(kind: &str, date: &str, round_trip: Duration) -> Option<ClockSkew> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap()), (DATE, date.parse().unwrap())]);
        // Sun, 06 Nov 1994 08:49:37 GMT
        let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        compare(&headers, sent, sent + round_trip)
    }

    #[test]
    fn the_clocks_are_compared_by_the_date_of_a_json_response() {
        let second = Duration::from_secs(1);
        let of = |date| skew("application/json", date, second);
        assert_eq!(
            of("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(ClockSkew::Ahead(Duration::ZERO))
        );
        assert_eq!(
            of("Sun, 06 Nov 1994 08:52:37 GMT"),
            Some(ClockSkew::Ahead(Duration::from_secs(180)))
        );
        assert_eq!(
            of("Sat, 05 Nov 1994 08:49:37 GMT"),
            Some(ClockSkew::Behind(Duration::from_secs(86_400)))
        );
        assert_eq!(of("yesterday"), None);
        assert_eq!(
            skew("text/html", "Sun, 06 Nov 1994 08:52:37 GMT", second),
            None,
            "a gateway's page"
        );
        let slow = skew(
            "application/json",
            "Sun, 06 Nov 1994 08:52:37 GMT",
            Duration::from_secs(11),
        );
        assert_eq!(slow, None);
    }

    #[test]
    fn only_differences_over_two_minutes_are_shown() {
        let minutes = Duration::from_mins;
        assert!(!ClockSkew::Ahead(minutes(2)).is_notable());
        assert!(ClockSkew::Behind(minutes(2) + Duration::from_millis(1)).is_notable());
        assert_eq!(ClockSkew::Ahead(minutes(3)).to_string(), "3 minutes behind");
        assert_eq!(ClockSkew::Behind(minutes(125)).to_string(), "2 hours ahead of");
        assert_eq!(ClockSkew::Ahead(minutes(3 * 1440)).to_string(), "3 days behind");
    }
}
