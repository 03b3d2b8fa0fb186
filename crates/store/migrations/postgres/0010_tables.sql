-- The tables as they are after the migration with this number for SQLite; the comments are there. Later migrations have
-- the same numbers in both folders.
--
-- Text is compared by its bytes, as SQLite does. Times are milliseconds since the Unix epoch, UTC.

create table sign_ins (
    id             text   collate "C" not null primary key,
    workspace      text   collate "C" not null,
    principal_id   bigint not null,
    user_name      text   collate "C" not null,
    display_name   text   collate "C" not null,
    kind           text   collate "C" not null,
    sealed         bytea  not null,
    key_id         text   collate "C" not null,
    created        bigint not null,
    last_seen      bigint not null,
    ends           bigint not null,
    idle_ms        bigint not null,
    role           text   collate "C" not null default 'admin',
    device         text   collate "C" not null default '',
    client_address text   collate "C" not null default ''
);

create index sign_ins_by_principal on sign_ins (workspace, principal_id);

create table browser_sessions (
    id   text   collate "C" not null primary key,
    data bytea  not null,
    ends bigint not null
);

create table write_checks (
    id bigint not null primary key check (id = 1),
    at bigint not null
);

create table form_drafts (
    id          text    collate "C" not null primary key,
    binding     text    collate "C" not null,
    principal   bigint,
    fields      text    collate "C" not null,
    interrupted boolean not null,
    created     bigint  not null
);

create index form_drafts_by_person on form_drafts (binding, principal, created);

create table accepted_findings (
    binding     text   collate "C" not null,
    finding     text   collate "C" not null,
    token_id    text   collate "C" not null,
    reason      text   collate "C" not null,
    until       text   collate "C" not null,
    accepted_by text   collate "C" not null,
    created     bigint not null,
    primary key (binding, finding, token_id)
);

create table jobs (
    id             text    collate "C" not null primary key,
    workspace      text    collate "C" not null,
    binding        text    collate "C" not null,
    principal_id   bigint  not null,
    user_name      text    collate "C" not null,
    sign_in        text    collate "C" not null,
    state          text    collate "C" not null,
    paused_because text    collate "C" not null default '',
    filters        text    collate "C" not null,
    reason         text    collate "C" not null,
    request_id     text    collate "C" not null,
    operation      text    collate "C" not null,
    own_left_out   boolean not null,
    names_missing  boolean not null,
    cancelled      boolean not null default false,
    created        bigint  not null,
    started        bigint,
    ended          bigint,
    client_address text    collate "C" not null default '',
    kind           text    collate "C" not null default 'revoke',
    puts_back      text    collate "C" not null default ''
);

create index jobs_by_binding on jobs (binding, created);

create table job_items (
    job              text    collate "C" not null references jobs (id) on delete cascade,
    position         bigint  not null,
    token_id         text    collate "C" not null,
    comment          text    collate "C" not null,
    owner_id         text    collate "C" not null,
    owner            text    collate "C" not null,
    owner_kind       text    collate "C" not null,
    recent           boolean not null,
    state            text    collate "C" not null,
    detail           text    collate "C" not null default '',
    operation        text    collate "C" not null default '',
    look_first       bigint  not null default 0,
    scopes_before    text    collate "C" not null default '',
    scopes_after     text    collate "C" not null default '',
    autoscope_before text    collate "C" not null default '',
    left_out         text    collate "C" not null default '',
    primary key (job, position)
);

create index job_items_by_state on job_items (job, state, position);

create table activity (
    -- In the order of commits, because transactions that write wait for each other.
    id             bigint not null generated always as identity primary key,
    at             bigint not null,
    workspace      text   collate "C" not null,
    operation      text   collate "C" not null,
    phase          text   collate "C" not null,
    actor          text   collate "C" not null,
    kind           text   collate "C" not null,
    target         text   collate "C" not null,
    was            text   collate "C" not null,
    wanted         text   collate "C" not null,
    reason         text   collate "C" not null,
    outcome        text   collate "C" not null,
    detail         text   collate "C" not null,
    request_id     text   collate "C" not null,
    hash           text   collate "C" not null,
    client_address text   collate "C"
);

create index activity_by_operation on activity (operation);

create table operations (
    id        bigint not null primary key,
    at        bigint not null,
    workspace text   collate "C" not null,
    actor     text   collate "C" not null,
    kind      text   collate "C" not null,
    target    text   collate "C" not null,
    outcome   text   collate "C" not null
);

create index operations_by_time on operations (workspace, at, id);
create index operations_by_actor on operations (workspace, actor, at, id);
create index operations_by_kind on operations (workspace, kind, at, id);
create index operations_by_outcome on operations (workspace, outcome, at, id);
create index operations_by_actor_kind on operations (workspace, actor, kind, at, id);
create index operations_by_actor_outcome on operations (workspace, actor, outcome, at, id);
create index operations_by_kind_outcome on operations (workspace, kind, outcome, at, id);
create index operations_by_actor_kind_outcome on operations (workspace, actor, kind, outcome, at, id);
create index operations_by_target on operations (workspace, target, at, id);

-- A trigger's function runs as whoever inserts, unless it says `security definer`: then a role that can only insert
-- into `activity` needs no right on `operations`.
create function list_operation() returns trigger language plpgsql security definer set search_path from current as $$
begin
    if new.phase <> 'outcome' then
        insert into operations (id, at, workspace, actor, kind, target, outcome)
        values (new.id, new.at, new.workspace, lower(new.actor), new.kind, new.target,
                coalesce((select outcome from activity where operation = new.operation and phase = 'outcome'
                          order by id desc limit 1),
                         new.outcome));
    else
        update operations set outcome = new.outcome
        where id in (select id from activity where operation = new.operation and phase <> 'outcome');
    end if;
    return null;
end $$;

create trigger operation_is_listed after insert on activity for each row execute function list_operation();

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end $$;

create trigger activity_is_not_changed before update or delete on activity
    for each row execute function refuse_change();

-- Triggers for rows do not see it.
create trigger activity_is_not_truncated before truncate on activity
    for each statement execute function refuse_change();
