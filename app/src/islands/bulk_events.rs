//! News of what goes on by itself: a stream of events, and where none comes, looking again.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::{DomParser, Event, EventSource, MessageEvent, SupportedType};

use super::dom::{document, find, find_all, focus, listen, replace_children, swap, window};
use super::fetch::{get, sleep};

const PROGRESS_SELECTOR: &str = "#progress[data-events]";

/// Between two looks without a stream, in milliseconds.
const POLL_INTERVAL: i32 = 2000;

/// Listens for as long as the page says that there will be news.
pub(crate) fn watch() {
    let address = find(PROGRESS_SELECTOR).and_then(|place| place.get_attribute("data-events"));
    let Some(source) = address.and_then(|address| EventSource::new(&address).ok()) else {
        return;
    };
    listen(&source, "progress", |event: MessageEvent| {
        if let Some(html) = event.data().as_string() {
            replace_progress(&html);
        }
    });
    let over = Rc::new(Cell::new(false));
    let (closing, closed) = (source.clone(), Rc::clone(&over));
    listen(&source, "state", move |_: Event| {
        closing.close();
        closed.set(true);
        leptos::task::spawn_local(on_state_change());
    });
    let closing = source.clone();
    listen(&source, "error", move |_: Event| {
        closing.close();
        if !over.replace(true) {
            leptos::task::spawn_local(poll());
        }
    });
}

fn replace_progress(html: &str) {
    let page = DomParser::new().and_then(|parser| parser.parse_from_string(html, SupportedType::TextHtml));
    if let (Some(place), Some(body)) = (find(PROGRESS_SELECTOR), page.ok().and_then(|page| page.body())) {
        // The keyboard stays where it is, also where that is one of the links in here.
        let on = document().active_element().filter(|on| place.contains(Some(on)));
        let href = on.and_then(|on| on.get_attribute("href"));
        replace_children(&place, &body);
        let links = find_all(&format!("{PROGRESS_SELECTOR} a"));
        if let Some(link) = links
            .iter()
            .find(|link| href.is_some() && link.get_attribute("href") == href)
        {
            focus(link);
        }
    }
}

/// The job stands elsewhere now: the whole page tells.
async fn on_state_change() {
    let address = window().location().href().unwrap_or_default();
    match get(&address).await {
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
        let address = window().location().href().unwrap_or_default();
        let Some(page) = get(&address).await else { continue };
        let fresh = page.document.query_selector(PROGRESS_SELECTOR).ok().flatten();
        match (find(PROGRESS_SELECTOR), fresh) {
            (Some(place), Some(fresh)) => replace_children(&place, &fresh),
            _ => return swap(&page.document),
        }
    }
}
