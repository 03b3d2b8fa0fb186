//! Menus that are a `<details>` with `data-menu`: they close when someone clicks elsewhere or presses Escape.

use web_sys::{Element, Event, KeyboardEvent};

use super::dom::{document, find_all, focus, listen, target};

/// Closes open menus on a click elsewhere or on Escape.
pub(crate) fn watch() {
    listen(&document(), "click", |event: Event| {
        // The click may have removed its own target from the page.
        let Some(clicked) = target(&event).filter(|clicked| clicked.is_connected()) else {
            return;
        };
        for menu in open_menus().iter().filter(|menu| !menu.contains(Some(&clicked))) {
            close(menu);
        }
    });
    listen(&document(), "keydown", |event: KeyboardEvent| {
        if event.key() != "Escape" || event.default_prevented() {
            return;
        }
        for menu in open_menus() {
            event.prevent_default();
            let active = document().active_element();
            close(&menu);
            if active.is_some_and(|active| menu.contains(Some(&active)))
                && let Some(summary) = menu.query_selector("summary").ok().flatten()
            {
                focus(&summary);
            }
        }
    });
}

fn open_menus() -> Vec<Element> {
    find_all("details[data-menu][open]")
}

fn close(menu: &Element) {
    let _ = menu.remove_attribute("open");
}
