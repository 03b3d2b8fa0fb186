//! The ID in the path of a page about one token.

use console::{Actor, Error};
use domain::TokenId;

use crate::http::request::Request;

/// The ID of the token that a page is about. The list has 50 rows with links, so these end in the beginning of an ID if
/// it is a hash: the rest does not compress, and would add more than a kilobyte.
///
/// # Errors
/// Whatever keeps the list of tokens from being read, if the path has such a beginning.
pub(super) async fn id_in_path(request: &Request, actor: &Actor) -> Result<TokenId, Error> {
    let id = request.token_id();
    if !id.can_be_handle() {
        return Ok(id);
    }
    Ok(request.console.token_with_handle(actor, &id).await?.unwrap_or(id))
}
