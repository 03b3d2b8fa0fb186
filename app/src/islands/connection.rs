//! A lost connection, or a proxy that blocks a form: the page stays, says what happened, and offers to try again.
//! Without this, the browser would replace the page, and what was typed in it, with its own error page.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, HtmlElement, HtmlFormElement, MouseEvent, RequestInit, RequestRedirect, Response, ResponseType,
    SecurityPolicyViolationEvent, SubmitEvent,
};

use super::dom::{document, find, find_all, go, is_plain_click, listen, target, window};
use super::fetch::sleep;

const NOTICE_ID: &str = "connection";

/// A path of the console that responds fast.
const HEALTH_PATH: &str = "/healthz";

/// A probe that takes longer counts as reached.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// Watches links and forms.
pub(crate) fn watch() {
    listen(&document(), "click", on_click);
    listen(&document(), "submit", on_submit);
    listen(&document(), "securitypolicyviolation", on_blocked_form);
}

/// Says that the connection is lost, followed by `text`. `retry` is called when someone tries again.
pub(crate) fn report(text: &str, retry: impl Fn() + 'static) {
    show(&format!("No connection. {text} "), "Retry", Box::new(retry));
}

/// `act` is boxed, so that the function is in the bundle once, and not once for each action.
fn show(text: &str, label: &str, act: Box<dyn Fn()>) {
    clear();
    let (Some(main), Ok(notice)) = (find("main"), document().create_element("div")) else {
        return;
    };
    notice.set_id(NOTICE_ID);
    notice.set_class_name("notice danger connection-notice");
    let _ = notice.set_attribute("role", "alert");
    let _ = main.append_child(&notice);
    notice.set_text_content(Some(text));
    let Ok(button) = document().create_element("button") else {
        return;
    };
    let _ = button.set_attribute("type", "button");
    button.set_class_name("link");
    button.set_text_content(Some(label));
    listen(&button, "click", move |_: web_sys::Event| {
        clear();
        act();
    });
    let _ = notice.append_child(&button);
}

/// Says that the connection is lost, and how old the list is; or that a proxy responds instead of the console.
pub(crate) fn report_list(retry: impl Fn() + 'static) {
    probe_and_report(Box::new(retry));
}

fn probe_and_report(retry: Box<dyn Fn()>) {
    wasm_bindgen_futures::spawn_local(async move {
        match probe().await {
            Reachability::Redirected => report_proxy(),
            Reachability::Reached | Reachability::Unreachable => report(&age_of_list(), retry),
        }
    });
}

fn age_of_list() -> String {
    match find(".as-of time").and_then(|time| time.text_content()) {
        Some(time) => format!("The list is from {time}."),
        None => "The page has not changed.".to_owned(),
    }
}

/// A proxy with its own sign-in redirects everything to its sign-in page once its session has ended.
fn report_proxy() {
    let reload = || drop(window().location().reload());
    show(
        "Your session with the proxy may have ended. ",
        "Reload",
        Box::new(reload),
    );
}

/// Removes the message.
pub(crate) fn clear() {
    if let Some(notice) = document().get_element_by_id(NOTICE_ID) {
        notice.remove();
    }
}

/// When a form is redirected to another site, Chromium blocks the redirect because of `form-action` in the content
/// security policy, and shows nothing.
fn on_blocked_form(event: SecurityPolicyViolationEvent) {
    if event.effective_directive() == "form-action" {
        // The form did not arrive. It can be sent again after signing in to the proxy in another tab.
        for form in find_all("form[data-sent]") {
            let _ = form.remove_attribute("data-sent");
        }
        report_proxy();
    }
}

/// Follows a link, unless the browser is known to be offline.
fn on_click(event: MouseEvent) {
    let link = target(&event).and_then(|element| element.closest("a[href^='/']:not([target])").ok().flatten());
    let Some(link) =
        link.filter(|_| is_plain_click(&event) && !event.default_prevented() && !window().navigator().on_line())
    else {
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

/// Sends a form, unless the browser is known to be offline. Forms that a script sends report failures themselves.
fn on_submit(event: SubmitEvent) {
    let form = target(&event).and_then(|element| element.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form.filter(|form| !event.default_prevented() && is_sent_by_browser(form, &event)) else {
        return;
    };
    if window().navigator().on_line() {
        return;
    }
    event.prevent_default();
    // A form that can be sent only once was marked as sent on submit.
    let _ = form.remove_attribute("data-sent");
    let submitter: Option<HtmlElement> = event.submitter().and_then(|button| button.dyn_into().ok());
    report("Nothing was sent.", move || {
        let _ = form.request_submit_with_submitter(submitter.as_ref());
    });
}

fn is_sent_by_browser(form: &HtmlFormElement, event: &SubmitEvent) -> bool {
    let opens_dialog = event
        .submitter()
        .is_some_and(|button| button.has_attribute("data-confirm"));
    let is_in_dialog = form.closest("dialog").ok().flatten().is_some();
    !opens_dialog && !is_in_dialog
}

enum Reachability {
    /// The console responded, or takes a long time to.
    Reached,
    /// Something redirects to another page.
    Redirected,
    Unreachable,
}

/// Checks whether the console responds.
async fn probe() -> Reachability {
    let init = RequestInit::new();
    init.set_redirect(RequestRedirect::Manual);
    let response = window().fetch_with_str_and_init(HEALTH_PATH, &init);
    let timeout = wasm_bindgen_futures::future_to_promise(async {
        sleep(PROBE_TIMEOUT).await;
        Ok(JsValue::NULL)
    });
    let first = js_sys::Promise::race(&js_sys::Array::of2(&response, &timeout));
    match JsFuture::from(first).await.map(JsCast::dyn_into::<Response>) {
        Err(_) => Reachability::Unreachable,
        Ok(Ok(response)) if response.type_() == ResponseType::Opaqueredirect => Reachability::Redirected,
        Ok(_) => Reachability::Reached,
    }
}
