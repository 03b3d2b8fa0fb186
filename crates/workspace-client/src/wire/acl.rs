//! `/api/2.0/permissions/authorization/tokens`. A request has one level per entry, a response a list of levels.

use domain::access::{AccessList, Grant, Grantee, Level};
use serde::{Deserialize, Serialize};

use super::lenient;

#[derive(Debug, Deserialize)]
pub(crate) struct AccessControl {
    object_id: Option<String>,
    object_type: Option<String>,
    access_control_list: Option<Vec<AclEntry>>,
}

#[derive(Debug, Deserialize)]
struct AclEntry {
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
    /// The list, or the path of what is missing. That is the grantee of an entry, or the object or the list itself:
    /// without those, no list may be written.
    pub(crate) fn into_list(self) -> Result<AccessList, String> {
        self.object_id.or(self.object_type).ok_or("object_id")?;
        let grants = self.access_control_list.ok_or("access_control_list")?;
        let grants = grants.into_iter().enumerate();
        let grants = grants.map(|(i, entry)| entry.convert().ok_or_else(|| format!("access_control_list[{i}]")));
        Ok(AccessList::new(grants.collect::<Result<Vec<_>, _>>()?))
    }
}

impl AclEntry {
    fn convert(self) -> Option<Grant> {
        let grantee = (self.user_name.map(Grantee::User))
            .or(self.group_name.map(Grantee::Group))
            .or(self.service_principal_name.map(Grantee::ServicePrincipal))?;
        let levels = self.all_permissions.iter();
        Some(Grant {
            grantee,
            display_name: self.display_name.filter(|name| !name.is_empty()),
            levels: levels.map(|p| Level::from_name(&p.permission_level)).collect(),
        })
    }
}

/// The body of PUT and PATCH.
#[derive(Debug, Serialize)]
pub(crate) struct AccessControlRequest<'a> {
    access_control_list: Vec<RequestEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct RequestEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_principal_name: Option<&'a str>,
    permission_level: &'a str,
}

impl<'a> AccessControlRequest<'a> {
    pub(crate) fn new(grants: impl Iterator<Item = (&'a Grantee, &'a Level)>) -> Self {
        let entry = |(grantee, level): (&'a Grantee, &'a Level)| {
            let name = |is: bool| is.then(|| grantee.name());
            RequestEntry {
                user_name: name(matches!(grantee, Grantee::User(_))),
                group_name: name(matches!(grantee, Grantee::Group(_))),
                service_principal_name: name(matches!(grantee, Grantee::ServicePrincipal(_))),
                permission_level: level.name(),
            }
        };
        Self {
            access_control_list: grants.map(entry).collect(),
        }
    }
}
