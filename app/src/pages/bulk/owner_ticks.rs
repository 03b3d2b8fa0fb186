//! The ticked owners in the review of a bulk revocation. A browser sends only ticked checkboxes, so the form also has a
//! field for each owner with a checkbox.

use crate::http::paths;
use crate::http::request::Request;

/// The field that lists the owners with a checkbox.
pub(super) const LISTED_FIELD: &str = "listed[]";

/// The field of the checkboxes.
pub(super) const TICKED_FIELD: &str = "owner[]";

/// The value for tokens without an owner.
const NO_OWNER: &str = "none";

/// The owners with a checkbox and the ticked ones, by their field values.
#[derive(Default)]
pub(super) struct OwnerTicks {
    listed: Vec<String>,
    ticked: Vec<String>,
}

impl OwnerTicks {
    pub(super) fn new(listed: Vec<String>, ticked: Vec<String>) -> Self {
        Self { listed, ticked }
    }

    /// The owners in a page's URL.
    pub(super) fn of(request: &Request) -> Self {
        let mut ticks = Self::default();
        for (name, value) in request.pairs() {
            match name.as_str() {
                LISTED_FIELD => ticks.listed.push(value),
                TICKED_FIELD => ticks.ticked.push(value),
                _ => {}
            }
        }
        ticks
    }

    /// The IDs of the owners that are not ticked.
    pub(super) fn unticked(&self) -> Vec<String> {
        let unticked = self.listed.iter().filter(|value| !self.ticked.contains(value));
        unticked.map(|value| owner_of(value).to_owned()).collect()
    }

    /// Whether the owner with this ID is ticked.
    pub(super) fn is_ticked(&self, owner: &str) -> bool {
        let is = |value: &String| owner_of(value) == owner;
        !self.listed.iter().any(is) || self.ticked.iter().any(is)
    }

    /// `url` with these fields, or unchanged if all owners are ticked.
    pub(super) fn add_to(&self, url: &str) -> String {
        if self.unticked().is_empty() {
            return url.to_owned();
        }
        let listed = self.listed.iter().map(|value| (LISTED_FIELD, value));
        let ticked = self.ticked.iter().map(|value| (TICKED_FIELD, value));
        let fields = listed.chain(ticked);
        fields.fold(url.to_owned(), |url, (name, value)| {
            paths::with_param(&url, &domain::percent_encode(name), value)
        })
    }
}

/// The field value for the owner with this ID, which is empty if the workspace names no owner.
pub(super) fn field_value(owner: &str) -> String {
    if owner.is_empty() { NO_OWNER } else { owner }.to_owned()
}

fn owner_of(value: &str) -> &str {
    if value == NO_OWNER { "" } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_left_out_if_its_box_is_not_ticked() {
        let all = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let ticks = OwnerTicks::new(all(&["1", "2", "none"]), all(&["2"]));
        assert_eq!(ticks.unticked(), ["1", ""]);
        assert!(ticks.is_ticked("2") && ticks.is_ticked("3"), "3 has no box");
        assert!(!ticks.is_ticked("1") && !ticks.is_ticked(""));
        assert_eq!(
            ticks.add_to("/b"),
            "/b?listed%5B%5D=1&listed%5B%5D=2&listed%5B%5D=none&owner%5B%5D=2"
        );
        assert_eq!(OwnerTicks::new(all(&["1"]), all(&["1"])).add_to("/b"), "/b");
    }
}
