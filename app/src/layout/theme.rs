//! The theme: light, dark, or the system's. It is stored in a cookie, so that a page has the right colours from the
//! first byte.

use http::HeaderMap;
use http::request::Parts;
use leptos::prelude::*;

use crate::http::cookies::{CookieScope, cookie_values};
use crate::http::request::{Request, Services};
use crate::problem::{Failure, Problem};

const THEME_COOKIE: &str = "theme";

/// The value of each theme in the cookie, and its label.
const THEMES: [(&str, &str); 3] = [("system", "System"), ("light", "Light"), ("dark", "Dark")];

fn parse_theme(name: &str) -> Option<&'static str> {
    THEMES.into_iter().map(|(theme, _)| theme).find(|theme| *theme == name)
}

/// The theme of the document that is being rendered.
pub(crate) fn document_theme() -> &'static str {
    use_context::<Parts>()
        .zip(use_context::<Services>())
        .map_or("system", |(parts, services)| theme_of(&parts.headers, services.cookies))
}

/// The theme in the cookie; the system's theme without a valid one.
fn theme_of(headers: &HeaderMap, cookies: CookieScope) -> &'static str {
    cookie_values(headers, &cookies.name(THEME_COOKIE))
        .find_map(|value| parse_theme(&value))
        .unwrap_or("system")
}

/// The theme form at the foot of a page without an account menu.
pub(crate) fn switcher(request: &Request) -> AnyView {
    view! { <footer class="page-footer">{theme_form(request)}</footer> }.into_any()
}

/// The form that selects a theme.
pub(super) fn theme_form(request: &Request) -> AnyView {
    let current = theme_of(request.headers(), request.cookies());
    let buttons = THEMES.map(|(theme, label)| {
        let pressed = if theme == current { "true" } else { "false" };
        view! {
            <button class="link" name="theme" value=theme aria-pressed=pressed>
                {label}
            </button>
        }
    });
    view! {
        <form method="post" action="/api/theme" class="theme" role="group" aria-label="Theme">
            "Theme"
            {buttons.into_iter().collect_view()}
        </form>
    }
    .into_any()
}

/// Stores the selected theme in a cookie, because it belongs to the browser and not to the person. Redirects to the
/// referring page rather than to a form field: a page does not repeat its own URL, which can contain anything that
/// someone pasted.
#[server(prefix = "/api", endpoint = "theme")]
pub(crate) async fn set_theme(theme: String) -> Result<(), Failure> {
    let request = Request::current();
    let Some(theme) = parse_theme(&theme) else {
        return Err(request.fail_form(Problem::BadRequest));
    };
    request.keep_cookie(THEME_COOKIE, theme);
    request.redirect(&request.referring_page().unwrap_or_else(|| "/".to_owned()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    #[test]
    fn the_first_valid_theme_counts() {
        let headers = HeaderMap::from_iter([(
            COOKIE,
            "theme=pink; theme_8443=light; theme=dark; theme=light".parse().unwrap(),
        )]);
        let [usual, other, third] = [443, 8443, 9443].map(|port| CookieScope::new(true, port));
        assert_eq!(theme_of(&headers, usual), "dark");
        assert_eq!(theme_of(&headers, other), "light");
        assert_eq!(theme_of(&headers, third), "system");
    }
}
