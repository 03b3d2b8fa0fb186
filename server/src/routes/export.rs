//! Lists taken along as files, CSV or JSON: written as they are read, so that any length takes the same memory.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use console::Error;
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;

use crate::middleware::security_headers::UNBUFFERED;

/// Lines that are held at once.
pub(crate) const BATCH_SIZE: u32 = 500;

/// How a list is written.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    /// RFC 4180, safe to open in a spreadsheet.
    Csv,
    /// A list of objects.
    Json,
}

/// One line of a file. Serialised it is an object.
pub(crate) trait ExportRow: Serialize {
    /// The names of the columns.
    const HEADINGS: &'static str;

    /// What stands in them.
    fn columns(&self) -> Vec<&str>;
}

impl Format {
    /// Some lines as text, of which the next are put after [`Self::between`].
    pub(crate) fn rows<L: ExportRow>(self, lines: impl Iterator<Item = L>) -> String {
        let written = lines.map(|line| match self {
            Self::Csv => csv(&line.columns()),
            Self::Json => serde_json::to_string(&line).unwrap_or_default(),
        });
        written.collect::<Vec<_>>().join(self.separator())
    }

    const fn separator(self) -> &'static str {
        match self {
            Self::Csv => "",
            Self::Json => ",\n",
        }
    }
}

fn csv(cells: &[&str]) -> String {
    let cells: Vec<_> = cells.iter().map(|text| csv_field(text)).collect();
    cells.join(",") + "\r\n"
}

/// A cell that no spreadsheet takes for a formula (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn csv_field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let safe = if formula { "'" } else { "" };
    format!("\"{safe}{}\"", text.replace('"', "\"\""))
}

/// A file of `parts`, each of which [`Format::lines`] wrote. An error cuts the connection rather than end the file as if
/// it were whole.
pub(crate) fn file<L: ExportRow>(
    format: Format,
    name: &str,
    parts: impl Stream<Item = Result<String, Error>> + Send + 'static,
) -> Response {
    let (extension, content_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Json => ("json", "application/json"),
    };
    let (begin, end) = match format {
        Format::Csv => (L::HEADINGS.to_owned() + "\r\n", ""),
        Format::Json => ("[".to_owned(), "]\n"),
    };
    let mut first = true;
    let parts = parts.map(move |part| {
        part.map(|text| match text.is_empty() || std::mem::take(&mut first) {
            true => text,
            false => format.separator().to_owned() + &text,
        })
    });
    let around = |text: String| stream::iter([Ok(text)]);
    let body = Body::from_stream(around(begin).chain(parts).chain(around(end.to_owned())));
    // A workspace's name is of letters, digits and dashes.
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    let headers = [
        (CONTENT_TYPE, content_type.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    ([UNBUFFERED], headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, safe) in [
            ("plain", "\"plain\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("a,b\nc", "\"a,b\nc\""),
            ("", "\"\""),
        ] {
            assert_eq!(csv_field(text), safe);
        }
    }
}
