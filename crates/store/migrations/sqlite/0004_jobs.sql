-- Revoking many tokens: a job and its tokens, frozen when it was drafted. What has been sent is written down before it is sent, so
-- that a console that was killed looks it up before it sends it again.
create table jobs (
    id             text    not null primary key,
    workspace      text    not null,
    -- Name and address together, as a sign-in is bound: another workspace under the same name gets none of these calls.
    binding        text    not null,
    -- Who started it, and alone may go on with it.
    principal_id   integer not null,
    user_name      text    not null,
    -- The sign-in whose credential it rides on.
    sign_in        text    not null,
    -- draft, running, paused, finished
    state          text    not null,
    -- signed_out, credential_ended, not_allowed, read_only, workspace_fails; empty unless paused
    paused_because text    not null default '',
    -- The filters that picked the tokens, as the list's address says them.
    filters        text    not null,
    reason         text    not null,
    request_id     text    not null,
    -- Of the activity record.
    operation      text    not null,
    -- The session's own token was among those picked, and left out.
    own_left_out   integer not null,
    -- Owners' names could not be read when it was drafted.
    names_missing  integer not null,
    -- Somebody cancelled the rest: nothing more is sent, what was sent is read back.
    cancelled      integer not null default 0,
    created        integer not null,
    started        integer,
    ended          integer
) strict;

create index jobs_by_binding on jobs (binding, created);

create table job_items (
    job        text    not null references jobs (id) on delete cascade,
    position   integer not null,
    token_id   text    not null,
    -- As they were when the job was drafted.
    comment    text    not null,
    owner_id   text    not null,
    owner      text    not null,
    -- service_principal, user, unknown
    owner_kind text    not null,
    recent     integer not null,
    -- waiting, sent, accepted, revoked, gone, failed, cancelled
    state      text    not null,
    detail     text    not null default '',
    -- Of the activity record; empty until it is sent.
    operation  text    not null default '',
    -- It was sent in an earlier try.
    look_first integer not null default 0,
    primary key (job, position)
) strict, without rowid;

create index job_items_by_state on job_items (job, state, position);
