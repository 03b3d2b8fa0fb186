//! Editing a token's comment.

use console::Actor;
use domain::{Token, TokenId};
use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;
use crate::problem::{Failure, Problem};

/// Characters of a comment. The vendor documents no limit; this one keeps it within one form.
pub(super) const MAX_COMMENT_CHARS: usize = 1000;

/// The form. It holds the current comment, or the comment as typed if that was rejected.
pub(crate) fn comment_form(request: &Request, actor: &Actor, token: &Token) -> AnyView {
    let typed = request.query("comment").unwrap_or_else(|| token.comment.clone());
    view! {
        <section class="card pad" aria-labelledby="comment-heading">
            <h2 id="comment-heading">"Comment"</h2>
            <form method="post" action="/api/tokens/comment" class="token-form">
                <input type="hidden" name="workspace" value=actor.workspace().name().to_owned() />
                <input type="hidden" name="id" value=token.id.to_string() />
                <div class="field grow">
                    <label for="comment">"Comment"</label>
                    <input
                        class="input"
                        id="comment"
                        name="comment"
                        value=typed
                        maxlength=MAX_COMMENT_CHARS
                        autocomplete="off"
                    />
                </div>
                <button class="btn">"Save comment"</button>
            </form>
        </section>
    }
    .into_any()
}

/// Sets a token's comment.
#[server(prefix = "/api", endpoint = "tokens/comment")]
pub(crate) async fn set_comment(workspace: String, id: String, comment: String) -> Result<(), Failure> {
    let request = Request::current();
    let id = TokenId::new(id);
    // No one can type NUL in a browser, and databases and terminals treat it as the end of a text.
    let comment = comment.replace('\0', "");
    let comment = comment.trim();
    let page = paths::token(&workspace, &id);
    // The comment as typed stays in the URL, so that it survives a new sign-in.
    let typed: String = comment.chars().take(MAX_COMMENT_CHARS).collect();
    let page_with_input = paths::with_param(&page, "comment", &typed);
    if comment.chars().count() > MAX_COMMENT_CHARS {
        return Err(request.fail_form_at(Problem::CommentTooLong, &page_with_input));
    }
    let result = async {
        let actor = request.actor_for_change(&workspace).await?;
        request.console.set_comment(&actor, &id, comment).await
    };
    result
        .await
        .map_err(|e| request.fail_form_at(request.change_failure(&e), &page_with_input))?;
    request.redirect(&paths::with_param(&page, "done", "comment"));
    Ok(())
}
