//! Writes the site to disk: its files, their brotli-compressed copies and the index `site.json`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

const INDEX_FILE: &str = "site.json";

/// All files of the site.
pub(super) struct Site {
    pub(super) js: SiteFile,
    pub(super) wasm: SiteFile,
    /// Inline in the first page that a browser loads; requested as a file once the browser has cached it.
    pub(super) css: SiteFile,
    /// The part of `css` that the token list needs. Only ever inline.
    pub(super) token_list_css: SiteFile,
    /// The style sheet for printing and the files of `public/`, served under their own names.
    pub(super) public: Vec<SiteFile>,
}

/// One file of the site.
pub(super) struct SiteFile {
    /// Relative to the site's folder, with `/` as separator. Also its path on the server.
    path: String,
    content: Vec<u8>,
    /// SHA-256 of the content, in hexadecimal.
    sha256: String,
    /// Whether the path changes with the content, so that browsers can cache the file forever.
    immutable: bool,
}

/// `site.json`, as `server/build.rs` reads it.
#[derive(Serialize)]
struct SiteIndex<'a> {
    js: &'a str,
    wasm: &'a str,
    css: &'a str,
    token_list_css: &'a str,
    files: Vec<IndexEntry<'a>>,
}

#[derive(Serialize)]
struct IndexEntry<'a> {
    path: &'a str,
    content_type: &'a str,
    immutable: bool,
    sha256: &'a str,
}

impl SiteFile {
    /// A file named `stem-hash.extension`. The hash is the first 16 hexadecimal digits of the content's SHA-256.
    pub(super) fn hashed(folder: &str, stem: &str, extension: &str, content: Vec<u8>) -> Self {
        let sha256 = sha256_hex(&content);
        Self {
            path: format!("{folder}/{stem}-{}.{extension}", &sha256[..16]),
            content,
            sha256,
            immutable: true,
        }
    }

    pub(super) fn named(path: String, content: Vec<u8>) -> Self {
        Self {
            path,
            sha256: sha256_hex(&content),
            content,
            immutable: false,
        }
    }
}

/// The files directly inside `folder`, sorted by name.
///
/// # Errors
/// If the folder or one of its files cannot be read.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<SiteFile>> {
    list(folder)?
        .into_iter()
        .map(|path| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .with_context(|| format!("the file name of {} cannot be used in a URL", path.display()))?;
            Ok(SiteFile::named(
                name.to_owned(),
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?,
            ))
        })
        .collect()
}

impl Site {
    /// Makes `folder` contain this site and nothing else. Touches only files that differ.
    ///
    /// # Errors
    /// If a file cannot be written, or its type is unknown.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        // Two runs at the same time would remove each other's files. Cargo locks the target directory in the same way.
        let _lock = lock(&folder.with_extension("lock"))?;
        let files: Vec<&SiteFile> = [&self.js, &self.wasm, &self.css, &self.token_list_css]
            .into_iter()
            .chain(&self.public)
            .collect();
        let mut expected = vec![folder.join(INDEX_FILE)];
        for file in &files {
            let path = folder.join(&file.path);
            let compressed = compressed_path(&path);
            // The compressed copy is written first. So if a file is up to date its copy is too, even after a run that
            // was interrupted.
            if !(compressed.exists() && has_content(&path, &file.content)) {
                write(&compressed, &brotli(&file.content)?)?;
                write(&path, &file.content)?;
            }
            eprintln!(
                "    {:<44} {:>9} bytes, {:>9} in brotli",
                file.path,
                file.content.len(),
                fs::metadata(&compressed)?.len()
            );
            expected.extend([path, compressed]);
        }
        let index = serde_json::to_vec_pretty(&self.index(&files)?)?;
        if !has_content(&folder.join(INDEX_FILE), &index) {
            write(&folder.join(INDEX_FILE), &index)?;
        }
        remove_others(folder, &expected)
    }

    fn index<'a>(&'a self, files: &[&'a SiteFile]) -> Result<SiteIndex<'a>> {
        let entry = |file: &&'a SiteFile| -> Result<IndexEntry<'a>> {
            Ok(IndexEntry {
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
            token_list_css: &self.token_list_css.path,
            files: files.iter().map(entry).collect::<Result<_>>()?,
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

/// Brotli at the highest quality, with a window that every browser accepts.
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

/// The path of a file's brotli-compressed copy.
fn compressed_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

fn has_content(path: &Path, content: &[u8]) -> bool {
    fs::read(path).is_ok_and(|existing| existing == content)
}

/// Waits until no one else holds the lock, and takes it. Dropping the value releases it.
fn lock(path: &Path) -> Result<fs::File> {
    let message = || format!("cannot lock {}", path.display());
    let folder = path.parent().with_context(message)?;
    fs::create_dir_all(folder).with_context(message)?;
    let file = fs::File::create(path).with_context(message)?;
    file.lock().with_context(message)?;
    Ok(file)
}

/// Writes to a temporary file and renames it, so that no one ever reads an incomplete file.
fn write(path: &Path, content: &[u8]) -> Result<()> {
    let message = || format!("cannot write {}", path.display());
    let folder = path.parent().with_context(message)?;
    fs::create_dir_all(folder).with_context(message)?;
    let temporary = folder.join(".unfinished");
    fs::write(&temporary, content).with_context(message)?;
    fs::rename(&temporary, path).with_context(message)
}

/// Removes files of earlier runs, such as a bundle with another hash.
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

/// The files directly inside `folder`, sorted.
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
            js: SiteFile::hashed("pkg", "app", "js", js.into()),
            wasm: SiteFile::hashed("pkg", "app", "wasm", b"\0asm".to_vec()),
            css: SiteFile::hashed("pkg", "main", "css", b"a{b:c}".to_vec()),
            token_list_css: SiteFile::hashed("pkg", "token-list", "css", b"a{}".to_vec()),
            public: vec![SiteFile::named("robots.txt".into(), b"User-agent: *\n".to_vec())],
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
    fn changed_content_gets_a_new_name_and_stale_files_are_removed() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("site");
        site("1").write(&folder).unwrap();
        // printf 1 | sha256sum
        assert!(paths(&folder).contains(&"pkg/app-6b86b273ff34fce1.js".into()));
        site("2").write(&folder).unwrap();
        let found = paths(&folder);
        assert!(found.contains(&"pkg/app-d4735e3a265e16ee.js.br".into()), "{found:?}");
        assert_eq!(
            found.len(),
            11,
            "expected five files, their compressed copies and the index: {found:?}"
        );
    }

    #[test]
    fn compressed_copies_decompress_to_the_content() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("site");
        site("let a = 1").write(&folder).unwrap();
        let mut decompressed = Vec::new();
        let compressed = fs::read(folder.join("robots.txt.br")).unwrap();
        brotli::BrotliDecompress(&mut &compressed[..], &mut decompressed).unwrap();
        assert_eq!(decompressed, b"User-agent: *\n");
    }

    #[test]
    fn a_second_run_touches_nothing_but_restores_missing_files() {
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
    fn the_index_lists_every_file() {
        let site = site("1");
        let files = [&site.js, &site.wasm, &site.public[0]];
        let index = serde_json::to_value(site.index(&files).unwrap()).unwrap();
        assert_eq!(index["js"], "pkg/app-6b86b273ff34fce1.js");
        assert_eq!(index["files"][1]["content_type"], "application/wasm");
        assert_eq!(index["files"][2]["path"], "robots.txt");
        assert_eq!(index["files"][2]["immutable"], false);
    }

    #[test]
    fn a_file_of_an_unknown_type_is_rejected() {
        assert!(content_type("notes.docx").is_err());
    }
}
