//! The keys that one console is given: one seals, the others only open what was sealed with them.

use super::SealingKey;

/// The keys of a console. While a key is replaced, instances know two: the next one before any instance seals with it,
/// and the previous one as long as something is sealed with it.
#[derive(Debug)]
pub struct SealingKeys {
    current: SealingKey,
    next: Option<SealingKey>,
    previous: Option<SealingKey>,
}

impl SealingKeys {
    /// Only a key that seals and opens.
    pub fn new(current: SealingKey) -> Self {
        Self {
            current,
            next: None,
            previous: None,
        }
    }

    /// Also opens what is sealed with a key that other instances seal with already.
    #[must_use]
    pub fn with_next(mut self, next: Option<SealingKey>) -> Self {
        self.next = next.filter(|next| next.id() != self.current.id());
        self
    }

    /// Also opens what was sealed with the key before this one.
    #[must_use]
    pub fn with_previous(mut self, previous: Option<SealingKey>) -> Self {
        self.previous = previous.filter(|previous| previous.id() != self.current.id());
        self
    }

    /// Whether one of them has this ID.
    pub fn has(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    /// The key that seals.
    pub(crate) fn current(&self) -> &SealingKey {
        &self.current
    }

    /// The key that will seal, if it is not the current one.
    pub(crate) fn next(&self) -> Option<&SealingKey> {
        self.next.as_ref()
    }

    /// The key that sealed before, if it is not the current one.
    pub(crate) fn previous(&self) -> Option<&SealingKey> {
        self.previous.as_ref()
    }

    /// The key with this ID, if it is one of them.
    pub(crate) fn find(&self, id: &str) -> Option<&SealingKey> {
        self.all().find(|key| key.id() == id)
    }

    /// Their IDs, the one that seals first.
    pub(crate) fn ids(&self) -> Vec<&str> {
        self.all().map(SealingKey::id).collect()
    }

    fn all(&self) -> impl Iterator<Item = &SealingKey> {
        [Some(&self.current), self.next(), self.previous()]
            .into_iter()
            .flatten()
    }
}

impl From<SealingKey> for SealingKeys {
    fn from(current: SealingKey) -> Self {
        Self::new(current)
    }
}
