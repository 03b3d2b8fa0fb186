//! One user or service principal: its details, its tokens, and the grants that let it use them.

mod access;
mod detail;
mod findings;
mod numbers;
mod owner_band;
mod tokens;

pub(crate) use detail::PrincipalPage;
pub(crate) use owner_band::owner_band;
