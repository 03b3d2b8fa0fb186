//! A connection that is gone: the page stays as it is, says so, and offers to try again. Without this, the browser would
//! replace the page, and what was typed in it, by an error page of its own.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, HtmlFormElement, MouseEvent, SubmitEvent};

use super::dom::{document, find, go, listen, target, window};
use super::fetch::sleep;

const NOTICE_ID: &str = "connection";

/// A path of the console that responds quickly.
const HEALTH_PATH: &str = "/healthz";

/// How long the check before a form waits. Then the form is sent, and the browser waits itself.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// A form whose connection is being checked, and one whose connection was found to be there.
const CHECKING: &str = "data-checking";
const CHECKED: &str = "data-connection-checked";

/// Watches links and forms.
pub(crate) fn watch() {
    listen(&document(), "click", on_click);
    listen(&document(), "submit", on_submit);
}

/// Says that there is no connection, and what the page shows. `retry` is called when someone tries again.
pub(crate) fn report(text: &str, retry: impl Fn() + 'static) {
    clear();
    let (Some(main), Ok(notice)) = (find("main"), document().create_element("div")) else {
        return;
    };
    notice.set_id(NOTICE_ID);
    notice.set_class_name("notice danger connection-notice");
    let _ = notice.set_attribute("role", "alert");
    let _ = main.append_child(&notice);
    notice.set_text_content(Some(&format!("No connection. {text} ")));
    let Ok(button) = document().create_element("button") else {
        return;
    };
    let _ = button.set_attribute("type", "button");
    button.set_class_name("link");
    button.set_text_content(Some("Retry"));
    listen(&button, "click", move |_: web_sys::Event| {
        clear();
        retry();
    });
    let _ = notice.append_child(&button);
}

/// Says that there is no connection, and how old the list is.
pub(crate) fn report_list(retry: impl Fn() + 'static) {
    let updated = find(".as-of time").and_then(|time| time.get_attribute("datetime"));
    let text = match updated.as_deref().and_then(|moment| moment.get(11..16)) {
        Some(time) => format!("The list is from {time}."),
        None => "The page is as it was.".to_owned(),
    };
    report(&text, retry);
}

/// Removes the message.
pub(crate) fn clear() {
    if let Some(notice) = document().get_element_by_id(NOTICE_ID) {
        notice.remove();
    }
}

/// A link is followed unless the browser knows that it is offline.
fn on_click(event: MouseEvent) {
    let is_plain =
        event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    let link = target(&event).and_then(|element| element.closest("a[href^='/']:not([target])").ok().flatten());
    let Some(link) = link.filter(|_| is_plain && !event.default_prevented() && !window().navigator().on_line()) else {
        return;
    };
    event.prevent_default();
    report_list(move || match window().navigator().on_line() {
        true => go(&link.get_attribute("href").unwrap_or_default()),
        false => click(&link),
    });
}

fn click(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        element.click();
    }
}

/// A form is sent once the console has responded to a check. Forms that a script sends report a failure themselves.
fn on_submit(event: SubmitEvent) {
    let form = target(&event).and_then(|element| element.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form.filter(|form| !event.default_prevented() && is_sent_by_browser(form, &event)) else {
        return;
    };
    if form.has_attribute(CHECKED) {
        let _ = form.remove_attribute(CHECKED);
        return;
    }
    event.prevent_default();
    if form.has_attribute(CHECKING) {
        return;
    }
    check_and_send(form, event.submitter().and_then(|button| button.dyn_into().ok()));
}

fn is_sent_by_browser(form: &HtmlFormElement, event: &SubmitEvent) -> bool {
    let opens_dialog = event
        .submitter()
        .is_some_and(|button| button.has_attribute("data-confirm"));
    let is_in_dialog = form.closest("dialog").ok().flatten().is_some();
    form.method().eq_ignore_ascii_case("post") && !opens_dialog && !is_in_dialog
}

fn check_and_send(form: HtmlFormElement, submitter: Option<HtmlElement>) {
    let _ = form.set_attribute(CHECKING, "");
    leptos::task::spawn_local(async move {
        let is_there = is_console_there().await;
        let _ = form.remove_attribute(CHECKING);
        // A form that is sent only once was marked when it was submitted.
        let _ = form.remove_attribute("data-sent");
        if is_there {
            let _ = form.set_attribute(CHECKED, "");
            let _ = form.request_submit_with_submitter(submitter.as_ref());
            return;
        }
        report("Nothing was sent.", move || {
            check_and_send(form.clone(), submitter.clone())
        });
    });
}

/// Whether any response comes back. One that takes long counts as there.
async fn is_console_there() -> bool {
    let response =
        wasm_bindgen_futures::future_to_promise(async { JsFuture::from(window().fetch_with_str(HEALTH_PATH)).await });
    let timeout = wasm_bindgen_futures::future_to_promise(async {
        sleep(CHECK_TIMEOUT).await;
        Ok(JsValue::NULL)
    });
    let first = js_sys::Promise::race(&js_sys::Array::of2(&response, &timeout));
    JsFuture::from(first).await.is_ok()
}
