//! Data of a workspace that could not be read, and values that depend on it. Such a value is not 0 but missing, and its
//! type prevents pages from showing, counting or filtering by it.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::variants::all;
use crate::{FindingKind, PrincipalId, TokenQuery};

/// A part of a workspace's data that can be missing while the rest is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, VariantArray)]
pub enum UnreadPart {
    /// Some of the users and service principals: the names, kinds and states of owners.
    Names,
    /// Whether tokens are enabled, and the limit on new ones.
    Policy,
    /// Who can use tokens.
    Permissions,
    /// The members of groups, through which people get access.
    Groups,
    /// Some rows of the token list.
    Rows,
}

impl UnreadPart {
    /// Every part.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Its name in the header of a partial export. Missing groups have the name of permissions, since the same values
    /// are missing.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Policy => "policy",
            Self::Permissions | Self::Groups => "permissions",
            Self::Rows => "rows",
        }
    }

    /// Its name at the start of a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Names => "Owner names",
            Self::Policy => "Workspace settings",
            Self::Permissions => "Permissions",
            Self::Groups => "Group members",
            Self::Rows => "Tokens",
        }
    }

    /// Why a value is not available, as part of a sentence. Also true while the part is still loading.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Names => "owner names are not loaded",
            Self::Policy => "the workspace settings are not loaded",
            Self::Permissions => "the permissions are not loaded",
            Self::Groups => "the members of some groups are not known",
            Self::Rows => "some tokens could not be read",
        }
    }
}

/// A value, or the missing data that it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// All data that the value depends on was read.
    Known(T),
    /// The value depends on a part that was not read.
    NotAvailable(UnreadPart),
}

impl<T> Known<T> {
    /// The value, if it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::NotAvailable(_) => None,
        }
    }

    /// The value, or the part that is missing.
    ///
    /// # Errors
    /// The part that could not be read.
    pub fn ok(self) -> Result<T, UnreadPart> {
        match self {
            Self::Known(value) => Ok(value),
            Self::NotAvailable(part) => Err(part),
        }
    }

    /// The missing part, if any.
    pub fn missing(&self) -> Option<UnreadPart> {
        self.as_ref().ok().err()
    }

    /// Converts to a `Known` reference.
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Self::Known(value) => Known::Known(value),
            Self::NotAvailable(part) => Known::NotAvailable(*part),
        }
    }

    /// Applies `f` to the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Known(value) => Known::Known(f(value)),
            Self::NotAvailable(part) => Known::NotAvailable(part),
        }
    }
}

/// A number of tokens or owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenCount {
    /// All rows were read.
    Exactly(usize),
    /// Some rows could not be read, so there can be more.
    AtLeast(usize),
}

impl TokenCount {
    /// The number in the rows that were read.
    pub const fn seen(self) -> usize {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) => n,
        }
    }

    /// The sum of several numbers. It is a lower bound unless all are known exactly.
    pub fn sum(counts: impl IntoIterator<Item = Known<Self>>) -> Self {
        counts
            .into_iter()
            .fold(Self::Exactly(0), |sum, count| match (sum, count) {
                (Self::Exactly(sum), Known::Known(Self::Exactly(n))) => Self::Exactly(sum + n),
                (sum, count) => Self::AtLeast(sum.seen() + count.known().map_or(0, Self::seen)),
            })
    }

    /// Another number with the same certainty.
    #[must_use]
    pub const fn with(self, n: usize) -> Self {
        match self {
            Self::Exactly(_) => Self::Exactly(n),
            Self::AtLeast(_) => Self::AtLeast(n),
        }
    }
}

/// The parts that could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadParts([bool; UnreadPart::ALL.len()]);

impl UnreadParts {
    /// Adds `part` if `is_unread`.
    #[must_use]
    pub const fn with(mut self, part: UnreadPart, is_unread: bool) -> Self {
        self.0[part as usize] |= is_unread;
        self
    }

    /// Whether this part could not be read.
    pub const fn has(self, part: UnreadPart) -> bool {
        self.0[part as usize]
    }

    /// Whether everything was read.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The parts that could not be read.
    pub fn iter(self) -> impl Iterator<Item = UnreadPart> {
        UnreadPart::ALL.into_iter().filter(move |part| self.has(*part))
    }

    /// The names of the parts in the header of a partial export, separated by commas.
    pub fn slugs(self) -> String {
        let mut slugs: Vec<_> = self.iter().map(UnreadPart::slug).collect();
        slugs.dedup();
        slugs.join(",")
    }

    /// `n` as a count that is exact only if all rows were read.
    pub const fn count(self, n: usize) -> TokenCount {
        match self.has(UnreadPart::Rows) {
            true => TokenCount::AtLeast(n),
            false => TokenCount::Exactly(n),
        }
    }

    /// Whether all of `parts` were read.
    fn read(self, parts: &[UnreadPart]) -> Known<()> {
        let missing = parts.iter().find(|part| self.has(**part));
        missing.map_or(Known::Known(()), |part| Known::NotAvailable(*part))
    }

    /// Whether it can be determined which tokens have this finding.
    pub fn finding(self, kind: FindingKind) -> Known<()> {
        self.read(kind.depends_on())
    }

    /// Whether the kinds of all owners are known.
    pub fn owner_kinds(self) -> Known<()> {
        self.read(&[UnreadPart::Names])
    }

    /// Whether the owner filter can search for this text. An ID needs no names.
    pub fn owner_text(self, text: &str) -> Known<()> {
        match text.is_empty() || text.parse::<PrincipalId>().is_ok() {
            true => Known::Known(()),
            false => self.read(&[UnreadPart::Names]),
        }
    }

    /// The filters of `query` that cannot be applied: the URL parameter, and the missing data, without duplicates.
    pub fn filters(self, query: &TokenQuery) -> Vec<(&'static str, UnreadPart)> {
        let mut unread = Vec::new();
        let mut add = |name, known: Known<()>| {
            if let Some(part) = known.missing()
                && !unread.contains(&(name, part))
            {
                unread.push((name, part));
            }
        };
        add("owner", self.owner_text(&query.owner));
        if query.owner_kind.is_some() {
            add("owner_kind", self.owner_kinds());
        }
        for kind in &query.findings {
            add("finding", self.finding(*kind));
        }
        unread
    }

    /// `query` without the filters that cannot be applied. It matches more tokens, so it is only for display, and never
    /// for selecting or exporting tokens.
    #[must_use]
    pub fn without_unread_filters(self, query: &TokenQuery) -> TokenQuery {
        let mut readable = query.clone();
        if self.owner_text(&query.owner).missing().is_some() {
            readable.owner.clear();
        }
        if self.owner_kinds().missing().is_some() {
            readable.owner_kind = None;
        }
        readable.findings.retain(|kind| self.finding(*kind).missing().is_none());
        readable
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    use super::*;
    use crate::PrincipalKind;

    fn unread(parts: &[UnreadPart]) -> UnreadParts {
        parts
            .iter()
            .fold(UnreadParts::default(), |all, part| all.with(*part, true))
    }

    #[test]
    fn a_sum_is_exact_if_all_numbers_are() {
        let (two, some) = (
            Known::Known(TokenCount::Exactly(2)),
            Known::Known(TokenCount::AtLeast(3)),
        );
        let unread = Known::NotAvailable(UnreadPart::Names);
        assert_eq!(TokenCount::sum([]), TokenCount::Exactly(0));
        assert_eq!(TokenCount::sum([two, two]), TokenCount::Exactly(4));
        assert_eq!(TokenCount::sum([two, some, two]), TokenCount::AtLeast(7));
        assert_eq!(TokenCount::sum([two, unread]), TokenCount::AtLeast(2));
    }

    #[test]
    fn the_header_names_each_part_once() {
        use UnreadPart::{Groups, Names, Permissions, Policy, Rows};
        assert_eq!(
            unread(&[Names, Policy, Permissions, Groups, Rows]).slugs(),
            "names,policy,permissions,rows"
        );
        assert_eq!(unread(&[Groups]).slugs(), "permissions");
        assert_eq!(unread(&[]).slugs(), "");
        assert!(unread(&[]).is_empty() && !unread(&[Rows]).is_empty());
    }

    #[test]
    fn an_owner_is_found_by_id_without_names() {
        let no_names = unread(&[UnreadPart::Names]);
        assert_eq!(no_names.owner_text("mia"), Known::NotAvailable(UnreadPart::Names));
        assert_eq!(no_names.owner_text("42"), Known::Known(()));
        assert_eq!(no_names.owner_text(""), Known::Known(()));
    }

    proptest! {
        #[test]
        fn filters_that_cannot_be_applied_are_named_and_nothing_else_is_left_out(
            parts in subsequence(UnreadPart::ALL.to_vec(), 0..=5),
            findings in subsequence(FindingKind::ALL.to_vec(), 0..=FindingKind::ALL.len()),
            owner in "(|mia|42)", is_kind in any::<bool>(), q in "[a-z]{0,3}",
        ) {
            let parts = unread(&parts);
            let query = TokenQuery {
                owner, findings, q, owner_kind: is_kind.then_some(PrincipalKind::User), ..TokenQuery::default()
            };
            let readable = parts.without_unread_filters(&query);
            prop_assert_eq!(parts.filters(&query).is_empty(), readable == query);
            prop_assert!(parts.filters(&readable).is_empty());
            prop_assert_eq!(&readable.q, &query.q);
            for kind in &query.findings {
                prop_assert_eq!(readable.findings.contains(kind), parts.finding(*kind).known().is_some());
            }
        }
    }
}
