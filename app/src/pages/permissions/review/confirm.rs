//! The form that saves a reviewed change. What has to be typed depends on what the change stops.

use domain::access::{AccessDiff, AccessWrite};
use leptos::prelude::*;

use super::ReviewView;
use super::wording;
use crate::layout::{cancel_button, cancel_form, confirm_details};
use crate::pages::activity::reason_input;
use crate::pages::permissions::save;
use crate::problem::Problem;
use crate::snippets::ChangeSnippets;

impl ReviewView<'_> {
    pub(super) fn confirm_form(&self, diff: &AccessDiff) -> AnyView {
        let name = self.workspace();
        let removes = !diff.removed.is_empty();
        let own_access_warning = self.review.ends_own_access.then(|| save::own_access_warning(name));
        let tokens = self.review.impact.tokens;
        let overwrite_note = if removes {
            "Other changes are checked for right before saving. A change made elsewhere in the same instant could be \
             overwritten."
        } else {
            "Adding never overwrites other people's changes."
        };
        view! {
            <form method="post" action="/api/permissions/save" class="card review-confirm">
                <input type="hidden" name="workspace" value=name.to_owned() />
                <input type="hidden" name="opened" value=self.base.to_string() />
                <input type="hidden" name="edit" value=self.edit.to_query_string() />
                <div class="pad">
                    {own_access_warning}
                    {wording::expected(tokens).map(|expected| self.tokens_field(expected))}
                    {reason_input(self.request)}
                    <p class="muted">{overwrite_note}</p>
                    {self.details()}
                </div>
                <div class="card-footer">
                    {cancel_button()}
                    <button class=if removes { "btn danger" } else { "btn primary" } data-submit-once>
                        {wording::save_label(tokens)}
                    </button>
                </div>
            </form>
            {cancel_form(&self.links.editor)}
        }
        .into_any()
    }

    /// The field to type the number of tokens that stop working, or that it is unknown.
    fn tokens_field(&self, expected: String) -> AnyView {
        let tokens = self.review.impact.tokens;
        let is_number = expected != wording::UNKNOWN_CONFIRMATION;
        let shown = wording::expected_text(tokens);
        let stop = match is_number {
            true => format!(
                " to confirm that {} stop working",
                wording::tokens_text(tokens, "active token")
            ),
            false => " to confirm: it is unknown how many active tokens stop working".to_owned(),
        };
        let failure = self.request.failure_in_url();
        let is_wrong = failure.is_some_and(|failure| failure.problem == Problem::CountMismatch);
        let error = is_wrong.then(|| {
            view! {
                <p class="hint danger-text" id="typed-tokens-error">
                    {format!("Type {shown}, exactly as shown.")}
                </p>
            }
        });
        view! {
            <div class="field">
                <label for="typed-tokens">"Type " <b>{shown.clone()}</b> {stop}</label>
                <input
                    class="input"
                    id="typed-tokens"
                    name="typed_tokens"
                    inputmode=is_number.then_some("numeric")
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=is_wrong.then_some("true")
                    aria-describedby=is_wrong.then_some("typed-tokens-error")
                    data-expect=expected
                />
                {error}
            </div>
        }
        .into_any()
    }

    /// Who makes the change, and commands for other tools.
    fn details(&self) -> Option<AnyView> {
        let edited = &self.review.edited;
        let change = AccessWrite::between(&self.review.current.list, edited);
        let snippets = ChangeSnippets::change_access(&self.actor.workspace().into(), &change, edited)?;
        Some(confirm_details(self.actor, "permissions", snippets))
    }
}
