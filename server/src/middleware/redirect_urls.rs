//! Removes anything that may be a token value from the URLs of redirects: pages keep form input in their URLs, and
//! someone may have pasted a value into any field.

use axum::response::Response;
use domain::can_contain_token_value;
use http::HeaderValue;
use http::header::LOCATION;

/// The parameter with the console's own error code, which can contain any letters.
const ERROR_CODE: &str = "__err";

/// The longest URL of a redirect, in bytes, because some proxies reject longer headers. At this point, long form input
/// is already in a draft (`form_drafts.rs`).
const MAX_REDIRECT_BYTES: usize = 2048;

/// Removes parameters that may contain a token value from the URL of a redirect within the console. Removes all
/// parameters if the URL is too long.
pub(crate) async fn clean_redirect(mut response: Response) -> Response {
    let location = response
        .headers()
        .get(LOCATION)
        .and_then(|location| location.to_str().ok());
    if let Some(cleaned) = location.and_then(without_token_values)
        && let Ok(value) = HeaderValue::from_str(&cleaned)
    {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// The path and query of a URL for a redirect within the console.
pub(super) fn redirect_target(path_and_query: &str) -> String {
    without_token_values(path_and_query).unwrap_or_else(|| path_and_query.to_owned())
}

/// The URL without such parameters; `None` if it has none. URLs of other sites are not changed.
fn without_token_values(location: &str) -> Option<String> {
    if !location.starts_with('/') {
        return None;
    }
    let (path, query) = location.split_once('?')?;
    if location.len() > MAX_REDIRECT_BYTES {
        return Some(path.to_owned());
    }
    if !can_contain_token_value(location) {
        return None;
    }
    let is_kept = |pair: &&str| pair.starts_with(ERROR_CODE) || !can_contain_token_value(&decoded(pair));
    let kept: Vec<_> = query.split('&').filter(is_kept).collect();
    Some(match kept.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", kept.join("&")),
    })
}

fn decoded(pair: &str) -> String {
    let pairs = form_urlencoded::parse(pair.as_bytes());
    pairs.map(|(name, value)| format!("{name}={value}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_with_a_token_value_are_removed_and_others_stay() {
        let cleaned = |location| without_token_values(location);
        assert_eq!(
            cleaned("/w/a/tokens?q=dapi12&sort=owner").as_deref(),
            Some("/w/a/tokens?sort=owner")
        );
        assert_eq!(cleaned("/w/a/tokens?comment=x%20DAPI1").as_deref(), Some("/w/a/tokens"));
        assert_eq!(
            cleaned("/w/a?__err=xxdapixx&q=dapi").as_deref(),
            Some("/w/a?__err=xxdapixx")
        );
        assert_eq!(cleaned("/w/a/tokens?q=mia"), None);
        let long = format!("/w/a/tokens?q={}", "x".repeat(MAX_REDIRECT_BYTES));
        assert_eq!(cleaned(&long).as_deref(), Some("/w/a/tokens"));
        assert_eq!(cleaned("https://x.example/authorize?state=dapi"), None);
    }
}
