//! The cookies of a browser in a test, for HTTP tests and for tests of the program.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{HeaderMap, SET_COOKIE};

/// The values by name.
#[derive(Default)]
pub(crate) struct CookieJar(pub(crate) Mutex<BTreeMap<String, String>>);

impl CookieJar {
    /// The cookies as `name=value; name=value`; `None` without any.
    pub(crate) fn header(&self) -> Option<String> {
        let cookies = self.0.lock().unwrap();
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Stores and removes cookies as the response requests.
    pub(crate) fn update(&self, response: &HeaderMap) {
        for set in response.get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let mut cookies = self.0.lock().unwrap();
            match value {
                "" => cookies.remove(name),
                value => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

impl Clone for CookieJar {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap().clone()))
    }
}
