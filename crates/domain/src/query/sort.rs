//! The sort order of a list of tokens.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::variants::all;

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum SortKey {
    /// The comment.
    Comment,
    /// The owner's name.
    Owner,
    /// The time of creation. Unknown times come last in both directions.
    Created,
    /// The time of expiry. Active tokens come before expired ones in both directions, and unknown times last. Never is
    /// later than any time.
    Expires,
    /// The day of last use. Tokens that were never used come last in both directions.
    LastUsed,
}

impl SortKey {
    /// Every key, in the order of the columns.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Smallest, earliest or A first.
    Ascending,
    /// Largest, latest or Z first.
    Descending,
}

/// A column and a direction. In a URL `created` or, descending, `-created`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// The column.
    pub key: SortKey,
    /// Which end comes first.
    pub direction: Direction,
}

impl Default for Sort {
    /// Newest first.
    fn default() -> Self {
        Self {
            key: SortKey::Created,
            direction: Direction::Descending,
        }
    }
}

impl Sort {
    /// The number of orders.
    pub(crate) const COUNT: usize = SortKey::ALL.len() * 2;

    /// Its index among all orders.
    pub(crate) const fn index(self) -> usize {
        self.key as usize * 2 + self.direction as usize
    }

    /// Every order: each column in both directions.
    pub fn all() -> impl Iterator<Item = Self> {
        let both = [Direction::Ascending, Direction::Descending];
        SortKey::ALL
            .into_iter()
            .flat_map(move |key| both.map(|direction| Self { key, direction }))
    }

    /// Its name in the list of orders.
    pub const fn label(self) -> &'static str {
        match (self.key, self.direction) {
            (SortKey::Created, Direction::Descending) => "Newest first",
            (SortKey::Created, Direction::Ascending) => "Oldest first",
            (SortKey::Expires, Direction::Ascending) => "Expiring soonest",
            (SortKey::Expires, Direction::Descending) => "Expiring latest",
            (SortKey::LastUsed, Direction::Ascending) => "Least recently used",
            (SortKey::LastUsed, Direction::Descending) => "Most recently used",
            (SortKey::Comment, Direction::Ascending) => "Comment A\u{2013}Z",
            (SortKey::Comment, Direction::Descending) => "Comment Z\u{2013}A",
            (SortKey::Owner, Direction::Ascending) => "Owner A\u{2013}Z",
            (SortKey::Owner, Direction::Descending) => "Owner Z\u{2013}A",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (slug, direction) = match text.strip_prefix('-') {
            Some(slug) => (slug, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        let key = slug.parse().ok()?;
        Some(Self { key, direction })
    }

    /// Its value in a URL.
    pub fn slug(self) -> String {
        let sign = if self.direction == Direction::Descending {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", self.key.slug())
    }

    /// The order after a click on the heading of `key`: the other direction if the list is already sorted by `key`.
    #[must_use]
    pub fn toggled(self, key: SortKey) -> Self {
        let direction = match (self.key == key, self.direction) {
            (true, Direction::Ascending) => Direction::Descending,
            (true, Direction::Descending) => Direction::Ascending,
            (false, _) if matches!(key, SortKey::Created) => Direction::Descending,
            (false, _) => Direction::Ascending,
        };
        Self { key, direction }
    }
}
