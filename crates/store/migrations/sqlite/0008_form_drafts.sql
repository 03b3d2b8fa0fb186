-- What someone typed into a form that is too long for a URL, or that was sent after their session had ended.
create table form_drafts (
    id          text    not null primary key,
    -- Name and URL of the workspace together, as a sign-in is bound.
    binding     text    not null,
    -- Who typed it; null if the browser no longer knew.
    principal   integer,
    -- The fields, as a query string. Never a token value.
    fields      text    not null,
    -- It was sent after the session had ended, so that nothing was changed.
    interrupted integer not null,
    created     integer not null
) strict;

create index form_drafts_by_person on form_drafts (binding, principal, created);
