//! The tasks of an operator of a PostgreSQL database. Without a server for tests, these are not run.

use sqlx::{Connection as _, PgConnection};
use store::{
    Pooling, PostgresUrl, Store, StoreError, TablesState, WriteObstacle, inspect_postgres, migrate_server,
    verify_activity,
};
use test_postgres::{TestDatabase, fresh_database};

use crate::activity::entry;
use crate::{T0, key, mia};

fn url(database: &TestDatabase) -> PostgresUrl {
    database.url().parse().unwrap()
}

/// Creates a role that only this database knows, and returns its name and its URL.
fn role_in(database: &TestDatabase) -> (String, PostgresUrl) {
    let (_, name) = database.url().split_once("test_").unwrap();
    let role = format!("role_{}", name.split('?').next().unwrap());
    database.query(&format!("create role {role} login")).unwrap();
    let (_, rest) = database.url().split_once('@').unwrap();
    let url = format!("postgres://{role}@{rest}").parse().unwrap();
    (role, url)
}

async fn error_of(url: &PostgresUrl, statement: &str) -> String {
    let mut connection = PgConnection::connect_with(&url.connect_options()).await.unwrap();
    let result = sqlx::raw_sql(statement).execute(&mut connection).await;
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn a_check_says_what_is_in_a_database() {
    let Some(database) = fresh_database() else { return };
    let url = url(&database);
    let empty = inspect_postgres(&url).await.unwrap();
    assert!(empty.is_supported && empty.encoding == "UTF8", "{empty:?}");
    assert_eq!((empty.tables, empty.pooling), (TablesState::Missing, Pooling::Session));
    assert_eq!((empty.write_obstacle, empty.sealing_key_id), (None, None));

    let store = Store::open(url.clone(), key("1")).await.unwrap();
    store.close().await.unwrap();
    let opened = inspect_postgres(&url).await.unwrap();
    assert_eq!((opened.tables, opened.write_obstacle), (TablesState::Current, None));
    assert_eq!(opened.sealing_key_id.unwrap(), key("1").id());

    database
        .query("delete from _sqlx_migrations where version = 14")
        .unwrap();
    assert_eq!(inspect_postgres(&url).await.unwrap().tables, TablesState::Older(1));
    database
        .query("update _sqlx_migrations set version = 9999 where version = 13")
        .unwrap();
    assert_eq!(inspect_postgres(&url).await.unwrap().tables, TablesState::Newer);
    let read_only = "do $$ begin
        execute format('alter database %I set default_transaction_read_only = on', current_database());
    end $$";
    database.query(read_only).unwrap();
    let obstacle = inspect_postgres(&url).await.unwrap().write_obstacle;
    assert_eq!(obstacle, Some(WriteObstacle::ReadOnly));
}

#[tokio::test]
async fn an_instance_with_a_role_of_its_own_cannot_change_the_activity_log() {
    let Some(database) = fresh_database() else { return };
    let owner = url(&database);
    let (role, url) = role_in(&database);
    database.query("revoke create on schema public from public").unwrap();
    let obstacle = inspect_postgres(&url).await.unwrap().write_obstacle;
    assert_eq!(obstacle, Some(WriteObstacle::NoMigration));
    migrate_server(&owner, None).await.unwrap();
    let found = inspect_postgres(&url).await.unwrap();
    assert_eq!(found.tables, TablesState::Unreadable);
    let Some(WriteObstacle::Missing(rights)) = found.write_obstacle else {
        unreachable!("{:?}", found.write_obstacle)
    };
    assert!(rights.contains("insert on activity") && !rights.contains("update on activity"));

    migrate_server(&owner, Some(&role)).await.unwrap();
    let found = inspect_postgres(&url).await.unwrap();
    assert_eq!((found.tables, found.write_obstacle), (TablesState::Current, None));
    let store = Store::open(url.clone(), key("1")).await.unwrap();
    let id = store.add_sign_in(mia()).await.unwrap();
    assert!(store.sign_in(&id, T0).await.unwrap().is_some());
    store.append(&entry(1, "prod", "token")).await.unwrap();
    store.purge(T0).await.unwrap();
    store.check_write(T0).await.unwrap();
    for statement in [
        "update activity set actor = 'x'",
        "delete from activity",
        "truncate activity",
    ] {
        let error = error_of(&url, statement).await;
        assert!(
            error.contains("permission denied for table activity"),
            "{statement}: {error}"
        );
        let error = error_of(&owner, statement).await;
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    let (rows, _) = verify_activity(url, None).await.unwrap().unwrap();
    assert_eq!(rows, 1);
}

/// The trigger that lists operations has the rights of the owner: whatever it runs could change the log.
#[tokio::test]
async fn a_temporary_table_of_an_instance_never_gets_the_owners_rights() {
    let Some(database) = fresh_database() else { return };
    let (role, url) = role_in(&database);
    migrate_server(&self::url(&database), Some(&role)).await.unwrap();
    let store = Store::open(url.clone(), key("1")).await.unwrap();
    store.append(&entry(1, "prod", "token")).await.unwrap();
    let mut instance = PgConnection::connect_with(&url.connect_options()).await.unwrap();
    let forge = "create temp table operations (like public.operations);
                 create temp table activity (like public.activity);
                 insert into public.activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason,
                                              outcome, detail, request_id, client_address, hash)
                 select at, workspace, 'other', phase, actor, kind, target, was, wanted, reason, outcome, detail,
                        request_id, client_address, hash
                 from public.activity";
    sqlx::raw_sql(forge).execute(&mut instance).await.unwrap();
    let count = "select (select count(*) from pg_temp.operations), (select count(*) from public.operations)";
    let counts: (i64, i64) = sqlx::query_as(count).fetch_one(&mut instance).await.unwrap();
    assert_eq!(counts, (0, 2));
}

#[tokio::test]
async fn an_instance_with_another_key_creates_no_table_even_if_nothing_is_sealed() {
    let Some(database) = fresh_database() else { return };
    let url = url(&database);
    let store = Store::open(url.clone(), key("1")).await.unwrap();
    store.close().await.unwrap();
    database
        .query("delete from _sqlx_migrations where version = 13")
        .unwrap();
    let refused = Store::open(url.clone(), key("2")).await;
    assert!(matches!(refused, Err(StoreError::WrongKey { .. })), "{refused:?}");
    assert_eq!(inspect_postgres(&url).await.unwrap().tables, TablesState::Older(1));
}

#[tokio::test]
async fn a_database_with_another_encoding_is_refused_before_anything_is_created() {
    let Some(database) = fresh_database() else { return };
    let (server, name) = database.url().split_once("/test_").unwrap();
    let other = format!("latin_{}", name.split('?').next().unwrap());
    let create = format!("create database {other} encoding 'LATIN1' locale 'C' template template0");
    database.query(&create).unwrap();
    let url: PostgresUrl = format!("{server}/{other}?sslmode=disable").parse().unwrap();
    for refused in [
        Store::open(url.clone(), key("1")).await.map(drop),
        migrate_server(&url, None).await,
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, StoreError::UnsupportedServer { .. }), "{error:?}");
        assert!(error.to_string().contains("the encoding LATIN1"), "{error}");
    }
    assert_eq!(inspect_postgres(&url).await.unwrap().tables, TablesState::Missing);
    database.query(&format!("drop database {other} with (force)")).unwrap();
}
