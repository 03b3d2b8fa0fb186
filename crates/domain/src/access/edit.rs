//! An edit of the access control list, and its effect on the current list.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::list::ADMINS;
use super::{AccessList, Grant, Grantee, Level};
use crate::percent_encode;

/// Grants to add and to remove. The editor's URL contains the edit, so that no input is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessEdit {
    add: BTreeSet<Grantee>,
    remove: BTreeSet<Grantee>,
}

/// How two lists differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessDiff {
    /// In the second list only.
    pub added: Vec<Grantee>,
    /// In the first list only.
    pub removed: Vec<Grantee>,
    /// In both lists.
    pub unchanged: Vec<Grantee>,
}

/// The smallest call that turns one list into another list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessWrite {
    /// No call: both lists grant the same.
    Nothing,
    /// PATCH, which adds grants and cannot remove any.
    Add(Vec<Grantee>),
    /// PUT with the whole list, including `admins`. It removes every grant that is not in this list.
    Replace(Vec<(Grantee, Level)>),
}

impl AccessEdit {
    /// Reads the `add` and `remove` pairs of a decoded query string. Drops invalid values, since anyone can make up a
    /// URL. `admins` cannot be edited, and a grantee in both `add` and `remove` stays as it is.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut add, mut remove) = (BTreeSet::new(), BTreeSet::new());
        for (name, value) in pairs {
            let Some(grantee) = Grantee::from_key(value).filter(|grantee| !grantee.is_admins()) else {
                continue;
            };
            match name {
                "add" => add.insert(grantee),
                "remove" => remove.insert(grantee),
                _ => continue,
            };
        }
        let both: Vec<_> = add.intersection(&remove).cloned().collect();
        add.retain(|grantee| !both.contains(grantee));
        remove.retain(|grantee| !both.contains(grantee));
        Self { add, remove }
    }

    /// The query string without `?`; empty if there is nothing to change.
    pub fn to_query_string(&self) -> String {
        let mut out = String::new();
        let pairs = (self.add.iter().map(|g| ("add", g))).chain(self.remove.iter().map(|g| ("remove", g)));
        for (name, grantee) in pairs {
            let separator = if out.is_empty() { "" } else { "&" };
            let _ = write!(out, "{separator}{name}={}", percent_encode(&grantee.to_key()));
        }
        out
    }

    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// The grantees to add.
    pub fn added(&self) -> impl Iterator<Item = &Grantee> {
        self.add.iter()
    }

    /// The grantees to remove.
    pub fn removed(&self) -> impl Iterator<Item = &Grantee> {
        self.remove.iter()
    }

    /// Whether `grantee` is to be removed.
    pub fn removes(&self, grantee: &Grantee) -> bool {
        self.remove.contains(grantee)
    }

    /// The edit with `grantee` added. If it was to be removed, only that is undone.
    #[must_use]
    pub fn with_added(&self, grantee: Grantee) -> Self {
        let mut edit = self.clone();
        if !edit.remove.remove(&grantee) && !grantee.is_admins() {
            edit.add.insert(grantee);
        }
        edit
    }

    /// The edit without any change to `grantee`.
    #[must_use]
    pub fn without(&self, grantee: &Grantee) -> Self {
        let mut edit = self.clone();
        edit.add.remove(grantee);
        edit.remove.remove(grantee);
        edit
    }

    /// The edit with `grantees` removed. For those that were to be added, only that is undone.
    #[must_use]
    pub fn with_removed(&self, grantees: impl IntoIterator<Item = Grantee>) -> Self {
        let mut edit = self.clone();
        for grantee in grantees.into_iter().filter(|grantee| !grantee.is_admins()) {
            if !edit.add.remove(&grantee) {
                edit.remove.insert(grantee);
            }
        }
        edit
    }

    /// `list` after the edit. Changes by others are kept.
    pub fn apply(&self, list: &AccessList) -> AccessList {
        let mut after = list.clone();
        for grantee in &self.remove {
            after.remove(grantee);
        }
        for grantee in &self.add {
            if after.get(grantee).is_none_or(|grant| !grant.can_use()) {
                after.insert(Grant::to_use(grantee.clone()));
            }
        }
        after
    }

    /// The part of the edit that still changes `list`: without additions of grants that exist already, and removals of
    /// grants that are gone.
    #[must_use]
    pub fn rebased(&self, list: &AccessList) -> Self {
        let is_listed = |grantee: &&Grantee| list.get(grantee).is_some();
        let can_use = |grantee: &&Grantee| list.get(grantee).is_some_and(Grant::can_use);
        Self {
            add: self.add.iter().filter(|g| !can_use(g)).cloned().collect(),
            remove: self.remove.iter().filter(is_listed).cloned().collect(),
        }
    }
}

impl AccessDiff {
    /// Compares `before` with `after`. `admins` is always in both lists and is left out.
    pub fn between(before: &AccessList, after: &AccessList) -> Self {
        let mut diff = Self::default();
        for grant in before.changeable() {
            let stays = after.get(&grant.grantee).is_some();
            let list = if stays { &mut diff.unchanged } else { &mut diff.removed };
            list.push(grant.grantee.clone());
        }
        let new = after.changeable().filter(|grant| before.get(&grant.grantee).is_none());
        diff.added = new.map(|grant| grant.grantee.clone()).collect();
        diff
    }
}

impl AccessWrite {
    /// The smallest call that makes `now` grant what `requested` grants.
    pub fn between(now: &AccessList, requested: &AccessList) -> Self {
        if now.grants_same_as(requested) {
            return Self::Nothing;
        }
        let stays = |grant: &Grant| {
            let after = requested.get(&grant.grantee);
            after.is_some_and(|after| after.levels == grant.levels)
        };
        if now.changeable().all(stays) {
            let diff = AccessDiff::between(now, requested);
            return Self::Add(diff.added);
        }
        let admins = (Grantee::Group(ADMINS.into()), Level::CanManage);
        let others = requested.changeable().flat_map(|grant| {
            let levels = grant.levels.iter();
            levels.map(|level| (grant.grantee.clone(), level.clone()))
        });
        Self::Replace(std::iter::once(admins).chain(others).collect())
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    fn group(name: &str) -> Grantee {
        Grantee::Group(name.into())
    }

    fn list(names: impl IntoIterator<Item = Grantee>) -> AccessList {
        let admins = Grant {
            grantee: group("admins"),
            display_name: None,
            levels: vec![Level::CanManage],
        };
        AccessList::new(names.into_iter().map(Grant::to_use).chain([admins]))
    }

    prop_compose! {
        fn any_grantee()(kind in 0..3u8, name in "[a-d]") -> Grantee {
            match kind { 0 => Grantee::User(name), 1 => Grantee::Group(name), _ => Grantee::ServicePrincipal(name) }
        }
    }

    prop_compose! {
        fn any_list()(grantees in proptest::collection::vec(any_grantee(), 0..8)) -> AccessList { list(grantees) }
    }

    prop_compose! {
        fn any_edit()(
            add in proptest::collection::vec(any_grantee(), 0..4),
            remove in proptest::collection::vec(any_grantee(), 0..4),
        ) -> AccessEdit {
            let pairs: Vec<_> = add.iter().map(|g| ("add", g.to_key()))
                .chain(remove.iter().map(|g| ("remove", g.to_key()))).collect();
            AccessEdit::from_pairs(pairs.iter().map(|(name, value)| (*name, value.as_str())))
        }
    }

    #[test]
    fn admins_cannot_be_edited() {
        let edit = AccessEdit::from_pairs([("remove", "group:admins"), ("add", "group:admins")]);
        assert!(edit.is_empty());
        assert!(edit.with_added(group("admins")).is_empty());
        assert!(edit.with_removed([group("admins")]).is_empty());
    }

    #[test]
    fn usernames_and_application_ids_ignore_case_and_group_names_do_not() {
        let user = |name: &str| Grantee::User(name.into());
        assert_eq!(user("Mia@Acme.example"), user("mia@acme.example"));
        assert_eq!(
            Grantee::ServicePrincipal("AB".into()),
            Grantee::ServicePrincipal("ab".into())
        );
        assert_ne!(group("Data"), group("data"));
        let before = list([user("Mia@Acme.example")]);
        assert_eq!(
            AccessWrite::between(
                &before,
                &AccessEdit::from_pairs([("add", "user:mia@acme.example")]).apply(&before)
            ),
            AccessWrite::Nothing
        );
    }

    #[test]
    fn an_addition_is_a_patch_and_a_removal_replaces_the_list_including_admins() {
        let before = list([group("a"), group("b")]);
        let adds = AccessEdit::from_pairs([("add", "group:c")]).apply(&before);
        assert_eq!(AccessWrite::between(&before, &adds), AccessWrite::Add(vec![group("c")]));
        let removes = AccessEdit::from_pairs([("remove", "group:a")]).apply(&before);
        let all = vec![(group("admins"), Level::CanManage), (group("b"), Level::CanUse)];
        assert_eq!(AccessWrite::between(&before, &removes), AccessWrite::Replace(all));
    }

    #[test]
    fn an_unknown_level_is_written_back() {
        let odd = Grant {
            grantee: group("odd"),
            display_name: None,
            levels: vec![Level::Other("CAN_DREAM".into())],
        };
        let before = AccessList::new([odd, Grant::to_use(group("a"))]);
        let after = AccessEdit::from_pairs([("remove", "group:a")]).apply(&before);
        let AccessWrite::Replace(grants) = AccessWrite::between(&before, &after) else {
            panic!("a removal replaces the list")
        };
        assert!(grants.contains(&(group("odd"), Level::Other("CAN_DREAM".into()))));
    }

    proptest! {
        #[test]
        fn an_edit_is_the_same_after_writing_and_reading_its_url(edit in any_edit()) {
            let query = edit.to_query_string();
            let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let decode = |value| percent_decode_str(value).decode_utf8_lossy();
            let decoded: Vec<_> = pairs.iter().map(|(name, value)| (*name, decode(value))).collect();
            prop_assert_eq!(AccessEdit::from_pairs(decoded.iter().map(|(name, value)| (*name, &**value))), edit);
        }

        #[test]
        fn any_key_is_accepted_or_dropped(key in "\\PC{0,40}") {
            if let Some(grantee) = Grantee::from_key(&key) {
                prop_assert_eq!(grantee.to_key(), key);
            }
        }

        /// An edit keeps every grant that it does not remove, even if others changed the list in the meantime.
        #[test]
        fn an_edit_removes_nothing_else(now in any_list(), edit in any_edit()) {
            let after = edit.apply(&now);
            for grant in now.grants() {
                prop_assert!(edit.removes(&grant.grantee) || after.get(&grant.grantee).is_some());
            }
            for grantee in edit.added() {
                prop_assert!(after.get(grantee).is_some_and(Grant::can_use));
            }
            prop_assert!(after.get(&group("admins")).is_some());
        }

        #[test]
        fn a_rebased_edit_has_the_same_effect(now in any_list(), edit in any_edit()) {
            let rebased = edit.rebased(&now);
            prop_assert!(rebased.apply(&now).grants_same_as(&edit.apply(&now)));
            prop_assert!(rebased.rebased(&rebased.apply(&now)).is_empty());
        }

        #[test]
        fn a_diff_has_every_grantee_once(before in any_list(), after in any_list()) {
            let diff = AccessDiff::between(&before, &after);
            prop_assert_eq!(diff.removed.len() + diff.unchanged.len(), before.changeable().count());
            prop_assert_eq!(diff.added.len() + diff.unchanged.len(), after.changeable().count());
        }

        #[test]
        fn the_smallest_call_leads_to_the_requested_list(now in any_list(), edit in any_edit()) {
            let requested = edit.apply(&now);
            let after = match AccessWrite::between(&now, &requested) {
                AccessWrite::Nothing => now.clone(),
                AccessWrite::Add(grantees) => grantees.into_iter().fold(now.clone(), |list, g| {
                    AccessEdit::default().with_added(g).apply(&list)
                }),
                AccessWrite::Replace(all) => AccessList::new(all.into_iter().map(|(grantee, level)| Grant {
                    grantee, display_name: None, levels: vec![level],
                })),
            };
            prop_assert!(after.grants_same_as(&requested));
            prop_assert_eq!(after.canonical() == now.canonical(), edit.rebased(&now).is_empty());
        }
    }
}
