//! Selecting rows of the list: the count, the checkbox for the whole page, and links that keep the selection.

use std::cell::RefCell;
use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, MouseEvent};

use super::dom::{document, find, find_all, go, listen, set_text, show_url, target, window};
use super::fetch::sleep;
use super::number::group_digits;
use super::swap::on_swap;
use super::{connection, long_urls};

const ROW_BOXES: &str = "input[type=checkbox][name=sel]";
const SELECT_PAGE_BOX: &str = "input[data-select-page]";
const LINKS: &str = "#results thead a, #results .pager a";

/// The longest selection that is part of a URL, in bytes. The server has the same limit.
const MAX_SELECTION_BYTES: usize = 500;

/// From the last change of the selection to the request that keeps it.
const SELECTION_DEBOUNCE: Duration = Duration::from_millis(300);

thread_local! {
    /// The selection that was shown last.
    static LATEST: RefCell<Option<Selected>> = const { RefCell::new(None) };
}

/// Watches the checkboxes, also those of lists that are put in place later.
pub(crate) fn attach() {
    listen(&document(), "change", |event: Event| {
        let Some(checkbox) = target(&event) else { return };
        if checkbox.matches(SELECT_PAGE_BOX).unwrap_or(false) {
            let checked = checkbox.unchecked_ref::<HtmlInputElement>().checked();
            row_boxes().iter().for_each(|row| row.set_checked(checked));
        } else if !checkbox.matches(ROW_BOXES).unwrap_or(false) {
            return;
        }
        update();
    });
    listen(&document(), "click", |event: MouseEvent| on_click(&event));
    // A browser that goes back ticks the boxes as they were.
    listen(&window(), "pageshow", |_: Event| reattach());
    reattach();
    on_swap(reattach);
}

/// Brings count, checkbox and links in line with a list that was just put in place.
pub(crate) fn reattach() {
    if find(".selection-bar").is_some_and(|bar| !bar.has_attribute("data-all-selected")) {
        update();
    }
}

fn row_boxes() -> Vec<HtmlInputElement> {
    find_all(ROW_BOXES)
        .into_iter()
        .filter_map(|e| e.dyn_into().ok())
        .collect()
}

/// The value of a hidden field of the selection.
fn field(name: &str) -> Option<String> {
    let field = find(&format!(".selection-bar input[type=hidden][name={name}]"))?;
    Some(field.unchecked_into::<HtmlInputElement>().value())
}

fn update() {
    let rows = row_boxes();
    // The selected tokens of other pages are in a hidden field.
    let mut handles: Vec<String> = field("sel")
        .iter()
        .flat_map(|sel| sel.split(','))
        .map(str::to_owned)
        .collect();
    let checked = rows.iter().filter(|row| row.checked()).count();
    handles.extend(rows.iter().filter(|row| row.checked()).map(HtmlInputElement::value));
    if let Some(count) = find("#selected-count") {
        set_text(&count, &format!("{} selected", group_digits(handles.len())));
    }
    show_facts(&rows, !handles.is_empty());
    if let Some(page) = find(SELECT_PAGE_BOX).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        page.set_hidden(false);
        page.set_checked(checked > 0 && checked == rows.len());
        page.set_indeterminate(checked > 0 && checked < rows.len());
    }
    if let Some(clear) = find("[data-clear]").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        clear.set_hidden(handles.is_empty());
    }
    let params = match (handles.is_empty(), field("of")) {
        (false, Some(of)) => format!("sel={}&of={of}", handles.join(",")),
        _ => String::new(),
    };
    show(Selected::new(params));
}

/// The selection as parameters of a URL.
#[derive(Clone, PartialEq, Eq)]
struct Selected {
    params: String,
    /// Whether the parameters are short enough for a URL. If not, the server keeps the selection.
    is_short: bool,
}

impl Selected {
    fn new(params: String) -> Self {
        let is_short = params.len() <= MAX_SELECTION_BYTES;
        Self { params, is_short }
    }
}

/// Makes the links, and the URL of the page, keep the selection.
fn show(selected: Selected) {
    set_latest(selected.clone());
    if selected.is_short {
        return show_params(&selected.params);
    }
    leptos::task::spawn_local(async move {
        sleep(SELECTION_DEBOUNCE).await;
        if is_latest(&selected)
            && let Some(params) = keep(&selected.params).await
            && is_latest(&selected)
        {
            show_params(&params);
            set_latest(Selected { params, is_short: true });
        }
    });
}

/// How many of the selected tokens were used within 7 days, and how many belong to service principals. The server and
/// the browser say it in the same words.
pub(crate) fn selection_facts(recent: usize, service_principals: usize) -> String {
    let recent = (recent > 0).then(|| format!("{} used in 7 days", group_digits(recent)));
    let principals = match service_principals {
        0 => None,
        1 => Some("1 of a service principal".to_owned()),
        n => Some(format!("{} of service principals", group_digits(n))),
    };
    recent.into_iter().chain(principals).collect::<Vec<_>>().join(" · ")
}

fn show_facts(rows: &[HtmlInputElement], is_any_selected: bool) {
    let Some(bar) = find(".selection-bar") else { return };
    let _ = match is_any_selected {
        true => bar.set_attribute("data-selected", ""),
        false => bar.remove_attribute("data-selected"),
    };
    let count = |attribute: &str| {
        let elsewhere = bar.get_attribute(attribute).and_then(|n| n.parse::<usize>().ok());
        let here = rows.iter().filter(|row| row.checked() && row.has_attribute(attribute));
        elsewhere.unwrap_or_default() + here.count()
    };
    if let Some(facts) = find("#selected-facts") {
        set_text(&facts, &selection_facts(count("data-recent"), count("data-sp")));
    }
}

fn set_latest(selected: Selected) {
    LATEST.with_borrow_mut(|latest| *latest = Some(selected));
}

fn is_latest(selected: &Selected) -> bool {
    LATEST.with_borrow(|latest| latest.as_ref() == Some(selected))
}

/// Has the server keep the selection. Returns the parameters that stand for it.
async fn keep(params: &str) -> Option<String> {
    let url = long_urls::keep(&window().location().pathname().ok()?, params).await?;
    url.split_once('?').map(|(_, params)| params.to_owned())
}

fn show_params(params: &str) {
    for link in links() {
        add_to_link(&link, params);
    }
    // A revocation in a dialog leads back to the list as it is now.
    if let Some(back) = find("#results input[name=back]").and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        back.set_value(&with_selection(&back.value(), params));
    }
    if let Some(list) = find("[data-clear]").and_then(|clear| clear.get_attribute("href")) {
        show_url(&with_selection(&list, params));
    }
}

/// The links that keep the selection.
fn links() -> Vec<Element> {
    find_all(LINKS)
}

/// Follows a link once the server keeps the selection, if it does not yet.
fn on_click(event: &MouseEvent) {
    let link = target(event).and_then(|element| element.closest("a").ok().flatten());
    let Some(href) = link
        .filter(|link| links().contains(link))
        .and_then(|link| link.get_attribute("href"))
    else {
        return;
    };
    let latest = LATEST.with_borrow(Clone::clone);
    let Some(selected) = latest.filter(|latest| !latest.is_short) else {
        return;
    };
    event.prevent_default();
    keep_and_follow(selected, href);
}

fn keep_and_follow(selected: Selected, href: String) {
    leptos::task::spawn_local(async move {
        match keep(&selected.params).await {
            Some(params) => {
                // For the way back.
                show_params(&params);
                go(&with_selection(&href, &params));
            }
            None => connection::report_list(move || keep_and_follow(selected.clone(), href.clone())),
        }
    });
}

fn add_to_link(link: &Element, params: &str) {
    if let Some(href) = link.get_attribute("href") {
        let _ = link.set_attribute("href", &with_selection(&href, params));
    }
}

/// `url` with the selection `params` instead of any other. They go last, where the server writes them too.
fn with_selection(url: &str, params: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let of_selection = ["sel=", "of=", "pick=", "all=", "draft="];
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !of_selection.iter().any(|name| pair.starts_with(name)))
        .collect();
    if !params.is_empty() {
        pairs.push(params);
    }
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::with_selection;

    #[test]
    fn a_selection_replaces_the_one_before() {
        assert_eq!(with_selection("/t?q=a&sel=x&of=1", "sel=y&of=2"), "/t?q=a&sel=y&of=2");
        assert_eq!(with_selection("/t?sel=x&of=1&pick=page", ""), "/t");
        assert_eq!(with_selection("/t", "sel=y&of=2"), "/t?sel=y&of=2");
        assert_eq!(
            with_selection("/t?q=a&of=1&draft=0f", "sel=y&of=2"),
            "/t?q=a&sel=y&of=2"
        );
        assert_eq!(with_selection("/t?page=2", ""), "/t?page=2");
    }
}
