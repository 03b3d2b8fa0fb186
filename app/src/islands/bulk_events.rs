//! The progress of a bulk revocation: from a stream of events or, without one, by polling.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use web_sys::{DomParser, Element, Event, EventSource, MessageEvent, SupportedType};

use super::dom::{document, find, find_all, focus, listen, replace_children, set_text, window};
use super::fetch::{get, sleep};
use super::swap::{on_swap, show_fetched};

const PROGRESS_SELECTOR: &str = "#progress[data-events]";

/// The ID of the element in the bar that holds the link to the running bulk revocation. A fetched page brings its own
/// (`swap.rs`).
pub(crate) const RUNNING_BULK_ID: &str = "running-bulk";

const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Listens as long as the page says that there will be events.
pub(crate) fn watch() {
    let url = find(PROGRESS_SELECTOR).and_then(|progress| progress.get_attribute("data-events"));
    let Some(source) = url.and_then(|url| EventSource::new(&url).ok()) else {
        return;
    };
    listen(&source, "progress", |event: MessageEvent| {
        let fresh = event.data().as_string().and_then(|html| parse(&html));
        if let Some((progress, fresh)) = find(PROGRESS_SELECTOR).zip(fresh) {
            replace_progress(&progress, &fresh);
        }
    });
    let is_closed = Rc::new(Cell::new(false));
    let (source_to_close, closed) = (source.clone(), Rc::clone(&is_closed));
    listen(&source, "state", move |_: Event| {
        source_to_close.close();
        closed.set(true);
        wasm_bindgen_futures::spawn_local(on_state_change());
    });
    let source_to_close = source.clone();
    listen(&source, "error", move |_: Event| {
        source_to_close.close();
        if !is_closed.replace(true) {
            wasm_bindgen_futures::spawn_local(poll());
        }
    });
}

thread_local! {
    /// The event stream of the bulk revocation that the bar links to.
    static BAR_EVENTS: RefCell<Option<EventSource>> = const { RefCell::new(None) };
}

/// Follows the bulk revocation that the bar links to, except on its own page. A browser opens few connections to one
/// host, so hidden pages close theirs.
pub(crate) fn watch_bar() {
    follow_in_bar();
    on_swap(follow_in_bar);
    listen(&document(), "visibilitychange", |_: Event| match document().hidden() {
        true => stop_in_bar(),
        false => follow_in_bar(),
    });
}

fn follow_in_bar() {
    let Some(url) = bar_events_url().filter(|_| find(PROGRESS_SELECTOR).is_none() && !document().hidden()) else {
        return stop_in_bar();
    };
    let Ok(source) = EventSource::new(&url) else { return };
    listen(&source, "progress", |event: MessageEvent| {
        if let Some(body) = event.data().as_string().and_then(|html| parse(&html)) {
            show_in_bar(&body);
        }
    });
    listen(&source, "state", |_: Event| {
        stop_in_bar();
        remove_from_bar();
    });
    // After an error the browser reconnects automatically.
    if let Some(before) = BAR_EVENTS.replace(Some(source)) {
        before.close();
    }
}

fn stop_in_bar() {
    if let Some(source) = BAR_EVENTS.take() {
        source.close();
    }
}

fn bar_link() -> Option<Element> {
    document().get_element_by_id(RUNNING_BULK_ID)?.first_element_child()
}

fn bar_events_url() -> Option<String> {
    bar_link()?.get_attribute("data-running-events")
}

/// `6/16`.
pub(crate) fn progress_text(settled: usize, total: usize) -> String {
    format!("{settled}/{total}")
}

/// The accessible name of the link in the bar, worded alike by the server and the browser.
pub(crate) fn progress_label(what: &str, settled: usize, total: usize) -> String {
    format!("{what}: {settled} of {total} tokens processed")
}

/// The label with updated numbers.
fn with_numbers(label: &str, settled: usize, total: usize) -> String {
    let what = label.split_once(':').map_or(label, |(what, _)| what);
    progress_label(what, settled, total)
}

/// The number of processed tokens, and the total.
fn numbers(progress: &Element) -> Option<(usize, usize)> {
    let bar = progress.query_selector("[aria-valuenow]").ok().flatten()?;
    let number = |name| bar.get_attribute(name)?.parse().ok();
    Some((number("aria-valuenow")?, number("aria-valuemax")?))
}

/// Shows the numbers of a progress in the bar and in the title of the tab.
fn show_in_bar(progress: &Element) {
    let Some((settled, total)) = numbers(progress) else {
        return;
    };
    let text = progress_text(settled, total);
    if let Some(link) = bar_link() {
        link.set_text_content(Some(&text));
        let label = link.get_attribute("aria-label").unwrap_or_default();
        let _ = link.set_attribute("aria-label", &with_numbers(&label, settled, total));
    }
    document().set_title(&format!("({text}) {}", title_without_progress()));
}

/// Removes the link: the bulk revocation has ended, or is paused.
fn remove_from_bar() {
    if let Some(link) = bar_link() {
        link.remove();
    }
    document().set_title(&title_without_progress());
}

fn title_without_progress() -> String {
    let title = document().title();
    match title.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((progress, rest)) if progress.bytes().all(|b| b.is_ascii_digit() || b == b'/') => rest.to_owned(),
        _ => title,
    }
}

fn parse(html: &str) -> Option<Element> {
    let page = DomParser::new().ok()?.parse_from_string(html, SupportedType::TextHtml);
    Some(page.ok()?.body()?.into())
}

/// Replaces `progress`, and updates the heading and the bar.
fn replace_progress(progress: &Element, fresh: &Element) {
    // Replacing a link while it is being clicked would lose the click. The next progress comes soon.
    if find("#progress a:active").is_some() {
        return;
    }
    if let Some((heading, (settled, total))) = find("h1[data-progress]").zip(numbers(fresh)) {
        let label = heading.text_content().unwrap_or_default();
        set_text(&heading, &with_numbers(&label, settled, total));
    }
    // The bar can link to another bulk revocation, which started earlier.
    let events = progress.get_attribute("data-events").unwrap_or_default();
    if bar_events_url().is_some_and(|url| events.starts_with(&url)) {
        show_in_bar(fresh);
    }
    // A link in here that has the focus gets it back.
    let focused = document().active_element();
    let focused = focused.filter(|focused| progress.contains(Some(focused)));
    let href = focused.and_then(|focused| focused.get_attribute("href"));
    replace_children(progress, fresh);
    let links = find_all(&format!("{PROGRESS_SELECTOR} a"));
    if let Some(link) = links
        .iter()
        .find(|link| href.is_some() && link.get_attribute("href") == href)
    {
        focus(link);
    }
}

/// Reloads the page's content, since another state has other buttons and messages.
async fn on_state_change() {
    let url = window().location().href().unwrap_or_default();
    match get(&url).await {
        Some(page) => {
            show_fetched(&page);
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
            (Some(progress), Some(fresh)) => replace_progress(&progress, &fresh),
            _ => return show_fetched(&page),
        }
    }
}
