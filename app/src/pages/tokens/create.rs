//! Creating a token for a service principal: a form, its review, and the only page that ever shows the token's value.
//! The URL contains the input until it is sent; the value is only in the response to the form. `first_token.rs` does
//! the same for the first token of a workspace.

mod fields;
mod find;
mod first_token;
mod form;
mod form_input;
mod recipient;
mod result;
mod review;
mod submit;

pub(crate) use first_token::{FirstTokenPage, first_token_offer};
pub(crate) use form::NewTokenPage;
pub(crate) use review::ReviewNewTokenPage;
pub use submit::{CreateTokenFailure, CreatedTokenPage, NewTokenForm, create_token};
