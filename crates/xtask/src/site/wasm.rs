//! The WebAssembly bundle: compiles `frontend` and processes it with wasm-bindgen, which is a library here so that its
//! version always matches the version that `frontend` was compiled with.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::checkout::Checkout;
use crate::process;

const TARGET: &str = "wasm32-unknown-unknown";

/// The files that a page loads: a JavaScript module that exports `default` and `start`, and the WebAssembly that it
/// starts.
pub(super) struct Bundle {
    pub(super) js: Vec<u8>,
    pub(super) wasm: Vec<u8>,
}

/// Ensures that Rust can compile for the browser. Installs a missing target with rustup.
///
/// # Errors
///
/// If the target is missing, and rustup is missing or fails. The message says what to install.
pub(crate) fn ensure_target() -> Result<()> {
    let libraries = process::output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["target", "add", TARGET])).with_context(|| {
        format!(
            "Rust's target {TARGET} is missing: install it with rustup (https://rustup.rs) or your system's packages"
        )
    })
}

/// Compiles `frontend`, optimised for size, and returns the path of the module.
///
/// # Errors
/// If it does not compile.
pub(super) fn compile(checkout: &Checkout) -> Result<PathBuf> {
    process::run(&mut cargo(checkout, "build"))?;
    let file = format!("{}.wasm", checkout.site.lib_package.replace('-', "_"));
    Ok(checkout
        .target
        .join(TARGET)
        .join(&checkout.site.lib_profile_release)
        .join(file))
}

/// A Cargo command that compiles `frontend` for the browser. All such commands use the same flags, so that they share
/// their build output.
pub(crate) fn cargo(checkout: &Checkout, subcommand: &str) -> Command {
    let mut cargo = process::cargo();
    cargo.args([subcommand, "--package", &checkout.site.lib_package, "--target", TARGET]);
    cargo.args(["--profile", &checkout.site.lib_profile_release]);
    cargo.arg("--config").arg(path_remapping(checkout));
    cargo
}

/// Shortens the paths of source files in panic messages. This makes the bundle smaller and identical on every machine,
/// and hides the directories of the build machine.
fn path_remapping(checkout: &Checkout) -> String {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=", checkout.root.display())];
    flags.extend(cargo_home.map(|home| format!("--remap-path-prefix={}=cargo", home.display())));
    // A JSON array of strings is also a TOML array.
    format!("target.{TARGET}.rustflags={}", serde_json::json!(flags))
}

/// Creates the JavaScript module and the final WebAssembly.
///
/// # Errors
/// If wasm-bindgen rejects the module, or a crate adds its own JavaScript files, which the site does not serve.
pub(super) fn bind(compiled: &Path, name: &str) -> Result<Bundle> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .out_name(name)
        .web(true)
        .and_then(|bindgen| {
            // The page passes in the URL of the WebAssembly, so the module needs no default.
            bindgen
                .typescript(false)
                .omit_default_module_path(true)
                .remove_name_section(true)
                .remove_producers_section(true);
            bindgen.generate_output()
        })
        .with_context(|| format!("wasm-bindgen rejected {}", compiled.display()))?;
    let snippets = output.snippets().iter().filter(|(_, files)| !files.is_empty());
    if let Some(file) = snippets
        .map(|(name, _)| name)
        .chain(output.local_modules().keys())
        .next()
    {
        bail!("the site must not contain JavaScript of other crates, and one adds {file}: see xtask's site/wasm.rs");
    }
    // Removes only comments and white space. Renaming would save another half kilobyte, but need a hundred crates.
    let js = minifier::js::minify(output.js()).map_err(|reason| anyhow!("cannot minify the JavaScript: {reason}"))?;
    Ok(Bundle {
        js: js.to_string().into_bytes(),
        wasm: output.wasm_mut().emit_wasm(),
    })
}
