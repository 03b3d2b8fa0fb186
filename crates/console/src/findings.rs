//! The findings of a workspace: what an admin should look at, and what was accepted for a while.

use std::sync::Arc;

use domain::{AcceptedFindings, Day, FindingSubject, Known, Rule, TokenCount, TokenId, TokenQuery, parse_acceptance};
use store::{ActivityEntry, ActivityKind, Detail, Outcome, Phase, RequestedValue};

pub use store::AcceptedFinding;
use workspace_client::UnreadableRow;

use crate::activity::{PlannedChange, log_entry, new_entry};
use crate::{Actor, Console, Error, Snapshot, now};

/// The target of an acceptance for the whole workspace in the activity log.
const WHOLE_WORKSPACE: &str = "all of the workspace";

/// The findings of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleResult {
    /// The rule.
    pub rule: Rule,
    /// How many tokens, grants or settings have the finding, without those for which it is accepted.
    pub open: Known<TokenCount>,
    /// The grants or settings with the finding. Empty for tokens, which have a list of their own.
    pub subjects: Vec<FindingSubject>,
    /// Whether it is accepted for some tokens, by itself or with a finding that covers it. The list of its tokens
    /// leaves them out.
    pub has_accepted_tokens: bool,
}

impl RuleResult {
    /// The filter that lists exactly the tokens that it counts. `None` if it is not about tokens.
    pub fn query(&self) -> Option<TokenQuery> {
        self.rule.query(self.has_accepted_tokens)
    }

    /// Whether it is unknown if something has to be done.
    pub fn is_unknown(&self) -> bool {
        matches!(self.open, Known::NotAvailable(_) | Known::Known(TokenCount::AtLeast(0)))
    }

    /// Whether something has to be done.
    pub fn is_open(&self) -> bool {
        matches!(self.open, Known::Known(count) if count.seen() > 0)
    }
}

/// The findings of a workspace at one moment.
pub struct FindingsReport {
    /// One for each rule that is not accepted, in the order of the rules.
    pub results: Vec<RuleResult>,
    /// What is accepted, the latest first, without acceptances for tokens that no longer exist.
    pub accepted: Vec<AcceptedFinding>,
    /// The snapshot that was examined.
    pub snapshot: Arc<Snapshot>,
}

impl Console {
    /// The findings of the actor's workspace.
    ///
    /// # Errors
    /// If the list of tokens cannot be read. Results that need other missing parts are unknown.
    pub async fn findings(&self, actor: &Actor) -> Result<FindingsReport, Error> {
        let snapshot = self.snapshot(actor).await?;
        let mut accepted = snapshot.accepted.to_vec();
        let inventory = &snapshot.inventory;
        // An acceptance ends with its token. If some rows could not be read, a token that seems to be gone may still
        // exist.
        if snapshot.unreadable.is_empty() {
            accepted.retain(|accepted| accepted.token.as_ref().is_none_or(|id| inventory.get(id).is_some()));
        }
        Ok(FindingsReport {
            results: open_results(&snapshot, &accepted),
            accepted,
            snapshot,
        })
    }

    /// How many tokens of the actor's workspace need action now, according to the last read. `None` if their findings
    /// were not read.
    pub fn act_now_count(&self, actor: &Actor) -> Option<TokenCount> {
        let ttl = self.0.timing.part_ttl();
        let is_read = actor.workspace.parts.tokens.view(&actor.sign_in, ttl).value.is_some();
        is_read.then(|| actor.workspace.assembly.act_now_count()).flatten()
    }

    /// What is accepted today in the actor's workspace, the latest first. While the database does not respond, returns
    /// what was read last.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn acceptances(&self, actor: &Actor) -> Result<Vec<AcceptedFinding>, Error> {
        let (binding, today) = (actor.workspace.binding(), actor.workspace.today());
        let last = &actor.workspace.last_acceptances;
        match self.0.store.accepted_findings(&binding, today).await {
            Ok(accepted) => {
                *last.lock() = Some(accepted.clone());
                Ok(accepted)
            }
            Err(error) if error.is_unreachable() => {
                let mut accepted = last.lock().clone().ok_or(error)?;
                accepted.retain(|accepted| accepted.until >= today);
                Ok(accepted)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Accepts a finding until a day, for one token or for the whole workspace. The text is as typed.
    ///
    /// # Errors
    /// [`Error::InvalidAcceptance`]; [`Error::TokenNotListed`]; if the list of tokens cannot be read; or if the actor
    /// cannot change anything, which is recorded.
    pub async fn accept_finding(
        &self,
        actor: &Actor,
        rule: Rule,
        token: Option<TokenId>,
        reason: &str,
        until: &str,
    ) -> Result<AcceptedFinding, Error> {
        let target = target(token.as_ref());
        self.ensure_can_run(actor, ActivityKind::AcceptFinding, &target).await?;
        if let Some(id) = &token
            && !self.lists_token(actor, id).await?
        {
            return Err(Error::TokenNotListed);
        }
        let parsed = parse_acceptance(reason, until, actor.workspace.today());
        let (reason, until) = parsed.map_err(Error::InvalidAcceptance)?;
        let until_day = Some(until);
        let accepted = AcceptedFinding {
            rule,
            token,
            reason: reason.clone(),
            until,
            accepted_by: actor.user_name.clone(),
            created: now(),
        };
        let mut entry = acceptance_entry(actor, ActivityKind::AcceptFinding, target, rule, until_day);
        entry.reason = reason;
        let binding = actor.workspace.binding();
        let head = self
            .0
            .store
            .accept_finding(&binding, accepted.clone(), entry.clone())
            .await?;
        if let Some(head) = head {
            log_entry(&entry, &head);
        }
        Ok(accepted)
    }

    /// Whether the workspace lists a token, also one that could not be read.
    async fn lists_token(&self, actor: &Actor, id: &TokenId) -> Result<bool, Error> {
        let snapshot = self.snapshot(actor).await?;
        let is_unreadable = |row: &UnreadableRow| row.id.as_deref() == Some(id.as_str());
        Ok(snapshot.inventory.get(id).is_some() || snapshot.unreadable.iter().any(is_unreadable))
    }

    /// Ends an acceptance. Without one, nothing changes.
    ///
    /// # Errors
    /// If the actor cannot change anything, which is recorded.
    pub async fn withdraw_acceptance(&self, actor: &Actor, rule: Rule, token: Option<TokenId>) -> Result<(), Error> {
        let target = target(token.as_ref());
        let kind = ActivityKind::WithdrawAcceptance;
        self.ensure_can_run(actor, kind.clone(), &target).await?;
        let entry = acceptance_entry(actor, kind, target, rule, None);
        let binding = actor.workspace.binding();
        let store = &self.0.store;
        let head = store
            .withdraw_acceptance(&binding, rule, token.as_ref(), entry.clone())
            .await?;
        if let Some(head) = head {
            log_entry(&entry, &head);
        }
        Ok(())
    }
}

/// The only row of an operation that changes just the console, and so is done as soon as it is stored.
fn acceptance_entry(
    actor: &Actor,
    kind: ActivityKind,
    target: String,
    rule: Rule,
    until: Option<Day>,
) -> ActivityEntry {
    let change = PlannedChange {
        target,
        before: String::new(),
        requested: RequestedValue::Acceptance { rule, until },
    };
    new_entry(actor, kind, &change, Phase::Intent, Outcome::Done, Detail::Changed)
}

/// The accepted findings about tokens.
pub(crate) fn accepted_kinds(accepted: &[AcceptedFinding]) -> AcceptedFindings {
    let all = accepted.iter();
    all.fold(AcceptedFindings::default(), |all, accepted| match accepted.rule {
        Rule::Token(kind) => all.with(kind, accepted.token.clone()),
        Rule::Workspace(_) => all,
    })
}

fn target(token: Option<&TokenId>) -> String {
    token.map_or(WHOLE_WORKSPACE.to_owned(), ToString::to_string)
}

/// The result of each rule that is not accepted, in the order of the rules.
pub(crate) fn open_results(snapshot: &Snapshot, accepted: &[AcceptedFinding]) -> Vec<RuleResult> {
    let is_accepted = |rule: Rule| accepted.iter().any(|one| one.rule == rule && one.token.is_none());
    let rules = Rule::ALL.into_iter().filter(|rule| !is_accepted(*rule));
    rules.map(|rule| result(rule, snapshot)).collect()
}

fn result(rule: Rule, snapshot: &Snapshot) -> RuleResult {
    let inventory = &snapshot.inventory;
    let (open, subjects, has_accepted_tokens) = match rule {
        Rule::Token(kind) => {
            let [open, all] = [true, false].map(|is_open| inventory.finding_count(kind, is_open));
            (open, Vec::new(), open != all)
        }
        Rule::Workspace(finding) => {
            let facts = snapshot.facts();
            let subjects = facts.subjects(finding);
            let count = subjects.as_ref().map(|subjects| match facts.may_be_more(finding) {
                true => TokenCount::AtLeast(subjects.len()),
                false => TokenCount::Exactly(subjects.len()),
            });
            (count, subjects.known().unwrap_or_default(), false)
        }
    };
    RuleResult {
        rule,
        open,
        subjects,
        has_accepted_tokens,
    }
}
