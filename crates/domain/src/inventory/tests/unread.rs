//! Values that depend on missing data have no number, and filters on them never silently match nothing.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::naive_filter::{any_query, any_tokens};
use super::*;
use crate::Selection;

/// The inventory of `tokens`, with `unread` missing.
fn without(tokens: Vec<Token>, unread: UnreadParts) -> Inventory {
    let has = |part| unread.has(part);
    let directory = match has(UnreadPart::Names) {
        true => Arc::new(Directory::partial(directory().get(PrincipalId::new(1)).cloned())),
        false => directory(),
    };
    let limit = match has(UnreadPart::Policy) {
        true => NO_POLICY,
        false => Known::Known(MaxLifetime::Days(90)),
    };
    let all = inventory(tokens);
    let access = match (has(UnreadPart::Permissions), has(UnreadPart::Groups)) {
        (true, _) => Known::NotAvailable(UnreadPart::Permissions),
        (_, true) => Known::NotAvailable(UnreadPart::Groups),
        _ => all.access.clone(),
    };
    all.with_parts(directory, limit, access)
        .with_unreadable_rows(has(UnreadPart::Rows))
}

proptest! {
    #[test]
    fn nothing_that_was_not_read_is_counted_or_filtered_by(
        tokens in any_tokens(), query in any_query(), parts in subsequence(UnreadPart::ALL.to_vec(), 0..=5),
    ) {
        let parts = parts.into_iter().fold(UnreadParts::default(), |all, part| all.with(part, true));
        let has = |part| parts.has(part) && !tokens.is_empty();
        let all = without(tokens.clone(), parts);
        let listed = all.listed_page(&query);
        for kind in FindingKind::ALL {
            let is_unread = kind.depends_on().iter().any(|part| has(*part));
            let number = listed.facets.with_finding(&[kind]);
            prop_assert!(tokens.is_empty() || number.known().is_none() == is_unread, "{:?}: {:?}", kind, number);
            let filtered = all.page(&TokenQuery { findings: vec![kind], ..TokenQuery::default() });
            prop_assert!(tokens.is_empty() || filtered.known().is_none() == is_unread, "{:?}", kind);
        }
        for kind in PrincipalKind::ALL {
            prop_assert_eq!(listed.facets.owner_kind(kind).known().is_none(), parts.has(UnreadPart::Names));
        }
        prop_assert_eq!(all.counts().over_policy.known().is_none(), parts.has(UnreadPart::Policy));
        let is_lower_bound = |count| matches!(count, TokenCount::AtLeast(_));
        let exceeding = all.exceeding(MaxLifetime::Days(7));
        for count in [all.counts().total, all.counts().active, all.usage().tokens, exceeding] {
            prop_assert_eq!(is_lower_bound(count), parts.has(UnreadPart::Rows));
        }
        let service_principals = all.usage().service_principals;
        let is_someone_missing = all.tokens().any(|t| {
            t.status(NOW) == Status::Active && matches!(all.owner(t), Owner::NotLoaded(_))
        });
        prop_assert_eq!(service_principals.known().is_none(), is_someone_missing);
        // A filter on missing data is left out and named where people look, and an error everywhere else.
        let is_refused = !listed.left_out.is_empty();
        prop_assert_eq!(is_refused, listed.query != query);
        prop_assert_eq!(all.matching(&query).known().is_none(), is_refused);
        prop_assert_eq!(all.selected(&query, &Selection::All).known().is_none(), is_refused);
        prop_assert_eq!(all.matching(&listed.query).known().map(|all| all.len()), Some(listed.page.matching));
    }

    #[test]
    fn each_token_says_which_findings_are_not_known(
        tokens in any_tokens(), parts in subsequence(UnreadPart::ALL.to_vec(), 0..=5),
    ) {
        let parts = parts.into_iter().fold(UnreadParts::default(), |all, part| all.with(part, true));
        let (all, complete) = (without(tokens.clone(), parts), inventory(tokens));
        for (token, same) in all.tokens().zip(complete.tokens()) {
            let findings = all.findings(token);
            let unknown: Vec<_> = findings.undetermined().map(|(kind, _)| kind).collect();
            let known: Vec<_> = complete.findings(same).found().filter(|f| !unknown.contains(&f.kind())).collect();
            prop_assert_eq!(findings.found().collect::<Vec<_>>(), known, "what is found does not depend on the rest");
            for (kind, part) in findings.undetermined() {
                prop_assert!(kind.depends_on().contains(&part) && parts.has(part), "{:?} {:?}", kind, part);
            }
        }
    }
}
