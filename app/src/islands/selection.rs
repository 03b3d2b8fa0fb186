//! Selecting rows of the list: the count, the checkbox for the whole page, and links that contain the selection.

use std::cell::RefCell;
use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, MouseEvent};

use super::dom::{document, find, find_all, listen, set_text, target, window};
use super::fetch::sleep;
use super::history::show_url;
use super::number::group_digits;
use super::swap::on_swap;
use super::token_list::{self, Place};
use super::{connection, long_urls, token_drawer};

const ROW_BOXES: &str = "input[type=checkbox][name=sel]";
const SELECT_PAGE_BOX: &str = "input[data-select-page]";

/// The longest selection that goes into a URL, in bytes. The server has the same limit.
const MAX_SELECTION_BYTES: usize = 500;

/// From the last change of the selection to the request that stores it.
const SELECTION_DEBOUNCE: Duration = Duration::from_millis(300);

thread_local! {
    /// The selection that was shown last.
    static LATEST_SELECTION: RefCell<Option<Selected>> = const { RefCell::new(None) };
    /// The row that was clicked last, where a range with Shift begins.
    static RANGE_START: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Watches the checkboxes, including those of lists that are loaded later.
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
    listen(&document(), "click", |event: MouseEvent| {
        on_row_click(&event);
        on_click(&event);
    });
    // On going back, browsers restore the ticked checkboxes.
    listen(&window(), "pageshow", |_: Event| reattach());
    reattach();
    on_swap(reattach);
}

/// Updates count, checkbox and links after the list was replaced.
pub(crate) fn reattach() {
    RANGE_START.set(None);
    if find(".selection-bar").is_some() {
        update();
    }
}

/// A click with Shift gives all rows between the previous and this one the state of this one.
fn on_row_click(event: &MouseEvent) {
    let row = target(event).filter(|element| element.matches(ROW_BOXES).unwrap_or(false));
    let Some(row) = row.and_then(|element| element.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    select_to(&row, event.shift_key());
}

/// Remembers a row as the start of the next range. With `is_range`, also sets the rows between the previous one and
/// this one.
pub(crate) fn select_to(row: &HtmlInputElement, is_range: bool) {
    let anchor = RANGE_START.replace(Some(row.value())).filter(|_| is_range);
    let rows = row_boxes();
    let position = |value: &str| rows.iter().position(|row| row.value() == value);
    if let (Some(from), Some(to)) = (anchor.and_then(|anchor| position(&anchor)), position(&row.value())) {
        for between in &rows[from.min(to)..=from.max(to)] {
            between.set_checked(row.checked());
        }
    }
    // A plain click on the checkbox fires `change` itself.
    if is_range {
        update();
    }
}

fn row_boxes() -> Vec<HtmlInputElement> {
    find_all(ROW_BOXES)
        .into_iter()
        .filter_map(|e| e.dyn_into().ok())
        .collect()
}

/// The value of a hidden selection field.
fn field(name: &str) -> Option<String> {
    let field = find(&format!(".selection-bar input[type=hidden][name={name}]"))?;
    Some(field.unchecked_into::<HtmlInputElement>().value())
}

fn update() {
    let rows = row_boxes();
    // With "Select all", the number of matches; the handles are then the exceptions.
    let all = find(".selection-bar").and_then(|bar| bar.get_attribute("data-all-selected"));
    let all = all.and_then(|matching| matching.parse::<usize>().ok());
    // The handles of tokens on other pages are in a hidden field.
    let mut handles: Vec<String> = field(if all.is_some() { "not" } else { "sel" })
        .iter()
        .flat_map(|handles| handles.split(','))
        .map(str::to_owned)
        .collect();
    let checked = rows.iter().filter(|row| row.checked()).count();
    let listed = rows.iter().filter(|row| row.checked() != all.is_some());
    handles.extend(listed.map(HtmlInputElement::value));
    let selected = match all {
        Some(matching) => matching.saturating_sub(handles.len()),
        None => handles.len(),
    };
    if let Some(count) = find("#selected-count") {
        set_text(&count, &selected_text(selected, all));
    }
    show_facts(&rows, selected > 0);
    if let Some(page) = find(SELECT_PAGE_BOX).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        page.set_hidden(false);
        page.set_checked(checked > 0 && checked == rows.len());
        page.set_indeterminate(checked > 0 && checked < rows.len());
    }
    if let Some(clear) = find("[data-clear]").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        clear.set_hidden(selected == 0 && all.is_none());
    }
    let handles = handles.join(",");
    let params = match (all.is_some(), handles.as_str()) {
        (false, "") => String::new(),
        (false, handles) => format!("sel={handles}"),
        (true, "") => "all=1".to_owned(),
        (true, handles) => format!("all=1&not={handles}"),
    };
    let params = match field("of") {
        Some(of) if !params.is_empty() => format!("{params}&of={of}"),
        _ => String::new(),
    };
    show(Selected::new(params));
}

/// The selection as parameters of a URL.
#[derive(Clone, PartialEq, Eq)]
struct Selected {
    params: String,
    /// Whether the parameters are short enough for a URL. If not, the server stores the selection.
    is_short: bool,
}

impl Selected {
    fn new(params: String) -> Self {
        let is_short = params.len() <= MAX_SELECTION_BYTES;
        Self { params, is_short }
    }
}

/// Puts the selection into the links and into the page's URL.
fn show(selected: Selected) {
    set_latest(selected.clone());
    if selected.is_short {
        return show_params(&selected.params);
    }
    wasm_bindgen_futures::spawn_local(async move {
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

/// How many tokens are selected; `all` is the number of matches if all were selected. Worded alike by the server and
/// the browser.
pub(crate) fn selected_text(selected: usize, all: Option<usize>) -> String {
    match all.filter(|all| *all > selected) {
        Some(all) => format!(
            "{} of {} selected, {} excluded",
            group_digits(selected),
            group_digits(all),
            group_digits(all - selected)
        ),
        None => format!("{} selected", group_digits(selected)),
    }
}

/// How many of the selected tokens were used within 7 days, and how many belong to service principals. Worded alike by
/// the server and the browser.
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
        let on_other_pages = bar.get_attribute(attribute).and_then(|n| n.parse::<usize>().ok());
        let here = rows.iter().filter(|row| row.checked() && row.has_attribute(attribute));
        on_other_pages.unwrap_or_default() + here.count()
    };
    if let Some(facts) = find("#selected-facts") {
        set_text(&facts, &selection_facts(count("data-recent"), count("data-sp")));
    }
}

fn set_latest(selected: Selected) {
    LATEST_SELECTION.with_borrow_mut(|latest| *latest = Some(selected));
}

fn is_latest(selected: &Selected) -> bool {
    LATEST_SELECTION.with_borrow(|latest| latest.as_ref() == Some(selected))
}

/// Has the server store the selection. Returns the parameters that refer to it.
async fn keep(params: &str) -> Option<String> {
    let url = long_urls::keep(&window().location().pathname().ok()?, params).await?;
    url.split_once('?').map(|(_, params)| params.to_owned())
}

fn show_params(params: &str) {
    for link in token_list::links() {
        add_to_link(&link, params);
    }
    // A revocation in a dialog returns to the list with the current selection.
    for back in find_all("#results input[name=back], #token-drawer input[name=back]") {
        if let Ok(back) = back.dyn_into::<HtmlInputElement>() {
            back.set_value(&with_selection(&back.value(), params));
        }
    }
    // While the drawer is open, the address bar shows the token's URL.
    if token_drawer::list_url().is_none()
        && let Some(list) = find("[data-clear]").and_then(|clear| clear.get_attribute("href"))
    {
        show_url(&with_selection(&list, params));
    }
}

/// Follows a link after the server has stored the selection, if it still has to.
fn on_click(event: &MouseEvent) {
    let Some(link) = token_list::link_of(event) else { return };
    let latest = LATEST_SELECTION.with_borrow(Clone::clone);
    let Some(selected) = latest.filter(|latest| !latest.is_short) else {
        return;
    };
    event.prevent_default();
    let href = link.get_attribute("href").unwrap_or_default();
    keep_and_open(selected, href, Place::of(&link));
}

fn keep_and_open(selected: Selected, href: String, place: Place) {
    wasm_bindgen_futures::spawn_local(async move {
        match keep(&selected.params).await {
            Some(params) => {
                // So that Back returns to the list with the selection.
                show_params(&params);
                token_list::open(with_selection(&href, &params), place);
            }
            None => connection::report_list(move || keep_and_open(selected.clone(), href.clone(), place)),
        }
    });
}

fn add_to_link(link: &Element, params: &str) {
    if let Some(href) = link.get_attribute("href") {
        let _ = link.set_attribute("href", &with_selection(&href, params));
    }
}

/// `url` with the selection `params` instead of any other, at the end, as the server writes them.
fn with_selection(url: &str, params: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let of_selection = ["sel=", "not=", "shown=", "of=", "pick=", "all=", "draft="];
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
        assert_eq!(with_selection("/t?all=1&not=x&of=1", "all=1&of=1"), "/t?all=1&of=1");
    }
}
