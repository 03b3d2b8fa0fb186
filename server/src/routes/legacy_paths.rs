//! Paths of earlier versions: pages of bulk revocations were at `/w/{workspace}/jobs…`, and their server functions at
//! `/api/jobs/…`.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Redirect, Response};
use http::Uri;

/// Server functions that were `/api/jobs/{name}`.
const RENAMED_FUNCTIONS: [&str; 5] = ["draft", "start", "cancel", "resume", "retry"];

/// `GET /w/{workspace}/jobs…`: redirects to the same path below `/bulk-revocations`, with the same query.
pub(crate) async fn redirect(uri: Uri) -> Redirect {
    Redirect::permanent(&page_path(&uri))
}

/// Renames the path of a form that a page from before an update posts to `/api/jobs/{name}`. All inner layers, the
/// access log and the metrics then see `/api/bulk_revocations/{name}`. To be removed after one release.
pub(crate) async fn rename_api_path(mut request: Request, next: Next) -> Response {
    if let Some(uri) = renamed(request.uri()) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

/// Changes only the third segment, since a workspace or an ID can be called `jobs` too. Keeps the percent-encoding.
fn page_path(uri: &Uri) -> String {
    let mut segments: Vec<_> = uri.path().split('/').collect();
    if let Some(segment) = segments.get_mut(3) {
        *segment = "bulk-revocations";
    }
    segments.join("/") + &query_part(uri)
}

/// `None` if it is not one of the renamed paths.
fn renamed(uri: &Uri) -> Option<Uri> {
    let name = uri.path().strip_prefix("/api/jobs/")?;
    if !RENAMED_FUNCTIONS.contains(&name) {
        return None;
    }
    let path = format!("/api/bulk_revocations/{name}{}", query_part(uri));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// The query with its `?`.
fn query_part(uri: &Uri) -> String {
    uri.query().map(|query| format!("?{query}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_page_changes() {
        for (before, after) in [
            ("/w/acme/jobs", "/w/acme/bulk-revocations"),
            ("/w/acme/jobs/", "/w/acme/bulk-revocations/"),
            (
                "/w/jobs/jobs/jobs/events?x=/jobs",
                "/w/jobs/bulk-revocations/jobs/events?x=/jobs",
            ),
            (
                "/w/a%2Fb/jobs/%2F%2Fevil?state=failed&x=a%20b",
                "/w/a%2Fb/bulk-revocations/%2F%2Fevil?state=failed&x=a%20b",
            ),
        ] {
            assert_eq!(page_path(&before.parse().unwrap()), after);
        }
    }

    #[test]
    fn only_server_functions_that_were_there_are_renamed() {
        let renamed = |text: &str| renamed(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(
            renamed("/api/jobs/draft?workspace=a%20b").as_deref(),
            Some("/api/bulk_revocations/draft?workspace=a%20b")
        );
        assert_eq!(
            renamed("https://pats.example/api/jobs/retry").as_deref(),
            Some("https://pats.example/api/bulk_revocations/retry")
        );
        for other in [
            "/api/jobs",
            "/api/jobs/",
            "/api/jobs/start/",
            "/api/jobs/start/x",
            "/api/jobs/delete",
            "/w/api/jobs/start",
            "/api/bulk_revocations/start",
        ] {
            assert_eq!(renamed(other), None, "{other}");
        }
    }
}
