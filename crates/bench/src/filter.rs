//! Filtering, sorting and paging 100 000 tokens, with each filter, compared with a bare scan of the same strings.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{
    AutoscopeState, DAY, Directory, Expiry, FindingKind, Inventory, Known, MaxLifetime, Principal, PrincipalId,
    PrincipalKind, Sort, Timestamp, Token, TokenCount, TokenId, TokenQuery,
};

use crate::setup::median;

const TOKENS: u64 = 100_000;
const OWNERS: u64 = 2000;
const RUNS: usize = 41;

/// Label, query, and the text that the scan searches for.
const ROWS: [(&str, &str, &str); 24] = [
    (
        "few match",
        "q=nightly export 777&sort=created&status=active",
        "nightly export 777",
    ),
    ("many match", "q=export&sort=-expires&status=active", "export"),
    (
        "none matches",
        "q=does not occur&sort=-last_used&status=active",
        "does not occur",
    ),
    ("ID starts with", "id=0a&sort=created", "0a"),
    (
        "owner, by name",
        "owner=person 17@acme.example&sort=created",
        "person 17",
    ),
    ("owner type", "owner_kind=service_principal&sort=created", "export"),
    (
        "creator, by name",
        "created_by_username=person 17@acme.example&sort=created",
        "person 17",
    ),
    ("creator, by ID", "created_by_id=17&sort=created", "17"),
    ("created on behalf of the owner", "creator=other&sort=created", "export"),
    ("status", "status=expired&sort=created", "export"),
    ("a finding", "finding=never-expires&sort=created", "export"),
    (
        "three findings",
        "finding=never-expires&finding=idle&finding=owner-deactivated&sort=created",
        "export",
    ),
    (
        "owner unknown or deactivated",
        "finding=owner-unknown&finding=owner-deactivated&sort=created",
        "export",
    ),
    (
        "expiry window",
        "expires_from=2026-11-24&expires_to=2026-12-24&sort=created",
        "export",
    ),
    (
        "last-used window",
        "used_from=2026-09-01&used_to=2026-10-01&sort=created",
        "export",
    ),
    ("expires within 30 days", "expires=30d&sort=created", "export"),
    ("used within 7 days", "used=7d&sort=created", "export"),
    (
        "creation window",
        "created_from=2026-09-01&created_to=2026-10-01&sort=created",
        "export",
    ),
    ("days unused", "idle=45&sort=created", "export"),
    ("scope", "scope=sql&sort=created", "export"),
    ("state of the scopes", "scope_state=observed&sort=created", "export"),
    ("narrows within 7 days", "narrows_within=7&sort=created", "export"),
    ("order alone", "sort=owner", "export"),
    (
        "every filter",
        "q=export&id=0&owner=person 17@acme.example&owner_kind=user&creator=other\
         &created_by_username=person 17@acme.example&status=active&finding=idle&finding=never-expires\
         &expires_from=2020-01-01&used_to=2030-01-01&idle=1&scope=sql&scope_state=observed&narrows_within=30\
         &sort=created",
        "export",
    ),
];

/// Prints the figures.
pub(crate) fn run() {
    let now = Timestamp::from_ms(1_795_442_400_000);
    let tokens: Vec<Token> = (0..TOKENS).map(|i| token(i, now)).collect();
    let texts: Vec<String> = tokens
        .iter()
        .map(|t| format!("{}\n{}", t.comment.to_lowercase(), t.id.as_str()))
        .collect();
    let inventory = Inventory::new(
        tokens,
        Arc::new(directory()),
        Known::Known(MaxLifetime::NoCustomLimit),
        now,
    );
    println!(
        "| filter, sort and page over 100 000 tokens | median | bare scan of the same strings | ratio | at most |"
    );
    println!("|---|---|---|---|---|");
    // The default order is built with the list, whether it is filtered or not.
    black_box(inventory.page(&TokenQuery::default()));
    let started = Instant::now();
    black_box(inventory.page(&parse("status=active")));
    let build_time = started.elapsed();
    for (label, query, needle) in ROWS {
        let query = parse(query);
        assert!(query.sort != Sort::default());
        print_row(label, &texts, needle, || {
            inventory
                .page(&query)
                .map(|page| page.matching)
                .known()
                .unwrap_or_default()
        });
    }
    for (label, query, needle) in [
        (
            "few match, with counts next to each choice",
            "q=nightly export 777&sort=created",
            "nightly export 777",
        ),
        (
            "many match, with counts",
            "q=export&status=active&scope=sql&sort=created",
            "export",
        ),
        ("every filter, with counts", ROWS[ROWS.len() - 1].1, "export"),
        ("no filter, with counts", "sort=created", "export"),
    ] {
        let query = parse(query);
        print_row(label, &texts, needle, || {
            let listed = inventory.listed_page(&query);
            listed.page.matching + listed.facets.created_by_other()
        });
    }
    // What a new snapshot computes, without any cache.
    print_limited_row(
        "all findings of every token, and their numbers",
        &texts,
        "export",
        5,
        || {
            let limit = Known::Known(MaxLifetime::Days(90));
            let fresh = inventory.with_parts(
                Arc::clone(inventory.directory()),
                limit,
                inventory.known_access().clone(),
            );
            let counts = FindingKind::ALL.map(|kind| fresh.finding_count(kind, true).known());
            counts.into_iter().flatten().map(TokenCount::seen).sum()
        },
    );
    println!();
    println!("Building the columns that filters use took {build_time:.1?}, once per snapshot.");
}

/// Prints one row of the table about filters.
fn print_row(label: &str, texts: &[String], needle: &str, work: impl Fn() -> usize) {
    print_limited_row(label, texts, needle, 3, work);
}

/// Prints one row, after timing the work and the scan in turns. The work runs once before that, since an order is built
/// on first use.
fn print_limited_row(label: &str, texts: &[String], needle: &str, limit: u32, work: impl Fn() -> usize) {
    black_box(work());
    let (mut filtered, mut scanned) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        filtered.push(timed(&work));
        scanned.push(timed(|| texts.iter().filter(|text| text.contains(needle)).count()));
    }
    let (filtered, scanned) = (median(filtered), median(scanned));
    let ratio = filtered.as_secs_f64() / scanned.as_secs_f64();
    println!("| {label} | {filtered:.1?} | {scanned:.1?} | {ratio:.2} | {limit} |");
}

fn parse(query: &str) -> TokenQuery {
    TokenQuery::from_pairs(query.split('&').filter_map(|pair| pair.split_once('=')))
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}

/// Owners of every kind. One in fifty is missing from the directory.
fn directory() -> Directory {
    let known = (0..OWNERS).filter(|i| !i.is_multiple_of(50));
    Directory::complete(known.map(|i| Principal {
        id: PrincipalId::new(i64::try_from(i).unwrap_or(0)),
        kind: match i % 10 {
            0 => PrincipalKind::ServicePrincipal,
            _ => PrincipalKind::User,
        },
        name: format!("person {i}@acme.example"),
        display_name: format!("Person {i}"),
        active: !i.is_multiple_of(23),
    }))
}

fn token(i: u64, now: Timestamp) -> Token {
    // Distributes the IDs as evenly as hashes, at lower cost.
    let mixed = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let ago = |days: u64| DAY * u32::try_from(mixed % days).unwrap_or(0);
    let person = |n: u64| i64::try_from(n % OWNERS).unwrap_or(0);
    let creator = person(if i.is_multiple_of(12) { 17 } else { mixed });
    let sets: [&[&str]; 5] = [&["sql"], &["sql", "files"], &["jobs", "clusters"], &["all-apis"], &[]];
    let scopes = sets.get(usize::try_from(mixed % 8).unwrap_or(0));
    Token {
        id: TokenId::new(format!("{mixed:016x}{:016x}{i:032x}", !mixed)),
        comment: format!("Nightly export {} of the {} warehouse", mixed % 1000, mixed % 17),
        owner: Some(PrincipalId::new(person(mixed))),
        creator: Some(PrincipalId::new(creator)),
        creator_name: Some(format!("person {creator}@acme.example")),
        created: Some(now.minus(ago(700))),
        expiry: if i.is_multiple_of(10) {
            Expiry::Never
        } else {
            Expiry::At(now.minus(DAY * 40).plus(ago(400)))
        },
        last_used: (!i.is_multiple_of(7)).then(|| now.minus(ago(89)).day()),
        scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        autoscope: i.is_multiple_of(5).then_some(AutoscopeState::Running),
        inferred_scopes: Vec::new(),
        backfill_scopes: Vec::new(),
        workspace_id: None,
    }
}
