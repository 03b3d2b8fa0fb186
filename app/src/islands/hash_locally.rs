//! Hashing a leaked token value in the browser, so that it is never sent.

use std::fmt::Write as _;

use leptos::{html, prelude::*};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, HtmlFormElement, SubmitEvent};

use super::dom::{find, go, listen, window};

/// Wraps the fields of the form for a leaked token value. Once it runs, it hashes the value in the browser and goes to
/// the page of that hash, so that the value itself is never sent.
#[island]
pub(crate) fn HashLocally(children: Children) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            attach(&form);
        }
    });
    view! {
        <form class="token-form" method="post" action="/api/tokens/find" node_ref=form>
            {children()}
        </form>
    }
}

/// Takes over the form's submission.
pub(crate) fn attach(form: &HtmlFormElement) {
    let element = form.clone();
    listen(form, "submit", move |event: SubmitEvent| {
        // First of all: the value is not sent, even if something fails below.
        event.prevent_default();
        let Ok(data) = FormData::new_with_form(&element) else {
            return;
        };
        let field = |name| data.get(name).as_string().unwrap_or_default();
        let (workspace, value) = (field("workspace"), field("value"));
        leptos::task::spawn_local(async move {
            match hash(value.trim()).await {
                Some(id) => go(&format!("/w/{workspace}/tokens/{id}?from=leak")),
                None => show_hint("Hashing needs HTTPS. Open the console over HTTPS and try again."),
            }
        });
    });
}

fn show_hint(text: &str) {
    if let Some(hint) = find("#value-hint") {
        hint.set_text_content(Some(text));
    }
}

/// SHA-256 in hexadecimal digits, which is the workspace's ID of the token. `None` if the browser offers no hashing, as
/// over plain HTTP.
async fn hash(value: &str) -> Option<String> {
    let crypto = window().crypto().ok()?;
    let bytes = js_sys::Uint8Array::from(value.as_bytes());
    let subtle = js_sys::Reflect::get(&crypto, &"subtle".into()).ok()?;
    let subtle: web_sys::SubtleCrypto = (!subtle.is_undefined()).then(|| subtle.unchecked_into())?;
    let digest = subtle.digest_with_str_and_js_u8_array("SHA-256", &bytes).ok()?;
    let digest = js_sys::Uint8Array::new(&JsFuture::from(digest).await.ok()?);
    Some(digest.to_vec().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}
