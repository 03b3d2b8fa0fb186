-- A finding that someone accepted for a while, for one token or for the whole workspace.
create table accepted_findings (
    -- Name and URL of the workspace together, as a sign-in is bound.
    binding     text    not null,
    -- The ID of the rule.
    finding     text    not null,
    -- The token; empty for all of the workspace.
    token_id    text    not null,
    reason      text    not null,
    -- The last day, as in 2027-01-31.
    until       text    not null,
    -- The username.
    accepted_by text    not null,
    created     integer not null,
    primary key (binding, finding, token_id)
) strict;
