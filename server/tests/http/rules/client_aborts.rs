//! Clients that disconnect at any point of their request. A change in progress is completed, nothing is left half done,
//! and the console keeps working.

use std::time::Duration;

use rand::Rng as _;
use tokio::time::{sleep, timeout};

use crate::support::{ACME, Browser, Database, Setup, Site, TOKENS_PAGE, send_and_leave};

const COMMENT: &str = "/api/tokens/comment";

/// A form of a page, as the bytes of its request.
fn form(browser: &Browser, site: &Site, action: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let body = serde_urlencoded(fields);
    let cookie = browser.cookie().map(|cookie| format!("cookie: {cookie}\r\n"));
    format!(
        "POST {action} HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nsec-fetch-site: same-origin\r\n\
         accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\n{cookie}\
         content-length: {length}\r\n\r\n{body}",
        host = site.origin().split_once("://").unwrap().1,
        origin = site.origin(),
        cookie = cookie.unwrap_or_default(),
        length = body.len(),
    )
    .into_bytes()
}

fn page(browser: &Browser, site: &Site, path: &str) -> Vec<u8> {
    let cookie = browser.cookie().map(|cookie| format!("cookie: {cookie}\r\n"));
    let host = site.origin().split_once("://").unwrap().1;
    let cookie = cookie.unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\n{cookie}\r\n").into_bytes()
}

fn serde_urlencoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// Sends the same request `times` times, four at a time, and closes each connection within `within_us` microseconds.
async fn abandon_many(site: &Site, bytes: &[u8], times: usize, within_us: u64) {
    for _ in 0..times.div_ceil(4) {
        let delays = [(); 4].map(|()| Duration::from_micros(rand::rng().random_range(0..within_us)));
        let [a, b, c, d] = delays.map(|delay| send_and_leave(site.address, bytes, delay));
        tokio::join!(a, b, c, d);
    }
}

/// Waits until `query` returns `expected`: requests whose client has disconnected are still running.
async fn wait_until(database: &mut Database, query: &str, expected: i64) {
    let reached = timeout(Duration::from_secs(20), async {
        while database.query_number(query).await != expected {
            sleep(Duration::from_millis(20)).await;
        }
    });
    if reached.await.is_err() {
        assert_eq!(database.query_number(query).await, expected, "{query}");
    }
}

/// A change still works, and the console is ready.
async fn assert_a_change_works(site: &Site, browser: &Browser) {
    let token = site.create_token("before");
    let fields = [("workspace", ACME), ("id", token.as_str()), ("comment", "after")];
    let response = browser
        .submit(&format!("/w/{ACME}/tokens/{token}"), COMMENT, &fields)
        .await;
    assert!(response.location().contains("done="), "{}", response.location());
    let ready = browser.get("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_completed_and_recorded_if_the_client_leaves() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let mut database = Database::open(site.data_dir()).await;
    let token = site.create_token("0");
    let fields = [("workspace", ACME), ("id", token.as_str()), ("comment", "abandoned")];
    let bytes = form(&browser, &site, COMMENT, &fields);
    for _ in 0..5 {
        abandon_many(&site, &bytes, 100, 4000).await;
        assert_a_change_works(&site, &browser).await;
    }
    let begun = database
        .query_number("select count(*) from activity where phase = 'intent'")
        .await;
    assert!(begun > 100, "only {begun} of 500 were begun: this test tests nothing");
    let timed = timeout(Duration::from_secs(20), async {
        while database.open_operations().await > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(
        timed.await.is_ok(),
        "{} changes have no outcome",
        database.open_operations().await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_leaves_no_open_operation_if_the_client_leaves() {
    let site = Site::start_with(Setup {
        has_auditor: true,
        ..Setup::default()
    })
    .await;
    let (admin, auditor) = (site.sign_in().await, site.sign_in_auditor().await);
    let token = site.create_token("0");
    let fields = [("workspace", ACME), ("id", token.as_str()), ("comment", "abandoned")];
    abandon_many(&site, &form(&auditor, &site, COMMENT, &fields), 200, 3000).await;
    assert_a_change_works(&site, &admin).await;
    let mut database = Database::open(site.data_dir()).await;
    assert_eq!(database.open_operations().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_console_keeps_working_if_clients_leave() {
    let site = Site::start_with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in().await;
    let token = site.create_token("0");
    let fields = [("workspace", ACME), ("id", token.as_str()), ("comment", "abandoned")];
    let bytes = form(&browser, &site, COMMENT, &fields);
    abandon_many(&site, &bytes, 200, 3000).await;
    let refused = browser
        .submit(&format!("/w/{ACME}/tokens/{token}"), COMMENT, &fields)
        .await;
    assert!(refused.location().contains("__err="), "{}", refused.location());
    assert_eq!(browser.get("/readyz").await.status, 200);
    let mut database = Database::open(site.data_dir()).await;
    let refusals = database
        .query_number("select count(*) from activity where phase = 'refused'")
        .await;
    assert!(refusals > 40, "only {refusals} arrived");
}

/// The workspace's latency in milliseconds. No client here waits that long, so none receives the response.
const SLOW_MS: u32 = 100;

const SIGN_INS: &str = "select count(*) from sign_ins";
const SESSIONS: &str = "select count(*) from browser_sessions";

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_a_receiver_leaves_nothing_behind() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let mut database = Database::open(site.data_dir()).await;
    let pat = site.token_value();
    let fields = [("workspace", ACME), ("token", pat.as_str()), ("next", "")];
    site.demo.configure(|knobs| knobs.latency_ms = SLOW_MS);
    // A browser without a session, and one that signs in a second time.
    for bytes in [
        form(&site.browser(), &site, "/api/sign_in/with_token", &fields),
        form(&browser, &site, "/api/sign_in/with_token", &fields),
    ] {
        abandon_many(&site, &bytes, 100, 4000).await;
        sleep(Duration::from_millis(600)).await;
        wait_until(&mut database, SIGN_INS, 1).await;
        wait_until(&mut database, SESSIONS, 1).await;
        assert_a_change_works(&site, &browser).await;
    }
    // Others can still sign in.
    site.demo.configure(|knobs| knobs.latency_ms = 0);
    site.sign_in().await;
}

/// Without latency, clients disconnect at any point, even after the response was sent. A batch stays below the maximum
/// number of sessions per person, so none ends because of that limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_complete_or_absent_wherever_the_client_leaves() {
    let site = Site::start().await;
    let mut database = Database::open(site.data_dir()).await;
    let pat = site.token_value();
    let fields = [("workspace", ACME), ("token", pat.as_str()), ("next", "")];
    let bytes = form(&site.browser(), &site, "/api/sign_in/with_token", &fields);
    for _ in 0..8 {
        abandon_many(&site, &bytes, 16, 12_000).await;
        sleep(Duration::from_millis(600)).await;
        let without_session = "select (select count(*) from sign_ins) - (select count(*) from browser_sessions)";
        wait_until(&mut database, without_session, 0).await;
        database.execute("delete from sign_ins").await;
        database.execute("delete from browser_sessions").await;
    }
    assert_a_change_works(&site, &site.sign_in().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oauth_sign_in_without_a_receiver_leaves_nothing_behind() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let mut database = Database::open(site.data_dir()).await;
    let start = format!("/sign-in/oauth?workspace={ACME}&next=/w/{ACME}/tokens");
    site.demo.configure(|knobs| knobs.latency_ms = SLOW_MS);
    abandon_many(&site, &page(&site.browser(), &site, &start), 100, 2000).await;
    sleep(Duration::from_millis(600)).await;
    wait_until(&mut database, SESSIONS, 1).await;

    let admin = site.demo.credentials().admin.id.clone();
    for _ in 0..20 {
        let other = site.browser();
        let callback = site.choose_at_workspace(&other, TOKENS_PAGE, &admin).await;
        let delay = Duration::from_micros(rand::rng().random_range(0..6000));
        send_and_leave(site.address, &page(&other, &site, &callback), delay).await;
    }
    sleep(Duration::from_millis(600)).await;
    wait_until(&mut database, SIGN_INS, 1).await;
    assert_a_change_works(&site, &browser).await;
    site.sign_in_with_oauth().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_is_completed_if_the_client_leaves() {
    let site = Site::start().await;
    let admin = site.sign_in().await;
    let mut database = Database::open(site.data_dir()).await;
    for _ in 0..30 {
        let browser = site.sign_in().await;
        let delay = Duration::from_micros(rand::rng().random_range(0..2000));
        let bytes = form(&browser, &site, "/api/sign_in/sign_out", &[]);
        send_and_leave(site.address, &bytes, delay).await;
        send_and_leave(
            site.address,
            &form(&browser, &site, "/api/theme", &[("theme", "dark")]),
            delay,
        )
        .await;
    }
    assert_a_change_works(&site, &admin).await;
    // A sign-out that arrived has removed the sign-in and the browser's session; one that did not has removed neither.
    sleep(Duration::from_millis(500)).await;
    let left = database.query_number(SIGN_INS).await;
    wait_until(&mut database, SESSIONS, left).await;
    assert!(left < 31, "no sign-out arrived: this test tests nothing");
}
