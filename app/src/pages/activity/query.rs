//! The filters of the activity log, as URL parameters. Days are in the page's time zone.

use console::activity::{ActivityKind, ActivityQuery, Outcome};
use domain::{Day, DayRange};

use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// The longest filter text, in characters; the rest is cut off.
const MAX_FILTER_CHARS: usize = 256;

/// The filters that a URL contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilters {
    /// The query for the activity log.
    pub query: ActivityQuery,
    /// The days that the query's time range covers.
    pub(super) days: DayRange,
    /// The names of parameters with invalid values, which filter nothing.
    pub(super) rejected: Vec<&'static str>,
    /// The name of the time zone of the days, unless it is UTC.
    zone: Option<String>,
}

impl ActivityFilters {
    /// Reads the filters from the decoded parameters of a URL. Invalid values are ignored, since anyone can make up a
    /// URL.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, zone: &PageTimeZone) -> Self {
        let mut filters = Self::default();
        for (name, value) in pairs {
            filters.set(name, value);
        }
        (filters.query.from, filters.query.until) = zone.span_of(filters.days);
        filters.zone = Some(zone.name().to_owned()).filter(|name| name != PageTimeZone::UTC.name());
        filters
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "actor" => self.query.actor = text(value),
            "kind" => {
                let kind = Some(text(value)).filter(|kind| !kind.is_empty());
                self.query.kind = kind.map(|kind| ActivityKind::from_stored(&kind));
            }
            "q" => self.query.text = text(value),
            "outcome" => {
                self.query.outcome = Outcome::ALL.into_iter().find(|o| o.slug() == value);
                self.reject("outcome", value, self.query.outcome.is_some());
            }
            "from" => {
                self.days.from = Day::from_iso(value.trim());
                self.reject("from", value, self.days.from.is_some());
            }
            "to" => {
                self.days.to = Day::from_iso(value.trim());
                self.reject("to", value, self.days.to.is_some());
            }
            "after" => self.query.after = value.parse().ok(),
            "before" => self.query.before = value.parse().ok(),
            _ => {}
        }
    }

    fn reject(&mut self, name: &'static str, value: &str, is_valid: bool) {
        if !is_valid && !value.trim().is_empty() {
            self.rejected.push(name);
        }
    }

    /// Whether all filters of the URL are applied. If not, more entries match than were requested.
    pub fn are_all_applied(&self) -> bool {
        self.rejected.is_empty()
    }

    /// Whether any filter is set, not counting the position in the list.
    pub(super) fn are_set(&self) -> bool {
        self.at_newest().query != ActivityQuery::default()
    }

    /// The same filters at the newest entry.
    pub(super) fn at_newest(&self) -> Self {
        self.at(None, None)
    }

    /// The same filters at another position in the list.
    pub(super) fn at(&self, before: Option<i64>, after: Option<i64>) -> Self {
        Self {
            query: ActivityQuery {
                before,
                after,
                ..self.query.clone()
            },
            ..self.clone()
        }
    }

    /// The same filters for other days, at the newest entry.
    pub(super) fn on(&self, days: DayRange) -> Self {
        Self {
            days,
            ..self.at_newest()
        }
    }

    /// `path` with these filters as parameters.
    pub(super) fn url(&self, path: &str) -> String {
        let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
        let mut pairs = self.day_pairs();
        pairs.extend(self.other_pairs());
        pairs.push(("before", number(self.query.before)));
        pairs.push(("after", number(self.query.after)));
        with_params(path, pairs)
    }

    /// The filters as part of a file name: the days with their time zone, then the others. Empty without filters.
    pub fn file_name_part(&self) -> String {
        let mut pairs = self.day_pairs();
        if let Some(zone) = self.zone.as_ref().filter(|_| !self.days.is_open()) {
            pairs.push(("zone", zone.replace('/', "-")));
        }
        pairs.extend(self.other_pairs());
        with_params("", pairs).trim_start_matches('?').to_owned()
    }

    fn day_pairs(&self) -> Vec<(&'static str, String)> {
        let day = |day: Option<Day>| day.map(Day::to_iso).unwrap_or_default();
        vec![("from", day(self.days.from)), ("to", day(self.days.to))]
    }

    fn other_pairs(&self) -> [(&'static str, String); 4] {
        let query = &self.query;
        let kind = query.kind.as_ref().map(ActivityKind::to_stored).unwrap_or_default();
        let outcome = query.outcome.map(Outcome::slug).unwrap_or_default();
        [
            ("actor", query.actor.clone()),
            ("kind", kind.to_owned()),
            ("q", query.text.clone()),
            ("outcome", outcome.to_owned()),
        ]
    }
}

fn text(value: &str) -> String {
    let plain = value.trim().chars().filter(|c| !c.is_control());
    plain.take(MAX_FILTER_CHARS).collect()
}

fn with_params(path: &str, pairs: Vec<(&'static str, String)>) -> String {
    let set = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    set.fold(path.to_owned(), |url, (name, value)| {
        paths::with_param(&url, name, &value)
    })
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn filters(pairs: &[(&str, &str)], zone: &str) -> ActivityFilters {
        ActivityFilters::parse(pairs.iter().copied(), &PageTimeZone::from_name(zone).unwrap())
    }

    #[test]
    fn days_are_those_of_the_time_zone_which_a_file_names() {
        let days = [("from", "2026-10-01"), ("to", "2026-12-31"), ("outcome", "failed")];
        let utc = filters(&days, "UTC");
        let name = "from=2026-10-01&to=2026-12-31&outcome=failed";
        assert_eq!(utc.file_name_part(), name);
        assert_eq!(utc.url("/a"), format!("/a?{name}"));
        let berlin = filters(&days, "Europe/Berlin");
        assert_eq!(berlin.url("/a"), utc.url("/a"));
        assert_eq!(
            berlin.file_name_part(),
            "from=2026-10-01&to=2026-12-31&zone=Europe-Berlin&outcome=failed"
        );
        assert_eq!(berlin.query.from, Timestamp::from_iso("2026-09-30T22:00:00Z"));
        assert_eq!(berlin.query.until, Timestamp::from_iso("2026-12-31T23:00:00Z"));
        let without_days = filters(&[("kind", "edit_access")], "Europe/Berlin");
        assert_eq!(without_days.file_name_part(), "kind=edit_access");
    }

    #[test]
    fn invalid_parameters_are_named_and_filter_nothing() {
        let pairs = [
            ("from", "2026-02-30"),
            ("to", "soon"),
            ("outcome", "fine"),
            ("before", "x"),
            ("actor", ""),
        ];
        let invalid = filters(&pairs, "UTC");
        assert_eq!(invalid.rejected, ["from", "to", "outcome"]);
        assert!(!invalid.are_all_applied() && !invalid.are_set());
        let empty = filters(&[("from", ""), ("outcome", "")], "UTC");
        assert!(empty.are_all_applied() && !empty.are_set());
    }
}
