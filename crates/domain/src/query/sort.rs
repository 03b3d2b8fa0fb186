//! The order of a list of tokens.

use serde::{Deserialize, Serialize};

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortKey {
    /// By comment.
    Comment,
    /// By the owner's name.
    Owner,
    /// By creation.
    Created,
    /// By expiry; never comes last, unknown first.
    Expires,
    /// By last use; never used comes first.
    LastUsed,
}

impl SortKey {
    /// Every key, in the order of the columns.
    pub const ALL: [Self; 5] = [Self::Comment, Self::Owner, Self::Created, Self::Expires, Self::LastUsed];

    /// The word in a URL.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Owner => "owner",
            Self::Created => "created",
            Self::Expires => "expires",
            Self::LastUsed => "last_used",
        }
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

/// A key and its direction. In a URL `created` or, descending, `-created`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// The column.
    pub key: SortKey,
    /// Which end first.
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
    /// Every order: each column both ways.
    pub fn all() -> impl Iterator<Item = Self> {
        let both = [Direction::Ascending, Direction::Descending];
        SortKey::ALL
            .into_iter()
            .flat_map(move |key| both.map(|direction| Self { key, direction }))
    }

    /// In words.
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
        let key = SortKey::ALL.into_iter().find(|k| k.slug() == slug)?;
        Some(Self { key, direction })
    }

    /// The value in a URL.
    pub fn slug(self) -> String {
        let sign = if self.direction == Direction::Descending {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", self.key.slug())
    }

    /// What a click on `key`'s heading asks for: the other direction where it is already sorted by it.
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
