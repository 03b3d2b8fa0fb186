-- Access control lists that were shown, so that a change can be compared with the one that it was made from.
create table shown_lists (
    -- Name and URL of the workspace together, as a sign-in is bound.
    binding     text collate "C" not null,
    fingerprint text collate "C" not null,
    -- The grants, as JSON.
    list        text collate "C" not null,
    shown_at    bigint not null,
    primary key (binding, fingerprint)
);

create index shown_lists_by_age on shown_lists (binding, shown_at);

-- Forms that were sent to create a token: each creates one, no matter how often and to which instance it is sent.
create table token_creations (
    sign_in   text collate "C" not null,
    -- The ID of the form.
    form      text collate "C" not null,
    -- A hash of what was requested.
    requested text collate "C" not null,
    -- started, created, value_lost, not_created or unknown.
    state     text collate "C" not null,
    token_id  text collate "C",
    -- The value of the token, sealed, until it is shown, and for a minute at most.
    sealed    bytea,
    -- The key that it is sealed with.
    key_id    text collate "C",
    -- By the database's clock, in milliseconds since the Unix epoch.
    started   bigint not null,
    -- When it ended. Until then: when its instance counts as stopped.
    ends      bigint not null,
    primary key (sign_in, form)
);

create index token_creations_by_start on token_creations (started);

-- How often something was tried, as a theoretical arrival time
-- (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm).
create table rate_limits (
    -- What is counted, and the network address that it is counted for.
    name    text collate "C" not null primary key,
    -- By the database's clock, in milliseconds since the Unix epoch.
    arrival bigint not null
);

create index rate_limits_by_arrival on rate_limits (arrival);
