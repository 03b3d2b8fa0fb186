//! Both folders of migrations give the same tables.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection as _, PgConnection};
use store::{PostgresUrl, Store};

use crate::{connect, key};

/// The properties of a table that are compared.
#[derive(Debug, Default, PartialEq)]
struct TableShape {
    /// The type of each column, and whether it can be null.
    columns: BTreeMap<String, (String, bool)>,
    primary_key: Vec<String>,
    indexes: BTreeSet<IndexShape>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct IndexShape {
    name: String,
    is_unique: bool,
    is_partial: bool,
    /// In their order, each with whether it is descending.
    columns: Vec<(String, bool)>,
}

type Tables = BTreeMap<String, TableShape>;

/// Table, column, type, whether it is not null, and its position in the primary key or 0.
type ColumnRow = (String, String, String, bool, i64);

/// Table, index, whether it is unique, whether it is partial, column, and whether that is descending.
type IndexRow = (String, String, bool, bool, String, bool);

const SQLITE_COLUMNS: &str = r#"
    select tables.name, columns.name, lower(columns.type), columns."notnull" <> 0, columns.pk
    from sqlite_schema as tables, pragma_table_info(tables.name) as columns
    where tables.type = 'table' and tables.name not like 'sqlite\_%' escape '\'
          and tables.name not like '\_%' escape '\'
    order by tables.name, columns.pk, columns.name"#;

/// The index of a unique constraint has a name that the database chose.
const SQLITE_INDEXES: &str = r#"
    select tables.name, case when indexes.origin = 'u' then '' else indexes.name end, indexes."unique" <> 0,
           indexes.partial <> 0, coalesce(columns.name, 'an expression'), columns."desc" <> 0
    from sqlite_schema as tables, pragma_index_list(tables.name) as indexes, pragma_index_xinfo(indexes.name) as columns
    where tables.type = 'table' and tables.name not like '\_%' escape '\' and indexes.origin <> 'pk' and columns.key
    order by tables.name, indexes.name, columns.seqno"#;

const POSTGRES_COLUMNS: &str = r"
    select cast(tables.relname as text), cast(columns.attname as text), format_type(columns.atttypid, null),
           columns.attnotnull, cast(coalesce(array_position(keys.indkey, columns.attnum) + 1, 0) as bigint)
    from pg_class tables join pg_attribute columns on columns.attrelid = tables.oid
         left join pg_index keys on keys.indrelid = tables.oid and keys.indisprimary
    where tables.relnamespace = cast(cast('public' as regnamespace) as oid) and tables.relkind = 'r'
          and columns.attnum > 0 and not columns.attisdropped and tables.relname not like '\_%'
    order by 1, 5, 2";

const POSTGRES_INDEXES: &str = r"
    select cast(tables.relname as text),
           case when exists (select 1 from pg_constraint where conindid = indexes.indexrelid) then ''
                else cast(names.relname as text) end,
           indexes.indisunique, indexes.indpred is not null, coalesce(cast(columns.attname as text), 'an expression'),
           indexes.indoption[places.place - 1] & 1 = 1
    from pg_index indexes join pg_class tables on tables.oid = indexes.indrelid
         join pg_class names on names.oid = indexes.indexrelid
         cross join lateral unnest(indexes.indkey) with ordinality as places (number, place)
         left join pg_attribute columns on columns.attrelid = tables.oid and columns.attnum = places.number
    where tables.relnamespace = cast(cast('public' as regnamespace) as oid) and tables.relname not like '\_%'
          and not indexes.indisprimary
    order by 1, names.relname, places.place";

/// The classes of types: SQLite has numbers for booleans.
fn class(type_name: &str) -> String {
    match type_name {
        "integer" | "bigint" | "boolean" => "integer",
        "blob" | "bytea" => "blob",
        other => other,
    }
    .to_owned()
}

fn tables(columns: Vec<ColumnRow>, indexes: Vec<IndexRow>) -> Tables {
    let mut tables = Tables::new();
    for (table, column, type_name, is_not_null, position) in columns {
        let table = tables.entry(table).or_default();
        // SQLite does not say so of the primary key `id integer`.
        let can_be_null = !is_not_null && position == 0;
        table.columns.insert(column.clone(), (class(&type_name), can_be_null));
        if position > 0 {
            table.primary_key.push(column);
        }
    }
    let mut shapes = BTreeMap::<(String, String), IndexShape>::new();
    for (table, name, is_unique, is_partial, column, is_descending) in indexes {
        let shape = shapes.entry((table, name.clone())).or_insert_with(|| IndexShape {
            name,
            is_unique,
            is_partial,
            columns: Vec::new(),
        });
        shape.columns.push((column, is_descending));
    }
    for ((table, _), shape) in shapes {
        tables.entry(table).or_default().indexes.insert(shape);
    }
    tables
}

async fn of_sqlite() -> Tables {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), key("1")).await.unwrap();
    let mut connection = connect(dir.path()).await.unwrap();
    let columns = sqlx::query_as(SQLITE_COLUMNS).fetch_all(&mut connection).await.unwrap();
    let indexes = sqlx::query_as(SQLITE_INDEXES).fetch_all(&mut connection).await.unwrap();
    store.close().await.unwrap();
    tables(columns, indexes)
}

async fn of_postgres(url: &str) -> Tables {
    let parsed: PostgresUrl = url.parse().unwrap();
    let store = Store::open(parsed, key("1")).await.unwrap();
    let mut connection = PgConnection::connect(url).await.unwrap();
    let columns = sqlx::query_as(POSTGRES_COLUMNS)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let indexes = sqlx::query_as(POSTGRES_INDEXES)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    store.close().await.unwrap();
    tables(columns, indexes)
}

/// Every index of SQLite ends in the row's ID, which is the column `id` if that is the primary key and a number.
/// PostgreSQL names it.
fn with_row_ids(mut tables: Tables, named: &Tables) -> Tables {
    for (name, table) in &mut tables {
        let has_row_id = table.primary_key == ["id"] && table.columns["id"].0 == "integer";
        let Some(named) = named.get(name).filter(|_| has_row_id) else {
            continue;
        };
        table.indexes = std::mem::take(&mut table.indexes)
            .into_iter()
            .map(|index| {
                let mut with_id = index.clone();
                with_id.columns.push(("id".to_owned(), false));
                if named.indexes.contains(&with_id) {
                    with_id
                } else {
                    index
                }
            })
            .collect();
    }
    tables
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let Some(database) = test_postgres::fresh_database() else {
        return;
    };
    let postgres = of_postgres(database.url()).await;
    let sqlite = with_row_ids(of_sqlite().await, &postgres);
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (name, table) in &sqlite {
        assert_eq!(table, &postgres[name], "{name}");
    }
    let indexes: usize = sqlite.values().map(|table| table.indexes.len()).sum();
    assert!(
        sqlite.len() >= 9 && indexes >= 12,
        "{} tables, {indexes} indexes",
        sqlite.len()
    );
    let numbers = |folder: &str| -> BTreeSet<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(folder);
        let files = std::fs::read_dir(folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.as_str() > "0011").collect()
    };
    assert_eq!(
        numbers("sqlite"),
        numbers("postgres"),
        "files with the same names from 0011 on"
    );
}
