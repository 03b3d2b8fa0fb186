//! The ID in the path of a page about one token.

use console::{Actor, Error};
use domain::TokenId;

use crate::http::request::Request;

/// The ID of the token that a page is about. Links in the list contain only the beginning of an ID that is a hash: in
/// 50 rows, the rest does not compress and would add more than a kilobyte.
///
/// # Errors
///
/// If the path contains only the beginning of an ID, and the list of tokens cannot be read.
pub(super) async fn id_in_path(request: &Request, actor: &Actor) -> Result<TokenId, Error> {
    let id = request.token_id();
    if !id.can_be_handle() {
        return Ok(id);
    }
    Ok(request.console.token_with_handle(actor, &id).await?.unwrap_or(id))
}
