//! The people of Acme: users, groups (some nested), service principals, and who can use tokens.

use std::collections::{BTreeSet, HashSet};

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::names::{address, names};
use super::uuid;
use crate::workspace::directory::{Directory, PrincipalId, ServicePrincipal, User};
use crate::workspace::grants::Grants;

/// The company, with the principals that seeds and credentials refer to.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) directory: Directory,
    pub(crate) grants: Grants,
    pub(crate) admin: PrincipalId,
    pub(crate) non_admin: PrincipalId,
    pub(crate) other_admin: PrincipalId,
    /// The service principal whose secret is known.
    pub(crate) automation: PrincipalId,
    /// Active users. Those with known credentials come first.
    pub(crate) staff: Vec<PrincipalId>,
    /// Users who are still in the directory but no longer active.
    pub(crate) deactivated: Vec<PrincipalId>,
    /// Users who are no longer in the directory. Only token records contain their names.
    pub(crate) departed: Vec<(PrincipalId, String)>,
    pub(crate) services: Vec<PrincipalId>,
}

impl Company {
    pub(crate) fn application_id(&self, service: PrincipalId) -> String {
        self.directory.user_name(service).unwrap_or_default().to_owned()
    }

    /// `userName` of anyone, including departed people.
    pub(crate) fn user_name(&self, id: PrincipalId) -> String {
        let departed = || {
            self.departed
                .iter()
                .find(|(gone, _)| *gone == id)
                .map(|(_, name)| name.as_str())
        };
        self.directory
            .user_name(id)
            .or_else(departed)
            .unwrap_or_default()
            .to_owned()
    }
}

/// Name, the group that it is nested in, and whether it has CAN_USE. Parents come first.
const GROUPS: [(&str, Option<&str>, bool); 20] = [
    ("platform-admins", Some("admins"), false),
    ("data-platform", None, true),
    ("data-engineering", Some("data-platform"), false),
    ("streaming", Some("data-engineering"), false),
    ("platform-sre", Some("data-platform"), false),
    ("analytics", None, true),
    ("bi-developers", Some("analytics"), false),
    ("product-analytics", Some("analytics"), false),
    ("ml-research", None, true),
    ("ml-serving", Some("ml-research"), false),
    ("risk-models", None, true),
    ("supply-chain", None, true),
    ("marketing-science", None, true),
    ("customer-insights", Some("marketing-science"), false),
    ("finance-reporting", None, false),
    ("security", None, true),
    ("internal-audit", None, false),
    ("support-engineering", None, false),
    ("contractors", None, false),
    ("Zürich & München – Datenteam", Some("data-platform"), false),
];

const SERVICES: [&str; 18] = [
    "etl-nightly",
    "ci-deployer",
    "airflow-prod",
    "airflow-staging",
    "dbt-runner",
    "terraform",
    "tableau-connector",
    "powerbi-gateway",
    "fivetran-sync",
    "ml-batch-scorer",
    "feature-store-sync",
    "github-actions",
    "monitoring-exporter",
    "backup-export",
    "customer-portal-api",
    "salesforce-ingest",
    "analytics",
    "legacy-reporting",
];

/// How many service principals, from the beginning of the list, have CAN_USE. The others cannot use tokens.
const GRANTED_SERVICES: usize = 12;

pub(crate) fn company(users: u32, rng: &mut StdRng) -> Company {
    let mut ids = Ids::default();
    let mut directory = Directory::new(ids.group(rng), ids.group(rng));
    for (name, parent, _) in GROUPS {
        let id = ids.group(rng);
        directory.add_group(id, name, false);
        if let Some(parent) = parent.and_then(|parent| directory.group_by_name(parent)) {
            directory.add_member(parent, id);
        }
    }
    let services: Vec<PrincipalId> = SERVICES
        .iter()
        .map(|name| add_service(&mut directory, name, &mut ids, rng))
        .collect();
    let automation = add_service(&mut directory, "pat-console-automation", &mut ids, rng);
    directory.add_member(directory.admins, automation);

    let total = users.max(12) as usize;
    let mut names = names(total + total / 50 + 2, rng).into_iter();
    let departed = names
        .by_ref()
        .take(total / 50 + 2)
        .map(|(given, family)| (ids.user(rng), address(&given, &family)))
        .collect();
    let people: Vec<PrincipalId> = KNOWN_PEOPLE
        .iter()
        .map(|(given, family)| ((*given).to_owned(), (*family).to_owned()))
        .chain(names)
        .take(total)
        .enumerate()
        .map(|(index, name)| add_person(&mut directory, index, name, &mut ids, rng))
        .collect();
    let (staff, deactivated) = people.split_at(total - (total / 25).max(2));
    for id in deactivated {
        if let Some(user) = directory.users.get_mut(id) {
            user.active = false;
        }
    }
    place_known_people(&mut directory, staff, &services);
    let grants = grants(&directory, &services, staff, automation);
    Company {
        grants,
        admin: staff[0],
        non_admin: staff[1],
        other_admin: staff[2],
        automation,
        staff: staff.to_vec(),
        deactivated: deactivated.to_vec(),
        departed,
        services,
        directory,
    }
}

/// The admin, the non-admin and the other admin, then two colleagues with the same name.
const KNOWN_PEOPLE: [(&str, &str); 5] = [
    ("Mia", "Kowalski"),
    ("Kai", "Tanaka"),
    ("Tomás", "Herrera"),
    ("Alex", "Chen"),
    ("Alex", "Chen"),
];

fn place_known_people(directory: &mut Directory, staff: &[PrincipalId], services: &[PrincipalId]) {
    let group = |directory: &Directory, name| directory.group_by_name(name).unwrap_or(directory.all_users);
    let [admin, non_admin, other_admin] = [staff[0], staff[1], staff[2]];
    for id in [admin, non_admin, other_admin] {
        for parent in directory.direct_groups_of(id) {
            if parent != directory.all_users {
                directory.remove_member(parent, id);
            }
        }
    }
    directory.add_member(directory.admins, admin);
    directory.add_member(group(directory, "data-platform"), admin);
    directory.add_member(group(directory, "bi-developers"), non_admin);
    directory.add_member(group(directory, "platform-admins"), other_admin);
    for service in services.iter().take(4) {
        if let Some(service) = directory.service_principals.get_mut(service) {
            service.role_users = BTreeSet::from([admin]);
        }
    }
}

fn grants(directory: &Directory, services: &[PrincipalId], staff: &[PrincipalId], automation: PrincipalId) -> Grants {
    let groups = GROUPS
        .iter()
        .filter(|(_, _, granted)| *granted)
        .filter_map(|(name, ..)| directory.group_by_name(name));
    let services = services.iter().take(GRANTED_SERVICES).copied();
    let people = staff.iter().skip(3).step_by(31).take(6).copied();
    let mut grants = Grants::default();
    grants.add(groups.chain(services).chain([automation]).chain(people));
    grants
}

fn add_service(directory: &mut Directory, name: &str, ids: &mut Ids, rng: &mut StdRng) -> PrincipalId {
    let id = ids.user(rng);
    let service = ServicePrincipal {
        application_id: uuid(rng),
        display_name: name.to_owned(),
        active: true,
        role_users: BTreeSet::new(),
    };
    directory.add_service_principal(id, service);
    id
}

fn add_person(
    directory: &mut Directory,
    index: usize,
    (given_name, family_name): (String, String),
    ids: &mut Ids,
    rng: &mut StdRng,
) -> PrincipalId {
    // A 64-bit float cannot represent the ID of the other admin.
    let id = if index == 2 {
        ids.above_float_range(rng)
    } else {
        ids.user(rng)
    };
    let mut user_name = address(&given_name, &family_name);
    if let Some(taken) = directory.user_by_name(&user_name) {
        user_name = user_name.replacen('@', &format!("{}@", taken % 90 + 10), 1);
    }
    directory.add_user(
        id,
        User {
            user_name,
            given_name,
            family_name,
            active: true,
        },
    );
    for _ in 0..rng.random_range(1..=2) {
        if let Some(group) = GROUPS[1..]
            .choose(rng)
            .and_then(|(name, ..)| directory.group_by_name(name))
        {
            directory.add_member(group, id);
        }
    }
    id
}

/// Generates IDs, each once.
#[derive(Debug, Default)]
struct Ids(HashSet<PrincipalId>);

impl Ids {
    fn unused(&mut self, mut draw: impl FnMut() -> PrincipalId) -> PrincipalId {
        loop {
            let id = draw();
            if self.0.insert(id) {
                return id;
            }
        }
    }

    fn group(&mut self, rng: &mut StdRng) -> PrincipalId {
        self.unused(|| rng.random_range(100_000_000_000_000..1_000_000_000_000_000))
    }

    /// One in eight is above 2^53.
    fn user(&mut self, rng: &mut StdRng) -> PrincipalId {
        if rng.random_ratio(1, 8) {
            return self.above_float_range(rng);
        }
        self.unused(|| rng.random_range(1_000_000_000_000_000..9_000_000_000_000_000))
    }

    /// Odd and above 2^54, so that a 64-bit float cannot represent it.
    fn above_float_range(&mut self, rng: &mut StdRng) -> PrincipalId {
        self.unused(|| rng.random_range(1_u64 << 54..1_u64 << 62) | 1)
    }
}
