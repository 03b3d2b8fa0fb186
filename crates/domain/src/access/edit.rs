//! What somebody wants changed, and what that means for the list as it is.

use core::fmt::Write as _;
use std::collections::BTreeSet;

use super::{AccessList, Grant, Grantee, Level};
use crate::percent_encode;

/// Grants to add and to take away. It lives in the address of the editor, so that nothing entered is ever lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessEdit {
    add: BTreeSet<Grantee>,
    remove: BTreeSet<Grantee>,
}

/// Two lists, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessDiff {
    /// In the second only.
    pub added: Vec<Grantee>,
    /// In the first only.
    pub removed: Vec<Grantee>,
    /// In both.
    pub unchanged: Vec<Grantee>,
}

/// The smallest call that makes one list the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessWrite {
    /// They are the same.
    Nothing,
    /// Only adding: PATCH, which cannot take anything away.
    Add(Vec<Grantee>),
    /// PUT with the whole list, `admins` among it. What is not in it is gone.
    Replace(Vec<(Grantee, Level)>),
}

impl AccessEdit {
    /// From the decoded pairs of a query string, of which `add` and `remove` count. What makes no sense is dropped: the
    /// address may come from anywhere. `admins` cannot be edited, and what is to be added and removed stays as it is.
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

    /// The query string without `?`; empty where nothing is edited.
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

    /// Whom to add.
    pub fn added(&self) -> impl Iterator<Item = &Grantee> {
        self.add.iter()
    }

    /// Whom to remove.
    pub fn removed(&self) -> impl Iterator<Item = &Grantee> {
        self.remove.iter()
    }

    /// Whether `grantee` is to be removed.
    pub fn removes(&self, grantee: &Grantee) -> bool {
        self.remove.contains(grantee)
    }

    /// The same with `grantee` to be added; that it was to be removed is taken back.
    #[must_use]
    pub fn with_added(&self, grantee: Grantee) -> Self {
        let mut edit = self.clone();
        if !edit.remove.remove(&grantee) && !grantee.is_admins() {
            edit.add.insert(grantee);
        }
        edit
    }

    /// The same without anything about `grantee`.
    #[must_use]
    pub fn without(&self, grantee: &Grantee) -> Self {
        let mut edit = self.clone();
        edit.add.remove(grantee);
        edit.remove.remove(grantee);
        edit
    }

    /// The same with `grantees` to be removed.
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

    /// `list` after the edit. What others changed in it stays.
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

    /// What of the edit is still to be done on `list`: neither adding who is there nor removing who is gone.
    #[must_use]
    pub fn rebased(&self, list: &AccessList) -> Self {
        let there = |grantee: &&Grantee| list.get(grantee).is_some();
        let may_use = |grantee: &&Grantee| list.get(grantee).is_some_and(Grant::can_use);
        Self {
            add: self.add.iter().filter(|g| !may_use(g)).cloned().collect(),
            remove: self.remove.iter().filter(there).cloned().collect(),
        }
    }
}

impl AccessDiff {
    /// What is in `before`, in `after`, and in both. `admins` is always in both and not told.
    pub fn between(before: &AccessList, after: &AccessList) -> Self {
        let mut diff = Self::default();
        for grant in before.changeable() {
            let kept = after.get(&grant.grantee).is_some();
            let list = if kept { &mut diff.unchanged } else { &mut diff.removed };
            list.push(grant.grantee.clone());
        }
        let new = after.changeable().filter(|grant| before.get(&grant.grantee).is_none());
        diff.added = new.map(|grant| grant.grantee.clone()).collect();
        diff
    }
}

impl AccessWrite {
    /// The smallest change that makes `now` grant what `wanted` grants.
    pub fn between(now: &AccessList, wanted: &AccessList) -> Self {
        if now.grants_same_as(wanted) {
            return Self::Nothing;
        }
        let kept = |grant: &Grant| wanted.get(&grant.grantee).is_some_and(|w| w.levels == grant.levels);
        if now.changeable().all(kept) {
            let diff = AccessDiff::between(now, wanted);
            return Self::Add(diff.added);
        }
        let admins = (Grantee::Group("admins".into()), Level::CanManage);
        let others = wanted.changeable().flat_map(|grant| {
            let levels = grant.levels.iter();
            levels.map(|level| (grant.grantee.clone(), level.clone()))
        });
        Self::Replace(std::iter::once(admins).chain(others).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn user_names_and_application_ids_are_the_same_in_any_case_and_groups_are_not() {
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
    fn only_adding_patches_and_removing_replaces_with_admins() {
        let before = list([group("a"), group("b")]);
        let adds = AccessEdit::from_pairs([("add", "group:c")]).apply(&before);
        assert_eq!(AccessWrite::between(&before, &adds), AccessWrite::Add(vec![group("c")]));
        let removes = AccessEdit::from_pairs([("remove", "group:a")]).apply(&before);
        let all = vec![(group("admins"), Level::CanManage), (group("b"), Level::CanUse)];
        assert_eq!(AccessWrite::between(&before, &removes), AccessWrite::Replace(all));
    }

    #[test]
    fn a_level_that_is_not_known_is_written_back() {
        let odd = Grant {
            grantee: group("odd"),
            display_name: None,
            levels: vec![Level::Other("CAN_DREAM".into())],
        };
        let before = AccessList::new([odd, Grant::to_use(group("a"))]);
        let after = AccessEdit::from_pairs([("remove", "group:a")]).apply(&before);
        let AccessWrite::Replace(grants) = AccessWrite::between(&before, &after) else {
            panic!("removing replaces")
        };
        assert!(grants.contains(&(group("odd"), Level::Other("CAN_DREAM".into()))));
    }

    proptest! {
        #[test]
        fn the_address_says_everything(edit in any_edit()) {
            let query = edit.to_query_string();
            let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let decoded: Vec<_> = pairs.iter().map(|(n, v)| (*n, v.replace("%3A", ":"))).collect();
            prop_assert_eq!(AccessEdit::from_pairs(decoded.iter().map(|(n, v)| (*n, v.as_str()))), edit);
        }

        #[test]
        fn any_key_is_accepted_or_dropped(key in "\\PC{0,40}") {
            if let Some(grantee) = Grantee::from_key(&key) {
                prop_assert_eq!(grantee.to_key(), key);
            }
        }

        /// What a person did not remove is there afterwards, whoever changed the list meanwhile.
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
        fn what_is_left_of_an_edit_does_the_same(now in any_list(), edit in any_edit()) {
            let left = edit.rebased(&now);
            prop_assert!(left.apply(&now).grants_same_as(&edit.apply(&now)));
            prop_assert!(left.rebased(&left.apply(&now)).is_empty());
        }

        #[test]
        fn a_diff_holds_everybody_once(before in any_list(), after in any_list()) {
            let diff = AccessDiff::between(&before, &after);
            prop_assert_eq!(diff.removed.len() + diff.unchanged.len(), before.changeable().count());
            prop_assert_eq!(diff.added.len() + diff.unchanged.len(), after.changeable().count());
        }

        /// Carrying out the change makes the list what was wanted.
        #[test]
        fn the_smallest_change_is_enough(now in any_list(), edit in any_edit()) {
            let wanted = edit.apply(&now);
            let after = match AccessWrite::between(&now, &wanted) {
                AccessWrite::Nothing => now.clone(),
                AccessWrite::Add(who) => who.into_iter().fold(now.clone(), |list, g| {
                    AccessEdit::default().with_added(g).apply(&list)
                }),
                AccessWrite::Replace(all) => AccessList::new(all.into_iter().map(|(grantee, level)| Grant {
                    grantee, display_name: None, levels: vec![level],
                })),
            };
            prop_assert!(after.grants_same_as(&wanted));
            prop_assert_eq!(after.canonical() == now.canonical(), edit.rebased(&now).is_empty());
        }
    }
}
