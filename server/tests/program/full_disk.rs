//! A disk that is full for a while: a file system of 3 MB, which the test fills.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use demo_workspace::Config;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::bulk::{draft_all, wait_for_fewer_tokens};
use crate::support::{LIST, RunningConsole};

/// A separate file system, unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` if this user cannot mount one. With `CI=1` that is a failure, otherwise `cargo xtask test` lists it as
    /// not run.
    fn mount() -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"])
            .arg(disk.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(disk);
        }
        assert!(
            std::env::var_os("CI").is_none(),
            "a small file system cannot be mounted; run as root"
        );
        eprintln!("not run: mounting a small file system takes root");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills the rest of the disk. Returns the file to remove.
    fn fill(&self) -> PathBuf {
        let filler = self.path().join("filler");
        let mut file = fs::File::create(&filler).unwrap();
        for block in [4096, 1] {
            while file.write_all(&vec![0; block]).is_ok() {}
        }
        filler
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// Edits a comment. Returns the URL that the form leads to.
async fn edit_comment(console: &RunningConsole, session: &str, token: &str) -> String {
    let fields = [("workspace", "acme"), ("id", token), ("comment", "a new comment")];
    console.post("/api/tokens/comment", session, &fields).await
}

#[tokio::test]
async fn everything_continues_once_a_full_disk_has_room_again() {
    let Some(disk) = SmallDisk::mount() else { return };
    let config = Config {
        tokens: 401,
        users: 40,
        ..Config::default()
    };
    let demo = demo_workspace::start(config).await.unwrap();
    demo.configure(|knobs| knobs.latency_ms = 20);
    let pat = demo.credentials().admin.pat.clone().unwrap();
    // The session's own token, which a bulk revocation excludes.
    let own = workspace_client::Credential::new(pat.clone().into())
        .token_id()
        .to_string();
    let console = RunningConsole::start(&demo, disk.path()).await;
    let session = console.sign_in(&pat).await;
    let bulk = draft_all(&console, &session).await;
    let id = bulk.rsplit('/').next().unwrap();
    let start = [("workspace", "acme"), ("job", id), ("typed", "400")];
    console.post("/api/bulk_revocations/start", &session, &start).await;
    wait_for_fewer_tokens(&demo, 330).await;

    let filler = disk.fill();
    let mut refused = 0;
    for _ in 0..20 {
        let location = edit_comment(&console, &session, &own).await;
        refused += usize::from(location.contains("__err="));
        sleep(Duration::from_millis(100)).await;
    }
    assert!(
        refused > 10,
        "the disk was not full: only {refused} of 20 changes were refused"
    );
    assert_eq!(console.status(LIST, &session).await, 200, "lists are shown");
    sleep(Duration::from_secs(5)).await;
    assert_eq!(console.status("/readyz", &session).await, 503);
    let left_while_full = demo.token_count();

    fs::remove_file(filler).unwrap();
    wait_for_fewer_tokens(&demo, 2).await;
    assert!(
        left_while_full > 2,
        "the revocation continued without recording anything"
    );
    let location = edit_comment(&console, &console.sign_in(&pat).await, &own).await;
    assert!(location.contains("done="), "{location}");
    let mut page = String::new();
    for _ in 0..300 {
        page = console.page(&bulk, &session).await;
        if page.contains("All 400 tokens were revoked (confirmed).") {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert!(page.contains("All 400 tokens were revoked (confirmed)."), "{page}");
    sleep(Duration::from_secs(5)).await;
    assert_eq!(console.status("/readyz", &session).await, 200);
    let (succeeded, log) = console.stop();
    assert!(succeeded && !log.contains("panicked"), "{log}");
    assert!(store::verify_activity(disk.path(), None).await.unwrap().is_ok());
}
