//! Editing a token's comment.

use console::Actor;
use console::changes::edit_comment::comment_fingerprint;
use domain::{Token, TokenId};
use leptos::prelude::*;

use super::detail::Origin;
use crate::http::paths;
use crate::http::request::Request;
use crate::problem::{Failure, Problem};

/// The longest comment, in characters. The vendor documents no limit; with this one, the comment fits into a form.
pub(super) const MAX_COMMENT_CHARS: usize = 1000;

/// The form, folded away at first. It contains the current comment, or the comment as typed if that was rejected.
pub(super) fn comment_form(request: &Request, actor: &Actor, token: &Token, origin: &Origin) -> AnyView {
    let typed = request.query("comment");
    let is_open = typed.is_some();
    let value = typed.unwrap_or_else(|| token.comment.clone());
    view! {
        <details class="edit-comment" open=is_open>
            <summary>
                "Change" <span class="visually-hidden">" comment"</span>
            </summary>
            <form method="post" action="/api/tokens/comment" class="token-form" data-in-place>
                <input type="hidden" name="workspace" value=actor.workspace().name().to_owned() />
                <input type="hidden" name="id" value=token.id.to_string() />
                <input type="hidden" name="opened" value=comment_fingerprint(&token.comment) />
                {origin.fields()}
                <div class="field grow">
                    <label for="token-comment">"New comment"</label>
                    <input
                        class="input"
                        id="token-comment"
                        name="comment"
                        value=value
                        autocomplete="off"
                    />
                </div>
                <button class="btn">"Save comment"</button>
            </form>
        </details>
    }
    .into_any()
}

/// Sets a token's comment. `opened` is the fingerprint of the comment when the form was opened. `from` and `drawer` say
/// where the token's page is shown.
#[server(prefix = "/api", endpoint = "tokens/comment")]
pub(crate) async fn set_comment(
    workspace: String,
    id: String,
    comment: String,
    opened: Option<String>,
    from: Option<String>,
    drawer: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let origin = Origin::from_fields(from.as_deref(), drawer.as_deref());
    let id = TokenId::new(id);
    // NUL cannot be typed in a browser, and databases and terminals treat it as the end of the text.
    let comment = comment.replace('\0', "");
    let comment = comment.trim();
    let page = origin.return_to(&paths::token(&workspace, &id));
    // The URL contains the comment as typed, so that it survives a new sign-in.
    let page_with_input = paths::with_param(&page, "comment", comment);
    if comment.chars().count() > MAX_COMMENT_CHARS {
        return Err(request.fail_form_at(Problem::CommentTooLong, &page_with_input));
    }
    let result = async {
        let actor = request.actor_for_change(&workspace).await?;
        request
            .console
            .set_comment(&actor, &id, opened.as_deref(), comment)
            .await
    };
    result
        .await
        .map_err(|e| request.fail_form_at(request.change_failure(&e), &page_with_input))?;
    request.redirect(&paths::with_param(&page, "done", "comment"));
    Ok(())
}
