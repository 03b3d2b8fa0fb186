-- Times are milliseconds since the Unix epoch, UTC, except in `sessions`, whose columns its library dictates.

create table sign_ins (
    id           text    not null primary key,
    workspace    text    not null,
    principal_id integer not null,
    user_name    text    not null,
    display_name text    not null,
    kind         text    not null,
    -- The credential: 24 bytes of nonce, then XChaCha20-Poly1305's output.
    sealed       blob    not null,
    key_id       text    not null,
    created      integer not null,
    last_seen    integer not null,
    ends         integer not null,
    idle_ms      integer not null
) strict;

-- As tower-sessions-sqlx-store 0.15 reads and writes it; `id` is a hash of the session's id.
create table sessions (
    id          text not null primary key,
    data        blob not null,
    expiry_date text not null
) strict;

create table actions (
    id         integer not null primary key autoincrement,
    at         integer not null,
    workspace  text    not null,
    actor      text    not null,
    kind       text    not null,
    target     text    not null,
    outcome    text    not null,
    request_id text    not null
) strict;

create index actions_by_workspace on actions (workspace, at);

create trigger actions_are_not_changed before update on actions
begin
    select raise(abort, 'actions are append-only');
end;

create trigger actions_are_not_deleted before delete on actions
begin
    select raise(abort, 'actions are append-only');
end;
