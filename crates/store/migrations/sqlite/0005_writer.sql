-- The latest write that was made to see whether the database can be written to; one row at most.
create table write_checks (
    id integer not null primary key check (id = 1),
    at integer not null
) strict;

-- Browser sessions, written by the store itself; `ends` is in milliseconds since the Unix epoch, like every other time.
create table browser_sessions (
    -- A hash of the session's id.
    id   text    not null primary key,
    data blob    not null,
    ends integer not null
) strict;

insert into browser_sessions (id, data, ends) select id, data, unixepoch(expiry_date) * 1000 from sessions;

drop table sessions;
