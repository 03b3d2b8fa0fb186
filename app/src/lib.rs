//! What people see: the pages, the islands that improve them in the browser, and the server functions behind the forms.
//!
//! The server renders every page, and every page is complete without JavaScript. Islands improve links and forms that
//! also work without them: they fetch the pages that these lead to. Feature `ssr` enables the server's part; the rest
//! runs in the browser, without Leptos.
//!
//! **Dependencies.** `console` and `domain`; in the browser `domain` only. `console` re-exports what a page needs from
//! `store` and `workspace-client`. Inside this crate, `pages` use `layout` and `components`, `layout` uses
//! `components`, and these use `problem`, `http`, `snippets` and `islands`; never the other way. `islands` use only
//! themselves and `domain`. A test checks this (`server/tests/repository/dependencies.rs`).
//!
//! **Where to start.**
//!
//! - [`App`]: every page by URL. `pages/tokens/list.rs` is a typical page, `pages/tokens/revoke.rs` a confirmation
//!   page.
//! - `layout/page.rs`: how a page loads and what surrounds it; `layout/document.rs`: the document around all pages.
//! - [`http::request`]: the request behind a page; `http/reply.rs`: what is sent back; [`http::paths`]: every URL.
//! - [`problem::Problem`]: everything that can go wrong; its titles and advice are in `problem/spec.rs`.
//! - `islands.rs`: what runs in the browser.

#![cfg_attr(
    feature = "ssr",
    expect(unreachable_pub, reason = "what leptos' macros make of a component is `pub`")
)]

mod islands;

pub use islands::page_behaviors::start;

cfg_if::cfg_if! {
    if #[cfg(feature = "ssr")] {
        mod components;
        pub mod http;
        pub mod layout;
        pub mod pages;
        pub mod problem;
        mod snippets;

        pub use pages::tokens::{CreatedTokenPage, CreateTokenFailure, NewTokenForm, create_token, render_results};
        pub use pages::{App, shell};
    }
}
