//! Measures how long disk syncs take, and starts this program with a slower disk.

use std::error::Error;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::setup::median;

const SOURCE: &str = include_str!("slow_sync.c");

/// How long it takes to write a page of 4 KiB in `directory` and sync it: the median of 50 runs.
pub(crate) fn sync_time(directory: &Path) -> Result<Duration, Box<dyn Error>> {
    let mut file = File::create(directory.join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        file.write_all(&[0; 4096])?;
        let started = Instant::now();
        file.sync_data()?;
        times.push(started.elapsed());
    }
    Ok(median(times))
}

/// A command that runs this program again with `delay` added to each of its syncs. Keep the folder, which contains the
/// library for that, until the program has ended.
///
/// # Errors
///
/// If no C compiler can build that library.
pub(crate) fn with_delayed_syncs(command: &str, delay: Duration) -> Result<(Command, TempDir), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    // PostgreSQL runs as another user, who has to be able to read the library.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    let (source, library) = (folder.path().join("slow_sync.c"), folder.path().join("slow_sync.so"));
    fs::write(&source, SOURCE)?;
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()?;
    if !compiled.success() {
        return Err("cc cannot compile slow_sync.c".into());
    }
    let mut child = Command::new(std::env::current_exe()?);
    child
        .arg(command)
        .env("LD_PRELOAD", library)
        .env("SLOW_SYNC_US", delay.as_micros().to_string());
    Ok((child, folder))
}
