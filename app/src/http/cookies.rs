//! The cookies of the console apart from the session's: the theme, and which style sheet a browser has cached.
//! Neither is a secret.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// The cookie with the URL of the style sheet that a browser has cached. The browser's part writes it
/// (`islands/stylesheet_cache.rs`).
const STYLESHEET_COOKIE: &str = "styles";

/// How long a browser remembers a choice.
const LIFETIME: Duration = Duration::days(365);

/// Whether the browser says that it has cached the style sheet at `href`.
pub fn has_cached_stylesheet(headers: &HeaderMap, href: &str) -> bool {
    cookie_values(headers, STYLESHEET_COOKIE).any(|value| value == href)
}

/// The values of the cookies called `name`. A browser can send several: each path and domain can have one.
pub(crate) fn cookie_values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = String> + 'a {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(move |cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// A `Set-Cookie` header that keeps `value` for a year, for all pages and for no script; with `https`, for https only.
/// `None` if `value` does not fit into a header.
pub(crate) fn permanent_cookie(name: &'static str, value: &str, https: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((name, value))
        .path("/")
        .max_age(LIFETIME)
        .same_site(SameSite::Lax)
        .http_only(true)
        .secure(https);
    HeaderValue::from_str(&cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (COOKIE, line.parse().unwrap())).collect()
    }

    #[test]
    fn a_cookie_is_found_in_any_header_and_at_any_place() {
        let headers = sent(&["a=1; styles=/pkg/x.css", "b; theme=dark;theme=light"]);
        assert!(has_cached_stylesheet(&headers, "/pkg/x.css"));
        assert!(!has_cached_stylesheet(&headers, "/pkg/y.css"));
        let themes: Vec<_> = cookie_values(&headers, "theme").collect();
        assert_eq!(themes, ["dark", "light"]);
        assert_eq!(cookie_values(&headers, "b").count(), 0);
    }

    #[test]
    fn a_permanent_cookie_lasts_a_year_and_is_not_for_scripts() {
        let header = permanent_cookie("theme", "dark", true).unwrap();
        let mut parts: Vec<_> = header.to_str().unwrap().split("; ").collect();
        parts.sort_unstable();
        assert_eq!(
            parts,
            [
                "HttpOnly",
                "Max-Age=31536000",
                "Path=/",
                "SameSite=Lax",
                "Secure",
                "theme=dark"
            ]
        );
        let header = permanent_cookie("theme", "dark", false).unwrap();
        assert!(!header.to_str().unwrap().contains("Secure"));
    }
}
