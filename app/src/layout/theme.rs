//! Light, dark, or as the system: remembered in a cookie, so that the first byte of a page has the right colours.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue, SET_COOKIE};
use http::request::Parts;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::http::request::Request;
use crate::problem::{Failure, Problem};

const THEME_COOKIE: &str = "theme";

/// The choices: the word in the cookie, and its label.
const THEMES: [(&str, &str); 3] = [("system", "System"), ("light", "Light"), ("dark", "Dark")];

fn parse_theme(word: &str) -> Option<&'static str> {
    THEMES
        .into_iter()
        .map(|(choice, _)| choice)
        .find(|choice| *choice == word)
}

/// What the cookie says of the document that is being rendered.
pub(crate) fn document_theme() -> &'static str {
    use_context::<Parts>().map_or("system", |parts| theme_of(&parts.headers))
}

/// What the cookie says; as the system where it says nothing that is known.
fn theme_of(headers: &HeaderMap) -> &'static str {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let pairs = cookies
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let found = pairs
        .filter(|(name, _)| *name == THEME_COOKIE)
        .find_map(|(_, value)| parse_theme(value));
    found.unwrap_or("system")
}

/// The choice, at the foot of every page.
pub(crate) fn switcher(request: &Request) -> AnyView {
    let chosen = theme_of(request.headers());
    let buttons = THEMES.map(|(word, label)| {
        let pressed = if word == chosen { "true" } else { "false" };
        view! {
            <button class="link" name="theme" value=word aria-pressed=pressed>
                {label}
            </button>
        }
    });
    view! {
        <footer class="page-footer">
            <form method="post" action="/api/theme" role="group" aria-label="Theme">
                <span>"Theme"</span>
                {buttons.into_iter().collect_view()}
            </form>
        </footer>
    }
    .into_any()
}

/// Remembers a choice for a year. It is a taste, no secret, and belongs to the browser. The way back is the referrer: a page
/// does not repeat its own address, which may hold anything that somebody pasted.
#[server(prefix = "/api", endpoint = "theme")]
pub(crate) async fn set_theme(theme: String) -> Result<(), Failure> {
    let request = Request::current();
    let Some(theme) = parse_theme(&theme) else {
        return Err(request.fail_form(Problem::BadRequest));
    };
    let secure = if request.is_https() { "; Secure" } else { "" };
    let cookie = format!("{THEME_COOKIE}={theme}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(SET_COOKIE, cookie);
    }
    request.redirect(&request.referring_page().unwrap_or_else(|| "/".to_owned()));
    Ok(())
}
