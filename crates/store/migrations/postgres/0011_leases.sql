-- The right of one instance to do something, until it ends; the comments are in the migration for SQLite.
create table leases (
    name     text   collate "C" not null primary key,
    holder   text   collate "C" not null,
    affinity text   collate "C" not null,
    epoch    bigint not null,
    ends     bigint not null
);
