//! Paths of the checkout and the target directory, and `[[workspace.metadata.leptos]]` of the root Cargo.toml, which
//! cargo-leptos reads too.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::process;

/// This checkout, as `cargo metadata` describes it.
pub(crate) struct Checkout {
    /// The folder of the root Cargo.toml.
    pub(crate) root: PathBuf,
    /// The target directory, wherever `CARGO_TARGET_DIR` or Cargo's configuration puts it.
    pub(crate) target: PathBuf,
    /// How the site is built.
    pub(crate) site: SiteConfig,
}

/// The keys of `[[workspace.metadata.leptos]]` that are used here; paths are relative to the root.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SiteConfig {
    pub(crate) output_name: String,
    pub(crate) bin_package: String,
    pub(crate) lib_package: String,
    site_root: PathBuf,
    pub(crate) site_pkg_dir: String,
    pub(crate) style_file: PathBuf,
    pub(crate) assets_dir: PathBuf,
    pub(crate) lib_profile_release: String,
}

#[derive(Deserialize)]
struct CargoMetadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    metadata: WorkspaceMetadata,
}

#[derive(Deserialize)]
struct WorkspaceMetadata {
    leptos: Vec<SiteConfig>,
}

impl Checkout {
    /// Runs `cargo metadata`.
    ///
    /// # Errors
    /// If Cargo cannot read the manifest, or the manifest has no `[[workspace.metadata.leptos]]`.
    pub(crate) fn read() -> Result<Self> {
        let text = process::output(process::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: CargoMetadata = serde_json::from_str(&text)
            .context("the root Cargo.toml lacks a complete [[workspace.metadata.leptos]]")?;
        let site = metadata
            .metadata
            .leptos
            .into_iter()
            .next()
            .context("the root Cargo.toml lacks [[workspace.metadata.leptos]]")?;
        Ok(Self {
            root: metadata.workspace_root,
            target: metadata.target_directory,
            site,
        })
    }

    /// The folder that the site is written to: `site-root`, with the real target directory in place of a leading
    /// `target`.
    pub(crate) fn site_folder(&self) -> PathBuf {
        match self.site.site_root.strip_prefix("target") {
            Ok(rest) => self.target.join(rest),
            Err(_) => self.root.join(&self.site.site_root),
        }
    }

    /// Path of a program that Cargo built. `profile_folder` is the folder of its profile (`debug`, `release`).
    pub(crate) fn program(&self, profile_folder: &str, name: &str) -> PathBuf {
        self.target
            .join(profile_folder)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A path as someone would type it: relative to the root if it is inside the checkout.
    pub(crate) fn display_path<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
