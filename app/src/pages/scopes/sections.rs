//! The sections of the page: what they count, and their texts.

use console::bulk::ScopesChange;
use console::{Actor, Snapshot};
use domain::{NarrowsWithin, ScopeState, Status, TokenCount, TokenQuery, UseWindow};
use leptos::prelude::*;

use super::bulk_change::change_forms;
use super::item::{Item, Tone};
use super::table::{named_states, narrowing_table, proposals_table};
use super::with_state;
use crate::components::{number_of, tokens_of};
use crate::http::paths;

/// The items that answer one question.
pub(super) struct Section {
    id: &'static str,
    title: &'static str,
    /// The section's short name at the top of the page.
    short: &'static str,
    note: &'static str,
    /// How many tokens the section covers.
    tokens: TokenCount,
    tone: Tone,
    items: Vec<Item>,
    /// The filter that lists all tokens of the section, and the changes that can be made to them together.
    query: TokenQuery,
    changes: &'static [ScopesChange],
    /// The content after the items.
    more: fn(&Actor, &Snapshot) -> Option<AnyView>,
}

impl Section {
    /// The link to the section at the top of the page.
    pub(super) fn anchor(&self) -> AnyView {
        let text = format!("{} {}", self.short, number_of(self.tokens));
        view! { <a href=format!("#{}", self.id)>{text}</a> }.into_any()
    }

    pub(super) fn view(self, actor: &Actor, snapshot: &Snapshot) -> AnyView {
        let workspace = actor.workspace().name();
        let changes = change_forms(actor, snapshot, self.changes, &self.query, self.tokens, self.title);
        // Omit the link if an item leads to the same tokens.
        let has_link = self.items.iter().any(|item| item.tokens == self.tokens);
        let all = (!has_link && self.tokens.seen() > 0).then(|| {
            let text = format!("All {}", tokens_of(self.tokens, "token"));
            view! {
                " \u{b7} "
                <a href=paths::tokens_with(workspace, &self.query)>{text}</a>
            }
        });
        let is_empty = self.items.iter().all(|item| item.tokens == TokenCount::Exactly(0));
        let more = (self.more)(actor, snapshot).map(|more| view! { <li class="whole">{more}</li> });
        let none = is_empty.then(|| view! { <li>"No active token."</li> });
        let items = self.items.into_iter();
        let items = items.filter(|item| item.tokens != TokenCount::Exactly(0));
        let items = items.map(|item| item.view(workspace));
        view! {
            <section aria-labelledby=self.id>
                <div class="group-head">
                    <h2 id=self.id class=self.tone.class(self.tokens)>
                        {self.tone.class(self.tokens).map(|_| view! { <span class="mark"></span> })}
                        {self.title}
                    </h2>
                    <p>{self.note} {all}</p>
                    {changes}
                </div>
                <ul class="card bundle">{items.collect_view()} {none} {more}</ul>
            </section>
        }
        .into_any()
    }
}

/// Every section, in the order of the page.
pub(super) fn sections(actor: &Actor, snapshot: &Snapshot) -> Vec<Section> {
    vec![
        narrows_soon(snapshot),
        nothing_seen(snapshot),
        proposals(snapshot),
        can_create_tokens(snapshot),
        undocumented(snapshot),
        not_reported(actor.workspace().name(), snapshot),
    ]
}

fn count(snapshot: &Snapshot, tokens: usize) -> TokenCount {
    snapshot.inventory.unread().count(tokens)
}

fn count_of(snapshot: &Snapshot, state: ScopeState) -> TokenCount {
    count(snapshot, snapshot.inventory.scope_numbers().of(state))
}

/// The item for tokens in this state.
fn item(snapshot: &Snapshot, state: ScopeState, title: &'static str) -> Item {
    Item::new(title, count_of(snapshot, state), with_state(state))
}

fn narrows_soon(snapshot: &Snapshot) -> Section {
    let numbers = snapshot.inventory.scope_numbers();
    let within = |window| TokenQuery {
        narrows_within: Some(window),
        ..TokenQuery::default()
    };
    let tokens = |window| count(snapshot, numbers.within(window));
    let (week, month) = (NarrowsWithin::Days7, NarrowsWithin::Days30);
    let items = vec![
        Item::new(week.label(), tokens(week), within(week)).warning().text(
            "The observation ends about 30 days after the creation, or should have ended already. From then on, \
             scopes that were not seen in use are refused, even to something that runs once a quarter.",
            "Check below what each loses. Keeping the current scopes ends the observation of a token for good.",
        ),
        Item::new(month.label(), tokens(month), within(month)).text(
            "The same, but later. Includes those above.",
            "Let everything that uses them run once before the end, or set the scopes manually.",
        ),
        item(snapshot, ScopeState::ExpiresBefore, "Expire before that").text(
            "They are observed and end before their scopes would be taken away.",
            "Nothing to do about their scopes.",
        ),
        item(snapshot, ScopeState::EndUnknown, "End of the observation unknown")
            .warning()
            .text(
                "They are observed, and the workspace does not report when they were created.",
                "Treat them as if their scopes could be taken away at any time.",
            ),
    ];
    Section {
        id: "narrows",
        title: "Narrows soon",
        short: "Narrows soon",
        note: "Databricks takes scopes away",
        tokens: tokens(month),
        tone: Tone::Warning,
        items,
        query: within(month),
        changes: &[ScopesChange::NarrowScopes, ScopesChange::KeepScopes],
        more: narrowing_table,
    }
}

fn nothing_seen(snapshot: &Snapshot) -> Section {
    let never_used = TokenQuery {
        last_used: Some(UseWindow::Never),
        ..with_state(ScopeState::NothingSeen)
    };
    let never_used_count = count(snapshot, snapshot.inventory.scope_numbers().never_used_and_observed());
    let items = vec![
        item(
            snapshot,
            ScopeState::UsedBefore,
            "Used before they were observed, and not since",
        )
        .warning()
        .text(
            "An observation that still runs began at most about 30 days ago, and the last use is older. Something that \
             runs once a quarter looks like this, and can fail at its next run.",
            "Ask the owner what uses it, and keep its current scopes until you know.",
        ),
        item(
            snapshot,
            ScopeState::UsedSince,
            "Used while they were observed, but no scope was seen",
        )
        .warning()
        .text(
            "Databricks recorded a use and reports no scope for it. The last use is accurate to about a day.",
            "Look at them again tomorrow. If still no scope is reported, keep the current ones.",
        ),
        Item::new("Never used", never_used_count, never_used).text(
            "Neither a use nor a scope was recorded.",
            "Revoke them if no one needs them.",
        ),
    ];
    Section {
        id: "nothing-seen",
        title: "Nothing seen in use",
        short: "Nothing seen in use",
        note: "what Databricks does to such a token is not documented",
        tokens: count_of(snapshot, ScopeState::NothingSeen),
        tone: Tone::Warning,
        items,
        query: with_state(ScopeState::NothingSeen),
        changes: &[ScopesChange::KeepScopes],
        more: |_, _| None,
    }
}

fn proposals(snapshot: &Snapshot) -> Section {
    let proposed = item(snapshot, ScopeState::Proposal, "Fewer scopes proposed").text(
        "Databricks does not observe these tokens, but has computed from their past use which scopes they need. \
         Whether and when it applies this is not known.",
        "Compare what each keeps with what it is for, then narrow the scopes or keep them.",
    );
    Section {
        id: "proposals",
        title: "Proposals for existing tokens",
        short: "Proposals",
        note: "only the API shows them",
        tokens: proposed.tokens,
        tone: Tone::Neutral,
        items: vec![proposed],
        query: with_state(ScopeState::Proposal),
        changes: &[ScopesChange::NarrowScopes, ScopesChange::KeepScopes],
        more: proposals_table,
    }
}

fn can_create_tokens(snapshot: &Snapshot) -> Section {
    let items = vec![
        item(snapshot, ScopeState::Authentication, "With the scope authentication")
            .warning()
            .text(
                "They have few scopes, but with this one they can create tokens of any scope. Those keep working \
                 after this one is revoked.",
                "Remove the scope authentication where it is not needed.",
            ),
        item(snapshot, ScopeState::FullAccess, "With full access").text(
            "Full access includes creating tokens of the same owner, which keep working after this one is revoked.",
            "Narrow the scopes to those that are used.",
        ),
        item(snapshot, ScopeState::EmptyList, "With an empty list of scopes").text(
            "What an empty list allows is not documented: it may be full access.",
            "Set the scopes explicitly.",
        ),
    ];
    Section {
        id: "create",
        title: "Can create further tokens",
        short: "Can create tokens",
        note: "as long as the owner has permission to use tokens",
        tokens: count_of(snapshot, ScopeState::CanCreateTokens),
        tone: Tone::Neutral,
        items,
        query: with_state(ScopeState::CanCreateTokens),
        changes: &[ScopesChange::NarrowScopes],
        more: |_, _| None,
    }
}

fn undocumented(snapshot: &Snapshot) -> Section {
    let undocumented = item(snapshot, ScopeState::Undocumented, "State without documented meaning").text(
        "Databricks documents what it does to tokens that it observes, has limited, or whose scopes someone set. It \
         does not say what these states mean.",
        "Go by the scopes of each token, not by its state.",
    );
    Section {
        id: "undocumented",
        title: "Meaning not documented",
        short: "Not documented",
        note: "states that the API reports by name only",
        tokens: undocumented.tokens,
        tone: Tone::Neutral,
        items: vec![undocumented],
        query: with_state(ScopeState::Undocumented),
        changes: &[],
        more: |actor, snapshot| named_states(actor.workspace().name(), snapshot),
    }
}

fn not_reported(workspace: &str, snapshot: &Snapshot) -> Section {
    let silent = item(snapshot, ScopeState::NotReported, "Nothing reported").text(
        format!(
            "{workspace} says nothing about the scopes that these tokens use, so it is unknown which ones they need. \
             Databricks observes only tokens that are new and last 30 days or more, as far as is known."
        ),
        "Ask the owner what each token is for before you change its scopes.",
    );
    Section {
        id: "not-reported",
        title: "Not reported",
        short: "Not reported",
        note: "neither a state nor a scope in use",
        tokens: silent.tokens,
        tone: Tone::Neutral,
        items: vec![silent, unknown_expiry(snapshot)],
        query: with_state(ScopeState::NotReported),
        changes: &[],
        more: |_, _| None,
    }
}

/// Tokens that may have expired or not, so no other item counts them.
fn unknown_expiry(snapshot: &Snapshot) -> Item {
    let tokens = snapshot.inventory.counts().unknown_status();
    let query = TokenQuery {
        status: Some(Status::Unknown),
        ..TokenQuery::default()
    };
    Item::new("Expiry unknown", tokens, query).text(
        "The workspace does not report when they expire, so it is unknown whether they still work. No other number on \
         this page includes them.",
        "Look at each of them, and revoke what no one needs.",
    )
}
