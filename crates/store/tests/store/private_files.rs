//! What the files in the data directory contain, and who can read them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use store::{KeyAccess, KeyError, KeyOrigin, SealingKey, Store, StoreError, is_exposed};
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

use crate::{SECRET, any_lease, key, mia, open, sql, sqlite_dir};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The database, its log and its shared memory.
fn database_files(dir: &Path) -> Vec<PathBuf> {
    let files: Vec<_> = ["console.db", "console.db-wal", "console.db-shm"]
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| path.exists())
        .collect();
    assert_eq!(files.len(), 3, "{files:?}");
    files
}

fn contains(path: &Path, needle: &[u8]) -> bool {
    let bytes = fs::read(path).unwrap();
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn credentials_and_session_ids_are_in_no_file() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    store
        .replace_secret(&id, &"dose-refreshed-secret".into(), &any_lease(&store).await)
        .await
        .unwrap();
    let mut session = Record {
        id: Id::default(),
        data: [("sign_in".to_owned(), id.to_string().into())].into(),
        expiry_date: time::OffsetDateTime::now_utc() + time::Duration::DAY,
    };
    store.sessions().create(&mut session).await.unwrap();
    session.data.insert("marker".into(), "a-session-marker".into());
    store.sessions().save(&session).await.unwrap();

    let assert_no_secrets = |path: &Path| {
        let cookie = session.id.to_string();
        let raw = session.id.0;
        for needle in [
            SECRET.as_bytes(),
            b"dose-refreshed-secret",
            cookie.as_bytes(),
            raw.to_string().as_bytes(),
            &raw.to_le_bytes(),
            &raw.to_be_bytes(),
        ] {
            assert!(!contains(path, needle), "{needle:?} is in {}", path.display());
        }
    };
    let files = database_files(dir.path());
    files.iter().for_each(|path| assert_no_secrets(path));
    // The search finds what is there.
    for marker in [b"mia@acme.example".as_slice(), b"a-session-marker"] {
        assert!(files.iter().any(|path| contains(path, marker)));
    }
    // Again, with the log moved into the database.
    store.close().await.unwrap();
    let database = dir.path().join("console.db");
    assert!(contains(&database, b"mia@acme.example"));
    assert_no_secrets(&database);
}

#[tokio::test]
async fn only_their_owner_can_access_the_files() {
    let parent = sqlite_dir();
    let data = parent.path().join("data/console");
    let (key, _) = SealingKey::load_or_create(&data, KeyAccess::Owner).unwrap();
    let store = Store::open(&data, key).await.unwrap();
    store.add_sign_in(mia()).await.unwrap();
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("sealing.key")), 0o600);
    for path in database_files(&data) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    // Nothing else was left behind.
    assert_eq!(fs::read_dir(&data).unwrap().count(), 4);
}

#[tokio::test]
async fn opening_creates_the_directory_too() {
    let parent = sqlite_dir();
    let data = parent.path().join("data");
    open_at(&data).await.unwrap();
    assert_eq!(mode(&data), 0o700);
}

async fn open_at(data: &Path) -> Result<Store, StoreError> {
    Store::open(data, key("1")).await
}

#[tokio::test]
async fn a_file_that_is_not_a_database_is_an_error_that_names_it() {
    let parent = sqlite_dir();
    fs::write(parent.path().join("console.db"), "not a database".repeat(100)).unwrap();
    let error = open_at(parent.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
    assert!(error.to_string().contains("console.db"), "{error}");

    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open_at(&file).await.unwrap_err();
    assert!(matches!(error, StoreError::File { .. }), "{error:?}");
    assert!(matches!(
        SealingKey::load_or_create(&file, KeyAccess::Owner),
        Err(KeyError::File { .. })
    ));
}

#[tokio::test]
async fn a_database_of_a_newer_console_is_left_alone() {
    let dir = sqlite_dir();
    open(&dir).await.close().await.unwrap();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9999, 'from the future', true, x'00', 0)";
    sql(&dir, newer).await.unwrap();
    let error = open_at(dir.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Migrate { .. }), "{error:?}");
}

#[test]
fn the_key_is_created_once() {
    let dir = sqlite_dir();
    let (created, origin) = SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap();
    assert_eq!(origin, KeyOrigin::Created);
    let (loaded, origin) = SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap();
    assert_eq!(origin, KeyOrigin::Loaded);
    assert_eq!(loaded.id(), created.id());
}

#[test]
fn consoles_that_start_at_the_same_time_use_the_same_key() {
    let dir = sqlite_dir();
    let start = std::sync::Barrier::new(8);
    let found: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(found.iter().all(|(key, _)| key.id() == found[0].0.id()));
    let created = found.iter().filter(|(_, origin)| *origin == KeyOrigin::Created);
    assert_eq!(created.count(), 1);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_key_that_others_can_access_is_rejected_with_the_command_that_fixes_it() {
    let dir = sqlite_dir();
    SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap();
    let path = dir.path().join("sealing.key");
    for open in [0o640, 0o604, 0o666, 0o610] {
        fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
        let error = SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap_err();
        assert!(
            matches!(error, KeyError::TooOpen { mode, .. } if mode == open),
            "{error:?}"
        );
        let command = format!("chmod 600 '{}'", path.display());
        assert!(error.to_string().ends_with(&command), "{error}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap();
}

/// The permissions that Kubernetes gives a volume's files with `fsGroup`.
#[test]
fn a_group_can_access_the_key_if_that_is_allowed_and_no_one_else_can() {
    let dir = sqlite_dir();
    SealingKey::load_or_create(dir.path(), KeyAccess::Group).unwrap();
    let path = dir.path().join("sealing.key");
    assert_eq!(mode(&path), 0o600);
    let load = |mode, access| {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        SealingKey::load_or_create(dir.path(), access)
    };
    for shared in [0o640, 0o660] {
        let refused = load(shared, KeyAccess::Owner).unwrap_err().to_string();
        for advice in ["--sealing-key-file", "Secret", "CONSOLE_ALLOW_GROUP_KEY=1"] {
            assert!(refused.contains(advice), "lacks {advice}: {refused}");
        }
        load(shared, KeyAccess::Group).unwrap();
    }
    for open in [0o664, 0o604] {
        let refused = load(open, KeyAccess::Group);
        assert!(
            matches!(refused, Err(KeyError::TooOpen { .. })),
            "{open:o}: {refused:?}"
        );
    }
}

#[test]
fn a_key_that_is_named_can_be_changed_by_its_owner_only_and_says_who_can_read_it() {
    let dir = sqlite_dir();
    let path = dir.path().join("named.key");
    fs::write(&path, "1f".repeat(32)).unwrap();
    let load = |mode| {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        SealingKey::load(&path).map(|key| key.id().to_owned())
    };
    for (mode, exposed) in [
        (0o400, false),
        (0o440, false),
        (0o600, false),
        (0o640, false),
        (0o644, true),
        (0o444, true),
    ] {
        assert!(load(mode).is_ok(), "{mode:o}");
        assert_eq!(is_exposed(&path).unwrap(), exposed, "{mode:o}");
    }
    for open in [0o660, 0o646, 0o602] {
        let refused = load(open);
        assert!(
            matches!(refused, Err(KeyError::NamedTooOpen { mode, .. }) if mode == open),
            "{open:o}: {refused:?}"
        );
    }
    fs::write(&path, "no key").unwrap();
    assert!(matches!(load(0o600), Err(KeyError::NotAKey)));
    let missing = SealingKey::load(&dir.path().join("missing"));
    assert!(matches!(missing, Err(KeyError::File { .. })));
    // Only root can give a file to a group that it does not belong to.
    let own = rustix::process::getgroups().unwrap();
    let other = (1..)
        .map(rustix::process::Gid::from_raw)
        .find(|gid| !own.contains(gid))
        .unwrap();
    fs::write(&path, "1f".repeat(32)).unwrap();
    if std::os::unix::fs::chown(&path, None, Some(other.as_raw())).is_ok() {
        assert!(load(0o640).is_ok());
        assert!(is_exposed(&path).unwrap());
    }
}

#[test]
fn a_file_without_a_key_is_neither_used_nor_replaced() {
    let dir = sqlite_dir();
    let path = dir.path().join("sealing.key");
    for (content, shown) in [("", false), ("correct horse", true), ("\u{0}\u{1}", false)] {
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let error = SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap_err();
        assert!(matches!(error, KeyError::NotAKeyFile { .. }), "{error:?}");
        assert!(!shown || !error.to_string().contains(content));
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::write(&path, [0xff, 0xfe]).unwrap();
    let error = SealingKey::load_or_create(dir.path(), KeyAccess::Owner).unwrap_err();
    assert!(matches!(error, KeyError::NotAKeyFile { .. }), "{error:?}");
}
