//! The site on disk: names, brotli twins and the table `site.json`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

const TABLE: &str = "site.json";

/// All files of the site.
pub(super) struct Site {
    pub(super) js: File,
    pub(super) wasm: File,
    /// Stands in the first pages that a browser gets, and is asked for once it is kept.
    pub(super) css: File,
    /// The files of `public/`, served under their own names.
    pub(super) public: Vec<File>,
}

/// One file of the site.
pub(super) struct File {
    /// Relative to the site's folder, with `/`; also its path on the server.
    path: String,
    content: Vec<u8>,
    /// SHA-256 of the content in hex.
    sha256: String,
    /// Whether the path changes with the content, so that a browser may keep the file for good.
    immutable: bool,
}

/// `site.json`, as `server/build.rs` reads it.
#[derive(Serialize)]
struct SiteIndex<'a> {
    js: &'a str,
    wasm: &'a str,
    css: &'a str,
    files: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    path: &'a str,
    content_type: &'a str,
    immutable: bool,
    sha256: &'a str,
}

impl File {
    /// A file named `stem-hash.extension`, the hash being the first 16 hex digits of its content's SHA-256.
    pub(super) fn hashed(folder: &str, stem: &str, extension: &str, content: Vec<u8>) -> Self {
        let sha256 = sha256_hex(&content);
        Self {
            path: format!("{folder}/{stem}-{}.{extension}", &sha256[..16]),
            content,
            sha256,
            immutable: true,
        }
    }

    fn named(path: String, content: Vec<u8>) -> Self {
        Self {
            path,
            sha256: sha256_hex(&content),
            content,
            immutable: false,
        }
    }
}

/// The files right inside `folder`, in the order of their names.
///
/// # Errors
/// When the folder or one of its files cannot be read.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<File>> {
    list(folder)?
        .into_iter()
        .map(|path| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .with_context(|| format!("{} is not a name for a URL", path.display()))?;
            Ok(File::named(
                name.to_owned(),
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?,
            ))
        })
        .collect()
}

impl Site {
    /// Makes `folder` hold this site and nothing else, touching only what differs.
    ///
    /// # Errors
    /// When a file cannot be written, or its type is unknown.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        // Two runs at once would remove each other's files; Cargo does it alike for the target directory.
        let _lock = lock(&folder.with_extension("lock"))?;
        let files: Vec<&File> = [&self.js, &self.wasm, &self.css]
            .into_iter()
            .chain(&self.public)
            .collect();
        let mut expected = vec![folder.join(TABLE)];
        for file in &files {
            let path = folder.join(&file.path);
            let twin = brotli_twin(&path);
            // The twin is written first: a right file has a right twin, even after a run that was cut off.
            if !(twin.exists() && holds(&path, &file.content)) {
                write(&twin, &brotli(&file.content)?)?;
                write(&path, &file.content)?;
            }
            eprintln!(
                "    {:<44} {:>9} bytes, {:>9} in brotli",
                file.path,
                file.content.len(),
                fs::metadata(&twin)?.len()
            );
            expected.extend([path, twin]);
        }
        let table = serde_json::to_vec_pretty(&self.table(&files)?)?;
        if !holds(&folder.join(TABLE), &table) {
            write(&folder.join(TABLE), &table)?;
        }
        remove_others(folder, &expected)
    }

    fn table<'a>(&'a self, files: &[&'a File]) -> Result<SiteIndex<'a>> {
        let row = |file: &&'a File| -> Result<Row<'a>> {
            Ok(Row {
                path: &file.path,
                content_type: content_type(&file.path)?,
                immutable: file.immutable,
                sha256: &file.sha256,
            })
        };
        Ok(SiteIndex {
            js: &self.js.path,
            wasm: &self.wasm.path,
            css: &self.css.path,
            files: files.iter().map(row).collect::<Result<_>>()?,
        })
    }
}

/// Media types as registered with IANA; `text/javascript` by RFC 9239.
fn content_type(path: &str) -> Result<&'static str> {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    Ok(match extension {
        Some("css") => "text/css; charset=utf-8",
        Some("ico") => "image/vnd.microsoft.icon",
        Some("js") => "text/javascript; charset=utf-8",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        _ => bail!("{path}: unknown content type; add it to xtask's site/files.rs"),
    })
}

fn sha256_hex(content: &[u8]) -> String {
    format!("{:x}", Sha256::digest(content))
}

/// Brotli at its best, within the window that every browser accepts.
fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        large_window: false,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &params)?;
    Ok(compressed)
}

fn brotli_twin(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

fn holds(path: &Path, content: &[u8]) -> bool {
    fs::read(path).is_ok_and(|found| found == content)
}

/// Waits until nobody else holds the lock, which ends when the value is dropped.
fn lock(path: &Path) -> Result<fs::File> {
    let failed = || format!("cannot lock {}", path.display());
    let folder = path.parent().with_context(failed)?;
    fs::create_dir_all(folder).with_context(failed)?;
    let file = fs::File::create(path).with_context(failed)?;
    file.lock().with_context(failed)?;
    Ok(file)
}

/// Writes by renaming, so that no reader ever meets half a file.
fn write(path: &Path, content: &[u8]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let folder = path.parent().with_context(failed)?;
    fs::create_dir_all(folder).with_context(failed)?;
    let unfinished = folder.join(".unfinished");
    fs::write(&unfinished, content).with_context(failed)?;
    fs::rename(&unfinished, path).with_context(failed)
}

/// Removes what an earlier run left, such as a bundle with another hash.
fn remove_others(folder: &Path, expected: &[PathBuf]) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, expected)?;
        } else if !expected.contains(&path) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// The files right inside `folder`, sorted.
fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(js: &str) -> Site {
        Site {
            js: File::hashed("pkg", "app", "js", js.into()),
            wasm: File::hashed("pkg", "app", "wasm", b"\0asm".to_vec()),
            css: File::hashed("pkg", "main", "css", b"a{b:c}".to_vec()),
            public: vec![File::named("robots.txt".into(), b"User-agent: *\n".to_vec())],
        }
    }

    fn paths(folder: &Path) -> Vec<String> {
        let mut found: Vec<_> = list(folder).unwrap();
        found.extend(list(&folder.join("pkg")).unwrap());
        found
            .iter()
            .map(|path| path.strip_prefix(folder).unwrap().display().to_string())
            .collect()
    }

    #[test]
    fn names_follow_the_content_and_stale_files_go() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("site");
        site("1").write(&folder).unwrap();
        // printf 1 | sha256sum
        assert!(paths(&folder).contains(&"pkg/app-6b86b273ff34fce1.js".into()));
        site("2").write(&folder).unwrap();
        let found = paths(&folder);
        assert!(found.contains(&"pkg/app-d4735e3a265e16ee.js.br".into()), "{found:?}");
        assert_eq!(found.len(), 9, "four files, their twins and the table: {found:?}");
    }

    #[test]
    fn twins_unpack_to_the_content() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("site");
        site("let a = 1").write(&folder).unwrap();
        let mut unpacked = Vec::new();
        let packed = fs::read(folder.join("robots.txt.br")).unwrap();
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, b"User-agent: *\n");
    }

    #[test]
    fn a_second_run_touches_nothing_and_mends_what_is_missing() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("site");
        let times = || -> Vec<_> {
            list(&folder)
                .unwrap()
                .iter()
                .map(|path| fs::metadata(path).unwrap().modified().unwrap())
                .collect()
        };
        site("1").write(&folder).unwrap();
        let before = times();
        site("1").write(&folder).unwrap();
        assert_eq!(before, times());
        fs::remove_file(folder.join("robots.txt.br")).unwrap();
        site("1").write(&folder).unwrap();
        assert!(folder.join("robots.txt.br").exists());
    }

    #[test]
    fn the_table_names_every_file() {
        let site = site("1");
        let files = [&site.js, &site.wasm, &site.public[0]];
        let table = serde_json::to_value(site.table(&files).unwrap()).unwrap();
        assert_eq!(table["js"], "pkg/app-6b86b273ff34fce1.js");
        assert_eq!(table["files"][1]["content_type"], "application/wasm");
        assert_eq!(table["files"][2]["path"], "robots.txt");
        assert_eq!(table["files"][2]["immutable"], false);
    }

    #[test]
    fn an_unknown_type_is_refused() {
        assert!(content_type("notes.docx").is_err());
    }
}
