//! Exports as CSV or JSON files. They are sent while they are read, so a list of any length takes the same memory.

use app::http::paths;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use console::Error;
use domain::{Timestamp, UnreadParts, can_contain_token_value};
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use crate::middleware::security_headers::UNBUFFERED;

/// How many rows are in memory at once.
pub(crate) const BATCH_SIZE: u32 = 500;

/// The cell value for data that could not be read, to distinguish it from an empty value.
pub(crate) const NOT_AVAILABLE: &str = "not-available";

/// The header of an incomplete file: the parts that could not be read, separated by commas.
const PARTIAL_DATA: HeaderName = HeaderName::from_static("x-partial-data");

/// Characters that start a formula in spreadsheets, including full-width forms, which Japanese and Chinese versions of
/// Excel accept too.
const FORMULA_STARTS: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// How many digits of a number Excel preserves.
const EXCEL_DIGITS: usize = 15;

/// The longest part of a file name that describes filters, in bytes. File systems allow 255 bytes for a whole name.
const MAX_FILTERS_LENGTH: usize = 120;

/// The format of a file.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    /// RFC 4180, with fields that spreadsheets do not interpret as formulas.
    Csv,
    /// CSV with a byte order mark, by which Excel recognises UTF-8, and with long numbers as text, since Excel would
    /// round them to 15 digits.
    ExcelCsv,
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
    /// The format that the query asks for: with `bom=1`, CSV becomes CSV for Excel.
    pub(crate) fn asked_for<'a>(self, mut pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        match self {
            Self::Csv if pairs.any(|pair| pair == (paths::BYTE_ORDER_MARK, "1")) => Self::ExcelCsv,
            format => format,
        }
    }

    /// One batch of rows as text, without a separator at either end.
    pub(crate) fn rows<R: ExportRow>(self, rows: impl Iterator<Item = R>) -> String {
        let rows = rows.map(|row| match self {
            Self::Csv => csv_row(&row.columns(), csv_field),
            Self::ExcelCsv => csv_row(&row.columns(), excel_field),
            Self::Json => serde_json::to_string(&row).unwrap_or_default(),
        });
        rows.collect::<Vec<_>>().join(self.separator())
    }

    const fn separator(self) -> &'static str {
        match self {
            Self::Csv | Self::ExcelCsv => "",
            Self::Json => ",\n",
        }
    }
}

fn csv_row(fields: &[&str], field: impl Fn(&str) -> String) -> String {
    let fields: Vec<_> = fields.iter().map(|text| field(text)).collect();
    fields.join(",") + "\r\n"
}

/// A quoted field that spreadsheets do not interpret as a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>). A CSV crate would only add the quotes.
fn csv_field(text: &str) -> String {
    let is_formula = text.starts_with(FORMULA_STARTS);
    let prefix = if is_formula { "'" } else { "" };
    format!("\"{prefix}{}\"", text.replace('"', "\"\""))
}

/// Like [`csv_field`], with an apostrophe before a number that Excel would round.
fn excel_field(text: &str) -> String {
    match text.len() > EXCEL_DIGITS && text.bytes().all(|b| b.is_ascii_digit()) {
        true => format!("\"'{text}\""),
        false => csv_field(text),
    }
}

/// The name of a file without extension: `acme-prod_tokens_2026-11-26T121000Z_finding-never-expires`. `filters` is a
/// query string, which is left out if it can contain a token value. Characters with a special meaning in file systems
/// or headers become dashes.
pub(crate) fn file_name(workspace: &str, content: &str, at: Timestamp, filters: &str) -> String {
    let time = at.to_iso().replace(':', "");
    let start = format!("{workspace}_{content}_{time}");
    let filters = if can_contain_token_value(filters) { "" } else { filters };
    let pairs = form_urlencoded::parse(filters.as_bytes());
    let names: Vec<_> = pairs
        .map(|(name, value)| safe_name(&format!("{name}-{value}")))
        .collect();
    let filters: String = names.join("_").chars().take(MAX_FILTERS_LENGTH).collect();
    let separator = if filters.is_empty() { "" } else { "_" };
    start + separator + &filters
}

/// A text with only letters and digits; any other characters between them become one dash.
fn safe_name(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// A file to download, made of `batches` by [`Format::rows`]. An error closes the connection, so that a truncated file
/// does not look complete.
pub(crate) fn download<R: ExportRow>(
    format: Format,
    name: &str,
    batches: impl Stream<Item = Result<String, Error>> + Send + 'static,
) -> Response {
    let (extension, content_type) = match format {
        Format::Csv | Format::ExcelCsv => ("csv", "text/csv; charset=utf-8"),
        Format::Json => ("json", "application/json"),
    };
    let (begin, end) = match format {
        Format::Csv => (R::HEADINGS.to_owned() + "\r\n", ""),
        Format::ExcelCsv => (format!("\u{feff}{}\r\n", R::HEADINGS), ""),
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
    // The name needs no quoting: see `file_name`.
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    let headers = [
        (CONTENT_TYPE, content_type.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    ([UNBUFFERED], headers, body).into_response()
}

/// Like [`download`], for a file without the `unread` parts: its name and a header say so.
pub(crate) fn download_partial<R: ExportRow>(
    format: Format,
    name: &str,
    unread: UnreadParts,
    batches: impl Stream<Item = Result<String, Error>> + Send + 'static,
) -> Response {
    let suffix = if unread.is_empty() { "" } else { "_partial" };
    let mut response = download::<R>(format, &format!("{name}{suffix}"), batches);
    let parts = HeaderValue::try_from(unread.slugs()).ok();
    if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
        response.headers_mut().insert(PARTIAL_DATA, parts);
    }
    response
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
            ("\u{ff1d}1+1", "\"'\u{ff1d}1+1\""),
            ("\u{ff0b}1", "\"'\u{ff0b}1\""),
            ("\u{ff0d}1", "\"'\u{ff0d}1\""),
            ("\u{ff20}x", "\"'\u{ff20}x\""),
            ("a,b\nc", "\"a,b\nc\""),
            ("", "\"\""),
        ] {
            assert_eq!(csv_field(text), safe);
            assert_eq!(excel_field(text), safe);
        }
    }

    #[test]
    fn a_file_name_says_what_is_in_it_and_is_safe() {
        let at = Timestamp::from_iso("2026-11-26T12:10:00Z").unwrap();
        let name = |filters: &str| file_name("acme-prod", "tokens", at, filters);
        assert_eq!(name(""), "acme-prod_tokens_2026-11-26T121000Z");
        assert_eq!(
            name("owner_kind=user&finding=never-expires"),
            "acme-prod_tokens_2026-11-26T121000Z_owner-kind-user_finding-never-expires"
        );
        assert_eq!(
            name("owner=alex.chen%40acme.example&q=a%20%26%20b&id=%D8%A7"),
            "acme-prod_tokens_2026-11-26T121000Z_owner-alex-chen-acme-example_q-a-b_id"
        );
        assert_eq!(name("q=dapi0123456789abcdef0123456789abcdef"), name(""));
        for hostile in [
            "q=../..%2Fetc",
            "q=a\"b\r\nX: y",
            "q=\u{202e}\u{e9}",
            &"q=x".repeat(5000),
        ] {
            let name = name(hostile);
            assert!(name.len() < 200, "{}", name.len());
            assert!(
                name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
                "{name}"
            );
        }
    }

    #[test]
    fn excel_gets_long_numbers_as_text() {
        let id = "1557182758917034";
        assert_eq!(excel_field(id), format!("\"'{id}\""));
        assert_eq!(excel_field(&id[1..]), format!("\"{}\"", &id[1..]));
        assert_eq!(csv_field(id), format!("\"{id}\""));
    }
}
