//! The name and the IP address of a browser, to help people tell their own sessions apart. The browser chooses its name
//! itself, so it proves nothing.

use console::{Device, RequestSource};
use http::HeaderMap;
use http::header::USER_AGENT;
use http::request::Parts;

/// Systems by a word in `User-Agent`, the more specific first: an Android also calls itself Linux, and an iPhone
/// calls itself Mac OS X.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Browsers, also the more specific first: nearly all say Safari, and most say Chrome.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The browser that sent a request.
pub fn device_of(request: &Parts) -> Device {
    let source = request.extensions.get::<RequestSource>();
    Device {
        name: browser_name(&request.headers),
        client: source.map(|source| source.client).unwrap_or_default(),
    }
}

/// For example `Chrome on macOS`, from what the browser says.
fn browser_name(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default();
    let find = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(word, _)| agent.contains(word))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(known), None) | (None, Some(known)) => known.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_distinguished() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 \
                      Safari/537.36";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 \
                      Mobile/15E148 Safari/604.1";
        for (agent, name) in [
            (chrome.to_owned(), "Chrome on Windows"),
            (format!("{chrome} Edg/143.0"), "Edge on Windows"),
            (safari.to_owned(), "Safari on iPhone"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
                "Firefox on Linux",
            ),
            ("curl/8.5".to_owned(), "Unknown browser"),
            ("<b>".to_owned(), "Unknown browser"),
        ] {
            let headers = HeaderMap::from_iter([(USER_AGENT, agent.parse().unwrap())]);
            assert_eq!(browser_name(&headers), name, "{agent}");
        }
        assert_eq!(browser_name(&HeaderMap::new()), "Unknown browser");
    }
}
