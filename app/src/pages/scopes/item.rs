//! One item of a section: a number, its meaning, what to do, and a link to the tokens.

use domain::{TokenCount, TokenQuery};
use leptos::prelude::*;

use crate::components::{number_of, sentence, tokens_of};
use crate::http::paths;

/// How urgent an item is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Warning,
    Neutral,
}

impl Tone {
    /// The class of the item's text. An item without tokens is never urgent.
    pub(super) fn class(self, tokens: TokenCount) -> Option<&'static str> {
        (self == Self::Warning && tokens.seen() > 0).then_some("warn-text")
    }
}

/// A group of tokens that the page counts.
pub(super) struct Item {
    title: &'static str,
    pub(super) tokens: TokenCount,
    tone: Tone,
    why: String,
    fix: &'static str,
    /// The filter that lists exactly these tokens.
    query: TokenQuery,
}

impl Item {
    /// A group of tokens, which `query` lists. It is not urgent unless [`Self::warning`] is called.
    pub(super) fn new(title: &'static str, tokens: TokenCount, query: TokenQuery) -> Self {
        Self {
            title,
            tokens,
            tone: Tone::Neutral,
            why: String::new(),
            fix: "",
            query,
        }
    }

    /// Sets the text: why it matters, and what to do.
    pub(super) fn text(self, why: impl Into<String>, fix: &'static str) -> Self {
        Self {
            why: why.into(),
            fix,
            ..self
        }
    }

    /// Marks the item as urgent.
    pub(super) fn warning(self) -> Self {
        Self {
            tone: Tone::Warning,
            ..self
        }
    }

    /// The item in a list.
    pub(super) fn view(self, workspace: &str) -> AnyView {
        let review = (self.tokens.seen() > 0).then(|| {
            let label = format!("Review {}", tokens_of(self.tokens, "token"));
            view! {
                <a class="btn" href=paths::tokens_with(workspace, &self.query)>
                    {label}
                    <span class="visually-hidden">{format!(": {}", self.title)}</span>
                </a>
            }
        });
        view! {
            <li>
                <div>
                    <h3>
                        <b class=format!("big {}", self.tone.class(self.tokens).unwrap_or_default())>
                            {sentence(&number_of(self.tokens))}
                        </b>
                        " "
                        {self.title}
                    </h3>
                    <dl>
                        <dt>"Why"</dt>
                        <dd>{self.why}</dd>
                        <dt>"Fix"</dt>
                        <dd>{self.fix}</dd>
                    </dl>
                </div>
                {review}
            </li>
        }
        .into_any()
    }
}
