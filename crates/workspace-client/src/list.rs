//! A long list in an answer, decoded while it arrives: beside what was decoded, memory holds one chunk of the answer and
//! one row that has not come to its end.

use core::marker::PhantomData;

use reqwest::Response;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::answer::{Head, MAX_BYTES, MAX_LIST_BYTES};
use crate::error::{Error, ErrorKind, Heard};

/// Bytes that are decoded before other work of the runtime has its turn: a fraction of a millisecond.
const TURN: usize = 64 << 10;

/// Reads an answer to its end: the rows below `key`, each converted as soon as it is there.
///
/// # Errors
/// As [`Answer::data`](crate::answer::Answer::data) and [`Answer::decode`](crate::answer::Answer::decode), and as soon
/// as it is known. [`ErrorKind::TooLarge`], or a broken connection.
pub(crate) async fn read<W, T>(mut response: Response, key: &'static str) -> Result<Vec<T>, Heard>
where
    W: DeserializeOwned + Into<T>,
{
    let head = Head::of(&response);
    let failure = |error| Heard::lasting(head.failure(error));
    if head.is_html() {
        return Err(failure(ErrorKind::Html.into()));
    }
    let mut rows = Rows::<W, T>::new(key);
    let (mut left, mut turn) = (MAX_LIST_BYTES, TURN);
    while let Some(chunk) = response.chunk().await? {
        left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| failure(ErrorKind::TooLarge.into()))?;
        for part in chunk.chunks(TURN) {
            rows.push(part).map_err(failure)?;
            turn = turn.saturating_sub(part.len());
            if turn == 0 {
                tokio::task::yield_now().await;
                turn = TURN;
            }
        }
    }
    rows.finish().map_err(failure)
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
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
struct Rows<W, T> {
    key: &'static str,
    next: Next,
    seen: bool,
    rows: Vec<T>,
    /// What has come and is not decoded yet.
    rest: Vec<u8>,
    /// How much of it was looked at in vain, because a value has not ended.
    vain: usize,
    wire: PhantomData<fn() -> W>,
}

impl<W: DeserializeOwned + Into<T>, T> Rows<W, T> {
    fn new(key: &'static str) -> Self {
        Self {
            key,
            next: Next::Object,
            seen: false,
            rows: Vec::new(),
            rest: Vec::new(),
            vain: 0,
            wire: PhantomData,
        }
    }

    /// Decodes what ends in `part`.
    fn push(&mut self, part: &[u8]) -> Result<(), Error> {
        self.rest.extend_from_slice(part);
        // A row that is much longer than a part would be begun anew with each: not before there is twice as much of it.
        if self.rest.len() >= self.vain * 2 || self.rest.len() > MAX_BYTES {
            self.decode()?;
        }
        if self.rest.len() > MAX_BYTES {
            return Err(ErrorKind::TooLarge.into());
        }
        Ok(())
    }

    /// Decodes what is left, which has to be all.
    fn finish(mut self) -> Result<Vec<T>, Error> {
        self.decode()?;
        match self.next {
            Next::End => Ok(self.rows),
            Next::FirstRow | Next::Row if !self.rest.is_empty() => {
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
            (Next::Object, b'{') => (Next::FirstKey, 1),
            (Next::Object, b'<') => return Err(ErrorKind::Html.into()),
            (Next::FirstKey | Next::Key, b'"') => return self.key(bytes),
            (Next::Colon(list), b':') => (Next::Value(list), 1),
            (Next::Value(true), b'[') => (Next::FirstRow, 1),
            (Next::Value(true), b'n') | (Next::Value(false), _) => return self.no_list(bytes),
            (Next::FirstRow, b']') | (Next::RowEnd, b']') => (Next::ValueEnd, 1),
            (Next::FirstRow | Next::Row, _) => return self.row(bytes),
            (Next::RowEnd, b',') => (Next::Row, 1),
            (Next::ValueEnd, b',') => (Next::Key, 1),
            (Next::FirstKey | Next::ValueEnd, b'}') => (Next::End, 1),
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
        self.next = Next::Colon(list);
        Ok(used)
    }

    /// The value of another key, or `null` for the list.
    fn no_list(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Some((_, used)) = value::<IgnoredAny>(bytes).map_err(|_| self.misplaced())? else {
            return Ok(0);
        };
        self.next = Next::ValueEnd;
        Ok(used)
    }

    fn row(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        match value::<W>(bytes) {
            Ok(Some((row, used))) => {
                self.rows.push(row.into());
                self.next = Next::RowEnd;
                Ok(used)
            }
            Ok(None) => Ok(0),
            Err(_) => Err(Error::undecodable(self.path_in_row(bytes))),
        }
    }

    /// Where a row does not decode. It is decoded once more to find that, so that the usual case stays fast.
    fn path_in_row(&self, bytes: &[u8]) -> String {
        let row = format!("{}[{}]", self.key, self.rows.len());
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
            Next::Colon(true) | Next::Value(true) | Next::FirstRow | Next::Row | Next::RowEnd => self.key,
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
mod tests {
    use domain::Token;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::TokenRow;

    fn rows() -> Rows<TokenRow, Token> {
        Rows::new("token_infos")
    }

    /// What comes of an answer that arrives in `parts`.
    fn decoded<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Token>, ErrorKind> {
        let mut rows = rows();
        for part in parts {
            rows.push(part).map_err(|error| error.kind)?;
        }
        rows.finish().map_err(|error| error.kind)
    }

    const GOOD: &str = "\r\n {\"next_page_token\" : 1234, \"x\":{\"token_infos\":[{\"token_id\":7}]}, \"token_infos\": [
        {\"token_id\":\"aä\\\"b]}\\ud83d\\ude80\",\"comment\":\"Zürich 🚀\",\"owner_id\":9007199254740993,\"a\":-1.5e3},
        {\"token_id\":\"c\",\"creation_time\":\"-12\",\"scopes\":[\"sql\"],\"more\":[true,null,{}]}],\"last\":false }\n";

    #[test]
    fn a_list_may_arrive_byte_by_byte() {
        let whole = decoded([GOOD.as_bytes()]).unwrap();
        assert_eq!(whole.len(), 2);
        assert_eq!(whole[0].comment, "Zürich 🚀");
        assert_eq!(whole[0].id.as_str(), "aä\"b]}🚀");
        assert_eq!(whole[0].owner.unwrap().to_string(), "9007199254740993");
        assert_eq!(decoded(GOOD.as_bytes().chunks(1)).unwrap(), whole);
    }

    #[test]
    fn rows_are_there_before_the_answer_ends() {
        let mut rows = rows();
        let row = format!("{{\"token_id\":\"{}\"}}", "a".repeat(64));
        rows.push(format!("{{\"token_infos\":[{row}").as_bytes()).unwrap();
        for n in 1..=50_000 {
            rows.push(format!(",{row}").as_bytes()).unwrap();
            assert_eq!(rows.rows.len(), n);
            assert!(rows.rest.len() <= row.len());
        }
    }

    #[test]
    fn what_is_cut_off_is_no_list_wherever_it_is_cut() {
        let end = GOOD.trim_end().len();
        for length in 0..end {
            let cut = decoded([&GOOD.as_bytes()[..length]]);
            assert!(matches!(cut, Err(ErrorKind::Undecodable { .. })), "{length}: {cut:?}");
        }
        assert!(decoded([&GOOD.as_bytes()[..end]]).is_ok());
    }

    #[test]
    fn what_does_not_decode_is_named() {
        for (body, path) in [
            ("", "."),
            ("null", "."),
            ("[]", "."),
            ("{\"token_infos\":[]} x", "."),
            ("{\"token_infos\":[]}{}", "."),
            ("{\"token_infos\":[],}", "."),
            ("{\"a\":1 2}", "."),
            ("{\"a\":nulp}", "."),
            ("{1:2}", "."),
            ("{,}", "."),
            ("{\"token_infos\":{}}", "token_infos"),
            ("{\"token_infos\":\"\"}", "token_infos"),
            ("{\"token_infos\" []}", "token_infos"),
            ("{\"token_infos\":[],\"token_infos\":[]}", "token_infos"),
            ("{\"token_infos\":[{\"token_id\":\"a\"} {}]}", "token_infos"),
            ("{\"token_infos\":[{\"token_id\":\"a\"},]}", "token_infos[1]"),
            ("{\"token_infos\":[null]}", "token_infos[0]"),
            ("{\"token_infos\":[12]}", "token_infos[0]"),
            ("{\"token_infos\":[[7]]}", "token_infos[0][0]"),
            (
                "{\"token_infos\":[{\"token_id\":\"a\",\"scopes\":[7]}]}",
                "token_infos[0].scopes[0]",
            ),
            ("{\"token_infos\":[{\"token_id\":\"b4", "token_infos[0].token_id"),
            ("{\"token_infos\":[{\"token_id\":\"a\"},", "token_infos"),
        ] {
            let path = path.to_owned();
            for parts in [body.len().max(1), 1] {
                let expected = Err(ErrorKind::Undecodable { path: path.clone() });
                assert_eq!(decoded(body.as_bytes().chunks(parts)), expected, "{body}");
            }
        }
        assert_eq!(decoded([b" <html>".as_slice()]), Err(ErrorKind::Html));
    }

    #[test]
    fn one_value_is_bounded_and_looked_at_a_few_times_only() {
        let mut rows = rows();
        rows.push(b"{\"token_infos\":[{\"token_id\":\"").unwrap();
        let part = [b'x'; 4096];
        let failed = (0..=MAX_BYTES / part.len()).find_map(|_| rows.push(&part).err());
        assert_eq!(failed.map(|error| error.kind), Some(ErrorKind::TooLarge));
    }

    proptest! {
        #[test]
        fn where_an_answer_is_split_makes_no_difference(
            ids in proptest::collection::vec(".{0,12}", 0..12), cuts in proptest::collection::vec(1usize..80, 1..20),
        ) {
            let list: Vec<_> = ids.iter().map(|id| serde_json::json!({ "token_id": id, "comment": id })).collect();
            let body = serde_json::json!({ "a": ids, "token_infos": list, "z": 12 }).to_string();
            let (mut parts, mut rest) = (Vec::new(), body.as_bytes());
            for cut in cuts.iter().cycle() {
                let (part, others) = rest.split_at(rest.len().min(*cut));
                parts.push(part);
                rest = others;
                if rest.is_empty() {
                    break;
                }
            }
            let tokens = decoded(parts).unwrap();
            let seen: Vec<_> = tokens.iter().map(|token| token.id.as_str().to_owned()).collect();
            prop_assert_eq!(seen, ids);
        }
    }
}
