//! Fills in the cells of a page that was rendered before names or permissions had loaded. Rows, their order, counts and
//! the selection stay as they are until someone reloads.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlElement};

use super::dom::{document, find_all_in, replace_children};
use super::fetch::{get, is_reachable, sleep};
use super::history::path_and_query;
use super::token_drawer;

/// The ID of the notice that says what is loading.
pub(crate) const LOADING_NOTICE_ID: &str = "parts-loading";

/// How many times the page waits for missing parts.
const MAX_WAITS: usize = 10;

/// From the arrival of a part to the request for the page with it.
const ARRIVAL_DEBOUNCE: Duration = Duration::from_millis(100);

/// The cells that need more data than the token itself.
const CELL_SELECTORS: [&str; 2] = ["td[data-label=Owner]", "td[data-label=Findings]"];

/// Waits for the parts that the page says are loading.
pub(crate) fn watch() {
    if let Some(notice) = notice_of(&document()) {
        wasm_bindgen_futures::spawn_local(fill_when_loaded(notice));
    }
}

async fn fill_when_loaded(notice: Element) {
    let Some(loaded) = notice.get_attribute("data-loaded") else {
        return;
    };
    for _ in 0..MAX_WAITS {
        // Filters or a confirmation may have replaced the page in the meantime. The new one waits for its own parts.
        if !is_reachable(&loaded).await || !notice.is_connected() {
            return;
        }
        // Several parts often arrive together.
        sleep(ARRIVAL_DEBOUNCE).await;
        let url = token_drawer::list_url().unwrap_or_else(path_and_query);
        let Some(page) = get(&url).await else { return };
        if !notice.is_connected() {
            return;
        }
        fill_rows(&page.document);
        fill_facts(&page.document);
        match notice_of(&page.document) {
            Some(next) => replace_children(&notice, &next),
            None => return show_end(&notice),
        }
    }
}

fn notice_of(page: &Document) -> Option<Element> {
    page.get_element_by_id(LOADING_NOTICE_ID)
}

fn show_end(notice: &Element) {
    let paragraphs = notice.children();
    for (i, is_hidden) in [(0, true), (1, false)] {
        if let Some(paragraph) = paragraphs.item(i).and_then(|p| p.dyn_into::<HtmlElement>().ok()) {
            paragraph.set_hidden(is_hidden);
        }
    }
}

/// Fills the rows of tokens that are on both pages, matched by their links.
fn fill_rows(page: &Document) {
    let fresh = rows(page);
    for (href, row) in rows(&document()) {
        let Some((_, from)) = fresh.iter().find(|(other, _)| *other == href) else {
            continue;
        };
        for cell in CELL_SELECTORS {
            fill(
                row.query_selector(cell).ok().flatten(),
                from.query_selector(cell).ok().flatten(),
            );
        }
    }
}

fn rows(page: &Document) -> Vec<(String, Element)> {
    let links = find_all_in(page, "tbody th[scope=row] a");
    let row_of = |link: Element| {
        let href = link.get_attribute("href")?;
        Some((href, link.closest("tr").ok().flatten()?))
    };
    links.into_iter().filter_map(row_of).collect()
}

/// Fills the values of description lists, matched by their terms.
fn fill_facts(page: &Document) {
    let terms = |page: &Document| find_all_in(page, "dl.fields dt, dl.facts dt");
    let fresh = terms(page);
    for term in terms(&document()) {
        if let Some(from) = fresh.iter().find(|from| from.text_content() == term.text_content()) {
            fill(term.next_element_sibling(), from.next_element_sibling());
        }
    }
}

/// Only replaces content that differs, since someone may be using a copy button in it.
fn fill(to: Option<Element>, from: Option<Element>) {
    if let (Some(to), Some(from)) = (to, from)
        && to.text_content() != from.text_content()
    {
        replace_children(&to, &from);
    }
}
