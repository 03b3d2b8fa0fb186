-- Which key new credentials are sealed with, so that no instance starts with another one.
create table sealing_keys (
    -- current
    role   text not null primary key,
    -- The ID of the key, never the key.
    key_id text not null
) strict;
