//! The many ordinary tokens around the curated ones.

use std::collections::HashMap;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::people::Company;
use super::token::{Draft, Life, Scopes};
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::Autoscope;

/// Unused tokens are removed after 90 days. The margin allows for a run across midnight.
const MAX_IDLE_DAYS: u32 = 88;

/// Days since the last time that tokens without expiry could be created (December 2024, seen from late 2026).
const LAST_UNLIMITED_DAYS: u32 = 710;

/// The maximum number of these tokens per principal, so that it stays below the quota of 600.
const MAX_TOKENS_PER_OWNER: u32 = 560;

const PURPOSES: [&str; 28] = [
    "nightly export",
    "Power BI refresh",
    "Tableau extract",
    "dbt",
    "airflow connection",
    "VS Code",
    "notebook tests",
    "CLI",
    "JDBC from DataGrip",
    "feature pipeline",
    "model registry sync",
    "dashboard embed",
    "load test",
    "terraform plan",
    "GitHub Actions",
    "jenkins",
    "data quality checks",
    "schema migration",
    "Excel add-in",
    "event replay",
    "backfill",
    "cost report",
    "log shipping",
    "partner SFTP export",
    "churn model",
    "demand forecast",
    "CDC from Postgres",
    "Kafka sink",
];

const PLACES: [&str; 16] = [
    "prod",
    "staging",
    "dev",
    "EMEA",
    "APAC",
    "Q3",
    "finance",
    "marketing",
    "orders",
    "inventory",
    "laptop",
    "sandbox",
    "v2",
    "team",
    "pilot",
    "warehouse",
];

const SCOPES: [&[&str]; 7] = [
    &["sql"],
    &["sql", "unity-catalog"],
    &["clusters", "jobs"],
    &["files"],
    &["all-apis"],
    &["sql", "dashboards"],
    &["mlflow"],
];

/// Generates ordinary tokens for a company.
pub(super) struct Bulk<'a> {
    company: &'a Company,
    per_owner: HashMap<PrincipalId, u32>,
}

impl<'a> Bulk<'a> {
    pub(super) fn new(company: &'a Company) -> Self {
        Self {
            company,
            per_owner: HashMap::new(),
        }
    }

    pub(super) fn drafts(mut self, count: usize, rng: &mut StdRng) -> Vec<Draft> {
        (0..count).map(|_| self.draft(rng)).collect()
    }

    fn draft(&mut self, rng: &mut StdRng) -> Draft {
        let (owner, creator) = self.owner(rng);
        let (life, created_days_ago, ended_days_ago) = life(rng);
        let used_days_ago = last_use(created_days_ago, ended_days_ago, rng);
        Draft {
            comment: comment(rng),
            owner,
            creator,
            created_days_ago,
            life,
            used_days_ago,
            scopes: match created_days_ago {
                0..200 => scopes(created_days_ago, rng),
                days if days.is_multiple_of(7) => Scopes::proposed(SCOPES[days as usize % 4]),
                _ => Scopes::default(),
            },
            legacy_id: created_days_ago > LAST_UNLIMITED_DAYS && rng.random_ratio(1, 6),
        }
    }

    /// Owner and creator. A few people have many tokens; most have one or two.
    fn owner(&mut self, rng: &mut StdRng) -> (PrincipalId, PrincipalId) {
        let mut drawn = self.draw_owner(rng);
        for _ in 0..20 {
            if self.per_owner.get(&drawn.0).copied().unwrap_or_default() < MAX_TOKENS_PER_OWNER {
                break;
            }
            drawn = self.draw_owner(rng);
        }
        *self.per_owner.entry(drawn.0).or_default() += 1;
        drawn
    }

    fn draw_owner(&self, rng: &mut StdRng) -> (PrincipalId, PrincipalId) {
        let company = self.company;
        let own = |id: Option<PrincipalId>| id.map_or((company.admin, company.admin), |id| (id, id));
        match rng.random_range(0..100) {
            0..9 => {
                let admin = if rng.random_ratio(2, 3) {
                    company.admin
                } else {
                    company.other_admin
                };
                (
                    company.services.choose(rng).copied().unwrap_or(company.automation),
                    admin,
                )
            }
            9..16 => own(company.services.choose(rng).copied()),
            16..19 => own(company.departed.choose(rng).map(|(id, _)| *id)),
            19..23 => own(company.deactivated.choose(rng).copied()),
            _ => {
                let colleagues = &company.staff[3..];
                let skewed = rng.random::<f64>().powf(1.6) * colleagues.len() as f64;
                own(colleagues.get(skewed as usize).copied())
            }
        }
    }
}

/// Lifetime, days since creation, and days since expiry if the token has expired.
fn life(rng: &mut StdRng) -> (Life, u32, Option<u32>) {
    let days = *[7, 14, 30, 30, 60, 90, 90, 90, 180, 365, 365, 730]
        .choose(rng)
        .unwrap_or(&90);
    match rng.random_range(0..100) {
        0..9 => (Life::Never, rng.random_range(LAST_UNLIMITED_DAYS..1900), None),
        9..19 => {
            let ended = rng.random_range(1..25);
            (Life::Days(days), days + ended, Some(ended))
        }
        _ => (Life::Days(days), rng.random_range(0..days - 2), None),
    }
}

fn last_use(created_days_ago: u32, ended_days_ago: Option<u32>, rng: &mut StdRng) -> Option<u32> {
    let earliest = ended_days_ago.unwrap_or(0);
    let latest = created_days_ago.min(MAX_IDLE_DAYS);
    let days = match rng.random_range(0..100) {
        0..12 if created_days_ago < MAX_IDLE_DAYS => return None,
        0..66 => rng.random_range(0..7),
        66..82 => rng.random_range(7..30),
        82..93 => rng.random_range(30..80),
        _ => rng.random_range(80..=MAX_IDLE_DAYS),
    };
    Some(days.max(earliest).min(latest))
}

fn comment(rng: &mut StdRng) -> Option<String> {
    let purpose = PURPOSES.choose(rng)?;
    let place = PLACES.choose(rng)?;
    match rng.random_range(0..100) {
        0..4 => None,
        4..6 => Some(String::new()),
        6..36 => Some((*purpose).to_owned()),
        36..80 => Some(format!("{purpose} {place}")),
        80..90 => Some(format!("{purpose} ({place})")),
        _ => Some(format!(
            "{place}-{}-{}",
            purpose.to_lowercase().replace(' ', "-"),
            rng.random_range(1..40)
        )),
    }
}

fn scopes(created_days_ago: u32, rng: &mut StdRng) -> Scopes {
    let observed = SCOPES.choose(rng).copied().unwrap_or(&["sql"]);
    match rng.random_range(0..100) {
        0..45 => Scopes::default(),
        45..70 => Scopes::selected(observed),
        70..80 => Scopes::auto(Autoscope::Completed, observed),
        // After about a month, the platform has observed long enough.
        80..88 if created_days_ago < 30 => Scopes::auto(Autoscope::Running, observed),
        80..88 => Scopes::auto(Autoscope::Completed, observed),
        88..94 => Scopes::auto(Autoscope::Backfilled, observed),
        94..98 => Scopes::auto(Autoscope::Disabled, observed),
        _ => Scopes::auto(Autoscope::ApiNotCovered, observed),
    }
}
