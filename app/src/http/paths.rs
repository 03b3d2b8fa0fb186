//! All URLs of the console. No other module spells one out.

use console::BulkId;
use domain::{PrincipalId, Selection, Severity, TokenId, TokenQuery, percent_encode};

/// The parameter that allows an incomplete export.
pub const PARTIAL: &str = "partial";

/// The parameter that asks for a CSV file with a byte order mark, for Excel.
pub const BYTE_ORDER_MARK: &str = "bom";

/// The parameter that asks for the tokens in the events of a bulk revocation.
pub const BULK_ITEMS: &str = "items";

/// Where forms with free text are posted; the path of the page to open follows.
const OPEN_PAGE: &str = "/api/open?page=";

/// The user's own sessions.
pub(crate) const SESSIONS: &str = "/sessions";

/// The list of keyboard shortcuts.
pub(crate) const KEYBOARD_SHORTCUTS: &str = "/keyboard-shortcuts";

/// The sign-in page, which leads to `next` afterwards.
pub fn sign_in(next: Option<&str>) -> String {
    match next {
        Some(next) => format!("/sign-in?next={}", percent_encode(next)),
        None => "/sign-in".to_owned(),
    }
}

/// Where sign-in with OAuth starts for a workspace.
pub(crate) fn sign_in_oauth(workspace: &str, next: &str) -> String {
    format!(
        "/sign-in/oauth?workspace={}&next={}",
        percent_encode(workspace),
        percent_encode(next)
    )
}

/// A workspace's tokens.
pub fn tokens(workspace: &str) -> String {
    format!("/w/{}/tokens", percent_encode(workspace))
}

/// Whether this is the path of a workspace's tokens.
pub fn is_token_list(path: &str) -> bool {
    let workspace = path.strip_prefix("/w/").and_then(|rest| rest.strip_suffix("/tokens"));
    workspace.is_some_and(|workspace| !workspace.contains('/'))
}

/// A workspace's tokens, with the filters, order and page of `query`.
pub(crate) fn tokens_with(workspace: &str, query: &TokenQuery) -> String {
    with_query(tokens(workspace), &query.to_query_string())
}

/// The same, with a selection.
pub fn tokens_selected(workspace: &str, query: &TokenQuery, selection: &Selection) -> String {
    tokens_with_params(workspace, query, &selection.to_query_string(query))
}

/// The same, with the selection as `params`, which can be empty.
pub(crate) fn tokens_with_params(workspace: &str, query: &TokenQuery, params: &str) -> String {
    let query_string = query.to_query_string();
    let parts: Vec<_> = [query_string.as_str(), params]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    with_query(tokens(workspace), &parts.join("&"))
}

/// What an admin of a workspace should look at.
pub fn findings(workspace: &str) -> String {
    format!("/w/{}/findings", percent_encode(workspace))
}

/// The findings as a file, of one severity or of all. An incomplete file is sent only if `is_partial` is requested.
pub(crate) fn findings_export(
    workspace: &str,
    severity: Option<Severity>,
    extension: &str,
    is_partial: bool,
) -> String {
    let mut url = format!("{}.{extension}", findings(workspace));
    if let Some(severity) = severity {
        url = with_param(&url, "severity", severity_slug(severity));
    }
    match is_partial {
        true => with_param(&url, PARTIAL, "1"),
        false => url,
    }
}

/// A severity in a URL.
pub const fn severity_slug(severity: Severity) -> &'static str {
    match severity {
        Severity::ActNow => "act-now",
        Severity::FixSoon => "fix-soon",
        Severity::TidyUp => "tidy-up",
    }
}

/// The severity with this slug.
pub fn severity_from_slug(slug: &str) -> Option<Severity> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity_slug(*severity) == slug)
}

/// The bulk revocations of a workspace.
pub(crate) fn bulk_list(workspace: &str) -> String {
    format!("/w/{}/bulk-revocations", percent_encode(workspace))
}

/// One bulk revocation.
pub fn bulk_detail(workspace: &str, id: &BulkId) -> String {
    format!("{}/{id}", bulk_list(workspace))
}

/// A path that responds once more of a workspace's data has loaded.
pub(crate) fn loaded_parts(workspace: &str) -> String {
    format!("/w/{}/parts/loaded", percent_encode(workspace))
}

/// The stream of events of a bulk revocation.
pub(crate) fn bulk_events(workspace: &str, id: &BulkId) -> String {
    format!("{}/events", bulk_detail(workspace, id))
}

/// Like [`bulk_events`], including the tokens that the page shows.
pub(crate) fn bulk_item_events(workspace: &str, id: &BulkId) -> String {
    with_param(&bulk_events(workspace, id), BULK_ITEMS, "1")
}

/// The report of a bulk revocation as a file.
pub(crate) fn bulk_report(workspace: &str, id: &BulkId) -> String {
    format!("{}/report.csv", bulk_detail(workspace, id))
}

/// Where a form stores its selection as a draft, to be reviewed.
pub(crate) fn bulk_draft(workspace: &str) -> String {
    format!("/api/bulk_revocations/draft?workspace={}", percent_encode(workspace))
}

/// Where a form with free text is posted to open `page`: the text is checked for token values before it enters a URL.
pub(crate) fn open_with_fields(page: &str) -> String {
    format!("{OPEN_PAGE}{}", percent_encode(page))
}

/// The form for a new token of a service principal.
pub(crate) fn new_token(workspace: &str) -> String {
    format!("{}/new", tokens(workspace))
}

/// The review of a new token.
pub(crate) fn review_new_token(workspace: &str) -> String {
    format!("{}/review", new_token(workspace))
}

/// The confirmation page for the first token of a workspace.
pub(crate) fn first_token(workspace: &str) -> String {
    format!("{}/first", new_token(workspace))
}

/// A workspace's tokens as a file: all that match the filters of `query`. An incomplete file is sent only if
/// `is_partial` is requested.
pub(crate) fn tokens_export(workspace: &str, query: &TokenQuery, extension: &str, is_partial: bool) -> String {
    let path = format!("{}.{extension}", tokens(workspace));
    let url = with_query(path, &query.on_page(0).to_query_string());
    match is_partial {
        true => with_param(&url, PARTIAL, "1"),
        false => url,
    }
}

/// The page that says what is missing from an export.
pub(crate) fn export_page(workspace: &str, query: &TokenQuery) -> String {
    let path = format!("{}/export", tokens(workspace));
    with_query(path, &query.on_page(0).to_query_string())
}

/// One token.
pub(crate) fn token(workspace: &str, id: &TokenId) -> String {
    format!("{}/{}", tokens(workspace), percent_encode(id.as_str()))
}

/// One user or service principal.
pub(crate) fn principal(workspace: &str, id: PrincipalId) -> String {
    format!("/w/{}/principals/{id}", percent_encode(workspace))
}

/// The confirmation page of a revocation.
pub(crate) fn revoke(workspace: &str, id: &TokenId) -> String {
    format!("{}/revoke", token(workspace, id))
}

/// The confirmation page of a change of scopes.
pub(crate) fn edit_scopes(workspace: &str, id: &TokenId) -> String {
    format!("{}/scopes", token(workspace, id))
}

/// The scopes of all tokens of a workspace.
pub(crate) fn scopes(workspace: &str) -> String {
    format!("/w/{}/scopes", percent_encode(workspace))
}

/// The page that finds a leaked token.
pub(crate) fn find_leaked(workspace: &str) -> String {
    format!("/w/{}/find", percent_encode(workspace))
}

/// The activity log of a workspace.
pub(crate) fn activity(workspace: &str) -> String {
    format!("/w/{}/activity", percent_encode(workspace))
}

/// The settings of a workspace.
pub(crate) fn settings(workspace: &str) -> String {
    format!("/w/{}/settings/advanced", percent_encode(workspace))
}

/// The confirmation page for enabling or disabling tokens.
pub(crate) fn switch(workspace: &str) -> String {
    format!("{}/switch", settings(workspace))
}

/// The editor of the permissions to use tokens.
pub(crate) fn permissions(workspace: &str) -> String {
    format!("{}/permissions", settings(workspace))
}

/// The search for someone to add to the permissions.
pub(crate) fn find_principal(workspace: &str) -> String {
    format!("{}/find", permissions(workspace))
}

/// The review of a change of the permissions.
pub(crate) fn review_permissions(workspace: &str) -> String {
    format!("{}/review", permissions(workspace))
}

/// `path` with `query` after a question mark, unless it is empty.
pub(crate) fn with_query(path: String, query: &str) -> String {
    if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    }
}

/// `url` with one more parameter.
pub fn with_param(url: &str, name: &str, value: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{name}={}", percent_encode(value))
}

/// `url` without the parameters called `names`.
pub(crate) fn without_params(url: &str, names: &[&str]) -> String {
    let Some((path, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let remaining = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !names.contains(&name.as_ref()));
    remaining.fold(path.to_owned(), |url, (name, value)| {
        with_param(&url, &percent_encode(&name), &value)
    })
}

/// The longest local path, in bytes. An old link can contain form input, such as a comment of a thousand characters,
/// encoded twice. Redirects are shorter (`form_drafts.rs`).
const MAX_LOCAL_PATH_BYTES: usize = 24 * 1024;

/// Returns `path` if it is a path of this console, and never a URL that any browser reads as another origin.
pub fn local_path(path: &str) -> Option<&str> {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= MAX_LOCAL_PATH_BYTES
        && path.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    is_local.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_paths_are_accepted() {
        assert_eq!(local_path("/w/acme/tokens?q=a%20b"), Some("/w/acme/tokens?q=a%20b"));
        for foreign in [
            "",
            "w/acme",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "javascript:alert(1)",
            "/ /x",
            "/ü",
        ] {
            assert_eq!(local_path(foreign), None, "{foreign:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(30_000))), None);
    }

    #[test]
    fn only_the_list_of_a_workspace_is_a_token_list() {
        assert!(is_token_list(&tokens("acme prod")));
        for other in [
            "/w/acme-prod/tokens/1",
            "/w/a/principals/tokens",
            "/w/tokens",
            "/tokens",
        ] {
            assert!(!is_token_list(other), "{other}");
        }
    }

    #[test]
    fn hostile_ids_stay_one_segment() {
        assert_eq!(
            token("acme", &TokenId::new("../../x?y#z")),
            "/w/acme/tokens/..%2F..%2Fx%3Fy%23z"
        );
        assert_eq!(token("acme", &TokenId::new("..")), "/w/acme/tokens/%2E%2E");
    }

    #[test]
    fn params_are_removed_by_name() {
        assert_eq!(
            without_params("/t?q=a%20b&done=revoked&page=2", &["done"]),
            "/t?q=a%20b&page=2"
        );
        assert_eq!(without_params("/t", &["done"]), "/t");
        assert_eq!(with_param("/t?q=1", "done", "a&b"), "/t?q=1&done=a%26b");
    }
}
