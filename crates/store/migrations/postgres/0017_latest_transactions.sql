-- The latest transaction of each writer, by which an instance finds out whether a commit was made whose connection was
-- lost. The number of a transaction does not show it: a server that crashed before the number was on its disk gives it
-- to another transaction.
create table latest_transactions (
    writer text   collate "C" not null primary key,
    mark   text   collate "C" not null,
    at     bigint not null
);

-- The function runs with the rights of the owner of the tables. Unless it names the schema of temporary tables, that
-- comes first: then a role that can only insert into `activity` could put a table of its own in the place of
-- `operations`, whose triggers would run as the owner
-- (https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY).
do $$ begin
    execute format('alter function list_operations() set search_path = pg_catalog, %I, pg_temp', current_schema());
end $$;
