-- What instances tell each other. Deleted after an hour.
create table events (
    -- In the order of commits; never used again.
    id      integer not null primary key autoincrement,
    -- The instance that it comes from.
    origin  text    not null,
    -- Name and URL of the workspace together, as a sign-in is bound; empty if it is about no workspace.
    binding text    not null,
    -- What happened, as JSON.
    body    text    not null,
    -- By the database's clock, in milliseconds since the Unix epoch.
    at      integer not null
) strict;
