//! A response, and the parts of a page in it.

use app::problem::{Failure, Problem};
use reqwest::header::{HeaderMap, LOCATION};

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Response {
    /// A header's value; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The target of a redirect; empty if this is not one.
    pub(crate) fn location(&self) -> String {
        self.header(LOCATION.as_str()).to_owned()
    }

    /// The problem that a server function reports to a script. Asserts that its request ID is the response's.
    pub(crate) fn problem(&self) -> Problem {
        let start = self.body.find('{').unwrap_or_default();
        let failure: Failure = serde_json::from_str(&self.body[start..]).unwrap();
        assert_eq!(failure.request_id, self.header("x-request-id"));
        failure.problem
    }

    /// The text of the page: without tags, with single spaces.
    pub(crate) fn text(&self) -> String {
        text(
            self.body
                .split_once("<body")
                .map_or(self.body.as_str(), |(_, body)| body),
        )
    }

    /// The text of the page's title, which comes before the titles of SVGs.
    pub(crate) fn title(&self) -> String {
        self.texts_of("title").into_iter().next().unwrap_or_default()
    }

    /// The page's headings of the first level.
    pub(crate) fn h1(&self) -> Vec<String> {
        self.texts_of("h1")
    }

    /// The success notice; empty without one. Times are replaced by `<time>`.
    #[track_caller]
    pub(crate) fn status_message(&self) -> String {
        self.message("status-message")
    }

    /// The error notice; empty without one. Times are replaced by `<time>`.
    #[track_caller]
    pub(crate) fn error_message(&self) -> String {
        self.message("error-message")
    }

    /// The text of the first column of each table row.
    pub(crate) fn rows(&self) -> Vec<String> {
        let rows = self.body.split("<th scope=\"row\">").skip(1);
        rows.map(|row| text(row.split_once("</th>").map_or(row, |(cell, _)| cell)))
            .collect()
    }

    /// The sentences of the page's entries of the activity log, each after its time.
    pub(crate) fn entries(&self) -> Vec<String> {
        let entries = self.body.split("class=\"entry-time\"").skip(1);
        let end = |entry: &str| {
            [entry.find("</p>"), entry.find("</summary>")]
                .into_iter()
                .flatten()
                .min()
        };
        entries
            .map(|entry| text(&entry[..end(entry).unwrap_or(entry.len())]))
            .collect()
    }

    /// The cells of the row whose first column starts with `name`.
    #[track_caller]
    pub(crate) fn cells(&self, name: &str) -> Vec<String> {
        let rows = self.body.split("<th scope=\"row\">").skip(1);
        let row = rows
            .map(|row| row.split("</tr>").next().unwrap_or(row))
            .find(|row| text(row).starts_with(name));
        assert!(row.is_some(), "no row {name}: {:?}", self.rows());
        row.unwrap_or_default().split("<td").skip(1).map(text).collect()
    }

    /// The value of the input with this name, as the browser reads it.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        self.attribute(name, "value")
    }

    /// The text that has to be typed into the input with this name.
    pub(crate) fn expected(&self, name: &str) -> Option<String> {
        self.attribute(name, "data-expect")
    }

    /// An attribute of the input with this name.
    fn attribute(&self, name: &str, attribute: &str) -> Option<String> {
        let tags = self.body.split("<input").skip(1).filter_map(|tag| tag.split_once('>'));
        let tag = tags
            .map(|(tag, _)| tag)
            .find(|tag| tag.contains(&format!("name=\"{name}\"")))?;
        let (_, rest) = tag.split_once(&format!(" {attribute}=\""))?;
        Some(unescaped(rest.split_once('"')?.0))
    }

    /// Asserts that the page has a success notice that starts with `text`, and no error notice.
    #[track_caller]
    pub(crate) fn assert_success(&self, text: &str) {
        let (success, error) = (self.status_message(), self.error_message());
        assert!(
            success.starts_with(text) && error.is_empty(),
            "{success:?}, error {error:?}"
        );
    }

    /// Asserts that the page has an error notice that starts with `text`, and no success notice.
    #[track_caller]
    pub(crate) fn assert_error(&self, text: &str) {
        let (success, error) = (self.status_message(), self.error_message());
        assert!(
            error.starts_with(text) && success.is_empty(),
            "{error:?}, success {success:?}"
        );
    }

    /// Asserts that the page's text contains each of `texts`.
    #[track_caller]
    pub(crate) fn assert_shows(&self, texts: &[&str]) {
        let page = self.text();
        let missing: Vec<_> = texts.iter().filter(|text| !page.contains(**text)).collect();
        assert!(missing.is_empty(), "lacks {missing:?}: {page}");
    }

    /// Asserts that the page's text contains none of `texts`.
    #[track_caller]
    pub(crate) fn assert_lacks(&self, texts: &[&str]) {
        let page = self.text();
        let shown: Vec<_> = texts.iter().filter(|text| page.contains(**text)).collect();
        assert!(shown.is_empty(), "shows {shown:?}: {page}");
    }

    /// Asserts that the raw body contains each of `parts`.
    #[track_caller]
    pub(crate) fn assert_has(&self, parts: &[&str]) {
        let missing: Vec<_> = parts.iter().filter(|part| !self.body.contains(**part)).collect();
        assert!(missing.is_empty(), "lacks {missing:?}: {}", self.body);
    }

    /// Asserts that the raw body contains none of `parts`.
    #[track_caller]
    pub(crate) fn assert_has_none(&self, parts: &[&str]) {
        let present: Vec<_> = parts.iter().filter(|part| self.body.contains(**part)).collect();
        assert!(present.is_empty(), "has {present:?}: {}", self.body);
    }

    /// Asserts that this is a download whose name begins with `start` and a time, and ends with `end`.
    #[track_caller]
    pub(crate) fn assert_file_name(&self, start: &str, end: &str) {
        let disposition = self.header("content-disposition");
        let name = disposition.strip_prefix("attachment; filename=\"").unwrap_or_default();
        let time = name
            .strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(&format!("{end}\"")));
        let digits = time.unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
        assert_eq!(digits, "20261126121000".len(), "{disposition}");
    }

    fn texts_of(&self, element: &str) -> Vec<String> {
        let (begin, end) = (format!("<{element}"), format!("</{element}>"));
        let parts = self.body.split(&begin).skip(1);
        parts
            .map(|part| text(part.split_once(&end).map_or(part, |(inside, _)| inside)))
            .collect()
    }

    /// The text of the `<div>` with this ID. Panics if the response has no such element: the test would never find a
    /// message in it.
    #[track_caller]
    fn message(&self, id: &str) -> String {
        let found = self.body.split_once(&format!("id=\"{id}\""));
        assert!(found.is_some(), "no #{id}, status {}: {}", self.status, self.body);
        let (_, after) = found.unwrap();
        let mut depth = 1;
        let mut end = 0;
        while depth > 0 {
            let (open, close) = (after[end..].find("<div"), after[end..].find("</div>").unwrap());
            let is_nested = open.is_some_and(|open| open < close);
            depth = if is_nested { depth + 1 } else { depth - 1 };
            end += open.filter(|_| is_nested).unwrap_or(close) + 1;
        }
        without_times(&text(&after[..end - 1]))
    }
}

/// The text of a piece of HTML, which may start or end inside a tag.
fn text(html: &str) -> String {
    let html = format!("<{html}").replace("<!>", "");
    let without_comments = html
        .split("<!--")
        .map(|part| part.split_once("-->").map_or(part, |(_, after)| after));
    let mut out = String::new();
    for part in without_comments.collect::<String>().split('<') {
        out.push_str(part.split_once('>').map_or("", |(_, text)| text));
        out.push(' ');
    }
    unescaped(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(html: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    named
        .iter()
        .fold(html.to_owned(), |html, (entity, text)| html.replace(entity, text))
}

/// The text with `<time>` in place of each time of day such as `12:34:56 UTC`.
fn without_times(text: &str) -> String {
    let mut parts: Vec<_> = text.split(" UTC").map(str::to_owned).collect();
    let last = parts.pop().unwrap();
    let is_time = |end: &str| end.bytes().all(|b| b.is_ascii_digit() || b == b':');
    for part in &mut parts {
        match part.rfind(' ').filter(|at| is_time(&part[at + 1..])) {
            Some(at) => part.replace_range(at + 1.., "<time>"),
            None => part.push_str(" UTC"),
        }
    }
    parts.concat() + &last
}
