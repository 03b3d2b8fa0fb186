//! `/keyboard-shortcuts`: the list of shortcuts, and the form that turns them on or off. With scripts the list is also
//! a dialog (`islands/shortcuts.rs`).

use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;
use crate::islands::shortcuts::LIST_ID;
use crate::layout::plain_page;
use crate::layout::shortcuts::{OFF, ON, are_on, set_state};
use crate::problem::{Failure, Problem};

/// The keys with their descriptions, for the list of tokens and for other pages.
const SHORTCUTS: [(&str, &str); 9] = [
    ("/", "Go to the search"),
    (
        "j",
        "Go to the next token of the list; where a token is open, open the next one",
    ),
    ("k", "The same for the previous token"),
    ("Enter or o", "Open the token"),
    ("x", "Select the token, or clear its selection"),
    ("Shift + x", "Do the same for all tokens since the last one"),
    ("s", "Go to “Review selected”"),
    ("r", "Revoke the token: opens the confirmation"),
    ("e", "Open the menu of exports"),
];

/// The list and the form.
#[component]
pub(crate) fn KeyboardShortcutsPage() -> impl IntoView {
    let request = Request::current();
    Suspend::new(async move {
        // The list is useful even if the session cannot be read.
        if request.sign_ins().await.is_ok_and(|sign_ins| sign_ins.is_empty()) {
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
        true => ("The shortcuts are enabled.", OFF, "Disable shortcuts"),
        false => ("The shortcuts are disabled.", ON, "Enable shortcuts"),
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
            <form method="post" action="/api/keyboard_shortcuts" data-loads-page>
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

/// Stores in a cookie whether shortcuts are on, because that belongs to the browser and not to the person.
#[server(prefix = "/api", endpoint = "keyboard_shortcuts")]
pub(crate) async fn set_keyboard_shortcuts(to: String) -> Result<(), Failure> {
    let request = Request::current();
    let Some(to) = [ON, OFF].into_iter().find(|state| *state == to) else {
        return Err(request.fail_form(Problem::BadRequest));
    };
    set_state(&request, to);
    let page = request.referring_page();
    request.redirect(page.as_deref().unwrap_or(paths::KEYBOARD_SHORTCUTS));
    Ok(())
}
