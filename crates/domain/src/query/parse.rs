//! From an address to what it asks for.

use super::{FINDING, FORMER_FINDING, MAX_IDLE_DAYS, Sort, TokenQuery};
use crate::{Day, FindingKind, PrincipalKind, Status, looks_like_token_value};

/// Bytes of a filter's text that are looked at; what is longer is cut, since no comment is found by more.
pub(super) const MAX_FILTER_BYTES: usize = 256;

/// What an address asks for, and what in it makes no sense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedQuery {
    /// What it asks for.
    pub query: TokenQuery,
    /// The names of the parameters whose value was dropped, each once. Never a value: it may be a secret.
    pub rejected: Vec<&'static str>,
}

impl ParsedQuery {
    /// From the decoded pairs of a query string. Values that make no sense are dropped, never an error: the address may
    /// come from anywhere. A text that looks like a token's secret value is dropped too. Unknown names are not ours to
    /// judge. An empty value asks for nothing; of a name that comes twice the last counts, but findings add up. `mark`
    /// is read as `finding` if the address has no `finding`.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut asked = Self::default();
        let pairs: Vec<_> = pairs.into_iter().collect();
        let has_finding = pairs.iter().any(|(name, _)| *name == FINDING);
        for (name, value) in pairs {
            let is_former = name == FORMER_FINDING && !has_finding;
            asked.apply(if is_former { FINDING } else { name }, value);
        }
        asked
    }

    fn apply(&mut self, name: &str, value: &str) {
        let Some(name) = PARAMETERS.into_iter().find(|known| *known == name) else {
            return;
        };
        let makes_sense = set_param(&mut self.query, name, value) || value.trim().is_empty();
        if !makes_sense && !self.rejected.contains(&name) {
            self.rejected.push(name);
        }
    }
}

impl TokenQuery {
    /// What the decoded pairs of a query string ask for; see [`ParsedQuery::from_pairs`].
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        ParsedQuery::from_pairs(pairs).query
    }
}

/// Every parameter.
const PARAMETERS: [&str; 17] = [
    "q",
    "id",
    "created_by_username",
    "created_by_id",
    "creator",
    "owner",
    "owner_kind",
    "status",
    FINDING,
    "expires_from",
    "expires_to",
    "used_from",
    "used_to",
    "idle",
    "scope",
    "sort",
    "page",
];

/// Puts a value into the query, and answers whether it made sense.
fn set_param(query: &mut TokenQuery, name: &str, value: &str) -> bool {
    match name {
        "q" => set_text(&mut query.q, value),
        "id" => set_text(&mut query.id, value),
        "created_by_username" => set_text(&mut query.created_by_username, value),
        "created_by_id" => set(&mut query.created_by_id, value.trim().parse().ok()),
        "creator" => {
            query.created_by_other = value == "other";
            query.created_by_other
        }
        "owner" => set_text(&mut query.owner, value),
        "owner_kind" => set(
            &mut query.owner_kind,
            PrincipalKind::ALL.into_iter().find(|k| k.slug() == value),
        ),
        "status" => set(&mut query.status, Status::ALL.into_iter().find(|s| s.slug() == value)),
        FINDING => add(
            &mut query.marks,
            FindingKind::ALL.into_iter().find(|m| m.slug() == value),
        ),
        "expires_from" => set(&mut query.expires.from, Day::from_iso(value)),
        "expires_to" => set(&mut query.expires.to, Day::from_iso(value)),
        "used_from" => set(&mut query.used.from, Day::from_iso(value)),
        "used_to" => set(&mut query.used.to, Day::from_iso(value)),
        "idle" => set(&mut query.idle_days, days(value)),
        "scope" => set_text(&mut query.scope, value),
        "sort" => {
            let sort = Sort::parse(value);
            query.sort = sort.unwrap_or_default();
            sort.is_some()
        }
        "page" => {
            let page = value.parse::<usize>().ok();
            query.page = page.unwrap_or(1).saturating_sub(1);
            page.is_some()
        }
        _ => true,
    }
}

fn set<T>(field: &mut Option<T>, value: Option<T>) -> bool {
    *field = value;
    field.is_some()
}

fn set_text(field: &mut String, value: &str) -> bool {
    *field = text(value);
    !field.is_empty()
}

fn add(marks: &mut Vec<FindingKind>, mark: Option<FindingKind>) -> bool {
    marks.extend(mark.filter(|mark| !marks.contains(mark)));
    mark.is_some()
}

fn days(value: &str) -> Option<u16> {
    let days = value.trim().parse().ok()?;
    (1..=MAX_IDLE_DAYS).contains(&days).then_some(days)
}

/// A filter's text: trimmed, bounded, without control characters, and never a token's value.
pub(super) fn text(value: &str) -> String {
    if looks_like_token_value(value) {
        return String::new();
    }
    let mut out = String::new();
    for c in value.trim().chars().filter(|c| !c.is_control()) {
        if out.len() + c.len_utf8() > MAX_FILTER_BYTES {
            break;
        }
        out.push(c);
    }
    out.trim().to_owned()
}
