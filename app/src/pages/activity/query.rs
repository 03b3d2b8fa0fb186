//! The filters of the activity log, as parameters of the URL.

use console::activity::{ActivityKind, ActivityQuery, Outcome};
use domain::Day;

use crate::http::paths;

/// Characters of a filter's text; the rest is cut off.
const MAX_FILTER_CHARS: usize = 256;

/// The query that the decoded parameters of a URL ask for. Invalid values are ignored: the URL can come from anywhere.
pub fn parse_activity_query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> ActivityQuery {
    let mut query = ActivityQuery::default();
    let text = |value: &str| -> String {
        let plain = value.trim().chars().filter(|c| !c.is_control());
        plain.take(MAX_FILTER_CHARS).collect()
    };
    for (name, value) in pairs {
        match name {
            "actor" => query.actor = text(value),
            "kind" => {
                let kind = Some(text(value)).filter(|kind| !kind.is_empty());
                query.kind = kind.map(|kind| ActivityKind::from_stored(&kind));
            }
            "q" => query.text = text(value),
            "outcome" => query.outcome = Outcome::ALL.into_iter().find(|o| o.slug() == value),
            "from" => query.days.from = Day::from_iso(value.trim()),
            "to" => query.days.to = Day::from_iso(value.trim()),
            "after" => query.after = value.parse().ok(),
            "before" => query.before = value.parse().ok(),
            _ => {}
        }
    }
    query
}

/// The same query from its newest operation on.
pub(super) fn from_the_newest(query: &ActivityQuery) -> ActivityQuery {
    ActivityQuery {
        before: None,
        after: None,
        ..query.clone()
    }
}

/// The filters as a query string without `?`. Empty without filters.
pub fn activity_filters(query: &ActivityQuery) -> String {
    let url = activity_url("", &from_the_newest(query));
    url.trim_start_matches('?').to_owned()
}

/// `path` with these filters as parameters.
pub(super) fn activity_url(path: &str, query: &ActivityQuery) -> String {
    let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let day = |day: Option<Day>| day.map(Day::to_iso).unwrap_or_default();
    let (from, to) = (day(query.days.from), day(query.days.to));
    let (before, after) = (number(query.before), number(query.after));
    let pairs = [
        ("actor", query.actor.as_str()),
        (
            "kind",
            query.kind.as_ref().map(ActivityKind::to_stored).unwrap_or_default(),
        ),
        ("q", &query.text),
        ("outcome", query.outcome.map(Outcome::slug).unwrap_or_default()),
        ("from", &from),
        ("to", &to),
        ("before", &before),
        ("after", &after),
    ];
    let set = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    set.fold(path.to_owned(), |url, (name, value)| {
        paths::with_param(&url, name, value)
    })
}
