use std::collections::BTreeMap;

use super::*;

const ALL_INTERRUPTED: [Interrupted; 3] = [Interrupted::Page, Interrupted::Change, Interrupted::Edit];

/// An example of every problem, and several of those with fields. It does not compile if one is missing.
macro_rules! examples {
    (plain: $($plain:path),*; with_fields: $($pattern:pat => $example:expr),*;) => {{
        fn _all_are_here(problem: Problem) {
            match problem {
                $($plain => {})*
                $($pattern => {})*
            }
        }
        vec![$($plain,)* $($example),*]
    }};
}

fn examples() -> Vec<Problem> {
    let mut examples = examples! {
        plain:
            Problem::UnknownWorkspace,
            Problem::SignedOut,
            Problem::ReadOnly,
            Problem::AuditorReadOnly,
            Problem::AuditorConnectionFailed,
            Problem::StillLoading,
            Problem::TokenSignInDisabled,
            Problem::OAuthNotConfigured,
            Problem::OAuthRefused,
            Problem::OAuthCancelled,
            Problem::SignInExpired,
            Problem::NoAccessToken,
            Problem::BadCredential,
            Problem::NotInWorkspace,
            Problem::WorkspaceIdMissing,
            Problem::OtherWorkspace,
            Problem::IpBlocked,
            Problem::NotAdmin,
            Problem::TokensNotAllowed,
            Problem::TokenManagementUnavailable,
            Problem::TokensDisabled,
            Problem::DisabledOrUnavailable,
            Problem::NoTokenYet,
            Problem::TokenNotFound,
            Problem::PageNotFound,
            Problem::UnexpectedWebPage,
            Problem::Redirected,
            Problem::TimedOut,
            Problem::UnreadableResponse,
            Problem::Rejected,
            Problem::NotConfirmed,
            Problem::OtherState,
            Problem::AccessChanged,
            Problem::OtherSaveInProgress,
            Problem::OldStateAfterNoResponse,
            Problem::UnexpectedPermissions,
            Problem::InvalidFilter,
            Problem::NothingSelected,
            Problem::TooManySelected,
            Problem::OnlyOwnTokenSelected,
            Problem::CountMismatch,
            Problem::BulkNotFound,
            Problem::NotYourBulk,
            Problem::ResultUnknown,
            Problem::ChangeUnknown,
            Problem::OnlyAdminsManage,
            Problem::LifetimeRejected,
            Problem::NameMismatch,
            Problem::CommentTooLong,
            Problem::NoTokenInText,
            Problem::CreatedBefore,
            Problem::TokenValueInText,
            Problem::NoServicePrincipal,
            Problem::ScopesRejected,
            Problem::ScopesChanged,
            Problem::ValueChanged,
            Problem::ReasonTooLong,
            Problem::NothingToPutBack,
            Problem::AlreadyPutBack,
            Problem::CreationUnavailable,
            Problem::UnknownServicePrincipal,
            Problem::NotAServicePrincipal,
            Problem::RecipientLacksPermission,
            Problem::AdminsRestricted,
            Problem::CreationRejected,
            Problem::QuotaExceeded,
            Problem::NotCreated,
            Problem::HasTokens,
            Problem::CreationUnknown,
            Problem::BadRequest,
            Problem::UnknownTimeZone,
            Problem::StorageFull,
            Problem::StorageLocked,
            Problem::StorageReplaced,
            Problem::StorageUnreachable,
            Problem::Internal;
        with_fields:
            Problem::FilterNotAvailable { .. } => Problem::FilterNotAvailable { part: UnreadPart::Names },
            Problem::PartialData { .. } => Problem::PartialData {
                unread: UnreadParts::default().with(UnreadPart::Policy, true),
            },
            Problem::SignInServiceFailed { .. } => Problem::SignInServiceFailed { fault: None, status: None },
            Problem::Unreachable { .. } => Problem::Unreachable { fault: ConnectionFault::Refused },
            Problem::ScopeMissing { .. } => Problem::ScopeMissing { scope: None },
            Problem::TooManyAttempts { .. } => Problem::TooManyAttempts { seconds: 4 },
            Problem::TooManyLookups { .. } => Problem::TooManyLookups { seconds: 4 },
            Problem::RateLimited { .. } => Problem::RateLimited { seconds: None },
            Problem::WorkspaceFailed { .. } => Problem::WorkspaceFailed { status: 500 },
            Problem::UnknownPrincipal { .. } => Problem::UnknownPrincipal { nth: 0 },
            Problem::BadLifetime { .. } => Problem::BadLifetime(LifetimeInputError::Empty),
            Problem::BadAcceptance { .. } => Problem::BadAcceptance(AcceptanceInputError::NoReason),
            Problem::BadTokenLifetime { .. } => Problem::BadTokenLifetime { most: 90 },
            Problem::BadScopes { .. } => Problem::BadScopes(ScopeInputError::NotAName),
            Problem::LifetimeAbovePolicy { .. } => Problem::LifetimeAbovePolicy { most: None };
    };
    examples.extend(ConnectionFault::ALL.map(|fault| Problem::Unreachable { fault }));
    examples.extend([
        Problem::SignInServiceFailed {
            fault: Some(ConnectionFault::Refused),
            status: None,
        },
        Problem::SignInServiceFailed {
            fault: None,
            status: Some(403),
        },
        Problem::TooManyAttempts { seconds: 1 },
        Problem::ScopeMissing {
            scope: Some(ApiScope::Settings),
        },
        Problem::RateLimited { seconds: Some(3) },
        Problem::LifetimeAbovePolicy { most: Some(1) },
        Problem::LifetimeAbovePolicy { most: Some(90) },
    ]);
    examples
}

#[test]
fn titles_are_labels_and_advice_is_sentences() {
    for problem in examples() {
        for workspace in [None, Some("acme-prod")] {
            let title = problem.title(workspace);
            assert!(!title.is_empty() && !title.ends_with('.'), "{problem:?}: {title}");
            for interrupted in ALL_INTERRUPTED {
                let advice = problem.advice(workspace, interrupted);
                assert!(advice.ends_with('.'), "{problem:?}: {advice}");
                for text in [&title, &advice] {
                    assert!(!text.contains("  "), "{problem:?}: {text}");
                    assert!(
                        text.starts_with(|c: char| !c.is_lowercase()) || text.starts_with("acme-prod"),
                        "{text}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_problem_has_a_title_of_its_own() {
    let mut titles = BTreeMap::new();
    for problem in examples() {
        let kind = std::mem::discriminant(&problem);
        let other = titles.insert(problem.title(None), kind);
        let is_lifetime = matches!(problem, Problem::BadLifetime(_) | Problem::BadTokenLifetime { .. });
        assert!(is_lifetime || other.is_none_or(|other| other == kind), "{problem:?}");
    }
}

#[test]
fn the_workspace_is_named_if_the_page_knows_it() {
    let rejected = Problem::BadCredential;
    assert_eq!(rejected.title(Some("acme-prod")), "acme-prod rejected this credential");
    assert_eq!(rejected.title(None), "The workspace rejected this credential");
    let limited = Problem::RateLimited { seconds: Some(3) };
    assert_eq!(limited.title(None), "Too many requests to the workspace");
}

#[test]
fn a_page_says_that_nothing_changed_only_if_that_is_certain() {
    let advice = |problem: Problem, interrupted| problem.advice(None, interrupted);
    assert_eq!(
        advice(Problem::NameMismatch, Interrupted::Change),
        "Type the workspace name exactly as shown. Nothing was changed."
    );
    assert_eq!(
        advice(Problem::ScopesChanged, Interrupted::Edit),
        "The current scopes are shown. Review your change again. Nothing was saved. Your edits are kept."
    );
    for problem in examples() {
        let page = advice(problem, Interrupted::Page);
        assert!(
            !page.contains("Nothing was changed.") && !page.contains("are kept."),
            "{page}"
        );
    }
    // Reading the state after a change can fail in the same way.
    for problem in [
        Problem::RateLimited { seconds: None },
        Problem::TimedOut,
        Problem::Unreachable {
            fault: ConnectionFault::Broken,
        },
        Problem::WorkspaceFailed { status: 502 },
        Problem::NotAdmin,
    ] {
        let change = advice(problem, Interrupted::Change);
        assert!(!change.contains("Nothing was"), "{change}");
    }
}

#[test]
fn every_problem_says_that_nothing_changed_if_that_is_certain() {
    for problem in examples() {
        let text = problem.advice_if(true, None, Interrupted::Change);
        let is_said = ["Nothing was changed.", "Nothing was saved.", "No token was created."];
        assert_eq!(
            is_said.iter().filter(|said| text.contains(*said)).count(),
            1,
            "{problem:?}: {text}"
        );
        let page = problem.advice_if(true, None, Interrupted::Page);
        assert_eq!(page, problem.advice(None, Interrupted::Page));
    }
    assert_eq!(
        Problem::TimedOut.advice_if(true, None, Interrupted::Change),
        "Try again. Nothing was changed."
    );
}

#[test]
fn after_a_timeout_it_is_unknown_whether_a_change_was_made() {
    let advice = |interrupted| Problem::TimedOut.advice(None, interrupted);
    assert_eq!(advice(Interrupted::Page), "Try again.");
    assert_eq!(
        advice(Interrupted::Change),
        "Check whether the change was made before you repeat it."
    );
}
