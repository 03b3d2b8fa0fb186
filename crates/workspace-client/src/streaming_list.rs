//! Decodes a long list while it arrives. In addition to the decoded rows, memory holds only one chunk of the response
//! and one incomplete row.
//!
//! This is not done by a crate, because it has to read asynchronous chunks, to limit their size, to report the path of
//! an error, and to cope with half a million rows.

use std::collections::HashMap;
use std::marker::PhantomData;

use reqwest::Response;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use crate::call::can_be_sent;
use crate::error::{CallFailure, Error, ErrorKind, is_error_field, is_error_object};
use crate::json_repair::{repair, value_length};
use crate::response::{MAX_LIST_BYTES, MAX_RESPONSE_BYTES, ResponseHead};

/// The bytes that are decoded before other tasks of the runtime get a turn: a fraction of a millisecond.
const DECODE_CHUNK_BYTES: usize = 64 << 10;

/// A row that could not be read and was left out. It does not affect the other rows of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// Its position in the list, counted from 1.
    pub position: usize,
    /// Its ID, if that could be read exactly.
    pub id: Option<String>,
    /// The path in the response that could not be read, such as `token_infos[6].creation_time`.
    pub path: String,
}

/// The rows of a list, and those that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct List<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) unreadable: Vec<UnreadableRow>,
    /// Whether the response has the list, even an empty one. Without it the list is empty too, but nothing says whose.
    pub(crate) is_present: bool,
    /// The other fields of the response by which an error is recognised.
    error_fields: Map<String, Value>,
}

impl<T> List<T> {
    /// The error that the response is, although its status is that of a success.
    pub(crate) fn error_body(&self) -> Option<Vec<u8>> {
        let is_error = is_error_object(&self.error_fields, self.is_present);
        is_error.then(|| serde_json::to_vec(&self.error_fields).unwrap_or_default())
    }

    /// Fails if there are rows and none of them could be read, not even an ID: such a list would look empty.
    fn unless_unreadable(self) -> Result<Self, Error> {
        match self.unreadable.first() {
            Some(first) if self.rows.is_empty() && self.unreadable.iter().all(|row| row.id.is_none()) => {
                Err(Error::undecodable(first.path.clone()))
            }
            _ => Ok(self),
        }
    }
}

/// A row in the form in which the workspace sends it.
pub(crate) trait WireRow: DeserializeOwned {
    /// The name of the field with its ID.
    const ID: &'static str;

    /// Its ID.
    fn id(&self) -> &str;
}

/// Whether an ID can be used in calls: nothing in it was replaced, and it can be a segment of a route.
fn is_exact(id: &str) -> bool {
    can_be_sent(id) && !id.contains('\u{fffd}')
}

/// Reads a response to its end and returns the rows below `key`. Each row is decoded as soon as it has arrived. A row
/// that cannot be decoded is repaired; if that does not help, it is left out.
///
/// # Errors
/// [`ErrorKind::UnexpectedHtml`], [`ErrorKind::Undecodable`] and [`ErrorKind::TooLarge`], as soon as they are known, or
/// a broken connection.
pub(crate) async fn read<W, T>(mut response: Response, key: &'static str) -> Result<List<T>, CallFailure>
where
    W: WireRow + Into<T>,
{
    let head = ResponseHead::of(&response);
    let failure = |error| CallFailure::permanent(head.failure(error));
    if head.is_html() {
        return Err(failure(ErrorKind::UnexpectedHtml.into()));
    }
    let mut rows = ListDecoder::<W, T>::new(key);
    let (mut bytes_left, mut bytes_until_yield) = (MAX_LIST_BYTES, DECODE_CHUNK_BYTES);
    while let Some(chunk) = response.chunk().await? {
        bytes_left = bytes_left
            .checked_sub(chunk.len())
            .ok_or_else(|| failure(ErrorKind::TooLarge.into()))?;
        for part in chunk.chunks(DECODE_CHUNK_BYTES) {
            rows.push(part).map_err(failure)?;
            bytes_until_yield = bytes_until_yield.saturating_sub(part.len());
            if bytes_until_yield == 0 {
                tokio::task::yield_now().await;
                bytes_until_yield = DECODE_CHUNK_BYTES;
            }
        }
    }
    rows.finish().map_err(failure)
}

/// What is expected next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DecoderState {
    /// The object that is the whole response.
    Object,
    /// Its first key, or its end.
    FirstKey,
    /// Another key.
    Key,
    /// The colon after a key. True if its value is the list.
    Colon(bool),
    /// A value. True if it is the list.
    Value(bool),
    /// The first row of the list, or its end.
    FirstRow,
    /// Another row.
    Row,
    /// The comma after a row, or the end of the list.
    RowEnd,
    /// The comma after a value, or the end of the object.
    ValueEnd,
    /// The end of the response.
    End,
}

/// Decodes the rows of a list that arrives in parts. It handles only the syntax between rows; `serde_json` decodes each
/// row and everything else in the object.
struct ListDecoder<W, T> {
    key: &'static str,
    next: DecoderState,
    has_list: bool,
    /// The last key, if an error may have it.
    error_field: Option<String>,
    list: List<T>,
    /// The bytes that have arrived and are not decoded yet.
    rest: Vec<u8>,
    /// How many bytes of `rest` were tried without success, because the value was incomplete.
    tried: usize,
    wire: PhantomData<fn() -> W>,
}

impl<W: WireRow + Into<T>, T> ListDecoder<W, T> {
    fn new(key: &'static str) -> Self {
        Self {
            key,
            next: DecoderState::Object,
            has_list: false,
            error_field: None,
            list: List {
                rows: Vec::new(),
                unreadable: Vec::new(),
                is_present: false,
                error_fields: Map::new(),
            },
            rest: Vec::new(),
            tried: 0,
            wire: PhantomData,
        }
    }

    /// Decodes everything that is complete once `part` has arrived.
    fn push(&mut self, part: &[u8]) -> Result<(), Error> {
        self.rest.extend_from_slice(part);
        // Decoding an incomplete value starts again at its beginning. Waiting until twice as much has arrived keeps the
        // cost of a row that is much longer than a part linear.
        if self.rest.len() >= self.tried * 2 || self.rest.len() > MAX_RESPONSE_BYTES {
            self.decode()?;
        }
        if self.rest.len() > MAX_RESPONSE_BYTES {
            return Err(ErrorKind::TooLarge.into());
        }
        Ok(())
    }

    /// Decodes the remaining bytes, after which the response has to be complete.
    fn finish(mut self) -> Result<List<T>, Error> {
        self.decode()?;
        match self.next {
            DecoderState::End => self.list.unless_unreadable(),
            DecoderState::FirstRow | DecoderState::Row if !self.rest.is_empty() => {
                Err(Error::undecodable(self.path_in_row(&self.rest)))
            }
            _ => Err(self.unexpected_element()),
        }
    }

    fn decode(&mut self) -> Result<(), Error> {
        let bytes = std::mem::take(&mut self.rest);
        let mut done = 0;
        loop {
            done += bytes[done..].iter().take_while(|b| b" \t\n\r".contains(b)).count();
            match self.step(&bytes[done..])? {
                0 => break,
                used => done += used,
            }
        }
        self.rest = bytes;
        self.rest.drain(..done);
        self.tried = self.rest.len();
        Ok(())
    }

    /// Decodes the element at the beginning of `bytes`, and returns its length; 0 if it is incomplete.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Some(first) = bytes.first() else { return Ok(0) };
        let (next, used) = match (self.next, first) {
            (DecoderState::Object, b'{') => (DecoderState::FirstKey, 1),
            (DecoderState::Object, b'<') => return Err(ErrorKind::UnexpectedHtml.into()),
            (DecoderState::FirstKey | DecoderState::Key, b'"') => return self.key(bytes),
            (DecoderState::Colon(list), b':') => (DecoderState::Value(list), 1),
            (DecoderState::Value(true), b'[') => {
                self.list.is_present = true;
                (DecoderState::FirstRow, 1)
            }
            (DecoderState::Value(true), b'n') | (DecoderState::Value(false), _) => return self.skip_value(bytes),
            (DecoderState::FirstRow, b']') | (DecoderState::RowEnd, b']') => (DecoderState::ValueEnd, 1),
            (DecoderState::FirstRow | DecoderState::Row, _) => return self.row(bytes),
            (DecoderState::RowEnd, b',') => (DecoderState::Row, 1),
            (DecoderState::ValueEnd, b',') => (DecoderState::Key, 1),
            (DecoderState::FirstKey | DecoderState::ValueEnd, b'}') => (DecoderState::End, 1),
            _ => return Err(self.unexpected_element()),
        };
        self.next = next;
        Ok(used)
    }

    fn key(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Some((key, used)) = value::<String>(bytes).map_err(|_| self.unexpected_element())? else {
            return Ok(0);
        };
        let is_list = key == self.key;
        if is_list && self.has_list {
            return Err(Error::undecodable(self.key));
        }
        self.has_list |= is_list;
        self.error_field = is_error_field(&key).then_some(key);
        self.next = DecoderState::Colon(is_list);
        Ok(used)
    }

    /// Skips the value of another key, or `null` instead of the list. A value that belongs to an error is kept.
    fn skip_value(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let kept = self.error_field.clone();
        let found = match &kept {
            Some(_) => value::<Value>(bytes),
            None => value::<IgnoredAny>(bytes).map(|found| found.map(|(_, used)| (Value::Null, used))),
        };
        let Some((value, used)) = found.map_err(|_| self.unexpected_element())? else {
            return Ok(0);
        };
        if let Some(name) = kept {
            self.list.error_fields.insert(name, value);
        }
        self.next = DecoderState::ValueEnd;
        Ok(used)
    }

    fn row(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        match value::<W>(bytes) {
            Ok(Some((row, used))) => {
                self.add(Some(row), &bytes[..used]);
                Ok(used)
            }
            Ok(None) => Ok(0),
            Err(_) => match value_length(bytes) {
                None => Ok(0),
                Some(0) => Err(Error::undecodable(self.path_in_row(bytes))),
                Some(length) => {
                    let repaired = repair(&bytes[..length]);
                    self.add(serde_json::from_str(&repaired).ok(), repaired.as_bytes());
                    Ok(length)
                }
            },
        }
    }

    /// Adds a row, or records that it could not be read. A row without an exact ID counts as unreadable, since no call
    /// can refer to it.
    fn add(&mut self, row: Option<W>, bytes: &[u8]) {
        self.next = DecoderState::RowEnd;
        match row.filter(|row| is_exact(row.id())) {
            Some(row) => self.list.rows.push(row.into()),
            None => {
                let fields: Option<HashMap<String, serde_json::Value>> = serde_json::from_slice(bytes).ok();
                let id = fields.and_then(|fields| fields.get(W::ID)?.as_str().map(str::to_owned));
                self.list.unreadable.push(UnreadableRow {
                    position: self.position() + 1,
                    id: id.filter(|id| is_exact(id)),
                    path: self.path_in_row(bytes),
                });
            }
        }
    }

    /// How many rows have been read or left out.
    fn position(&self) -> usize {
        self.list.rows.len() + self.list.unreadable.len()
    }

    /// The path at which a row cannot be decoded. The row is decoded again to find it, so that the usual case stays
    /// fast.
    fn path_in_row(&self, bytes: &[u8]) -> String {
        let row = format!("{}[{}]", self.key, self.position());
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let path = match serde_path_to_error::deserialize::<_, W>(&mut json) {
            Ok(_) => return row,
            Err(error) => error.path().to_string(),
        };
        match path.as_str() {
            "." => row,
            index if index.starts_with('[') => row + index,
            field => format!("{row}.{field}"),
        }
    }

    /// The error if something other than the expected arrives.
    fn unexpected_element(&self) -> Error {
        Error::undecodable(match self.next {
            DecoderState::Colon(true)
            | DecoderState::Value(true)
            | DecoderState::FirstRow
            | DecoderState::Row
            | DecoderState::RowEnd => self.key,
            _ => ".",
        })
    }
}

/// The value at the beginning of `bytes`, and its length. `None` if the bytes end before or together with the value: a
/// number may have more digits.
fn value<V: DeserializeOwned>(bytes: &[u8]) -> Result<Option<(V, usize)>, serde_json::Error> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<V>();
    match values.next() {
        Some(Ok(value)) if values.byte_offset() < bytes.len() => Ok(Some((value, values.byte_offset()))),
        Some(Err(error)) if !error.is_eof() => Err(error),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
