-- What was done through the console. Two rows an operation, tied by `operation`: what was about to be done, written before
-- the call, and how it ended; a later look may add another ending. What was refused here is one row. Each row's hash covers
-- the row and the hash of the row before it.
create table activity (
    id         integer not null primary key autoincrement,
    at         integer not null,
    workspace  text    not null,
    operation  text    not null,
    -- intent, outcome, refused
    phase      text    not null,
    actor      text    not null,
    kind       text    not null,
    target     text    not null,
    was        text    not null,
    wanted     text    not null,
    reason     text    not null,
    -- open (in an intent), done, failed, unknown, refused
    outcome    text    not null,
    detail     text    not null,
    request_id text    not null,
    hash       text    not null
) strict;

create index activity_by_workspace on activity (workspace, id);
create index activity_by_operation on activity (operation);
create index activity_by_target on activity (workspace, target);

create trigger activity_is_not_changed before update on activity
begin
    select raise(abort, 'activity is append-only');
end;

create trigger activity_is_not_deleted before delete on activity
begin
    select raise(abort, 'activity is append-only');
end;

-- The record before this one, of a single row an operation and without hashes.
drop table actions;
