//! Pages whose fields do not fit into a URL: the fields are posted, and the server responds with a URL that contains a
//! draft's ID instead.

use domain::can_contain_token_value;

use super::fetch::{FetchedPage, get, post, post_for_url};

/// The longest URL that contains the fields themselves, in bytes.
const MAX_URL_BYTES: usize = 1024;

/// Where fields are posted to open a page with them (`routes/open_page.rs` of the server).
const OPEN_PAGE: &str = "/api/open?page=";

/// Fetches `page` with the fields in `query`. The page's URL is short.
pub(crate) async fn open(page: &str, query: &str) -> Option<FetchedPage> {
    match fit(page, query) {
        Some(url) => get(&url).await,
        None => post(&target(page), query, None).await,
    }
}

/// The URL of `page` with the fields in `query`, if it is short and cannot contain a token value. Otherwise the fields
/// have to be posted: the server drops fields with token values, and says so.
pub(crate) fn fit(page: &str, query: &str) -> Option<String> {
    let url = match query {
        "" => page.to_owned(),
        query if page.contains('?') => format!("{page}&{query}"),
        query => format!("{page}?{query}"),
    };
    (url.len() <= MAX_URL_BYTES && !can_contain_token_value(query)).then_some(url)
}

/// Has the server store the fields in `query`, and returns a short URL of `page` that refers to them. `None` if the
/// server did not respond.
pub(crate) async fn keep(page: &str, query: &str) -> Option<String> {
    post_for_url(&target(page), query).await
}

fn target(page: &str) -> String {
    format!("{OPEN_PAGE}{}", String::from(js_sys::encode_uri_component(page)))
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn fields_are_part_of_a_url_as_long_as_it_is_short() {
        assert_eq!(fit("/t", "").as_deref(), Some("/t"));
        assert_eq!(fit("/t", "q=a").as_deref(), Some("/t?q=a"));
        assert_eq!(fit("/t?page=2", "q=a").as_deref(), Some("/t?page=2&q=a"));
        assert_eq!(fit("/t", &"x".repeat(1100)), None);
        assert_eq!(fit("/t", "reason=leaked+dapi0"), None);
    }
}
