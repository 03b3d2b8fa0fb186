//! Entries as sentences: who did, or tried to do, what to which token or setting, and who owns that token.

use console::activity::{
    ActivityKind, BulkRow, Detail, KnownNames, NamedPrincipal, Operation, Outcome, RequestedValue, before_label,
    target_label,
};
use domain::TokenId;
use leptos::prelude::*;

use super::outcome::BulkResult;
use crate::components::count_of;
use crate::http::paths;

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A name, or other text that someone entered.
    Strong(String),
    Link {
        text: String,
        href: String,
    },
}

/// A sentence without a full stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentence(Vec<Part>);

impl Sentence {
    fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(Part::Text(text.into()));
        self
    }

    fn strong(mut self, text: impl Into<String>) -> Self {
        self.0.push(Part::Strong(text.into()));
        self
    }

    fn link(mut self, text: impl Into<String>, href: String) -> Self {
        let text = text.into();
        self.0.push(Part::Link { text, href });
        self
    }

    /// ` of Alex Chen`, if the owner is known.
    fn of_owner(self, workspace: &str, owner: Option<&NamedPrincipal>) -> Self {
        match owner {
            Some(owner) => self
                .text(" of ")
                .link(owner.name.as_str(), paths::principal(workspace, owner.id)),
            None => self,
        }
    }

    /// The sentence as plain text.
    pub(super) fn plain(&self) -> String {
        let texts = self.0.iter().map(|part| match part {
            Part::Text(text) | Part::Strong(text) | Part::Link { text, .. } => text.as_str(),
        });
        texts.collect()
    }

    pub(super) fn view(self) -> AnyView {
        let parts = self.0.into_iter().map(|part| match part {
            Part::Text(text) => text.into_any(),
            Part::Strong(text) => view! { <b><bdi>{text}</bdi></b> }.into_any(),
            Part::Link { text, href } => view! { <a href=href><bdi>{text}</bdi></a> }.into_any(),
        });
        parts.collect_view().into_any()
    }
}

/// The sentence of an operation, with links to the things that it names.
pub(crate) fn sentence(workspace: &str, operation: &Operation, names: &KnownNames) -> Sentence {
    let start = actor_name(operation, names);
    let verb = |done, base| verb(operation, done, base);
    let id = TokenId::new(operation.target.as_str());
    match &operation.kind {
        ActivityKind::RevokeToken => {
            let revoked = start.text(verb("revoked", "revoke"));
            let token = revoked_token(revoked, workspace, operation, names);
            match &operation.requested {
                RequestedValue::PartOfBulk(bulk) => token
                    .text(" in a ")
                    .link("bulk revocation", paths::bulk_detail(workspace, bulk)),
                _ => token,
            }
        }
        ActivityKind::RevokeTokens
        | ActivityKind::ResumeBulk
        | ActivityKind::CancelBulk
        | ActivityKind::EditScopesInBulk
        | ActivityKind::ResumeScopesInBulk
        | ActivityKind::CancelScopesInBulk => bulk_change(start, workspace, operation),
        ActivityKind::EditComment => {
            let token = names.token(&id);
            let name = operation.before.trim();
            let changed = start
                .text(format!("{}the comment of ", verb("changed", "change")))
                .link(named_or_id(name, &id), paths::token(workspace, &id))
                .of_owner(workspace, token.and_then(|token| token.owner.as_ref()));
            match operation.requested.label().trim() {
                "" => changed.text(" to no comment"),
                comment => changed.text(" to ").strong(comment),
            }
        }
        ActivityKind::EditScopes => {
            let start = start.text(format!("{}the scopes of ", verb("changed", "change")));
            let changed = token_with_scopes(start, workspace, operation, names);
            match operation.requested.part_of() {
                Some(bulk) => changed
                    .text(" in a ")
                    .link("bulk change", paths::bulk_detail(workspace, bulk)),
                None => changed,
            }
        }
        ActivityKind::SwitchTokens => {
            let verb = match (&operation.requested, operation.target.as_str()) {
                (RequestedValue::On, _) | (_, "on") => verb("enabled", "enable"),
                (RequestedValue::Off, _) | (_, "off") => verb("disabled", "disable"),
                _ => verb("enabled or disabled", "enable or disable"),
            };
            start
                .text(verb)
                .link("Personal Access Tokens", paths::settings(workspace))
        }
        ActivityKind::SetMaxLifetime => {
            let changed = start
                .text(format!("{}the ", verb("set", "set")))
                .link("maximum lifetime", paths::settings(workspace))
                .text(" of new tokens");
            let before = uncapitalised(&before_label(&operation.kind, &operation.before));
            from_to(changed, &before, &uncapitalised(&operation.requested.label()))
        }
        ActivityKind::EditAccess => edit_access(start, workspace, operation, names),
        ActivityKind::CreateToken | ActivityKind::CreateFirstToken => create_token(start, workspace, operation, names),
        ActivityKind::AcceptFinding | ActivityKind::WithdrawAcceptance => {
            acceptance(start, workspace, operation, names)
        }
        ActivityKind::Other(kind) => start
            .text(": ")
            .strong(kind.as_str())
            .text(" ")
            .strong(operation.target.as_str()),
    }
}

/// The sentence for one token of a bulk change.
pub(super) fn item_sentence(workspace: &str, operation: &Operation, names: &KnownNames) -> Sentence {
    match operation.kind {
        ActivityKind::EditScopes => token_with_scopes(Sentence::default(), workspace, operation, names),
        _ => revoked_token(Sentence::default(), workspace, operation, names),
    }
}

/// A token, with its old and its requested scopes.
fn token_with_scopes(start: Sentence, workspace: &str, operation: &Operation, names: &KnownNames) -> Sentence {
    let id = TokenId::new(operation.target.as_str());
    let token = names.token(&id);
    let name = token.map(|token| token.comment.trim()).unwrap_or_default();
    let changed = start
        .link(named_or_id(name, &id), paths::token(workspace, &id))
        .of_owner(workspace, token.and_then(|token| token.owner.as_ref()));
    from_to(changed, &operation.before, &operation.requested.label())
}

/// The sentence of a bulk change, with the number of tokens for each outcome. It contains no links, since a click on it
/// unfolds the row.
pub(super) fn bulk_sentence(bulk: &BulkRow, names: &KnownNames) -> Sentence {
    let Some(run) = &bulk.run else {
        // The other operations are on another page, or do not match the filters.
        let result = BulkResult::of_items(&bulk.items);
        let start = bulk
            .items
            .first()
            .map(|item| actor_name(item, names))
            .unwrap_or_default();
        let (verb, text) = (result.verb(), result.text(" listed here"));
        let what = match bulk.items.first().map(|item| &item.kind) {
            Some(ActivityKind::EditScopes) => "the scopes of tokens in a bulk change",
            _ => "tokens in a bulk revocation",
        };
        return start.text(format!(" {verb} {what}: {text}"));
    };
    let start = actor_name(run, names);
    if let Some(result) = BulkResult::of_run(run) {
        let did = match run.requested {
            RequestedValue::FailedTokens => "retried the failed tokens of a bulk revocation: now".to_owned(),
            RequestedValue::FailedScopes => "retried the failed tokens of a bulk change of scopes: now".to_owned(),
            _ if run.kind == ActivityKind::EditScopesInBulk => scopes_verb(&run.requested, &result),
            _ => format!("{} tokens in a bulk revocation:", result.verb()),
        };
        return start.text(format!(" {did} {}", result.text("")));
    }
    let scopes = |verb: &str, count| {
        let tokens = count_of(count, "token");
        format!(" started to {verb} the scopes of {tokens} in a bulk change")
    };
    start.text(match run.requested {
        RequestedValue::KeepScopes(count) => scopes("keep", count),
        RequestedValue::NarrowScopes(count) => scopes("narrow", count),
        RequestedValue::PutBackScopes(count) => scopes("put back", count),
        RequestedValue::FailedScopes => " started to retry the failed tokens of a bulk change of scopes".to_owned(),
        _ if run.kind == ActivityKind::EditScopesInBulk => " started a bulk change of scopes".to_owned(),
        RequestedValue::FailedTokens => " started to retry the failed tokens of a bulk revocation".to_owned(),
        RequestedValue::Tokens(count) => {
            format!(" started to revoke {} in a bulk revocation", count_of(count, "token"))
        }
        _ => " started a bulk revocation".to_owned(),
    })
}

/// What a bulk change did, or tried to do, to the scopes of tokens.
fn scopes_verb(requested: &RequestedValue, result: &BulkResult) -> String {
    let (done, base) = match requested {
        RequestedValue::KeepScopes(_) => ("kept", "keep"),
        RequestedValue::NarrowScopes(_) => ("narrowed", "narrow"),
        RequestedValue::PutBackScopes(_) => ("put back", "put back"),
        _ => ("changed", "change"),
    };
    match result.is_any_done() {
        true => format!("{done} the scopes of tokens in a bulk change:"),
        false => format!("tried to {base} the scopes of tokens in a bulk change:"),
    }
}

/// The actor, by display name if it is known and unique.
fn actor_name(operation: &Operation, names: &KnownNames) -> Sentence {
    let known = names.principal(&operation.actor);
    Sentence::default().strong(known.map_or(operation.actor.as_str(), |who| who.name.as_str()))
}

/// ` revoked `, ` started to revoke ` or ` tried to revoke `, depending on the outcome.
fn verb(operation: &Operation, done: &str, base: &str) -> String {
    let had_effect = !matches!(operation.detail, Detail::NoChange | Detail::AlreadyGone);
    match operation.outcome {
        Outcome::Done if had_effect => format!(" {done} "),
        Outcome::Open => format!(" started to {base} "),
        _ => format!(" tried to {base} "),
    }
}

/// The token by its comment and owner at the time of the revocation.
fn revoked_token(start: Sentence, workspace: &str, operation: &Operation, names: &KnownNames) -> Sentence {
    let id = TokenId::new(operation.target.as_str());
    let href = paths::token(workspace, &id);
    let text = operation.before.trim();
    // If the token is still listed, the owner is found by its ID.
    let listed = names
        .token(&id)
        .and_then(|token| Some((token.comment.trim(), token.owner.as_ref()?)));
    let listed = listed.filter(|(comment, _)| text.is_empty() || text.starts_with(comment));
    match names.comment_and_owner(text).or(listed) {
        Some((comment, owner)) => start
            .link(named_or_id(comment.trim(), &id), href)
            .of_owner(workspace, Some(owner)),
        None => start.link(named_or_id(text, &id), href),
    }
}

/// A token's comment, or its ID if the comment is empty.
fn named_or_id(comment: &str, id: &TokenId) -> String {
    match comment {
        "" => format!("token {}", id.short()),
        comment => comment.to_owned(),
    }
}

/// An action on a bulk change, or a refused attempt at one.
fn bulk_change(start: Sentence, workspace: &str, operation: &Operation) -> Sentence {
    let (done, base) = match operation.kind {
        ActivityKind::ResumeBulk | ActivityKind::ResumeScopesInBulk => ("resumed a ", "resume a "),
        ActivityKind::EditScopesInBulk => ("changed scopes in a ", "change scopes in a "),
        ActivityKind::CancelBulk | ActivityKind::CancelScopesInBulk => (
            "cancelled the remaining tokens of a ",
            "cancel the remaining tokens of a ",
        ),
        _ => ("revoked tokens in a ", "revoke tokens in a "),
    };
    let verb = verb(operation, done, base).trim_end().to_owned();
    let noun = match operation.kind {
        ActivityKind::RevokeTokens | ActivityKind::ResumeBulk | ActivityKind::CancelBulk => "bulk revocation",
        ActivityKind::EditScopesInBulk => "bulk change",
        _ => "bulk change of scopes",
    };
    match operation.target.parse() {
        Ok(bulk) => start
            .text(format!("{verb} "))
            .link(noun, paths::bulk_detail(workspace, &bulk)),
        // A refused selection has no page.
        Err(_) => start.text(format!("{verb} {noun}")),
    }
}

/// `accepted “Never expires” of nightly export of Mia until 2027-01-31`.
fn acceptance(start: Sentence, workspace: &str, operation: &Operation, names: &KnownNames) -> Sentence {
    let is_withdrawn = operation.kind == ActivityKind::WithdrawAcceptance;
    let verb = match is_withdrawn {
        true => verb(operation, "withdrew the acceptance of", "withdraw the acceptance of"),
        false => verb(operation, "accepted", "accept"),
    };
    let (title, until) = match &operation.requested {
        RequestedValue::Acceptance { rule, until } => (rule.title().to_owned(), *until),
        other => (other.label().into_owned(), None),
    };
    let start = start
        .text(verb)
        .link(format!("\u{201c}{title}\u{201d}"), paths::findings(workspace));
    let id = TokenId::new(operation.target.as_str());
    let named = match names.token(&id) {
        Some(token) => start
            .text(" for ")
            .link(named_or_id(token.comment.trim(), &id), paths::token(workspace, &id))
            .of_owner(workspace, token.owner.as_ref()),
        None if id.is_hash() => start
            .text(" for ")
            .link(named_or_id("", &id), paths::token(workspace, &id)),
        None => start,
    };
    match until {
        Some(day) => named.text(format!(" until {day}")),
        None => named,
    }
}

fn edit_access(start: Sentence, workspace: &str, operation: &Operation, names: &KnownNames) -> Sentence {
    let verb = |done, base| verb(operation, done, base);
    let (added, removed) = match &operation.requested {
        RequestedValue::AccessEdit { added, removed } => (names.grantees(added), names.grantees(removed)),
        _ => Default::default(),
    };
    let (added, removed) = (added.as_str(), removed.as_str());
    let (sentence, preposition) = match (added, removed) {
        ("", "") => (start.text(verb("changed", "change").trim_end()), " the "),
        (added, "") => (start.text(verb("added", "add")).strong(added), " to the "),
        ("", removed) => (start.text(verb("removed", "remove")).strong(removed), " from the "),
        (added, removed) => {
            let both = start.text(verb("removed", "remove")).strong(removed);
            let is_done = operation.outcome == Outcome::Done;
            let and = if is_done { " and added " } else { " and add " };
            (both.text(and).strong(added), " in the ")
        }
    };
    sentence
        .text(preposition)
        .link("permissions", paths::permissions(workspace))
}

fn create_token(start: Sentence, workspace: &str, operation: &Operation, names: &KnownNames) -> Sentence {
    let start = start.text(verb(operation, "created", "create"));
    let requested = operation.requested.label();
    let created = match &operation.detail {
        Detail::CreatedToken(id) | Detail::CreatedValueLost(id) => {
            let listed = names.token(id).map(|token| token.comment.trim()).unwrap_or_default();
            let name = if listed.is_empty() { requested.trim() } else { listed };
            start.link(named_or_id(name, id), paths::token(workspace, id))
        }
        _ if requested.is_empty() => start.text("a token"),
        _ => start.strong(requested),
    };
    match names.principal(&operation.target) {
        Some(principal) => created
            .text(" for ")
            .link(principal.name.as_str(), paths::principal(workspace, principal.id)),
        None => created
            .text(" for ")
            .strong(target_label(&operation.kind, &operation.target)),
    }
}

/// ` from 365 days to 90 days`; leaves out a value that is not known.
fn from_to(sentence: Sentence, from: &str, to: &str) -> Sentence {
    let sentence = match from.trim() {
        "" => sentence,
        from => sentence.text(" from ").strong(from),
    };
    match to.trim() {
        "" => sentence,
        to => sentence.text(" to ").strong(to),
    }
}

fn uncapitalised(text: &str) -> String {
    let first = text.chars().next().map(char::len_utf8).unwrap_or_default();
    text[..first].to_lowercase() + &text[first..]
}

#[cfg(test)]
mod tests;
