//! The browser's entry point: brings the islands to life. Empty for any other target.

#![cfg(target_arch = "wasm32")]

// Keeps the linker from dropping the islands, which nothing here names.
use app as _;

/// Called by the page's script once the program is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
