//! Creating a token for a service principal: a form, its review, and the one page that shows the token's value. The
//! input is part of the URL until it is sent. The value is only in the response to the form.

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
