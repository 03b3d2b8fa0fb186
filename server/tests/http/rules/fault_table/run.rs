//! Runs cases of the table: makes each change, observes the result, and looks at the workspace again later.

use std::time::{Duration, Instant};

use demo_workspace::LogEntry;
use store::{ActivityQuery, BulkId, BulkItemState, Operation};

use super::attempts::{Attempt, Subject, Value};
use super::expected::{Expected, ExpectedRecord, Knowledge, Writes, claim};
use super::mishaps::Mishap;
use crate::support::{ACME, Browser, Response, Setup, Site};

/// How many cases wait for a later look together. The console looks at as many at a time.
const CASES_AT_ONCE: usize = 10;

/// How long later looks may take after the first one is due.
const LATER: Duration = Duration::from_secs(2);

/// How many times in a row the log must match: a wrong entry may come after a correct one.
const ROUNDS: u32 = 3;

/// The observations of one case.
struct Observation {
    mishap: Mishap,
    subject: Subject,
    page: String,
    /// The recorded operation.
    now: Option<Operation>,
    /// The state of the token in its bulk revocation.
    item: Option<BulkItemState>,
    calls: Vec<LogEntry>,
}

/// Makes the change with each of the mishaps. Returns a report for each unexpected result.
pub(super) async fn run(attempt: Attempt, mishaps: &[Mishap]) -> Vec<String> {
    if mishaps.is_empty() {
        return Vec::new();
    }
    let site = Site::start_with(Setup::hurried()).await;
    let browser = site.sign_in_with_oauth().await;
    let mut reports = Vec::new();
    for (number, some) in (0..).step_by(CASES_AT_ONCE).zip(mishaps.chunks(CASES_AT_ONCE)) {
        let mut all = Vec::new();
        for (number, mishap) in (number..).zip(some) {
            all.push(observe(&site, &browser, attempt, *mishap, number).await);
        }
        let common = set_later_state(&site, attempt, &all).await;
        let value = |seen: &Observation| common.unwrap_or(seen.mishap.final_value());
        let expected = all
            .iter()
            .map(|seen| Expected::of(attempt, seen.mishap, &seen.subject, value(seen)));
        let expected: Vec<_> = expected.collect();
        let later = look_later(&site, &browser, &all, &expected).await;
        let cases = all.iter().zip(&expected).zip(&later);
        reports.extend(cases.filter_map(|((seen, expected), later)| report(attempt, seen, expected, later.as_ref())));
    }
    reports
}

/// Makes the change with one mishap.
async fn observe(site: &Site, browser: &Browser, attempt: Attempt, mishap: Mishap, number: usize) -> Observation {
    let subject = attempt.prepare(site, browser, number).await;
    let last = operations(site).await.first().map_or(0, |operation| operation.id);
    site.demo.clear_log();
    mishap.prepare(site, attempt, &subject).await;
    let response = attempt.submit(site, browser, &subject).await;
    let calls = calls(site).await;
    // While looks fail, so does the page. Stale reads stay stale.
    if mishap != Mishap::Stale {
        site.demo.clear_faults();
    }
    let page = match attempt {
        Attempt::BulkItem | Attempt::BulkScopes => {
            browser
                .get(&format!("/w/{ACME}/bulk-revocations/{}", subject.bulk))
                .await
        }
        _ if (300..400).contains(&response.status) => browser.follow(&response).await,
        _ => response,
    };
    site.demo.clear_faults();
    let all = operations(site).await;
    let is_its = |operation: &&Operation| operation.id > last && operation.kind == attempt.kind();
    let now = all.iter().find(is_its).cloned();
    Observation {
        mishap,
        page: text_of(&page),
        now,
        item: item_state(site, &subject).await,
        calls,
        subject,
    }
}

fn text_of(page: &Response) -> String {
    format!("{} {}", page.status, page.text())
}

/// The latest operations of the workspace, latest first.
async fn operations(site: &Site) -> Vec<Operation> {
    let query = ActivityQuery {
        workspace: ACME.to_owned(),
        ..ActivityQuery::default()
    };
    site.store.activity(&query, 50).await.unwrap().operations
}

async fn item_state(site: &Site, subject: &Subject) -> Option<BulkItemState> {
    let id: BulkId = subject.bulk.parse().ok()?;
    let items = site.store.bulk_items(&id, None, 0, 1).await.unwrap();
    items.first().map(|item| item.state)
}

/// The calls to the workspace's APIs, in the order in which they started. A call whose client has disconnected is
/// logged a little later.
async fn calls(site: &Site) -> Vec<LogEntry> {
    for _ in 0..20 {
        if site.demo.log().iter().any(is_write) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut calls = site.demo.log();
    calls.retain(|call| call.path.starts_with("/api/"));
    calls.sort_by_key(|call| call.started_ms);
    calls
}

fn is_write(call: &LogEntry) -> bool {
    call.method != "GET" && call.path.starts_with("/api/")
}

/// Makes the workspace process late calls, and sets the state that the requested changes lead to, unless a colleague
/// overwrites it. Returns that state if the whole workspace has one.
async fn set_later_state(site: &Site, attempt: Attempt, all: &[Observation]) -> Option<Value> {
    site.demo.release_held_calls().await;
    let last = all.last().filter(|_| attempt.is_global())?;
    let value = match last.mishap.final_value() {
        Value::Other => Value::Other,
        Value::Old | Value::Requested => Value::Requested,
    };
    let change = attempt.setting(site, &last.subject, value)?;
    site.demo.change(change).unwrap();
    Some(value)
}

/// Opens the activity log until its entries are as expected, or a timeout. Returns the entry of each case.
async fn look_later(
    site: &Site,
    browser: &Browser,
    all: &[Observation],
    expected: &[Expected],
) -> Vec<Option<Operation>> {
    let due = Setup::hurried().timing.reconcile_after;
    let is_due = |seen: &Operation| console::now().duration_since(seen.at) > due;
    while !all.iter().filter_map(|seen| seen.now.as_ref()).all(is_due) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (began, mut rounds) = (Instant::now(), 0);
    loop {
        browser.get(&format!("/w/{ACME}/activity")).await;
        let latest = operations(site).await;
        let now = |seen: &Observation| {
            let id = &seen.now.as_ref()?.operation;
            latest.iter().find(|latest| latest.operation == *id).cloned()
        };
        let found: Vec<_> = all.iter().map(now).collect();
        let is_expected = found
            .iter()
            .zip(expected)
            .all(|(found, expected)| expected.later.holds(found.as_ref()));
        rounds = if is_expected { rounds + 1 } else { 0 };
        if rounds == ROUNDS || began.elapsed() > LATER {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl ExpectedRecord {
    fn holds(&self, found: Option<&Operation>) -> bool {
        found.map_or(self.or_nothing, |found| {
            let is_outcome = self.outcomes.contains(&found.outcome);
            let detail = found.detail.to_stored();
            is_outcome && detail.contains(&self.says) && !detail.contains(self.lacks)
        })
    }

    fn describe(&self) -> String {
        let outcomes: Vec<_> = self.outcomes.iter().map(|outcome| outcome.slug()).collect();
        let nothing = if self.or_nothing { " or nothing" } else { "" };
        match self.says.as_str() {
            "" => outcomes.join(" or ") + nothing,
            says => format!("{}, with {says:?}", outcomes.join(" or ")),
        }
    }
}

/// The four columns of a case, if any of them is unexpected.
fn report(attempt: Attempt, seen: &Observation, expected: &Expected, later: Option<&Operation>) -> Option<String> {
    let recorded = |found: Option<&Operation>| {
        found.map_or("nothing recorded".to_owned(), |found| {
            format!("{}: {:?}", found.outcome.slug(), found.detail)
        })
    };
    let now = seen.now.as_ref();
    let item = seen.item.map(|state| format!(", token {}", state.slug()));
    let columns = [
        (
            "page",
            claim(attempt, &seen.page) == Some(expected.page),
            format!("{:?}", expected.page),
            excerpt(&seen.page),
        ),
        (
            "now",
            expected.now.holds(now) && seen.item.is_none_or(|state| is_state(state, expected.page)),
            expected.now.describe(),
            recorded(now) + &item.unwrap_or_default(),
        ),
        (
            "later",
            expected.later.holds(later),
            expected.later.describe(),
            recorded(later),
        ),
        (
            "writes",
            has_expected_writes(attempt, seen, expected),
            format!(
                "{:?}{}",
                expected.writes,
                if expected.looks { ", then a look" } else { "" }
            ),
            described(attempt, seen),
        ),
    ];
    if columns.iter().all(|(_, holds, ..)| *holds) {
        return None;
    }
    let mut text = format!("{attempt:?} × {}\n", seen.mishap);
    for (name, holds, expected, actual) in columns {
        let mark = if holds { " " } else { "✗" };
        text += &format!("  {mark} {name:6}  expected {expected}\n            actual   {actual}\n");
    }
    Some(text)
}

/// Whether a token of a bulk change can be in this state, given what is known.
fn is_state(state: BulkItemState, knowledge: Knowledge) -> bool {
    use BulkItemState::{Cancelled, Changed, Failed, Gone, Revoked, Waiting};
    match knowledge {
        Knowledge::Unchanged => state == Failed,
        Knowledge::Done => matches!(state, Revoked | Changed | Gone),
        Knowledge::Unknown => !matches!(state, Failed | Revoked | Changed | Gone | Waiting | Cancelled),
    }
}

/// Whether the writes are only those of the change, and all of them are allowed.
fn has_expected_writes(attempt: Attempt, seen: &Observation, expected: &Expected) -> bool {
    let (method, path) = attempt.write(&seen.subject);
    let is_its = |call: &LogEntry| call.method == method && call.path == path;
    let writes: Vec<_> = (0..).zip(&seen.calls).filter(|(_, call)| is_write(call)).collect();
    let only_its = writes.iter().all(|(_, call)| is_its(call));
    let (first, count) = (writes.first().map_or(0, |(at, _)| *at), writes.len());
    let all_but_last = &writes[..count.saturating_sub(1)];
    let is_count = match expected.writes {
        Writes::Never => count == 0,
        Writes::AtMostOne => count <= 1,
        Writes::One => count == 1,
        Writes::AgainAfterLimit => count >= 1 && all_but_last.iter().all(|(_, call)| call.status == Some(429)),
        Writes::AgainAfterLook => {
            let found = |from: usize, to: usize| {
                let between = &seen.calls[from..to];
                let is_found = |call: &LogEntry| call.method == "GET" && call.path == path && call.status == Some(200);
                between.iter().any(is_found)
            };
            count >= 2 && writes.windows(2).all(|pair| found(pair[0].0, pair[1].0))
        }
    };
    let is_look = |call: &LogEntry| call.method == "GET" && call.path.starts_with(attempt.look());
    let looked = seen.calls.get(first..).unwrap_or_default().iter().any(is_look);
    only_its && is_count && (looked || !expected.looks)
}

/// The writes, and the looks after the first one. Equal consecutive calls are combined.
fn described(attempt: Attempt, seen: &Observation) -> String {
    let (_, path) = attempt.write(&seen.subject);
    let from = seen.calls.iter().position(is_write).unwrap_or_default();
    let is_shown = |call: &&LogEntry| is_write(call) || call.path.starts_with(attempt.look());
    let mut calls: Vec<(String, usize)> = Vec::new();
    for call in seen.calls[from..].iter().filter(is_shown) {
        let status = call
            .status
            .map_or("without a response".to_owned(), |status| status.to_string());
        let path = call.path.replace(&path, "…");
        let text = format!("{} {path} {status}", call.method);
        match calls.last_mut().filter(|(last, _)| *last == text) {
            Some((_, count)) => *count += 1,
            None => calls.push((text, 1)),
        }
    }
    let texts = calls.into_iter().map(|(text, count)| match count {
        1 => text,
        count => format!("{text} ×{count}"),
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// The start of a page's content.
fn excerpt(page: &str) -> String {
    let content = page
        .split_once("Tokens Activity Settings ")
        .map_or(page, |(_, content)| content);
    content.chars().take(350).collect()
}
