-- The IP address that a change, a sign-in or a bulk revocation came from; empty if it is unknown.

-- Null in rows from before this column, whose hash does not cover it. A hash covers any text, also the empty one.
alter table activity add column client_address text;

alter table sign_ins add column client_address text not null default '';
alter table jobs add column client_address text not null default '';
