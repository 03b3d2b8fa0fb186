//! `/keyboard-shortcuts`: the list of the shortcuts, and the form that switches them on and off. With scripts the list is
//! also a dialog (`islands/shortcuts.rs`).

use http::HeaderMap;
use http::request::Parts;
use leptos::prelude::*;

use crate::http::cookies::{CookieScope, cookie_values};
use crate::http::paths;
use crate::http::request::{Request, Services};
use crate::islands::shortcuts::LIST_ID;
use crate::layout::plain_page;
use crate::problem::{Failure, Problem};

const SHORTCUTS_COOKIE: &str = "keyboard_shortcuts";

const ON: &str = "on";
const OFF: &str = "off";

/// The keys, and what they do in the list of tokens and on other pages.
const SHORTCUTS: [(&str, &str); 8] = [
    ("/", "Go to the search"),
    ("j", "Go to the next token of the list"),
    ("k", "Go to the previous token of the list"),
    ("Enter", "Open the token"),
    ("x", "Select the token, or clear its selection"),
    ("Shift + x", "Do the same for all tokens since the last one"),
    ("r", "Revoke the token: opens the confirmation"),
    ("e", "Open the menu of exports"),
];

/// The value of `data-shortcuts` on the document that is being rendered: `off`, or none.
pub(crate) fn document_shortcuts() -> Option<&'static str> {
    let (parts, services) = use_context::<Parts>().zip(use_context::<Services>())?;
    (!are_on(&parts.headers, services.cookies)).then_some(OFF)
}

/// Whether the browser has them switched on, as all have at first.
fn are_on(headers: &HeaderMap, cookies: CookieScope) -> bool {
    !cookie_values(headers, &cookies.name(SHORTCUTS_COOKIE)).any(|value| value == OFF)
}

/// The list and the form.
#[component]
pub(crate) fn KeyboardShortcutsPage() -> impl IntoView {
    let request = Request::current();
    Suspend::new(async move {
        if request.session.all_sign_ins().await.is_empty() {
            request.redirect(&paths::sign_in(Some(paths::KEYBOARD_SHORTCUTS)));
            return ().into_any();
        }
        plain_page(&request, "Keyboard shortcuts", None, content(&request))
    })
}

fn content(request: &Request) -> AnyView {
    let rows = SHORTCUTS.map(|(keys, effect)| {
        view! {
            <tr>
                <th scope="row">
                    <kbd>{keys}</kbd>
                </th>
                <td>{effect}</td>
            </tr>
        }
    });
    let (state, to, label) = match are_on(request.headers(), request.cookies()) {
        true => ("The shortcuts are on.", OFF, "Switch shortcuts off"),
        false => ("The shortcuts are off.", ON, "Switch shortcuts on"),
    };
    view! {
        <div class="card body" id=LIST_ID>
            <h1 id="confirm-title">"Keyboard shortcuts"</h1>
            <table>
                <caption class="visually-hidden">"Keys and what they do"</caption>
                <tbody>
                    {rows.into_iter().collect_view()}
                    <tr>
                        <th scope="row">
                            <kbd>"?"</kbd>
                        </th>
                        <td>"Show this list"</td>
                    </tr>
                </tbody>
            </table>
            <p class="muted">"They do nothing while you type in a field. They need JavaScript."</p>
            <form method="post" action="/api/keyboard_shortcuts">
                <p>
                    {state} " "
                    <button class="btn" name="to" value=to>
                        {label}
                    </button>
                </p>
            </form>
        </div>
    }
    .into_any()
}

/// Stores in a cookie whether the shortcuts are on, since that belongs to the browser and not to the person.
#[server(prefix = "/api", endpoint = "keyboard_shortcuts")]
pub(crate) async fn set_keyboard_shortcuts(to: String) -> Result<(), Failure> {
    let request = Request::current();
    let Some(to) = [ON, OFF].into_iter().find(|state| *state == to) else {
        return Err(request.fail_form(Problem::BadRequest));
    };
    request.keep_cookie(SHORTCUTS_COOKIE, to);
    let page = request.referring_page();
    request.redirect(page.as_deref().unwrap_or(paths::KEYBOARD_SHORTCUTS));
    Ok(())
}
