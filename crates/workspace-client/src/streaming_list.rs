//! A long list in an answer, decoded while it arrives: beside what was decoded, memory holds one chunk of the answer and
//! one row that has not come to its end.

use core::marker::PhantomData;
use std::collections::HashMap;

use reqwest::Response;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::call::can_be_sent;
use crate::error::{CallFailure, Error, ErrorKind};
use crate::json_repair::{repair, value_length};
use crate::response::{MAX_LIST_BYTES, MAX_RESPONSE_BYTES, ResponseHead};

/// Bytes that are decoded before other work of the runtime has its turn: a fraction of a millisecond.
const DECODE_CHUNK_BYTES: usize = 64 << 10;

/// A row that could not be read and was left out: everything else about the list is as ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// Its place in the list, from 1.
    pub position: usize,
    /// Its id, where that could be read exactly.
    pub id: Option<String>,
    /// Where in the answer it could not be read, such as `token_infos[6].creation_time`.
    pub path: String,
}

/// A list, and what of it could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct List<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) unreadable: Vec<UnreadableRow>,
}

impl<T> List<T> {
    /// A list of which nothing could be read, not even an id, is none: shown as one it would say that there is nothing.
    fn unless_meaningless(self) -> Result<Self, Error> {
        match self.unreadable.first() {
            Some(first) if self.rows.is_empty() && self.unreadable.iter().all(|row| row.id.is_none()) => {
                Err(Error::undecodable(first.path.clone()))
            }
            _ => Ok(self),
        }
    }
}

/// A row as it is on the wire.
pub(crate) trait WireRow: DeserializeOwned {
    /// The name of the field that has its id.
    const ID: &'static str;

    /// Its id.
    fn id(&self) -> &str;
}

/// Whether an id is what the workspace calls the row by: nothing in it was replaced, or cannot be sent back.
fn is_exact(id: &str) -> bool {
    can_be_sent(id) && !id.contains('\u{fffd}')
}

/// Reads an answer to its end: the rows below `key`, each converted as soon as it is there. A row that does not decode is
/// repaired, and where that does not help, left out.
///
/// # Errors
/// As [`ResponseBody::data`](crate::response::ResponseBody::data) and [`ResponseBody::decode`](crate::response::ResponseBody::decode), and as soon
/// as it is known. [`ErrorKind::TooLarge`], or a broken connection.
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
    let (mut left, mut turn) = (MAX_LIST_BYTES, DECODE_CHUNK_BYTES);
    while let Some(chunk) = response.chunk().await? {
        left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| failure(ErrorKind::TooLarge.into()))?;
        for part in chunk.chunks(DECODE_CHUNK_BYTES) {
            rows.push(part).map_err(failure)?;
            turn = turn.saturating_sub(part.len());
            if turn == 0 {
                tokio::task::yield_now().await;
                turn = DECODE_CHUNK_BYTES;
            }
        }
    }
    rows.finish().map_err(failure)
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DecoderState {
    /// The answer's one object.
    Object,
    /// Its first key, or its end.
    FirstKey,
    /// Another key.
    Key,
    /// What is between a key and its value; whether the value is the list.
    Colon(bool),
    /// A value; whether it is the list.
    Value(bool),
    /// The list's first row, or its end.
    FirstRow,
    /// Another row.
    Row,
    /// What is between two rows, or the list's end.
    RowEnd,
    /// What is between a value and the next key, or the object's end.
    ValueEnd,
    /// Nothing.
    End,
}

/// The rows of a list, as far as it has come. Syntax is looked at only between rows; each row, and whatever else the
/// object holds, is `serde_json`'s.
struct ListDecoder<W, T> {
    key: &'static str,
    next: DecoderState,
    seen: bool,
    list: List<T>,
    /// What has come and is not decoded yet.
    rest: Vec<u8>,
    /// How much of it was looked at in vain, because a value has not ended.
    vain: usize,
    wire: PhantomData<fn() -> W>,
}

impl<W: WireRow + Into<T>, T> ListDecoder<W, T> {
    fn new(key: &'static str) -> Self {
        Self {
            key,
            next: DecoderState::Object,
            seen: false,
            list: List {
                rows: Vec::new(),
                unreadable: Vec::new(),
            },
            rest: Vec::new(),
            vain: 0,
            wire: PhantomData,
        }
    }

    /// Decodes what ends in `part`.
    fn push(&mut self, part: &[u8]) -> Result<(), Error> {
        self.rest.extend_from_slice(part);
        // A row that is much longer than a part would be begun anew with each: not before there is twice as much of it.
        if self.rest.len() >= self.vain * 2 || self.rest.len() > MAX_RESPONSE_BYTES {
            self.decode()?;
        }
        if self.rest.len() > MAX_RESPONSE_BYTES {
            return Err(ErrorKind::TooLarge.into());
        }
        Ok(())
    }

    /// Decodes what is left, which has to be all.
    fn finish(mut self) -> Result<List<T>, Error> {
        self.decode()?;
        match self.next {
            DecoderState::End => self.list.unless_meaningless(),
            DecoderState::FirstRow | DecoderState::Row if !self.rest.is_empty() => {
                Err(Error::undecodable(self.path_in_row(&self.rest)))
            }
            _ => Err(self.misplaced()),
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
        self.vain = self.rest.len();
        Ok(())
    }

    /// Goes over what `bytes` begin with and answers its length; 0 where it does not end in them.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Some(first) = bytes.first() else { return Ok(0) };
        let (next, used) = match (self.next, first) {
            (DecoderState::Object, b'{') => (DecoderState::FirstKey, 1),
            (DecoderState::Object, b'<') => return Err(ErrorKind::UnexpectedHtml.into()),
            (DecoderState::FirstKey | DecoderState::Key, b'"') => return self.key(bytes),
            (DecoderState::Colon(list), b':') => (DecoderState::Value(list), 1),
            (DecoderState::Value(true), b'[') => (DecoderState::FirstRow, 1),
            (DecoderState::Value(true), b'n') | (DecoderState::Value(false), _) => return self.no_list(bytes),
            (DecoderState::FirstRow, b']') | (DecoderState::RowEnd, b']') => (DecoderState::ValueEnd, 1),
            (DecoderState::FirstRow | DecoderState::Row, _) => return self.row(bytes),
            (DecoderState::RowEnd, b',') => (DecoderState::Row, 1),
            (DecoderState::ValueEnd, b',') => (DecoderState::Key, 1),
            (DecoderState::FirstKey | DecoderState::ValueEnd, b'}') => (DecoderState::End, 1),
            _ => return Err(self.misplaced()),
        };
        self.next = next;
        Ok(used)
    }

    fn key(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Some((key, used)) = value::<String>(bytes).map_err(|_| self.misplaced())? else {
            return Ok(0);
        };
        let list = key == self.key;
        if list && self.seen {
            return Err(Error::undecodable(self.key));
        }
        self.seen |= list;
        self.next = DecoderState::Colon(list);
        Ok(used)
    }

    /// The value of another key, or `null` for the list.
    fn no_list(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Some((_, used)) = value::<IgnoredAny>(bytes).map_err(|_| self.misplaced())? else {
            return Ok(0);
        };
        self.next = DecoderState::ValueEnd;
        Ok(used)
    }

    fn row(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        match value::<W>(bytes) {
            Ok(Some((row, used))) => {
                self.take(Some(row), &bytes[..used]);
                Ok(used)
            }
            Ok(None) => Ok(0),
            Err(_) => match value_length(bytes) {
                None => Ok(0),
                Some(0) => Err(Error::undecodable(self.path_in_row(bytes))),
                Some(length) => {
                    let repaired = repair(&bytes[..length]);
                    self.take(serde_json::from_str(&repaired).ok(), repaired.as_bytes());
                    Ok(length)
                }
            },
        }
    }

    /// Takes a row in, or notes that it could not be read. Without an exact id it cannot be acted on, so it is no row either.
    fn take(&mut self, row: Option<W>, bytes: &[u8]) {
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

    /// How many rows have been read, or left out.
    fn position(&self) -> usize {
        self.list.rows.len() + self.list.unreadable.len()
    }

    /// Where a row does not decode. It is decoded once more to find that, so that the usual case stays fast.
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

    /// Something else came than what has to come here.
    fn misplaced(&self) -> Error {
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

/// The value that `bytes` begin with, and its length. `None` where they end before it does, or with it: a number may go
/// on.
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
