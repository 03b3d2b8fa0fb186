//! `GET /api/2.0/permissions/authorization/tokens`.

use serde::Deserialize;

use super::lenient;
use crate::api::{Acl, Grant, GrantPrincipal, Level};

#[derive(Debug, Deserialize)]
pub(crate) struct AccessControl {
    #[serde(default, deserialize_with = "lenient::or_default")]
    access_control_list: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    user_name: Option<String>,
    group_name: Option<String>,
    service_principal_name: Option<String>,
    display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    all_permissions: Vec<Permission>,
}

#[derive(Debug, Deserialize)]
struct Permission {
    permission_level: String,
}

impl AccessControl {
    /// The list, or the path of an entry that names nobody.
    pub(crate) fn into_acl(self) -> Result<Acl, String> {
        let grants = self.access_control_list.into_iter().enumerate();
        let grants = grants.map(|(i, entry)| entry.convert().ok_or_else(|| format!("access_control_list[{i}]")));
        Ok(Acl {
            grants: grants.collect::<Result<_, _>>()?,
        })
    }
}

impl Entry {
    fn convert(self) -> Option<Grant> {
        let principal = (self.user_name.map(GrantPrincipal::User))
            .or(self.group_name.map(GrantPrincipal::Group))
            .or(self.service_principal_name.map(GrantPrincipal::ServicePrincipal))?;
        let levels = self.all_permissions.into_iter();
        Some(Grant {
            principal,
            display_name: self.display_name.filter(|name| !name.is_empty()),
            levels: levels.map(|p| Level::from_wire(p.permission_level)).collect(),
        })
    }
}
