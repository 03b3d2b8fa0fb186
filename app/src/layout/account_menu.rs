//! The account menu of the signed-in person. It works without scripts.

use console::Actor;
use leptos::prelude::*;

use super::header::{sign_out_form, signed_in_with};
use super::theme;
use super::time_zone::time_zone_form;
use crate::http::paths;
use crate::http::request::Request;

/// The button with the person's initials, and the menu behind it.
pub(super) fn account_menu(request: &Request, actor: &Actor) -> AnyView {
    let name = match actor.display_name() {
        "" => actor.user_name(),
        name => name,
    };
    let who = view! {
        <p>
            <b>
                <bdi>{actor.user_name().to_owned()}</bdi>
            </b>
            <small>{format!("Signed in with {}", signed_in_with(actor.kind()))}</small>
        </p>
    };
    menu(
        request,
        format!("{name}, account menu"),
        initials(name),
        Some(who.into_any()),
    )
}

/// The account menu on a page outside workspaces, where someone can be signed in as several people.
pub(super) fn account_menu_of_browser(request: &Request) -> AnyView {
    menu(request, "Your account menu".to_owned(), "\u{2630}".to_owned(), None)
}

fn menu(request: &Request, label: String, sign: String, who: Option<AnyView>) -> AnyView {
    view! {
        <button class="account" popovertarget="account" aria-label=label>
            {sign}
        </button>
        <section popover id="account" class="menu" aria-label="Account">
            {who}
            <a href=paths::SESSIONS>"Your sessions"</a>
            <a href=paths::KEYBOARD_SHORTCUTS>"Keyboard shortcuts"</a>
            {theme::theme_form(request)}
            {time_zone_form()}
            {sign_out_form()}
        </section>
    }
    .into_any()
}

/// At most two letters: those that begin the first and the last word.
fn initials(name: &str) -> String {
    let words: Vec<_> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let ends = match words.as_slice() {
        [] => return "?".to_owned(),
        [one] => vec![*one],
        [first, .., last] => vec![*first, *last],
    };
    let letters = ends.iter().filter_map(|word| word.chars().next());
    letters.flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Mia Kowalski", "MK"),
            ("Mia", "M"),
            ("Jean-Luc van der Berg", "JB"),
            ("mia.kowalski@acme.example", "ME"),
            ("\u{645}\u{64a}\u{627}", "\u{645}"),
            ("--", "?"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
