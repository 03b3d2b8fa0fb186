//! Exports as CSV or JSON files. They are sent as they are read, so that a list of any length takes the same memory.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use console::Error;
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;

use crate::middleware::security_headers::UNBUFFERED;

/// How many rows are in memory at once.
pub(crate) const BATCH_SIZE: u32 = 500;

/// The format of a file.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    /// RFC 4180, with fields that spreadsheets do not take for formulas.
    Csv,
    /// One array of objects.
    Json,
}

/// One row of a file. For JSON it is serialised as an object.
pub(crate) trait ExportRow: Serialize {
    /// The first line of a CSV file: the names of the columns.
    const HEADINGS: &'static str;

    /// The row's fields, in the order of [`Self::HEADINGS`].
    fn columns(&self) -> Vec<&str>;
}

impl Format {
    /// One batch of rows as text, without a separator at either end.
    pub(crate) fn rows<R: ExportRow>(self, rows: impl Iterator<Item = R>) -> String {
        let rows = rows.map(|row| match self {
            Self::Csv => csv_row(&row.columns()),
            Self::Json => serde_json::to_string(&row).unwrap_or_default(),
        });
        rows.collect::<Vec<_>>().join(self.separator())
    }

    const fn separator(self) -> &'static str {
        match self {
            Self::Csv => "",
            Self::Json => ",\n",
        }
    }
}

fn csv_row(fields: &[&str]) -> String {
    let fields: Vec<_> = fields.iter().map(|text| csv_field(text)).collect();
    fields.join(",") + "\r\n"
}

/// A quoted field that spreadsheets do not take for a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>). A CSV crate would only add the quotes, not this guard.
fn csv_field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let prefix = if is_formula { "'" } else { "" };
    format!("\"{prefix}{}\"", text.replace('"', "\"\""))
}

/// A file to download, made of `batches` by [`Format::rows`]. An error closes the connection, so that a file that is
/// cut short does not look complete.
pub(crate) fn download<R: ExportRow>(
    format: Format,
    name: &str,
    batches: impl Stream<Item = Result<String, Error>> + Send + 'static,
) -> Response {
    let (extension, content_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Json => ("json", "application/json"),
    };
    let (begin, end) = match format {
        Format::Csv => (R::HEADINGS.to_owned() + "\r\n", ""),
        Format::Json => ("[".to_owned(), "]\n"),
    };
    let mut is_first = true;
    let batches = batches.map(move |batch| {
        batch.map(|text| match text.is_empty() || std::mem::take(&mut is_first) {
            true => text,
            false => format.separator().to_owned() + &text,
        })
    });
    let one = |text: String| stream::iter([Ok(text)]);
    let body = Body::from_stream(one(begin).chain(batches).chain(one(end.to_owned())));
    // The name needs no quoting: a workspace's name consists of letters, digits and dashes.
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
    fn no_csv_field_is_a_formula() {
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
