//! Creating a token for a service principal: a form, a review of it, and the one page that shows the token's value. What is
//! typed lives in the address until it is sent; the value is in the answer to the sending and nowhere else.

mod find;
mod form;
mod form_input;
mod recipient;
mod result;
mod review;
mod submit;

pub(crate) use form::NewTokenPage;
pub(crate) use review::ReviewNewTokenPage;
pub use submit::{CreateTokenFailure, CreatedTokenPage, create_token};
