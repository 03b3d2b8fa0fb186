//! Tokens that each demonstrate one case that the console has to handle.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::people::Company;
use super::token::{Draft, Life, Scopes};
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::Autoscope;

/// The tokens with known values: those of the admin, the non-admin and the other admin.
pub(super) fn known(company: &Company) -> [Draft; 3] {
    let own = |owner, comment: &str, created_days_ago| Draft {
        comment: Some(comment.to_owned()),
        owner,
        creator: owner,
        created_days_ago,
        life: Life::Days(90),
        used_days_ago: Some(1),
        scopes: Scopes::default(),
        legacy_id: false,
    };
    [
        own(company.admin, "Mia's laptop", 12),
        own(company.non_admin, "VS Code on Kai's laptop", 20),
        own(company.other_admin, "admin scripts", 33),
    ]
}

const LONG_COMMENT: &str = "Used by the month-end reconciliation between the billing warehouse and the ledger: reads \
    finance_prod.invoices, finance_prod.credit_notes and finance_prod.fx_rates, writes finance_stage.reconciliation, \
    and is rotated by hand on the first Tuesday of each quarter. Before revoking it, please talk to the on-call of \
    Finance Reporting (#fin-data-oncall), because a missing run delays the close of the books by a day. Replaces the \
    token of 2023.";

const ONE_LONG_WORD: &str = "s3a-eu-central-1-acme-prod-datalake-curated-finance-invoices-and-credit-notes-\
    export-to-sftp-\
    partner-0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";

/// Comment, days since creation, lifetime, days since last use.
type Row = (Option<&'static str>, u32, Life, Option<u32>);

/// Tokens of active people. The ones with difficult comments are months old, so that they are not on the first page.
const STAFF_TOKENS: [Row; 24] = [
    (Some("Power BI – executive dashboard"), 1, Life::Days(90), Some(0)),
    (Some("dbt development"), 2, Life::Days(30), Some(0)),
    (Some("local notebook tests"), 3, Life::Days(7), None),
    (
        Some("migration to Unity Catalog, delete after go-live"),
        6,
        Life::Days(60),
        Some(2),
    ),
    (None, 45, Life::Days(90), Some(3)),
    (Some(""), 47, Life::Days(90), Some(11)),
    (Some(LONG_COMMENT), 118, Life::Days(365), Some(1)),
    (Some(ONE_LONG_WORD), 131, Life::Days(365), Some(4)),
    (
        Some("تصدير البيانات الليلي إلى المستودع"),
        142,
        Life::Days(365),
        Some(2),
    ),
    (Some("ייצוא דוחות חודשי – legacy"), 144, Life::Days(365), Some(8)),
    (
        Some("invoice\u{202e}fdp.exe\u{202c} sync"),
        150,
        Life::Days(365),
        Some(9),
    ),
    (Some("🚀 go-live 🎉 👩🏽‍💻"), 158, Life::Days(365), Some(5)),
    (Some("<script>alert('xss')</script>"), 163, Life::Days(365), Some(6)),
    (Some("\"><img src=x onerror=alert(1)>"), 165, Life::Days(365), Some(6)),
    (
        Some("=HYPERLINK(\"https://evil.example\",\"Click me\")"),
        170,
        Life::Days(365),
        Some(7),
    ),
    (Some("@SUM(1+1)*cmd|' /C calc'!A0"), 171, Life::Days(365), Some(7)),
    (Some("first line\nsecond line\ttabbed"), 176, Life::Days(365), Some(12)),
    (
        Some("O'Reilly; DROP TABLE tokens; -- 50% \\ ${HOME} `id`"),
        181,
        Life::Days(365),
        Some(14),
    ),
    (Some("   spaces around   "), 190, Life::Days(365), Some(15)),
    (Some("null"), 195, Life::Days(365), Some(40)),
    (Some("quarterly close"), 240, Life::Days(730), Some(81)),
    (Some("board report"), 250, Life::Days(730), Some(85)),
    (Some("old import job"), 260, Life::Days(730), Some(88)),
    (Some("workshop"), 40, Life::Days(30), Some(12)),
];

/// Tokens that an admin created on behalf of a service principal.
const ON_BEHALF: [Row; 6] = [
    (Some("etl nightly run"), 70, Life::Days(180), Some(0)),
    (Some("ci deploys"), 15, Life::Days(90), Some(0)),
    (Some("airflow prod"), 210, Life::Days(365), Some(0)),
    (Some("airflow staging"), 210, Life::Days(365), Some(83)),
    (
        Some("dbt runner, never expires by request of data platform"),
        980,
        Life::Never,
        Some(0),
    ),
    (Some("terraform apply"), 420, Life::Days(730), Some(6)),
];

/// Tokens of people who left: two of them are still in the directory, the others are not.
const LEAVER_TOKENS: [Row; 5] = [
    (Some("Looker extract"), 300, Life::Days(730), Some(4)),
    (Some("personal scripts"), 820, Life::Never, Some(21)),
    (Some("customer portal backend"), 400, Life::Days(730), Some(0)),
    (Some("ad-hoc SQL"), 60, Life::Days(90), Some(35)),
    (Some("jenkins (please rotate)"), 1400, Life::Never, Some(1)),
];

/// Tokens created before December 2024, when tokens without expiry were still possible.
const LEGACY_TOKENS: [Row; 5] = [
    (Some("jdbc"), 1130, Life::Never, Some(0)),
    (Some("tableau prod extract"), 1510, Life::Never, Some(2)),
    (Some("data science sandbox"), 905, Life::Never, Some(47)),
    (Some("imported"), 1600, Life::Unrecorded, Some(10)),
    (None, 1720, Life::Unrecorded, Some(64)),
];

pub(super) fn curated(company: &Company, rng: &mut StdRng) -> Vec<Draft> {
    let draft = |(comment, created_days_ago, life, used_days_ago): Row, owner, creator| Draft {
        comment: comment.map(str::to_owned),
        owner,
        creator,
        created_days_ago,
        life,
        used_days_ago,
        scopes: Scopes::default(),
        legacy_id: false,
    };
    let colleagues = &company.staff[3..];
    let mut drafts: Vec<Draft> = STAFF_TOKENS
        .into_iter()
        .map(|row| {
            let owner = *colleagues.choose(rng).unwrap_or(&company.admin);
            draft(row, owner, owner)
        })
        .collect();
    for (row, service) in ON_BEHALF.into_iter().zip(&company.services) {
        drafts.push(draft(row, *service, company.admin));
    }
    for (row, owner) in LEAVER_TOKENS.into_iter().zip(leavers(company)) {
        drafts.push(draft(row, owner, owner));
    }
    for row in LEGACY_TOKENS {
        let owner = *colleagues.choose(rng).unwrap_or(&company.admin);
        drafts.push(Draft {
            legacy_id: true,
            ..draft(row, owner, owner)
        });
    }
    drafts.extend(scoped(company, rng));
    drafts
}

fn leavers(company: &Company) -> impl Iterator<Item = PrincipalId> {
    let departed: Vec<PrincipalId> = company.departed.iter().map(|(id, _)| *id).collect();
    company
        .deactivated
        .clone()
        .into_iter()
        .take(2)
        .chain(departed.into_iter().cycle())
}

/// A comment, the scopes, days since creation, and days since the last use.
type ScopedRow = (&'static str, Scopes, u32, Option<u32>);

/// One token for each way in which tokens get their scopes, and for each result of an observation.
fn scoped_rows() -> [ScopedRow; 15] {
    let observed = |scopes: &[&str]| Scopes::auto(Autoscope::Running, scopes);
    [
        ("SQL only", Scopes::selected(&["sql"]), 30, Some(1)),
        (
            "rotates the team's tokens",
            Scopes::selected(&["authentication"]),
            36,
            Some(2),
        ),
        ("cluster starter", Scopes::selected(&["clusters", "jobs"]), 42, Some(3)),
        (
            "observing which APIs are used",
            observed(&["sql", "files"]),
            24,
            Some(0),
        ),
        (
            "scoped by the platform",
            Scopes::auto(Autoscope::Completed, &["sql", "unity-catalog"]),
            54,
            Some(1),
        ),
        (
            "history shows sql and jobs",
            Scopes::auto(Autoscope::Backfilled, &["sql", "jobs"]),
            60,
            Some(2),
        ),
        (
            "auto-scoping switched off",
            Scopes::auto(Autoscope::Disabled, &[]),
            66,
            Some(3),
        ),
        (
            "uses an API without a scope",
            Scopes::auto(Autoscope::ApiNotCovered, &["sql"]),
            72,
            Some(0),
        ),
        ("usage dashboard", observed(&["sql"]), 12, Some(0)),
        (
            "release pipeline",
            observed(&["clusters", "jobs", "secrets"]),
            27,
            Some(0),
        ),
        ("quarterly tax export", observed(&[]), 170, Some(80)),
        ("webhook relay", observed(&[]), 9, Some(1)),
        ("reserved for the new dashboard", observed(&[]), 4, None),
        (
            "warehouse starter",
            Scopes::proposed(&["clusters", "jobs"]),
            160,
            Some(0),
        ),
        (
            "a state that no one knows",
            Scopes::auto(Autoscope::Paused, &["sql"]),
            20,
            Some(2),
        ),
    ]
}

fn scoped(company: &Company, rng: &mut StdRng) -> Vec<Draft> {
    let drafts = scoped_rows().into_iter();
    drafts
        .map(|(comment, scopes, created_days_ago, used_days_ago)| {
            let owner = *company.staff[3..].choose(rng).unwrap_or(&company.admin);
            Draft {
                comment: Some(comment.to_owned()),
                owner,
                creator: owner,
                created_days_ago,
                life: Life::Days(365),
                used_days_ago,
                scopes,
                legacy_id: false,
            }
        })
        .collect()
}
