//! The console's cookies: their names, and the values of those without a session, such as the theme and the cached
//! style sheet.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};
use tower_sessions::session::Id;

/// The cookie with the URL of the style sheet that the browser has cached. `islands/stylesheet_cache.rs` sets it.
const STYLESHEET_COOKIE: &str = "styles";

/// A cookie that only the browser has in which the sign-in page was opened; see [`CookieScope::browser_proof`].
const BROWSER_PROOF_COOKIE: &str = "browser_proof";

const HTTPS_PORT: u16 = 443;

/// How long a browser remembers a choice.
const LIFETIME: Duration = Duration::days(365);

/// Tells the cookies of this console from those of others on the same host. A browser sends cookies to every port
/// (<https://www.rfc-editor.org/rfc/rfc6265#section-8.5>), so their names contain the port, except that of https.
#[derive(Clone, Copy, Debug)]
pub struct CookieScope {
    https: bool,
    port: Option<u16>,
}

impl CookieScope {
    /// The scope of a console whose public URL has this scheme and port.
    pub fn new(https: bool, port: u16) -> Self {
        let port = Some(port).filter(|port| !https || *port != HTTPS_PORT);
        Self { https, port }
    }

    /// Whether the cookies are for https only.
    pub fn is_https(self) -> bool {
        self.https
    }

    /// The name of the session's cookie.
    pub fn session_name(self) -> String {
        match self.https {
            true => self.name("__Host-pat_console"),
            false => self.name("pat_console_dev"),
        }
    }

    /// The name of the cookie that proves which browser a request is from.
    fn browser_proof_name(self) -> String {
        match self.https {
            true => self.name(&format!("__Host-{BROWSER_PROOF_COOKIE}")),
            false => self.name(BROWSER_PROOF_COOKIE),
        }
    }

    /// The random value that the sign-in page gave this browser. It is new each time the page is opened, so someone who
    /// planted a session cookie does not know it. `None` without one, or with several.
    pub fn browser_proof(self, headers: &HeaderMap) -> Option<String> {
        let name = self.browser_proof_name();
        let mut values = cookie_values(headers, &name);
        let proof = values.next().filter(|value| !value.is_empty())?;
        values.next().is_none().then_some(proof)
    }

    /// A `Set-Cookie` header with a new proof, which lasts until the browser is closed.
    pub fn new_browser_proof(self) -> Option<HeaderValue> {
        // A session ID is 128 random bits, so it serves as a random value. It belongs to no session.
        let cookie = Cookie::build((self.browser_proof_name(), Id::default().to_string()))
            .path("/")
            // `Lax`, since the redirect back from a workspace's sign-in page comes from another site and needs it.
            .same_site(SameSite::Lax)
            .http_only(true)
            .secure(self.https);
        HeaderValue::from_str(&cookie.to_string()).ok()
    }

    /// The name of the cookie with the URL of the cached style sheet.
    pub fn stylesheet_name(self) -> String {
        self.name(STYLESHEET_COOKIE)
    }

    /// The cookie name for this console; other consoles on this host have another one for the same `base`.
    pub(crate) fn name(self, base: &str) -> String {
        match self.port {
            Some(port) => format!("{base}_{port}"),
            None => base.to_owned(),
        }
    }

    /// Whether the browser says that it has cached the style sheet at `href`.
    pub fn has_cached_stylesheet(self, headers: &HeaderMap, href: &str) -> bool {
        cookie_values(headers, &self.stylesheet_name()).any(|value| value == href)
    }

    /// A `Set-Cookie` header that stores `value` for a year, for all pages, hidden from scripts. `None` if `value` is
    /// not valid in a header.
    pub(crate) fn permanent_cookie(self, base: &str, value: &str) -> Option<HeaderValue> {
        let cookie = Cookie::build((self.name(base), value))
            .path("/")
            .max_age(LIFETIME)
            .same_site(SameSite::Lax)
            .http_only(true)
            .secure(self.https);
        HeaderValue::from_str(&cookie.to_string()).ok()
    }
}

/// The values of the cookies called `name`. A browser can send several, for different paths and domains.
pub(crate) fn cookie_values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(move |cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
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
        let usual = CookieScope::new(true, 443);
        assert!(usual.has_cached_stylesheet(&headers, "/pkg/x.css"));
        assert!(!usual.has_cached_stylesheet(&headers, "/pkg/y.css"));
        assert!(!CookieScope::new(true, 8443).has_cached_stylesheet(&headers, "/pkg/x.css"));
        let themes: Vec<_> = cookie_values(&headers, "theme").collect();
        assert_eq!(themes, ["dark", "light"]);
        assert_eq!(cookie_values(&headers, "b").count(), 0);
    }

    #[test]
    fn a_permanent_cookie_lasts_a_year_and_is_not_for_scripts() {
        let header = CookieScope::new(true, 443).permanent_cookie("theme", "dark").unwrap();
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
        let header = CookieScope::new(false, 3000).permanent_cookie("theme", "dark").unwrap();
        assert!(!header.to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn consoles_on_one_host_have_cookies_of_different_names() {
        let names = [(true, 443), (true, 8443), (false, 80), (false, 3000), (false, 3001)].map(|(https, port)| {
            let scope = CookieScope::new(https, port);
            [scope.session_name(), scope.name("theme"), scope.stylesheet_name()]
        });
        assert_eq!(names[0], ["__Host-pat_console", "theme", "styles"]);
        assert_eq!(names[1], ["__Host-pat_console_8443", "theme_8443", "styles_8443"]);
        assert_eq!(names[3], ["pat_console_dev_3000", "theme_3000", "styles_3000"]);
        let different: std::collections::HashSet<_> = names.iter().flatten().collect();
        assert_eq!(different.len(), 15);
    }
}
