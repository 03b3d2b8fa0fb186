-- Which key new credentials are sealed with; the comments are in the migration for SQLite.
create table sealing_keys (
    role   text collate "C" not null primary key,
    key_id text collate "C" not null
);
