//! The entry point of the WebAssembly, which makes the islands of a page interactive. Empty for any other target.
//!
//! **Dependencies.** `app` without feature `ssr`, and nothing of the server. A test checks what reaches the browser
//! (`server/tests/repository/dependencies.rs`).
//!
//! **Where to start.** [`start`] is the only function; the islands are in `app/src/islands/`. `cargo xtask site`
//! compiles this crate and generates the JavaScript that loads it.

#![cfg(target_arch = "wasm32")]

/// The page's script calls this once the WebAssembly is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn start() {
    app::start();
}
