//! The progress of a bulk revocation: a stream of events, and without one, polling.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use web_sys::{DomParser, Event, EventSource, MessageEvent, SupportedType};

use super::dom::{document, find, find_all, focus, listen, replace_children, window};
use super::fetch::{get, sleep};
use super::swap::swap;

const PROGRESS_SELECTOR: &str = "#progress[data-events]";

const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Listens for as long as the page says that there will be events.
pub(crate) fn watch() {
    let url = find(PROGRESS_SELECTOR).and_then(|progress| progress.get_attribute("data-events"));
    let Some(source) = url.and_then(|url| EventSource::new(&url).ok()) else {
        return;
    };
    listen(&source, "progress", |event: MessageEvent| {
        if let Some(html) = event.data().as_string() {
            replace_progress(&html);
        }
    });
    let is_closed = Rc::new(Cell::new(false));
    let (closing, closed) = (source.clone(), Rc::clone(&is_closed));
    listen(&source, "state", move |_: Event| {
        closing.close();
        closed.set(true);
        leptos::task::spawn_local(on_state_change());
    });
    let closing = source.clone();
    listen(&source, "error", move |_: Event| {
        closing.close();
        if !is_closed.replace(true) {
            leptos::task::spawn_local(poll());
        }
    });
}

fn replace_progress(html: &str) {
    let page = DomParser::new().and_then(|parser| parser.parse_from_string(html, SupportedType::TextHtml));
    if let (Some(progress), Some(body)) = (find(PROGRESS_SELECTOR), page.ok().and_then(|page| page.body())) {
        // A link in here that has the focus keeps it.
        let focused = document().active_element();
        let focused = focused.filter(|focused| progress.contains(Some(focused)));
        let href = focused.and_then(|focused| focused.get_attribute("href"));
        replace_children(&progress, &body);
        let links = find_all(&format!("{PROGRESS_SELECTOR} a"));
        if let Some(link) = links
            .iter()
            .find(|link| href.is_some() && link.get_attribute("href") == href)
        {
            focus(link);
        }
    }
}

/// Shows the whole page again: another state has other buttons and messages.
async fn on_state_change() {
    let url = window().location().href().unwrap_or_default();
    match get(&url).await {
        Some(page) => {
            swap(&page.document);
            watch();
        }
        None => poll().await,
    }
}

async fn poll() {
    while find(PROGRESS_SELECTOR).is_some() {
        sleep(POLL_INTERVAL).await;
        let url = window().location().href().unwrap_or_default();
        let Some(page) = get(&url).await else { continue };
        let fresh = page.document.query_selector(PROGRESS_SELECTOR).ok().flatten();
        match (find(PROGRESS_SELECTOR), fresh) {
            (Some(progress), Some(fresh)) => replace_children(&progress, &fresh),
            _ => return swap(&page.document),
        }
    }
}
