//! Reads and decodes a response.

use std::collections::HashMap;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::{CallFailure, Error, ErrorKind, UpstreamDetails, is_error_object, sanitize};
use crate::json_repair::repair;
use crate::wire::{ScimList, ScimPage};

/// The most bytes that a call accepts, after decompression.
pub(crate) const MAX_RESPONSE_BYTES: usize = 8 << 20;
/// The most bytes of a list that are accepted: a token takes about 400, and a workspace with 800 people may have half a
/// million.
pub(crate) const MAX_LIST_BYTES: usize = 512 << 20;

/// The size from which decoding runs on another thread, so that it does not block the runtime.
const BLOCKING_BYTES: usize = 256 << 10;

/// The status of a response and the headers that are used.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    status: u16,
    html: bool,
    request_id: Option<String>,
    /// The workspace's ID, which SCIM's `Me` sends in a header (the vendor's Python SDK, `get_workspace_id`).
    pub(crate) workspace_id: Option<String>,
}

impl ResponseHead {
    pub(crate) fn of(response: &Response) -> Self {
        let text = |name| header_text(response.headers(), name);
        Self {
            status: response.status().as_u16(),
            html: text(CONTENT_TYPE.as_str()).is_some_and(|t| t.starts_with("text/html")),
            request_id: text("x-request-id"),
            workspace_id: text("x-databricks-org-id"),
        }
    }

    /// Whether the content type is that of a web page.
    pub(crate) fn is_html(&self) -> bool {
        self.html
    }

    pub(crate) fn failure(&self, error: Error) -> Error {
        error.with(UpstreamDetails {
            status: self.status,
            request_id: self.request_id.clone(),
            ..UpstreamDetails::default()
        })
    }
}

/// The longest body that is searched for an error. An error is short; and a longer object without what was asked for
/// cannot be decoded anyway.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
}

impl ResponseBody {
    /// Reads a response to its end.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`], or a broken connection.
    pub(crate) async fn read(mut response: Response, max_bytes: usize) -> Result<Self, CallFailure> {
        let mut read = Self {
            head: ResponseHead::of(&response),
            body: Vec::new(),
        };
        if let Some(length) = response.content_length().and_then(|n| usize::try_from(n).ok()) {
            read.body.reserve_exact(length.min(max_bytes));
        }
        while let Some(chunk) = response.chunk().await? {
            if read.body.len() + chunk.len() > max_bytes {
                return Err(CallFailure::permanent(read.head.failure(ErrorKind::TooLarge.into())));
            }
            read.body.extend_from_slice(&chunk);
        }
        Ok(read)
    }

    /// Refuses a web page with a success status, which login pages and proxies send.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedHtml`].
    pub(crate) fn data(self) -> Result<Self, Error> {
        if self.head.is_html() || self.body.trim_ascii_start().starts_with(b"<") {
            return Err(self.head.failure(ErrorKind::UnexpectedHtml.into()));
        }
        Ok(self)
    }

    /// Whether it is an error although its status is that of a success. `expected_keys` are those of a response without
    /// one.
    pub(crate) fn is_error(&self, expected_keys: &[&str]) -> bool {
        let has_expected_key = |fields: &Map<String, Value>| expected_keys.iter().any(|key| fields.contains_key(*key));
        self.body.len() <= MAX_ERROR_BYTES
            && decode::<Map<String, Value>>(&self.body)
                .is_ok_and(|fields| is_error_object(&fields, has_expected_key(&fields)))
    }

    /// Accepts what a write without content in its response returns: nothing, or any object.
    ///
    /// # Errors
    /// [`ErrorKind::Undecodable`] for anything else.
    pub(crate) fn accepted(self) -> Result<(), Error> {
        match self.is_empty() || decode::<HashMap<String, IgnoredAny>>(&self.body).is_ok() {
            true => Ok(()),
            false => Err(self.head.failure(Error::undecodable("."))),
        }
    }

    /// Decodes the JSON into a struct of `wire` and converts that.
    ///
    /// # Errors
    /// [`ErrorKind::Undecodable`] with the path at which decoding failed or that `convert` returned.
    pub(crate) async fn decode<W, T>(self, convert: fn(W) -> Result<T, String>) -> Result<T, Error>
    where
        W: DeserializeOwned + 'static,
        T: Send + 'static,
    {
        self.decode_with(move |body| decode(body).and_then(convert)).await
    }

    /// Decodes a page of a SCIM list. A row that cannot be decoded is left out and counted.
    ///
    /// # Errors
    /// [`ErrorKind::Undecodable`] if the response is not a page.
    pub(crate) async fn decode_page<W, T>(self) -> Result<ScimList<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        self.decode_with(|body| {
            if let Ok(page) = decode::<ScimPage<W>>(body) {
                return Ok(page.list()?.map(|row| Some(row.into())));
            }
            let page = decode::<ScimPage<Box<RawValue>>>(body)?.list()?;
            let decode_row =
                |row: &str| serde_json::from_str::<W>(row).or_else(|_| serde_json::from_str(&repair(row.as_bytes())));
            Ok(page.map(|row| decode_row(row.get()).ok().map(Into::into)))
        })
        .await
    }

    async fn decode_with<T: Send + 'static>(
        self,
        decode: impl FnOnce(&[u8]) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Error> {
        let size = self.body.len();
        let decode = move || decode(&self.body).map_err(|path| self.head.failure(Error::undecodable(path)));
        if size < BLOCKING_BYTES {
            return decode();
        }
        match tokio::task::spawn_blocking(decode).await {
            Ok(outcome) => outcome,
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(ErrorKind::Timeout.into()),
            },
        }
    }

    /// Whether it is empty: no bytes, `{}` or `null`, which several writes return.
    fn is_empty(&self) -> bool {
        matches!(self.body.trim_ascii(), b"" | b"{}" | b"null")
    }

    /// Whether it is a JSON object with this key.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        decode::<HashMap<String, IgnoredAny>>(&self.body).is_ok_and(|object| object.contains_key(key))
    }
}

/// Decodes a JSON object. An array is refused: `serde` would read its elements as the fields of a struct, and an empty
/// one as a struct whose fields are all absent.
///
/// Decoding goes straight from the bytes. Only if that fails is the text repaired and decoded again, now recording the
/// path of an error, so that the usual case stays fast.
///
/// # Errors
/// The path at which decoding failed; `.` for the whole response.
fn decode<W: DeserializeOwned>(body: &[u8]) -> Result<W, String> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(".".to_owned());
    }
    if let Ok(decoded) = serde_json::from_slice(body) {
        return Ok(decoded);
    }
    let repaired = repair(body);
    let mut json = serde_json::Deserializer::from_str(&repaired);
    match serde_path_to_error::deserialize(&mut json) {
        Ok(decoded) if json.end().is_ok() => Ok(decoded),
        Ok(_) => Err(".".to_owned()),
        Err(error) => Err(error.path().to_string()),
    }
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    (!text.is_empty()).then(|| sanitize(text, 100))
}
