//! The fields of the form for a new token, each with its rule and its error.

use console::Snapshot;
use domain::{AUTOSCOPE_WINDOW_DAYS, MaxLifetime, PLATFORM_MAX_LIFETIME_DAYS, SCOPE_SETS, UnreadPart};
use leptos::prelude::*;

use super::form_input::{FormErrors, FormInput, field, set_field};
use crate::problem::{Interrupted, Problem};

/// The default lifetime in days, if the workspace allows that much.
const DEFAULT_LIFETIME_DAYS: u32 = 90;

/// The longest possible lifetime of a new token in days; the platform's maximum if the workspace's limit is unknown.
pub(super) fn max_days(snapshot: &Snapshot) -> u32 {
    let policy = snapshot.policy.as_ref();
    policy.map_or(PLATFORM_MAX_LIFETIME_DAYS, |policy| policy.max_lifetime.longest_days())
}

/// The text for a field's error.
pub(super) fn error_text(problem: Problem) -> String {
    format!("{}. {}", problem.title(None), problem.advice(None, Interrupted::Page))
}

/// A text field: its name, label, rule and value, and hints for the browser.
struct TextField {
    name: &'static str,
    label: &'static str,
    rule: String,
    value: String,
    is_number: bool,
    error: Option<Problem>,
    /// Whether it is the first field with an error.
    is_first_error: bool,
}

impl TextField {
    fn view(self) -> AnyView {
        let Self { name, error, .. } = self;
        let (rule_id, error_id) = (format!("{name}-rule"), format!("{name}-error"));
        let described_by = match error {
            Some(_) => format!("{error_id} {rule_id}"),
            None => rule_id.clone(),
        };
        let error_view = error.map(|problem| {
            view! {
                <p class="field-error" id=error_id>
                    {error_text(problem)}
                </p>
            }
        });
        view! {
            <div class="field" class:lifetime=self.is_number>
                <label for=name>{self.label}</label>
                {error_view}
                <input
                    class="input"
                    class:num=self.is_number
                    id=name
                    name=name
                    value=self.value
                    inputmode=self.is_number.then_some("numeric")
                    autocomplete="off"
                    spellcheck="false"
                    autofocus=self.is_first_error
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described_by
                />
                <p class="muted" id=rule_id>
                    {self.rule}
                </p>
            </div>
        }
        .into_any()
    }
}

pub(super) fn lifetime(input: &FormInput, snapshot: &Snapshot, errors: &FormErrors) -> AnyView {
    let max = max_days(snapshot);
    let rule = match snapshot.policy.map(|policy| policy.max_lifetime) {
        Some(MaxLifetime::NoCustomLimit) => format!("1\u{2013}{max} days (platform maximum)."),
        Some(_) if max == 1 => "1 day (workspace limit).".to_owned(),
        Some(_) => format!("1\u{2013}{max} days (workspace limit)."),
        None => {
            let reason = UnreadPart::Policy.reason();
            format!("1\u{2013}{max} days. The workspace's own limit is not available and may be lower: {reason}.")
        }
    };
    let default = || max.min(DEFAULT_LIFETIME_DAYS).to_string();
    TextField {
        name: field::DAYS,
        label: "Lifetime (days)",
        rule,
        value: input.days.clone().unwrap_or_else(default),
        is_number: true,
        error: errors.days,
        is_first_error: errors.days.is_some() && errors.first() == errors.days,
    }
    .view()
}

pub(super) fn comment(input: &FormInput, errors: &FormErrors) -> AnyView {
    TextField {
        name: field::COMMENT,
        label: "Comment",
        rule: "What is it for, and who is responsible? You can change this later.".to_owned(),
        value: input.comment.clone(),
        is_number: false,
        error: errors.comment,
        is_first_error: errors.comment.is_some() && errors.first() == errors.comment,
    }
    .view()
}

/// Checkboxes for sets of scopes, a field for scopes by name, and whether Databricks limits the token automatically.
pub(super) fn scopes(input: &FormInput, errors: &FormErrors) -> AnyView {
    let sets = SCOPE_SETS.map(|set| {
        let id = set_field(&set);
        let described_by = format!("{id}-rule");
        view! {
            <div class="scope-set">
                <label class="check">
                    <input
                        type="checkbox"
                        name=id
                        value="1"
                        checked=input.sets.contains(&set)
                        aria-describedby=described_by.clone()
                    />
                    {set.label}
                </label>
                <p class="muted" id=described_by>
                    {set.description}
                    " "
                    <code>{set.scopes.join(", ")}</code>
                </p>
            </div>
        }
    });
    let by_name = TextField {
        name: field::SCOPES,
        label: "Scopes by name",
        rule: "Added to what is ticked. Separate names with commas or spaces, for example unity-catalog, secrets."
            .to_owned(),
        value: input.scopes.clone(),
        is_number: false,
        error: errors.scopes,
        is_first_error: errors.scopes.is_some() && errors.first() == errors.scopes,
    };
    view! {
        <fieldset class="scope-sets">
            <legend>"What the token can do (optional)"</legend>
            <p>
                "Without any scope it has " <b>"full access"</b>
                ": everything that the service principal can do. With scopes, other calls are refused."
            </p>
            {sets.into_iter().collect_view()}
            {by_name.view()}
        </fieldset>
        <div class="field autoscope">
            <label class="check">
                <input
                    type="checkbox"
                    name=field::AUTOSCOPE
                    value="1"
                    checked=input.autoscope
                    aria-describedby="autoscope-rule"
                />
                "Let Databricks limit it to the scopes that it uses (auto-scoping)"
            </label>
            <p class="muted" id="autoscope-rule">
                {format!(
                    "As users report, Databricks observes the token for about {AUTOSCOPE_WINDOW_DAYS} days and then \
                     removes every scope that it has not used. Something that runs once a quarter can fail then. \
                     Until then the token can have full access, whatever is ticked above. A token that ends sooner is \
                     probably never limited. What happens to a token that is not used at all is not documented."
                )}
            </p>
        </div>
    }
    .into_any()
}
