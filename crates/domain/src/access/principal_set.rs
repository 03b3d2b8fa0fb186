//! A set of principals, as a bit set.

/// Some of the users and service principals of a workspace, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalSet(Vec<u64>);

impl PrincipalSet {
    pub(super) fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(super) fn all(count: usize) -> Self {
        let mut set = Self::none(count);
        (0..count).for_each(|position| set.insert(position));
        set
    }

    pub(super) fn insert(&mut self, position: usize) {
        self.0[position / 64] |= 1 << (position % 64);
    }

    pub(super) fn has(&self, position: usize) -> bool {
        self.0[position / 64] & (1 << (position % 64)) != 0
    }

    pub(super) fn extend(&mut self, others: &Self) {
        self.0
            .iter_mut()
            .zip(&others.0)
            .for_each(|(mine, theirs)| *mine |= theirs);
    }

    pub(super) fn without(&self, others: &Self) -> Self {
        Self(
            self.0
                .iter()
                .zip(&others.0)
                .map(|(mine, theirs)| mine & !theirs)
                .collect(),
        )
    }

    /// The number of principals that are in both sets.
    pub(super) fn shared_with(&self, others: &Self) -> usize {
        let both = self.0.iter().zip(&others.0).map(|(mine, theirs)| mine & theirs);
        both.map(|bits| bits.count_ones() as usize).sum()
    }

    /// The number of principals.
    pub fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    pub(super) fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let mut remaining = *bits;
            std::iter::from_fn(move || {
                let bit = remaining.trailing_zeros();
                (remaining != 0).then(|| {
                    remaining &= remaining - 1;
                    word * 64 + bit as usize
                })
            })
        })
    }
}
