//! The variants of an enum as an array.

/// The variants that `strum::VariantArray` lists, as an array: it can be mapped, and its type includes its length.
pub(crate) const fn all<T: Copy, const N: usize>(variants: &[T]) -> [T; N] {
    match variants.as_array() {
        Some(all) => *all,
        None => unreachable!(),
    }
}
