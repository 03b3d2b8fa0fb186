-- The right of one instance to do something, until it ends.
create table leases (
    -- What it is for.
    name     text    not null primary key,
    -- The instance that has it, or had it last.
    holder   text    not null,
    -- Leases with the same affinity are held by one instance at a time; empty for none.
    affinity text    not null,
    -- Higher with every holder.
    epoch    integer not null,
    -- By the database's clock, in milliseconds since the Unix epoch.
    ends     integer not null
) strict;
