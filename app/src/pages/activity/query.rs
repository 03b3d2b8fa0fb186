//! The filters of the record, in the address.

use console::activity::{ActivityQuery, Outcome};

use crate::http::paths;

/// Bytes of a filter's text that are looked at.
const MAX_FILTER_BYTES: usize = 256;

/// What the decoded pairs of an address ask for. What makes no sense is dropped: the address may come from anywhere.
pub fn parse_activity_query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> ActivityQuery {
    let mut query = ActivityQuery::default();
    let text = |value: &str| -> String {
        let plain = value.trim().chars().filter(|c| !c.is_control());
        plain.take(MAX_FILTER_BYTES).collect()
    };
    for (name, value) in pairs {
        match name {
            "actor" => query.actor = text(value),
            "kind" => query.kind = text(value),
            "q" => query.text = text(value),
            "outcome" => query.outcome = Outcome::ALL.into_iter().find(|o| o.slug() == value),
            "before" => query.before = value.parse().ok(),
            _ => {}
        }
    }
    query
}

/// The address of `path` with these filters.
pub(super) fn activity_url(path: &str, query: &ActivityQuery) -> String {
    let before = query.before.map(|id| id.to_string()).unwrap_or_default();
    let pairs = [
        ("actor", query.actor.as_str()),
        ("kind", &query.kind),
        ("q", &query.text),
        ("outcome", query.outcome.map(Outcome::slug).unwrap_or_default()),
        ("before", &before),
    ];
    let said = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    said.fold(path.to_owned(), |address, (name, value)| {
        paths::with_param(&address, name, value)
    })
}
