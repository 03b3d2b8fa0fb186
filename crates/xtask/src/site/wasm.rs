//! The browser's program: `frontend` compiled to WebAssembly and passed through wasm-bindgen, which is used as a library so that its version is by
//! construction the one the program was compiled against.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::checkout::Checkout;
use crate::process;

const TARGET: &str = "wasm32-unknown-unknown";

/// What the page loads: a module that exports `default`, `hydrate` and one function an island, and the program that it starts.
pub(super) struct Bundle {
    pub(super) js: Vec<u8>,
    pub(super) wasm: Vec<u8>,
}

/// Sees to it that Rust can compile for the browser, installing the target through rustup where it can.
///
/// # Errors
/// When the target is missing and rustup is not there or fails; the message says what to install.
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

/// Compiles `frontend`, size before speed, and returns the path of the module.
///
/// # Errors
/// When it does not compile.
pub(super) fn compile(workspace: &Checkout) -> Result<PathBuf> {
    process::run(&mut cargo(workspace, "build"))?;
    let file = format!("{}.wasm", workspace.site.lib_package.replace('-', "_"));
    Ok(workspace
        .target
        .join(TARGET)
        .join(&workspace.site.lib_profile_release)
        .join(file))
}

/// A Cargo command on `frontend` for the browser. One set of flags for every such command, so that they share what they compile.
pub(crate) fn cargo(workspace: &Checkout, subcommand: &str) -> Command {
    let mut cargo = process::cargo();
    cargo.args([subcommand, "--package", &workspace.site.lib_package, "--target", TARGET]);
    cargo.args(["--profile", &workspace.site.lib_profile_release]);
    cargo.arg("--config").arg(path_remapping(workspace));
    cargo
}

/// Panic messages hold the paths of source files: shortened, the bundle is smaller, tells nothing of the machine it was built on, and is the same on each.
fn path_remapping(workspace: &Checkout) -> String {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=", workspace.root.display())];
    flags.extend(cargo_home.map(|home| format!("--remap-path-prefix={}=cargo", home.display())));
    // An array of JSON strings is also one of TOML.
    format!("target.{TARGET}.rustflags={}", serde_json::json!(flags))
}

/// Makes the JavaScript module and the final WebAssembly.
///
/// # Errors
/// When wasm-bindgen refuses the module, or a crate brings JavaScript files of its own, which the site does not carry.
pub(super) fn bind(compiled: &Path, name: &str) -> Result<Bundle> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .out_name(name)
        .web(true)
        .and_then(|bindgen| {
            // The page passes the address of the WebAssembly in, so the module needs no default.
            bindgen
                .typescript(false)
                .omit_default_module_path(true)
                .remove_name_section(true)
                .remove_producers_section(true);
            bindgen.generate_output()
        })
        .with_context(|| format!("wasm-bindgen rejected {}", compiled.display()))?;
    let inline = output.snippets().iter().filter(|(_, files)| !files.is_empty());
    if let Some(file) = inline.map(|(name, _)| name).chain(output.local_modules().keys()).next() {
        bail!("the site must not contain JavaScript of other crates, and one adds {file}: see xtask's site/wasm.rs");
    }
    // Comments and white space only; renaming would save another half kilobyte and take a hundred crates.
    let js = minifier::js::minify(output.js()).map_err(|reason| anyhow!("cannot minify the JavaScript: {reason}"))?;
    Ok(Bundle {
        js: js.to_string().into_bytes(),
        wasm: output.wasm_mut().emit_wasm(),
    })
}
