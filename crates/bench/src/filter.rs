//! Filter, sort and page over 100 000 tokens, beside a bare scan of the same strings.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{DAY_MS, Directory, Expiry, Inventory, PrincipalId, Sort, Timestamp, Token, TokenId, TokenQuery};

use crate::setup::median;

const TOKENS: u64 = 100_000;
const RUNS: usize = 41;

/// Prints the figure.
pub(crate) fn run() {
    let now = Timestamp::from_ms(1_795_442_400_000);
    let tokens: Vec<Token> = (0..TOKENS).map(|i| token(i, now)).collect();
    let texts: Vec<String> = tokens
        .iter()
        .map(|t| format!("{}\n{}", t.comment.to_lowercase(), t.id.as_str()))
        .collect();
    let inventory = Inventory::new(tokens, Arc::new(Directory::default()), None, now);
    println!(
        "| filter, sort and page over 100 000 tokens | median | bare scan of the same strings | ratio | at most |"
    );
    println!("|---|---|---|---|---|");
    for (what, needle, sort) in [
        ("few match", "nightly export 777", "created"),
        ("many match", "export", "-expires"),
        ("none matches", "does not occur", "-last_used"),
    ] {
        let query = TokenQuery::from_pairs([("q", needle), ("sort", sort), ("status", "active")]);
        assert!(query.sort != Sort::default());
        // The order is made once, when it is first asked for.
        black_box(inventory.page(&query));
        let (mut filtered, mut scanned) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            filtered.push(timed(|| inventory.page(&query).matching));
            scanned.push(timed(|| texts.iter().filter(|text| text.contains(needle)).count()));
        }
        let (filtered, scanned) = (median(filtered), median(scanned));
        let ratio = filtered.as_secs_f64() / scanned.as_secs_f64();
        println!("| {what} | {filtered:.1?} | {scanned:.1?} | {ratio:.2} | 3 |");
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    black_box(work());
    began.elapsed()
}

fn token(i: u64, now: Timestamp) -> Token {
    // Spread as hashes are, without one.
    let mixed = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let ago = |days: u64| i64::try_from(mixed % days).unwrap_or(0) * DAY_MS;
    Token {
        id: TokenId::new(format!("{mixed:016x}{:016x}{i:032x}", !mixed)),
        comment: format!("Nightly export {} of the {} warehouse", mixed % 1000, mixed % 17),
        owner: Some(PrincipalId::new(i64::try_from(mixed % 2000).unwrap_or(0))),
        creator: None,
        creator_name: None,
        created: Some(now.plus_ms(-ago(700))),
        expiry: if i.is_multiple_of(10) {
            Expiry::Never
        } else {
            Expiry::At(now.plus_ms(ago(400) - 40 * DAY_MS))
        },
        last_used: (!i.is_multiple_of(7)).then(|| now.plus_ms(-ago(89)).day()),
        scopes: None,
        autoscope: None,
        inferred_scopes: Vec::new(),
        backfill_scopes: Vec::new(),
        workspace_id: None,
    }
}
