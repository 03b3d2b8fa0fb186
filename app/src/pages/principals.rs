//! One user or service principal: who it is, its tokens, and what lets it use them.

mod access;
mod detail;
mod numbers;
mod owner_band;
mod tokens;

pub(crate) use detail::PrincipalPage;
pub(crate) use owner_band::owner_band;
