-- The latest transaction of each writer, by which an instance finds out whether a commit was made whose connection was
-- lost. Only PostgreSQL needs it: the tables of both databases are the same.
create table latest_transactions (
    -- Random; another one in each process.
    writer text    not null primary key,
    -- Random; another one in each transaction.
    mark   text    not null,
    -- By the database's clock, in milliseconds since the Unix epoch.
    at     integer not null
) strict;
