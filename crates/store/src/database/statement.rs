//! Statements that run on both databases: one text of SQL with numbered parameters, and its values.

use std::borrow::Cow;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Arguments as _, Database, Encode, FromRow, Postgres, Sqlite, Type};

use super::connection::{Dialect, Executor};

/// A value for a parameter.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Boolean(bool),
    Bytes(Vec<u8>),
}

/// A struct or tuple that is read from a row of either database. Structs derive [`FromRow`].
pub(crate) trait EitherRow: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> EitherRow for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A statement with its values.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    sql: Cow<'static, str>,
    values: Vec<Value>,
    /// How many values each row has, if the rows of an `insert` follow the text.
    row_width: Option<usize>,
}

/// A statement with this text. Its parameters are `$1`, `$2`, and so on.
pub(crate) fn query(sql: impl Into<Cow<'static, str>>) -> Statement {
    Statement {
        sql: sql.into(),
        values: Vec::new(),
        row_width: None,
    }
}

/// An `insert` of these rows. `sql` is the text before `values`.
pub(crate) fn insert_rows<const N: usize>(sql: &'static str, rows: impl IntoIterator<Item = [Value; N]>) -> Statement {
    Statement {
        sql: sql.into(),
        values: rows.into_iter().flatten().collect(),
        row_width: Some(N),
    }
}

/// Runs `$statement` with `$method`, as `$query` of sqlx, on whatever `$executor` is.
macro_rules! run {
    ($statement:ident, $executor:ident, $query:ident $(::<$row:ident>)?, $method:ident) => {{
        let Statement { sql, values, .. } = &$statement;
        match $executor.into() {
            Executor::SqlitePool(pool) => {
                sqlx::$query::<Sqlite, $($row,)? _>(sql, arguments::<Sqlite>(values)?).$method(pool).await
            }
            Executor::Sqlite(connection) => {
                sqlx::$query::<Sqlite, $($row,)? _>(sql, arguments::<Sqlite>(values)?).$method(connection).await
            }
            Executor::PostgresPool(readers) => {
                let query = sqlx::$query::<Postgres, $($row,)? _>(sql, arguments::<Postgres>(values)?);
                readers.within_time(query.$method(readers.pool())).await
            }
            Executor::Postgres(connection) => {
                sqlx::$query::<Postgres, $($row,)? _>(sql, arguments::<Postgres>(values)?).$method(connection).await
            }
        }
    }};
}

impl Statement {
    /// Adds the value of the next parameter.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds to the text.
    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.to_mut().push_str(sql);
        self
    }

    /// Adds to the beginning of the text.
    #[cfg(test)]
    pub(crate) fn prepend(&mut self, sql: &str) {
        self.sql.to_mut().insert_str(0, sql);
    }

    /// Adds a parameter to the text, with its value.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let number = self.values.len();
        self.push("$").push(&number.to_string())
    }

    /// Adds parameters to the text, separated by commas.
    pub(crate) fn push_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        for (n, value) in values.into_iter().enumerate() {
            if n > 0 {
                self.push(", ");
            }
            self.push_bind(value);
        }
        self
    }

    /// The whole text. SQLite numbers the parameters of rows itself: it would look for `$1` among all other names, so
    /// that a thousand of them take it ten times as long (<https://sqlite.org/c3ref/bind_blob.html>).
    fn text(&self, dialect: Dialect) -> Cow<'_, str> {
        let Some(width) = self.row_width else {
            return Cow::Borrowed(&self.sql);
        };
        let mut text = format!("{}values ", self.sql);
        for place in 0..self.values.len() {
            text.push_str(match place {
                0 => "(",
                _ if place % width == 0 => "), (",
                _ => ", ",
            });
            match dialect {
                Dialect::Sqlite => text.push('?'),
                Dialect::Postgres => text.push_str(&format!("${}", place + 1)),
            }
        }
        text.push(')');
        Cow::Owned(text)
    }

    /// Whether the database keeps the statement prepared. That pays off if the same text runs again, but the text of an
    /// `insert` depends on the number of its rows.
    fn is_kept(&self) -> bool {
        self.row_width.is_none_or(|width| self.values.len() == width)
    }

    /// Runs it, and returns how many rows it changed.
    pub(crate) async fn execute<'c>(self, executor: impl Into<Executor<'c>>) -> Result<u64, sqlx::Error> {
        // The two databases have two types of result.
        macro_rules! changed {
            ($db:ident, $on:ident) => {{
                let text = self.text(Dialect::$db);
                let query = sqlx::query_with::<$db, _>(&text, arguments::<$db>(&self.values)?);
                query
                    .persistent(self.is_kept())
                    .execute($on)
                    .await?
                    .rows_affected()
            }};
        }
        Ok(match executor.into() {
            Executor::SqlitePool(pool) => changed!(Sqlite, pool),
            Executor::Sqlite(connection) => changed!(Sqlite, connection),
            Executor::PostgresPool(readers) => {
                let pool = readers.pool();
                changed!(Postgres, pool)
            }
            Executor::Postgres(connection) => changed!(Postgres, connection),
        })
    }

    /// Its only row.
    pub(crate) async fn fetch_one<'c, T: EitherRow>(self, executor: impl Into<Executor<'c>>) -> Result<T, sqlx::Error> {
        run!(self, executor, query_as_with::<T>, fetch_one)
    }

    /// Its first row, if it has one.
    pub(crate) async fn fetch_optional<'c, T: EitherRow>(
        self,
        executor: impl Into<Executor<'c>>,
    ) -> Result<Option<T>, sqlx::Error> {
        run!(self, executor, query_as_with::<T>, fetch_optional)
    }

    /// All of its rows.
    pub(crate) async fn fetch_all<'c, T: EitherRow>(
        self,
        executor: impl Into<Executor<'c>>,
    ) -> Result<Vec<T>, sqlx::Error> {
        run!(self, executor, query_as_with::<T>, fetch_all)
    }
}

fn arguments<'q, DB: Database>(values: &'q [Value]) -> Result<DB::Arguments<'q>, sqlx::Error>
where
    Option<&'q str>: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    bool: Encode<'q, DB> + Type<DB>,
    &'q [u8]: Encode<'q, DB> + Type<DB>,
{
    let mut arguments = DB::Arguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text.as_deref()),
            Value::Integer(number) => arguments.add(*number),
            Value::Boolean(boolean) => arguments.add(*boolean),
            Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// A text as the databases can store it: PostgreSQL refuses the character NUL
/// (<https://www.postgresql.org/docs/current/datatype-character.html>).
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(storable(text).into_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(|text| storable(text).into_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Option<String>> for Value {
    fn from(text: &Option<String>) -> Self {
        Self::from(text.as_deref())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self::from(text.as_ref())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(Some(number.into()))
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&Vec<u8>> for Value {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::Bytes(bytes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_rows_have_numbers_only_where_the_database_needs_them() {
        let row = |id: i64| [Value::from(id), Value::from("text")];
        let insert = |ids: std::ops::Range<i64>| insert_rows("insert into t (a, b) ", ids.map(row));
        let texts = |insert: &Statement| [Dialect::Sqlite, Dialect::Postgres].map(|d| insert.text(d).into_owned());
        assert_eq!(
            texts(&insert(0..1)),
            [
                "insert into t (a, b) values (?, ?)",
                "insert into t (a, b) values ($1, $2)",
            ]
        );
        assert_eq!(
            texts(&insert(0..2)),
            [
                "insert into t (a, b) values (?, ?), (?, ?)",
                "insert into t (a, b) values ($1, $2), ($3, $4)",
            ]
        );
        assert!(insert(0..1).is_kept() && !insert(0..2).is_kept());
    }
}
