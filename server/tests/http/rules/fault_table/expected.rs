//! What has to be reported, recorded and shown in each case. It is derived from these rules and not from the code:
//!
//! - Only a change that was never sent, or that the workspace refused, counts as "nothing was changed".
//! - If the response proves nothing, a look decides. If it shows the new state, the change is done.
//! - Anything else is unknown. Once the workspace has accepted a change, it can no longer fail.
//! - Later, a revocation is done if the token is gone, and a creation if its token exists, but its value is lost.
//!   Scopes that the workspace accepted are set if it shows them. Everything else stays unknown, with a note of what
//!   was seen.
//! - A write is repeated only after 429. For a token of a bulk revocation it is also repeated after a look that found
//!   the token.

use console::activity::Outcome;

use super::attempts::{Attempt, Subject, Value};
use super::mishaps::{Failure, Mishap};

/// What is known after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// It was never sent, or the workspace refused it.
    Unchanged,
    /// The workspace has made it.
    Done,
    /// It was sent, and the result is unknown.
    Unknown,
}

/// The expected entry in the activity log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedRecord {
    /// One of these outcomes.
    pub(super) outcomes: Vec<Outcome>,
    /// A part of the detail.
    pub(super) says: String,
    /// What the detail must not say.
    pub(super) lacks: &'static str,
    /// Whether it is also correct to record nothing at all.
    pub(super) or_nothing: bool,
}

/// How often the change may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    /// Never.
    Never,
    /// Never or once: the token may be found gone before that.
    AtMostOne,
    /// Once.
    One,
    /// Again after 429; the client decides whether to repeat it at all.
    AgainAfterLimit,
    /// Once, and again only after a look that found the token.
    AgainAfterLook,
}

/// The expected results of a case.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// What the page has to report.
    pub(super) page: Knowledge,
    /// The outcome right after the change.
    pub(super) now: ExpectedRecord,
    /// The outcome after a later look.
    pub(super) later: ExpectedRecord,
    /// The calls that change something.
    pub(super) writes: Writes,
    /// Whether the console looks at the workspace after the call.
    pub(super) looks: bool,
}

impl Expected {
    /// The expected results if the workspace has `value` at a later look.
    pub(super) fn of(attempt: Attempt, mishap: Mishap, subject: &Subject, value: Value) -> Self {
        let knowledge = knowledge(attempt, mishap);
        Self {
            page: match (mishap, attempt) {
                // The page looks automatically, and sees the new state.
                (Mishap::Look(_), Attempt::SwitchOn | Attempt::SwitchOff) => Knowledge::Done,
                _ => knowledge,
            },
            now: now(attempt, mishap, knowledge),
            later: match knowledge {
                Knowledge::Unknown => later(attempt, mishap, subject, value),
                certain => now(attempt, mishap, certain),
            },
            writes: writes(attempt, mishap, knowledge),
            looks: knowledge != Knowledge::Unchanged,
        }
    }
}

fn knowledge(attempt: Attempt, mishap: Mishap) -> Knowledge {
    use Attempt::{BulkItem, BulkScopes};
    match (mishap, attempt) {
        // It is sent again after the rate limit.
        (Mishap::Before(Failure::RateLimited), BulkItem | BulkScopes) => Knowledge::Done,
        (Mishap::NotSent, _) => Knowledge::Unchanged,
        (Mishap::Before(failure), _) if failure.is_refusal(attempt) => Knowledge::Unchanged,
        // It is sent again after a look that finds the token.
        (Mishap::Before(_) | Mishap::Late, BulkItem | BulkScopes) => Knowledge::Done,
        (Mishap::Before(_) | Mishap::Late, _) => Knowledge::Unknown,
        (Mishap::AlwaysLost, _) => Knowledge::Unknown,
        (Mishap::After(_) | Mishap::GoneBefore, _) => Knowledge::Done,
        // A response with the ID and the value is sufficient proof.
        (Mishap::Look(_) | Mishap::Stale, attempt) if attempt.is_creation() => Knowledge::Done,
        (Mishap::Look(_) | Mishap::Stale, _) => Knowledge::Unknown,
        // The colleague's token is a different one.
        (Mishap::SameByColleague, attempt) if attempt.is_creation() => Knowledge::Unknown,
        (Mishap::SameByColleague, _) => Knowledge::Done,
        (Mishap::OtherByColleague | Mishap::OverwrittenByColleague, _) => Knowledge::Unknown,
    }
}

fn now(attempt: Attempt, mishap: Mishap, knowledge: Knowledge) -> ExpectedRecord {
    let says = match mishap {
        Mishap::GoneBefore => "already",
        Mishap::After(_) if attempt.is_creation() => "lost",
        _ => "",
    };
    let outcomes = match knowledge {
        Knowledge::Unchanged => vec![Outcome::Failed],
        Knowledge::Done => vec![Outcome::Done],
        // A bulk revocation that cannot look is paused while its tokens are being confirmed.
        Knowledge::Unknown if attempt.is_bulk() => vec![Outcome::Unknown, Outcome::Open],
        Knowledge::Unknown => vec![Outcome::Unknown],
    };
    ExpectedRecord {
        outcomes,
        says: says.to_owned(),
        lacks: if mishap == Mishap::GoneBefore { "\0" } else { "already" },
        // The form reads the permissions before the change starts, to find out what has to be confirmed.
        or_nothing: mishap == Mishap::NotSent && matches!(attempt, Attempt::AddGrant | Attempt::RemoveGrant),
    }
}

/// The expected entry after a later look at an unknown outcome.
fn later(attempt: Attempt, mishap: Mishap, subject: &Subject, value: Value) -> ExpectedRecord {
    let (outcome, says) = match (attempt, mishap.final_value()) {
        (Attempt::Revoke | Attempt::BulkItem, Value::Requested) => (Outcome::Done, String::new()),
        (Attempt::Revoke | Attempt::BulkItem, _) => (Outcome::Unknown, "still list".to_owned()),
        (Attempt::CreateToken, _) if mishap == Mishap::Late => (Outcome::Done, "lost".to_owned()),
        // All first tokens look the same, so a late one may be from another case.
        (Attempt::CreateFirstToken, _) if mishap == Mishap::Late => {
            return ExpectedRecord {
                outcomes: vec![Outcome::Done, Outcome::Unknown],
                says: String::new(),
                lacks: "already",
                or_nothing: false,
            };
        }
        (Attempt::CreateToken | Attempt::CreateFirstToken, _) => (Outcome::Unknown, String::new()),
        // The workspace accepted the change, and may take many minutes to show it.
        (Attempt::EditScopes, Value::Requested) if mishap == Mishap::Stale => (Outcome::Done, String::new()),
        _ => (
            Outcome::Unknown,
            format!("seen later: {}", attempt.seen(subject, value)),
        ),
    };
    ExpectedRecord {
        outcomes: vec![outcome],
        says,
        lacks: "already",
        or_nothing: false,
    }
}

fn writes(attempt: Attempt, mishap: Mishap, knowledge: Knowledge) -> Writes {
    match mishap {
        Mishap::NotSent => Writes::Never,
        Mishap::GoneBefore => Writes::AtMostOne,
        Mishap::Before(Failure::RateLimited) => Writes::AgainAfterLimit,
        Mishap::AlwaysLost => Writes::AgainAfterLook,
        Mishap::Before(_) | Mishap::Late if attempt.is_bulk() && knowledge == Knowledge::Done => Writes::AgainAfterLook,
        _ => Writes::One,
    }
}

/// The only sentences that say that nothing happened.
const NOTHING: [&str; 3] = ["Nothing was changed", "No token was created", "Nothing was saved"];

/// Texts that tell a person to check before they repeat a change.
const CHECK: [&str; 7] = [
    "before you repeat it",
    "before you rely on it",
    "before you save",
    "before you do anything else",
    "Check again",
    "Check the token list",
    "Review them first",
];

/// What a page reports, according to its text. `None` if it reports nothing, or several things.
pub(super) fn claim(attempt: Attempt, page: &str) -> Option<Knowledge> {
    let has_any = |texts: &[&str]| texts.iter().any(|text| page.contains(text));
    let says_nothing_happened = has_any(&NOTHING);
    let says_done = has_any(done(attempt));
    if attempt.is_bulk() {
        // The page of a bulk change shows the state of each token instead of a sentence about the change.
        let says_failed = has_any(&["could not be revoked", "could not be changed"]);
        return match (says_failed, says_done, says_nothing_happened) {
            (true, false, _) => Some(Knowledge::Unchanged),
            (false, true, false) => Some(Knowledge::Done),
            (false, false, false) => Some(Knowledge::Unknown),
            _ => None,
        };
    }
    match (says_nothing_happened, says_done, has_any(&CHECK)) {
        (true, false, _) => Some(Knowledge::Unchanged),
        (false, true, false) => Some(Knowledge::Done),
        (false, false, true) => Some(Knowledge::Unknown),
        _ => None,
    }
}

/// The texts of a page after a successful change.
fn done(attempt: Attempt) -> &'static [&'static str] {
    match attempt {
        Attempt::Revoke => &["was revoked.", "lready revoked"],
        Attempt::EditComment => &["Comment saved for "],
        Attempt::EditScopes => &["Scopes changed for "],
        Attempt::SetMaxLifetime => &["Saved. New tokens last"],
        Attempt::SwitchOn => &["tokens are enabled. Confirmed"],
        Attempt::SwitchOff => &["No token works until they are enabled again. Confirmed"],
        Attempt::AddGrant | Attempt::RemoveGrant => &["Confirmed with the workspace"],
        Attempt::CreateToken | Attempt::CreateFirstToken => &["Token created", "The token was created"],
        Attempt::BulkScopes => &["The token was narrowed (confirmed)"],
        Attempt::BulkItem => &["The token was revoked (confirmed)", "already gone (confirmed)"],
    }
}
