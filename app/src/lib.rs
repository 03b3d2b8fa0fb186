//! The pages of the console, their islands and their server functions.
//!
//! Pages are rendered by the server alone and are complete without JavaScript. What reacts in the browser are
//! islands; they add comfort to links and forms that work without them, by fetching the very pages those lead to.
//! Feature `ssr` is the server's half, `hydrate` the browser's.

#![expect(
    unreachable_pub,
    reason = "what leptos' macros make of a component or an island is `pub`"
)]

mod islands;

cfg_if::cfg_if! {
    if #[cfg(feature = "ssr")] {
        mod components;
        pub mod http;
        pub mod layout;
        pub mod pages;
        pub mod problem;
        mod snippets;

        pub use pages::tokens::{CreatedTokenPage, CreateTokenFailure, create_token, render_results};
        pub use pages::{App, shell};
    }
}
