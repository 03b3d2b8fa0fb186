-- What requests of one browser that sign in at the same time change in its sessions. Deleted after some minutes.
create table shared_session_changes (
    -- In the order of commits; never used again.
    id      integer not null primary key autoincrement,
    -- A hash of the session that the requests began with, and of the proof that they are from one browser.
    browser text    not null,
    -- The session that was changed first, by the hash of its ID.
    session text    not null,
    -- A JSON merge patch (https://www.rfc-editor.org/rfc/rfc7396) for the session's data.
    patch   text    not null,
    -- Whether it signs in. Then it is only for sessions that were created by a sign-in.
    signs_in integer not null,
    -- By the database's clock, in milliseconds since the Unix epoch.
    at      integer not null
) strict;

create index shared_session_changes_by_browser on shared_session_changes (browser, id);

create index shared_session_changes_by_session on shared_session_changes (session);

-- The epoch of the lease under which the stored refresh token was sent; 0 if it was not, or if it can be sent again.
alter table sign_ins add column refresh_sent integer not null default 0;
