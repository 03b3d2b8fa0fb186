//! Drafts of forms. Form input usually travels in the URL of the page that shows it. If it is too long, or was sent
//! after the session had ended, the server stores it and the URL contains an ID instead: some proxies reject URLs of a
//! few kilobytes, and URLs stay in the history of a shared browser.

use std::collections::HashMap;

use console::{Console, FormDraft, FormDraftId};
use domain::{can_contain_token_value, percent_encode};
use http::Uri;

use crate::http::browser_session::BrowserSession;
use crate::http::paths;
use crate::problem::{Failure, Problem};

/// The parameter with the ID of a draft.
pub const DRAFT: &str = "draft";

/// A longer URL gets the ID of a draft instead of its fields.
pub const MAX_URL_BYTES: usize = 1024;

/// How many bytes the ID of a draft adds to a URL.
const DRAFT_BYTES: usize = 40;

/// Parameters that describe a failure rather than what was typed.
const FAILURE_PARAMS: [&str; 2] = ["__err", "__path"];

type Pairs = Vec<(String, String)>;

/// The state of the draft that a page's URL refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftState {
    /// The page shows what was typed.
    Restored {
        /// Whether it was sent after the session had ended.
        interrupted: bool,
    },
    /// The draft has expired, or belongs to someone else.
    Missing,
}

/// The URL as the browser shows it: with the ID of a draft instead of its fields.
#[derive(Clone, Debug)]
pub struct BrowserUrl(pub String);

/// Returns `url` with a draft's ID instead of what was typed, if it is too long or if the session had ended. Other
/// URLs, and those outside workspaces, stay as they are; so does every URL whose draft cannot be stored.
pub async fn shorten(console: &Console, session: &BrowserSession, url: &str) -> String {
    shorten_to(console, session, url, MAX_URL_BYTES).await
}

/// Like [`shorten`], with another maximum in bytes. Also shortens the page that a sign-in returns to, but nothing
/// nested deeper: anyone can make up a URL with thousands of levels.
pub(crate) async fn shorten_to(console: &Console, session: &BrowserSession, url: &str, max: usize) -> String {
    let Some(next) = url.strip_prefix("/sign-in?").and_then(|query| value(query, "next")) else {
        return shorten_page(console, session, url, max).await;
    };
    let short = shorten_page(console, session, &next, max).await;
    match short == next {
        true => url.to_owned(),
        false => paths::with_param(&paths::without_params(url, &["next"]), "next", &short),
    }
}

async fn shorten_page(console: &Console, session: &BrowserSession, url: &str, max: usize) -> String {
    let Some((workspace, (path, query))) = workspace_of(url).zip(url.split_once('?')) else {
        return url.to_owned();
    };
    let (draft, pairs) = split_draft(query);
    let interrupted = is_session_end(query);
    let (mut moved, stays) = match interrupted {
        true => pairs
            .into_iter()
            .partition(|(name, _)| !FAILURE_PARAMS.contains(&name.as_str())),
        false if url.len() > max => longest(pairs, url.len() - max),
        false => return url.to_owned(),
    };
    let principal = session.principal(workspace).await;
    let is_signed_in = async || session.sign_ins().await.is_ok_and(|all| all.contains_key(workspace));
    if principal.is_none() && !is_signed_in().await {
        // Drafts are for people who have signed in here before: others could fill the database and displace drafts.
        return url.to_owned();
    }
    if let Some(draft) = find(console, workspace, session, draft.as_deref()).await {
        let earlier = parse(&draft.fields);
        moved.extend(without_names(earlier, &stays, &moved));
    }
    moved.retain(|(name, value)| !can_contain_token_value(name) && !can_contain_token_value(value));
    let short = with_pairs(path, &stays);
    if moved.is_empty() {
        return short;
    }
    let fields = query_string(&moved);
    match console.keep_form_draft(workspace, principal, fields, interrupted).await {
        Ok(id) => paths::with_param(&short, DRAFT, &id.to_string()),
        Err(error) => {
            tracing::error!(%error, "could not store a form draft");
            url.to_owned()
        }
    }
}

/// The URI with the fields of the draft that it refers to, and the state of that draft. The URI's own fields take
/// precedence. `None` if it refers to no draft.
pub async fn restore(console: &Console, session: &BrowserSession, uri: &Uri) -> Option<(Uri, DraftState)> {
    let (id, own) = split_draft(uri.query()?);
    let workspace = workspace_of(uri.path())?;
    let draft = find(console, workspace, session, Some(&id?)).await;
    let Some(draft) = draft else {
        return Some((uri.clone(), DraftState::Missing));
    };
    let kept = without_names(parse(&draft.fields), &own, &[]);
    let pairs: Pairs = own.into_iter().chain(kept).collect();
    let interrupted = draft.interrupted;
    Some(match with_pairs(uri.path(), &pairs).parse() {
        Ok(full) => (full, DraftState::Restored { interrupted }),
        // A URI has at most 64 kB.
        Err(_) => (uri.clone(), DraftState::Missing),
    })
}

/// Whether a URL leads back to input that was sent after the session had ended.
pub(crate) async fn leads_to_interrupted(console: &Console, session: &BrowserSession, url: &str) -> bool {
    let Some((workspace, (_, query))) = workspace_of(url).zip(url.split_once('?')) else {
        return false;
    };
    let (id, _) = split_draft(query);
    let draft = find(console, workspace, session, id.as_deref()).await;
    draft.is_some_and(|draft| draft.interrupted)
}

async fn find(console: &Console, workspace: &str, session: &BrowserSession, id: Option<&str>) -> Option<FormDraft> {
    let id: FormDraftId = id?.parse().ok()?;
    let principal = session.principal(workspace).await;
    let draft = console.form_draft(workspace, principal, &id).await;
    draft
        .inspect_err(|error| tracing::error!(%error, "could not read a form draft"))
        .ok()
        .flatten()
}

/// The workspace in a path. Workspace names contain no characters that need encoding.
fn workspace_of(url: &str) -> Option<&str> {
    url.strip_prefix("/w/")?.split(['/', '?']).next()
}

/// Whether a query says that a change was certainly not made, because the session or its credential had ended.
fn is_session_end(query: &str) -> bool {
    let failure = value(query, "__err").and_then(|code| Failure::from_url_code(&code));
    failure.is_some_and(|failure| {
        failure.unchanged && matches!(failure.problem, Problem::SignedOut | Problem::BadCredential)
    })
}

fn value(query: &str, name: &str) -> Option<String> {
    parse(query)
        .into_iter()
        .find(|(n, _)| n == name)
        .map(|(_, value)| value)
}

fn parse(query: &str) -> Pairs {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The ID of the draft in a query, and the other pairs.
fn split_draft(query: &str) -> (Option<String>, Pairs) {
    let (drafts, others): (Pairs, Pairs) = parse(query).into_iter().partition(|(name, _)| name == DRAFT);
    (drafts.into_iter().next().map(|(_, id)| id), others)
}

/// The `pairs` whose names are in neither of the others: a field with several values is replaced as a whole.
fn without_names(mut pairs: Pairs, own: &[(String, String)], moved: &[(String, String)]) -> Pairs {
    pairs.retain(|(name, _)| !own.iter().chain(moved).any(|(other, _)| other == name));
    pairs
}

/// Splits off the longest fields, enough to save at least `excess` bytes of the URL. All values of a field stay
/// together.
fn longest(pairs: Pairs, excess: usize) -> (Pairs, Pairs) {
    let mut sizes: HashMap<String, usize> = HashMap::new();
    for (name, value) in pairs
        .iter()
        .filter(|(name, _)| !FAILURE_PARAMS.contains(&name.as_str()))
    {
        *sizes.entry(name.clone()).or_default() += query_string(&[(name.clone(), value.clone())]).len() + 1;
    }
    let mut by_size: Vec<_> = sizes.into_iter().collect();
    by_size.sort_by(|(a_name, a), (b_name, b)| b.cmp(a).then(a_name.cmp(b_name)));
    let (mut names, mut bytes) = (Vec::new(), 0);
    for (name, size) in by_size {
        if bytes >= excess + DRAFT_BYTES {
            break;
        }
        bytes += size;
        names.push(name);
    }
    pairs.into_iter().partition(|(name, _)| names.contains(name))
}

fn query_string(pairs: &[(String, String)]) -> String {
    let each = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)));
    each.collect::<Vec<_>>().join("&")
}

fn with_pairs(path: &str, pairs: &[(String, String)]) -> String {
    paths::with_query(path.to_owned(), &query_string(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, String)]) -> Pairs {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }

    #[test]
    fn the_longest_fields_are_moved_and_values_of_one_field_stay_together() {
        let edits = |n: usize| (0..n).map(|n| ("add", format!("user:{n:03}")));
        let all: Vec<_> = edits(60)
            .chain([("opened", "abc".to_owned()), ("reason", "x".repeat(300))])
            .chain(edits(1))
            .collect();
        let (moved, stays) = longest(pairs(&all), 200);
        assert_eq!(moved.len(), 61);
        assert_eq!(
            stays,
            pairs(&[("opened", "abc".to_owned()), ("reason", "x".repeat(300))])
        );
        let (moved, stays) = longest(pairs(&all), 2000);
        assert_eq!((moved.len(), stays.len()), (63, 0));
    }

    #[test]
    fn fields_of_the_url_replace_those_of_the_draft() {
        let kept = without_names(
            parse("add=a&add=b&reason=old&days=3"),
            &parse("reason=new"),
            &parse("add=c"),
        );
        assert_eq!(kept, parse("days=3"));
    }

    #[test]
    fn only_the_urls_of_workspaces_are_shortened() {
        assert_eq!(workspace_of("/w/acme-prod/tokens?q=1"), Some("acme-prod"));
        assert_eq!(workspace_of("/w/acme?q=1"), Some("acme"));
        assert_eq!(workspace_of("/sessions?q=1"), None);
    }
}
