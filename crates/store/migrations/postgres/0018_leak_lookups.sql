-- What leaked texts contained, by the ID of the lookup, for the pages that show the results. Deleted after some minutes.
create table leak_lookups (
    id      text   collate "C" not null,
    sign_in text   collate "C" not null,
    -- Name and URL of the workspace together, as a sign-in is bound.
    binding text   collate "C" not null,
    -- The possible IDs of each token in the text, as JSON. They are hashes of values.
    tokens  text   collate "C" not null,
    -- By the database's clock, in milliseconds since the Unix epoch.
    at      bigint not null,
    primary key (id, sign_in)
);

create index leak_lookups_by_age on leak_lookups (at);
