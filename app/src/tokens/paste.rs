//! Pasting a leaked value without it leaving the browser.

use leptos::{html, prelude::*};

use crate::browser::leak;

/// Wraps the form for a leaked value. Once alive it hashes the value here and goes to the page of that hash, so that
/// the value itself is never sent.
#[island]
pub(crate) fn HashedHere(children: Children) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            leak::attach(&form);
        }
    });
    view! {
        <form class="token-form" method="post" action="/api/tokens/find" node_ref=form>
            {children()}
        </form>
    }
}
