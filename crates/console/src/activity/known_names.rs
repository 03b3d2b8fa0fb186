//! The principals and tokens that the activity log names, as far as they are known from earlier reads. The log stores
//! names as they were at the time; a page links a name only if it can mean just one principal or token.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::{Directory, Principal, PrincipalId, TokenId};
use store::{ActivityKind, Operation, RequestedValue};

use crate::cache::part::Retry;
use crate::cache::parts::settle_by;
use crate::cache::principals;
use crate::{Actor, Console};

/// Separates the comment of a token from its owner.
const BEFORE_OWNER: &str = " (";

/// How many of these separators are tried, from the end of the text. A comment can consist of nothing but separators.
const MAX_SPLITS: usize = 5;

/// Separates two grantees of an edit.
const GRANTEE_SEPARATOR: &str = ", ";

/// Precedes the application ID of a grantee.
const SERVICE_PRINCIPAL: &str = "service principal ";

fn application_id(grantee: &str) -> Option<&str> {
    grantee.strip_prefix(SERVICE_PRINCIPAL)
}

/// A user or service principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPrincipal {
    /// Its SCIM ID.
    pub id: PrincipalId,
    /// The display name if no one else has it, otherwise the username or application ID.
    pub name: String,
}

/// A token that the workspace lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedToken {
    /// Its comment; can be empty.
    pub comment: String,
    /// Its owner, if it is listed.
    pub owner: Option<NamedPrincipal>,
}

/// The principals and tokens that some operations name, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownNames {
    principals: HashMap<String, NamedPrincipal>,
    tokens: HashMap<String, NamedToken>,
}

impl KnownNames {
    /// The principal with this name, if only one can be meant.
    pub fn principal(&self, text: &str) -> Option<&NamedPrincipal> {
        self.principals.get(text)
    }

    /// The token with this ID.
    pub fn token(&self, id: &TokenId) -> Option<&NamedToken> {
        self.tokens.get(id.as_str())
    }

    /// The grantees of an edit of the permissions, with service principals by name instead of application ID.
    pub fn grantees(&self, text: &str) -> String {
        let names = text.split(GRANTEE_SEPARATOR).map(|grantee| {
            let known = application_id(grantee).and_then(|id| self.principal(id));
            known.map_or_else(
                || grantee.to_owned(),
                |known| format!("{SERVICE_PRINCIPAL}{}", known.name),
            )
        });
        names.collect::<Vec<_>>().join(GRANTEE_SEPARATOR)
    }

    /// Splits the text that the log has about a token to revoke into comment and owner, if there is only one way to
    /// read it.
    pub fn comment_and_owner<'a>(&self, text: &'a str) -> Option<(&'a str, &NamedPrincipal)> {
        let mut known = readings(text).filter_map(|(comment, owner)| Some((comment, self.principal(owner)?)));
        known.next().filter(|_| known.next().is_none())
    }

    /// Looks up the principals and tokens that these operations name.
    pub fn of<'a>(
        directory: &Directory,
        operations: impl IntoIterator<Item = &'a Operation>,
        token: impl Fn(&TokenId) -> Option<(String, Option<PrincipalId>)>,
    ) -> Self {
        let (mut texts, mut tokens) = (HashSet::new(), HashMap::new());
        for operation in operations {
            texts.insert(operation.actor.as_str());
            match operation.kind {
                ActivityKind::RevokeToken => texts.extend(readings(&operation.before).map(|(_, owner)| owner)),
                ActivityKind::CreateToken => drop(texts.insert(&operation.target)),
                ActivityKind::EditAccess => {
                    if let RequestedValue::AccessEdit { added, removed } = &operation.requested {
                        let grantees = [added, removed]
                            .into_iter()
                            .flat_map(|names| names.split(GRANTEE_SEPARATOR));
                        texts.extend(grantees.filter_map(application_id));
                    }
                }
                _ => {}
            }
            if let Some(found) = token(&TokenId::new(operation.target.as_str())) {
                tokens.insert(operation.target.clone(), found);
            }
        }
        let matches = matches(directory, &texts);
        let owners = tokens.values().filter_map(|(_, owner)| directory.get((*owner)?));
        let named: Vec<&Principal> = matches.values().copied().chain(owners).collect();
        let shared = shared_names(directory, &named);
        let name = |principal: &Principal| NamedPrincipal {
            id: principal.id,
            name: match principal.display_name.as_str() {
                "" => principal.name.clone(),
                shown if shared.contains(shown) => principal.name.clone(),
                shown => shown.to_owned(),
            },
        };
        let named_token = |(comment, owner): (String, Option<PrincipalId>)| NamedToken {
            comment,
            owner: owner.and_then(|id| directory.get(id)).map(name),
        };
        Self {
            principals: matches
                .iter()
                .map(|(text, principal)| ((*text).to_owned(), name(principal)))
                .collect(),
            tokens: tokens.into_iter().map(|(id, token)| (id, named_token(token))).collect(),
        }
    }
}

/// The principals that have exactly these names: a username, an application ID, or the name that lists show. A text
/// that several principals have matches none of them. If the list is incomplete, a name that lists show matches
/// nothing, since another principal may have it too.
fn matches<'a>(directory: &'a Directory, texts: &HashSet<&'a str>) -> HashMap<&'a str, &'a Principal> {
    let mut found: HashMap<&str, Option<&Principal>> = HashMap::new();
    for principal in directory.principals() {
        let (name, label) = (principal.name.as_str(), principal.label());
        let is_label_of_one = label != name && directory.is_complete();
        for text in [Some(name), is_label_of_one.then_some(label)].into_iter().flatten() {
            if texts.contains(text) {
                found
                    .entry(text)
                    .and_modify(|one| *one = None)
                    .or_insert(Some(principal));
            }
        }
    }
    found.into_iter().filter_map(|(text, one)| Some((text, one?))).collect()
}

/// The display names of `named` that another principal has too, as a display name or as its own name.
fn shared_names<'a>(directory: &'a Directory, named: &[&'a Principal]) -> HashSet<&'a str> {
    let names: HashMap<&str, PrincipalId> = named.iter().map(|p| (p.display_name.as_str(), p.id)).collect();
    let shown = directory
        .principals()
        .flat_map(|p| [(p.display_name.as_str(), p.id), (p.name.as_str(), p.id)]);
    shown
        .filter_map(|(name, id)| {
            names
                .get_key_value(name)
                .filter(|(_, one)| **one != id)
                .map(|(name, _)| *name)
        })
        .collect()
}

/// The ways to read `comment (owner)`, or `owner` alone. Both can contain parentheses.
fn readings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = text.strip_suffix(')').unwrap_or_default();
    let splits = inner.rmatch_indices(BEFORE_OWNER).take(MAX_SPLITS);
    let split = splits.map(move |(at, between)| (&inner[..at], &inner[at + between.len()..]));
    std::iter::once(("", text)).chain(split)
}

impl Console {
    /// The principals and tokens that these operations name, as far as they are known. Reads at most the list of
    /// principals, if it was not read yet, and no page waits long for it.
    pub async fn known_names<'a>(
        &self,
        actor: &Actor,
        operations: impl IntoIterator<Item = &'a Operation>,
    ) -> KnownNames {
        let (parts, timing) = (&actor.workspace.parts, self.0.timing);
        if parts.names.last().is_none() && !parts.has_ended(&actor.sign_in) {
            let read = |actor: Actor| async move { principals::read(&actor).await };
            parts
                .names
                .begin_if_due(actor, timing.names_ttl(), Retry::AfterPause, read);
            settle_by(&parts.names, |since| since + timing.part_wait).await;
        }
        let directory: Arc<Directory> = parts.names.last().unwrap_or_default();
        let tokens = parts.tokens.last();
        KnownNames::of(&directory, operations, |id| {
            let token = tokens.as_ref()?.inventory.get(id)?;
            Some((token.comment.clone(), token.owner))
        })
    }
}

#[cfg(test)]
mod tests;
