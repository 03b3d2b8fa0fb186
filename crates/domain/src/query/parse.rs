//! Reads a query from a URL.

use super::{FINDING, FORMER_FINDING, MAX_IDLE_DAYS, Sort, TokenQuery};
use crate::{Day, FindingKind, looks_like_token_value};

/// The most bytes of a filter's text. Longer text is cut, since no comment is found by more.
pub(super) const MAX_FILTER_BYTES: usize = 256;

/// A query from a URL, and the parameters that are not valid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedQuery {
    /// The query, without the invalid parameters.
    pub query: TokenQuery,
    /// The names of the parameters whose value was dropped, each once. Never the value: it may be a secret.
    pub rejected: Vec<&'static str>,
}

impl ParsedQuery {
    /// Reads the decoded pairs of a query string. An invalid value is dropped and never an error, since the URL may
    /// come from anywhere. Text that looks like a token value is dropped too. Unknown parameters are ignored, and an
    /// empty value sets no filter. If a parameter occurs more than once, the last value counts, but findings add up.
    /// `mark` is read as `finding` if the URL has no `finding`.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut parsed = Self::default();
        let pairs: Vec<_> = pairs.into_iter().collect();
        let has_finding = pairs.iter().any(|(name, _)| *name == FINDING);
        for (name, value) in pairs {
            let is_former = name == FORMER_FINDING && !has_finding;
            parsed.apply(if is_former { FINDING } else { name }, value);
        }
        parsed
    }

    fn apply(&mut self, name: &str, value: &str) {
        let Some(name) = PARAMETERS.into_iter().find(|known| *known == name) else {
            return;
        };
        let is_valid = set_param(&mut self.query, name, value) || value.trim().is_empty();
        if !is_valid && !self.rejected.contains(&name) {
            self.rejected.push(name);
        }
    }
}

impl TokenQuery {
    /// Reads the decoded pairs of a query string; see [`ParsedQuery::from_pairs`].
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

/// Sets a parameter of the query. Returns whether the value was valid.
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
        "owner_kind" => set(&mut query.owner_kind, value.parse().ok()),
        "status" => set(&mut query.status, value.parse().ok()),
        FINDING => add(&mut query.findings, value.parse().ok()),
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

fn add(findings: &mut Vec<FindingKind>, finding: Option<FindingKind>) -> bool {
    findings.extend(finding.filter(|finding| !findings.contains(finding)));
    finding.is_some()
}

fn days(value: &str) -> Option<u16> {
    let days = value.trim().parse().ok()?;
    (1..=MAX_IDLE_DAYS).contains(&days).then_some(days)
}

/// The text of a filter: trimmed, limited in length, without control characters, and never a token value.
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
