-- What instances tell each other. Deleted after an hour.
create table events (
    -- In the order of commits; never used again.
    id      bigint           not null generated always as identity primary key,
    -- The instance that it comes from.
    origin  text collate "C" not null,
    -- Name and URL of the workspace together, as a sign-in is bound; empty if it is about no workspace.
    binding text collate "C" not null,
    -- What happened, as JSON.
    body    text collate "C" not null,
    -- By the database's clock, in milliseconds since the Unix epoch.
    at      bigint           not null
);
